import type { ReactNode } from "react";
import type { RunThere } from "../../../preload/contract/cluster.ts";
import type { RunProgress } from "../../../preload/contract/run.ts";
import { moment, timeOfDay } from "../../ui/format.ts";
import { errorLine } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./train.module.css";
import { whereWords } from "./where-words.ts";

/** Of a run that workers elsewhere do: how many fits are done, when it was last heard of, and that nobody has to wait. */
export function RunThereFacts({
  place,
  progress,
}: {
  readonly place: string;
  readonly progress: RunProgress | undefined;
}): ReactNode {
  const t = useWords(whereWords);
  const there = progress?.there;
  const fits = progress?.fits;
  return (
    <div
      className={css["stack"]}
      data-testid={testIds.runThere}
      data-heard={there?.heardAt}
      data-lost={there?.lost?.code}
    >
      <h3>{t("doneAt", { name: place })}</h3>
      {there === undefined ? (
        <p className={css["hint"]}>{t("handed")}</p>
      ) : (
        <>
          {there.handing && <p>{t("handing", { ...there.handing })}</p>}
          {fits && !there.handing && <p>{t("fitsDone", { done: fits.done, of: fits.of })}</p>}
          {!there.handing && there.lost === undefined && (
            <p className={css["hint"]}>{t("fitsThere", { active: there.active, waiting: there.waiting })}</p>
          )}
          <LastWord there={there} />
        </>
      )}
      <p className={css["hint"]}>
        {t("mayClose")} {t("notPaused")}
      </p>
    </div>
  );
}

function LastWord({ there: { heardAt, lost, retryAt } }: { readonly there: RunThere }): ReactNode {
  const t = useWords(whereWords);
  const language = useLanguage();
  const at = heardAt === undefined ? undefined : moment(heardAt, language);
  if (lost === undefined)
    return <p className={css["hint"]}>{at === undefined ? t("unheard") : t("heard", { at })}</p>;
  const again = retryAt === undefined ? "–" : timeOfDay(retryAt);
  return (
    <div role="status">
      <p>{at === undefined ? t("lostEver", { again }) : t("lostSince", { at, again })}</p>
      <p className={css["hint"]}>{errorLine(lost, language)}</p>
    </div>
  );
}
