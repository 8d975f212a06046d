import { useState, type ReactNode } from "react";
import { useRequest } from "../../bridge/hooks.ts";
import { useKeys } from "../../ui/keys.ts";
import { TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { Chip, Failure, Scroll, Skeleton } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { Learned, newestOf } from "./learned.tsx";
import { MethodText } from "./method-text.tsx";
import { methodsOf, type Method } from "./methods.ts";
import css from "./models.module.css";
import { modelsWords } from "./words.ts";

export function ModelsPage(): ReactNode {
  const t = useWords(modelsWords);
  const models = useRequest("models.list", {});
  return (
    <div className={css["page"]} data-testid={testIds.modelsPage}>
      <TopBar>
        <h1>{t("title")}</h1>
        {models.data && <Chip>{t("count", { count: models.data.length })}</Chip>}
      </TopBar>
      {models.isError && (
        <div className={css["scroll"]}>
          <Failure error={models.error} onRetry={() => void models.refetch()} />
        </div>
      )}
      {models.isPending && <Skeleton height={400} />}
      {models.data && <Methods methods={methodsOf(models.data)} />}
    </div>
  );
}

function Methods({ methods }: { readonly methods: readonly Method[] }): ReactNode {
  const t = useWords(modelsWords);
  const [chosen, choose] = useState<string>();
  const at = Math.max(
    0,
    methods.findIndex(({ kind }) => kind === chosen),
  );
  const step = (by: number): void => choose(methods[at + by]?.kind ?? methods[at]?.kind);
  useKeys(t("title"), [
    { keys: "ArrowDown", what: t("nextMethod"), run: () => step(1), hint: true },
    { keys: "ArrowUp", what: t("previousMethod"), run: () => step(-1) },
  ]);
  const method = methods[at];
  return (
    <>
      <MethodList methods={methods} shown={method?.kind} choose={choose} />
      {method && <MethodPage key={method.kind} method={method} />}
    </>
  );
}

function MethodList({
  methods,
  shown,
  choose,
}: {
  readonly methods: readonly Method[];
  readonly shown: string | undefined;
  readonly choose: (kind: string) => void;
}): ReactNode {
  const t = useWords(modelsWords);
  const language = useLanguage();
  const part = (title: string, some: readonly Method[]): ReactNode => (
    <>
      <h2>{title}</h2>
      <ul>
        {some.map(({ kind, name }) => (
          <li key={kind}>
            <button
              type="button"
              aria-current={kind === shown}
              data-testid={testIds.modelCard}
              data-model={kind}
              onClick={() => choose(kind)}
            >
              {inLanguage(name, language)}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
  return (
    <Scroll label={t("title")} className={css["list"]}>
      {part(
        t("models"),
        methods.filter(({ model }) => model !== undefined),
      )}
      {part(
        t("everywhere"),
        methods.filter(({ model }) => model === undefined),
      )}
    </Scroll>
  );
}

function MethodPage({ method }: { readonly method: Method }): ReactNode {
  const language = useLanguage();
  const runs = useRequest("runs.list", {});
  const run = newestOf(method.kind, runs.data ?? []);
  return (
    <Scroll label={inLanguage(method.name, language)} className={css["scroll"]}>
      <div className={css["columns"]}>
        <MethodText method={method} />
        <div className={css["side"]}>
          {runs.isError && <Failure error={runs.error} onRetry={() => void runs.refetch()} />}
          {runs.data && <Learned method={method} run={run} />}
        </div>
      </div>
    </Scroll>
  );
}
