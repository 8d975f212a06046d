import type { ReactNode } from "react";
import type { RunProgress, RunSummary } from "../../../preload/contract/run.ts";
import { useLiveRuns } from "../../state/runs.ts";
import { moment, percent } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useLanguage, useWords, type KeyOf, type Translate } from "../../ui/words.ts";
import { openCompare } from "./compare-store.ts";
import { compareWords } from "./compare-words.ts";
import { showNew, showRun } from "./draft-store.ts";
import { chooseAndImportModel, useModelImport } from "./model-import.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** All runs, newest first, each with where it stands. */
export function RunList({
  runs,
  shownId,
  inUseId,
}: {
  readonly runs: readonly RunSummary[];
  readonly shownId: string | undefined;
  readonly inUseId: string | undefined;
}): ReactNode {
  const t = useWords(trainWords);
  const words = useWords(compareWords);
  const language = useLanguage();
  const isImporting = useModelImport((one) => one.isImporting);
  const progress = useLiveRuns((one) => one.progress);
  return (
    <div className={css["runs"]}>
      <ActionButton
        keys="N"
        primary={shownId !== undefined}
        data-testid={testIds.newTraining}
        onClick={showNew}
        size="xs"
      >
        {t("newRun")}
      </ActionButton>
      <ActionButton keys="C" data-testid={testIds.openCompare} onClick={openCompare} size="xs">
        {words("compare")}
      </ActionButton>
      <ActionButton
        keys="I"
        data-testid={testIds.importModel}
        loading={isImporting}
        onClick={() => void chooseAndImportModel()}
        size="xs"
      >
        {t("importModel")}
      </ActionButton>
      {runs.length === 0 && <p className={css["hint"]}>{t("noRuns")}</p>}
      <ul className={css["runList"]}>
        {runs.map((run) => {
          const live = progress[run.id];
          return (
            <li key={run.id}>
              <button
                type="button"
                className={css["run"]}
                aria-current={run.id === shownId}
                data-testid={testIds.runRow}
                data-run={run.id}
                data-phase={live?.phase ?? run.phase}
                title={run.id === inUseId ? `${run.config.name}\n${t("inUse")}` : run.config.name}
                onClick={() => showRun(run.id)}
              >
                <strong>
                  {run.id === inUseId && <span className={css["inUse"]} aria-hidden />}
                  {run.config.name}
                </strong>
                <small>
                  <span>{moment(run.createdAt, language).slice(5)}</span>
                  <span>{standing(run, live, t)}</span>
                </small>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function standing(
  run: RunSummary,
  live: RunProgress | undefined,
  t: Translate<KeyOf<typeof trainWords>>,
): string {
  if (run.score) return percent(run.score.value);
  if (run.phase === "done" && run.says === "ahead" && run.bandsHeld !== undefined)
    return t("bandsHeld", { reached: percent(run.bandsHeld) });
  if (!live) return t(`phase.${run.phase}`);
  if (live.phase === "waiting")
    return live.ahead === undefined ? t("phase.waiting") : t("ahead", { count: live.ahead });
  return percent(live.done, 0);
}
