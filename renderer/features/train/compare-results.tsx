import type { ReactNode } from "react";
import {
  BESIDE,
  pairBetween,
  type Comparison,
  type ComparedMethod,
} from "../../../preload/contract/comparison.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import type { RunSummary } from "../../../preload/contract/run.ts";
import { request } from "../../bridge/client.ts";
import { useOnce, useRequest } from "../../bridge/hooks.ts";
import { chooseRun } from "../../state/session.ts";
import { fixed } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { Inspector } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Facts, Failure, Panel, Scroll, Skeleton } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { isOut, isUntold, type CompareGroup } from "./compare-groups.ts";
import { leaveFor, selectMethod, useCompare } from "./compare-store.ts";
import { CompareTable } from "./compare-table.tsx";
import { verdictOf } from "./compare-verdict.ts";
import { compareWords } from "./compare-words.ts";
import css from "./compare.module.css";
import { Learned } from "./learned.tsx";
import { Reliabilities } from "./reliabilities.tsx";
import { pairRange, pointsOf } from "./summary.ts";
import train from "./train.module.css";
import { trainWords } from "./words.ts";

interface CompareResultsProps {
  readonly group: CompareGroup;
  readonly ids: readonly string[]; // ticked
  readonly models: readonly ModelDescription[];
  readonly inUseId: string | undefined;
}

/** What came out, as soon as two of the ticked runs are done. */
export function CompareResults(props: CompareResultsProps): ReactNode {
  const { group, ids } = props;
  const t = useWords(compareWords);
  const runIds = group.runs.filter((run) => ids.includes(run.id) && run.score).map(({ id }) => id);
  const report = useRequest("comparisons.report", runIds.length < 2 ? undefined : { runIds }, {
    keepPrevious: true,
  });
  const [done, isWaiting] = [
    group.runs.filter(({ score }) => score !== undefined).length,
    group.runs.some((run) => run.score === undefined && !isOut(run) && !isUntold(run)),
  ];
  const hidden = group.runs.some(isUntold);
  return (
    <>
      {runIds.length < 2 || report.data === undefined ? (
        <Scroll label={group.name} className={train["scroll"]}>
          {report.isError ? (
            <Failure error={report.error} onRetry={() => void report.refetch()} />
          ) : runIds.length < 2 ? (
            <Panel title={group.name}>
              <p>{t(isWaiting ? "waits" : done >= 2 ? "isOff" : hidden ? "isUntold" : "isOver")}</p>
            </Panel>
          ) : (
            <Skeleton height={300} />
          )}
        </Scroll>
      ) : (
        <Shown {...props} comparison={report.data} runIds={runIds} />
      )}
    </>
  );
}

function Shown({
  comparison,
  runIds,
  ...props
}: CompareResultsProps & { readonly comparison: Comparison; readonly runIds: readonly string[] }): ReactNode {
  const { group, models, inUseId } = props;
  const t = useWords(compareWords);
  const language = useLanguage();
  const chosen = useCompare((one) => one.selected);
  const { methods, reference } = comparison;
  const selected =
    methods.find(({ id }) => id === chosen) ?? methods.find(({ id }) => id !== reference) ?? methods[0];
  const nameOf = (id: string): string => {
    const method = methods.find((one) => one.id === id);
    const model = models.find(({ kind }) => kind === method?.kind);
    const alike = methods.filter(({ kind }) => kind === method?.kind).length;
    return model && alike === 1 ? shortName(inLanguage(model.name, language)) : (method?.name ?? id);
  };
  const step = (by: number): void => {
    const next = methods[methods.findIndex(({ id }) => id === selected?.id) + by];
    if (next) selectMethod(next.id);
  };
  const run = group.runs.find(({ id }) => id === selected?.id);
  const use = (): void => run && chooseRun(run.id);
  const once = useOnce();
  const save = (): void =>
    once("table", () =>
      request("comparisons.saveTable", { runIds: [...runIds] }).then((saved) => {
        if (saved) notify(t("tableSaved", { path: saved.path }));
      }, notifyFailure),
    );
  useKeys(t("compare"), [
    { keys: "ArrowDown", what: t("next"), run: () => step(1), hint: true },
    { keys: "ArrowUp", what: t("previous"), run: () => step(-1) },
    {
      keys: "Enter",
      what: t("useIt"),
      run: use,
      enabled: run !== undefined && run.id !== inUseId,
      hint: true,
    },
    { keys: "E", what: t("table"), run: save, hint: true },
  ]);
  const verdict = verdictOf(comparison, nameOf, t);
  return (
    <>
      <Scroll label={group.name} className={train["scroll"]}>
        <div className={css["results"]} data-testid={testIds.comparison} data-methods={methods.length}>
          <Panel title={t("inWords")}>
            <p className={css["lead"]}>{verdict.lead}</p>
            {verdict.rest !== "" && <p className={css["rest"]}>{verdict.rest}</p>}
          </Panel>
          <CompareTable comparison={comparison} nameOf={nameOf} selected={selected?.id} />
          <Reliabilities methods={methods} nameOf={nameOf} />
          {run && <Learned key={run.id} run={run} title={t("learned", { name: nameOf(run.id) })} />}
        </div>
      </Scroll>
      <Inspector>
        {selected && (
          <MethodSide
            comparison={comparison}
            method={selected}
            run={run}
            model={models.find(({ kind }) => kind === selected.kind)}
            nameOf={nameOf}
            isInUse={run !== undefined && run.id === inUseId}
            use={use}
            save={save}
          />
        )}
      </Inspector>
    </>
  );
}

interface MethodSideProps {
  readonly comparison: Comparison;
  readonly method: ComparedMethod;
  readonly run: RunSummary | undefined;
  readonly model: ModelDescription | undefined;
  readonly nameOf: (id: string) => string;
  readonly isInUse: boolean;
  readonly use: () => void;
  readonly save: () => void;
}

function MethodSide(props: MethodSideProps): ReactNode {
  const { method, run, model, nameOf, isInUse, use, save } = props;
  const t = useWords(compareWords);
  const language = useLanguage();
  return (
    <div className={train["side"]}>
      <div>
        <h2>{nameOf(method.id)}</h2>
        {model && <p className={train["hint"]}>{inLanguage(model.sentence, language)}</p>}
      </div>
      {isInUse && <p className={train["hint"]}>{t("inUse")}</p>}
      {!isInUse && run && (
        <ActionButton primary keys="Enter" data-testid={testIds.useCompared} onClick={use}>
          {t("useIt")}
        </ActionButton>
      )}
      {method.id === BESIDE && <p className={train["hint"]}>{t("besideText")}</p>}
      <AgainstOthers {...props} />
      <div>
        <h2>{t("calibration")}</h2>
        <Facts
          facts={[
            [t("ece"), fixed(method.ece, 3)],
            ...(method.eceMass === undefined ? [] : [[t("eceMass"), fixed(method.eceMass, 3)] as const]),
            [t("classEce"), fixed(method.classEce, 3)],
            ...(method.mce === undefined ? [] : [[t("mce"), fixed(method.mce, 3)] as const]),
            ...(method.aurc === undefined ? [] : [[t("aurc"), fixed(method.aurc, 3)] as const]),
          ]}
        />
      </div>
      {run && (
        <ActionButton size="xs" onClick={() => leaveFor(run.id)}>
          {t("openRun")}
        </ActionButton>
      )}
      <ActionButton size="xs" keys="E" onClick={save}>
        {t("table")}
      </ActionButton>
    </div>
  );
}

function AgainstOthers({ comparison, method, nameOf }: MethodSideProps): ReactNode {
  const t = useWords(compareWords);
  const words = useWords(trainWords);
  const others = comparison.methods.filter(({ id }) => id !== method.id);
  return (
    <div>
      <h2>{t("againstOthers")}</h2>
      <table className={css["pairs"]}>
        <tbody>
          {others.map(({ id }) => {
            const pair = pairBetween(comparison, method.id, id);
            const isShown = pair?.verdict === "better" || pair?.verdict === "worse";
            return (
              <tr key={id}>
                <th scope="row">{nameOf(id)}</th>
                <td>
                  {pair &&
                    (isShown ? <strong>{pointsOf(pair.difference)}</strong> : pointsOf(pair.difference))}
                </td>
                <td>{pair?.interval ? pairRange(pair.interval, words) : "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {comparison.pairs.some(({ pair }) => pair.interval) && (
        <p className={train["hint"]}>{t("holm", { count: comparison.methods.length - 1 })}</p>
      )}
    </div>
  );
}

/** "Linear discriminant (LDA)" is LDA where there is little room. */
const shortName = (name: string): string => /[(（]([A-Z]{2,6})[)）]$/.exec(name)?.[1] ?? name;
