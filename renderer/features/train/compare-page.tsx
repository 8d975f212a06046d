import type { ReactNode } from "react";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import type { RunSummary } from "../../../preload/contract/run.ts";
import { useLiveRuns } from "../../state/runs.ts";
import { percent } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Scroll } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { compareGroups, firstTicked, isOut, isUntold, type CompareGroup } from "./compare-groups.ts";
import { CompareResults } from "./compare-results.tsx";
import { CompareSetup } from "./compare-setup.tsx";
import type { ComparePageProps } from "./compare-props.ts";
import { leaveFor, openNewComparison, showGroup, stepBack, tick, useCompare } from "./compare-store.ts";
import { compareWords } from "./compare-words.ts";
import css from "./compare.module.css";
import train from "./train.module.css";
import { trainWords } from "./words.ts";

/** Several methods on the same windows: which of them, what came out, what it means. */
export function ComparePage(props: ComparePageProps): ReactNode {
  const { runs, models } = props;
  const t = useWords(compareWords);
  const { isNew, group: key, ticked } = useCompare();
  const groups = compareGroups(runs);
  const group = isNew ? undefined : (groups.find((one) => one.key === key) ?? groups[0]);
  const ids = group && (ticked[group.key] ?? firstTicked(group));
  useKeys(t("compare"), [
    { keys: "N", what: t("newComparison"), run: openNewComparison, hint: group !== undefined },
    { keys: "Escape", what: t("back"), run: () => stepBack(groups.length > 0) },
  ]);
  return (
    <>
      <Side groups={groups} group={group} ids={ids ?? []} models={models} />
      {group && ids ? (
        <CompareResults key={group.key} {...props} group={group} ids={ids} />
      ) : (
        <CompareSetup {...props} />
      )}
    </>
  );
}

function Side({
  groups,
  group,
  ids,
  models,
}: {
  readonly groups: readonly CompareGroup[];
  readonly group: CompareGroup | undefined;
  readonly ids: readonly string[];
  readonly models: readonly ModelDescription[];
}): ReactNode {
  const t = useWords(compareWords);
  const words = useWords(trainWords);
  const test = group?.runs.find(({ score }) => score !== undefined)?.score;
  return (
    <div className={train["runs"]}>
      <ActionButton size="xs" onClick={() => leaveFor(undefined)}>
        {words("newRun")}
      </ActionButton>
      <ActionButton
        keys="N"
        size="xs"
        primary={group !== undefined}
        data-testid={testIds.newComparison}
        onClick={openNewComparison}
      >
        {t("newComparison")}
      </ActionButton>
      <Scroll label={t("inThis")} className={css["side"]}>
        {group && (
          <>
            <h2>{t("inThis")}</h2>
            <ul>
              {group.runs.map((run) =>
                isOut(run) || isUntold(run) ? (
                  <RunBeside key={run.id} run={run} models={models} />
                ) : (
                  <TickedRun key={run.id} run={run} groupKey={group.key} ids={ids} models={models} />
                ),
              )}
            </ul>
            {test && <p>{t("same", { people: test.subjects, windows: test.windows })}</p>}
          </>
        )}
        {(groups.length > 1 || group === undefined) && groups.length > 0 && (
          <>
            <h2>{t("others")}</h2>
            <ul>
              {groups.map((one) => (
                <li key={one.key}>
                  <button
                    type="button"
                    className={train["run"]}
                    aria-current={one.key === group?.key}
                    onClick={() => showGroup(one.key)}
                  >
                    <strong>{one.name}</strong>
                    <small>{t("runs", { count: one.runs.length })}</small>
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </Scroll>
    </div>
  );
}

function TickedRun({
  run,
  groupKey,
  ids,
  models,
}: {
  readonly run: RunSummary;
  readonly groupKey: string;
  readonly ids: readonly string[];
  readonly models: readonly ModelDescription[];
}): ReactNode {
  const t = useWords(trainWords);
  const name = useMethodName(run, models);
  const live = useLiveRuns((one) => one.progress[run.id]);
  const isTicked = ids.includes(run.id);
  return (
    <li>
      <label className={css["ticked"]} title={run.config.name}>
        <input
          type="checkbox"
          checked={isTicked}
          onChange={() => tick(groupKey, isTicked ? ids.filter((id) => id !== run.id) : [...ids, run.id])}
        />
        <strong>{name}</strong>
        <small>
          {run.score
            ? percent(run.score.value)
            : live && live.phase !== "waiting"
              ? percent(live.done, 0)
              : t(`phase.${run.phase}`)}
        </small>
      </label>
    </li>
  );
}

/** A run that did not come to its end, or whose scores are not told now, says so, and opens where it says why. */
function RunBeside({
  run,
  models,
}: {
  readonly run: RunSummary;
  readonly models: readonly ModelDescription[];
}): ReactNode {
  const t = useWords(trainWords);
  const c = useWords(compareWords);
  const name = useMethodName(run, models);
  return (
    <li>
      <button type="button" className={css["out"]} title={run.config.name} onClick={() => leaveFor(run.id)}>
        <strong>{name}</strong>
        <small>{isUntold(run) ? c("untold") : t(`phase.${run.phase}`)}</small>
      </button>
    </li>
  );
}

function useMethodName(
  { config: { model: asked } }: RunSummary,
  models: readonly ModelDescription[],
): string {
  const language = useLanguage();
  const model = models.find(({ kind }) => kind === asked.kind);
  return model ? inLanguage(model.name, language) : asked.kind;
}
