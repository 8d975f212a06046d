import { useRef, type ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { Candidate } from "./candidates.ts";
import { runReport, type Run } from "../../../preload/contract/run.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { isRunOver, useLiveRuns } from "../../state/runs.ts";
import { useKeys } from "../../ui/keys.ts";
import { Inspector } from "../../ui/slots.tsx";
import { Failure, Scroll, Skeleton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { EventResults } from "./event-results.tsx";
import { ForecastResults } from "./forecast-results.tsx";
import { Results } from "./results.tsx";
import { useRunActions, type RunBin } from "./run-actions.ts";
import { RunSide } from "./run-side.tsx";
import { RunningCurves, RunningSide } from "./running.tsx";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

interface ShownRunProps {
  readonly labelSets: readonly LabelSet[];
  readonly recordings: readonly Candidate[];
  readonly isInUse: boolean;
  readonly bin: RunBin;
}

/** One run: how it goes while it trains, what came out afterwards. */
export function ShownRun({ id, ...props }: ShownRunProps & { readonly id: string }): ReactNode {
  const run = useRequest("runs.get", { id });
  if (run.data) return <Told {...props} run={run.data} />;
  return (
    <div className={css["scroll"]}>
      {run.isError ? (
        <Failure error={run.error} onRetry={() => void run.refetch()} />
      ) : (
        <Skeleton height={400} />
      )}
    </div>
  );
}

function Told({
  run,
  labelSets,
  recordings,
  isInUse,
  bin,
}: ShownRunProps & { readonly run: Run }): ReactNode {
  const t = useWords(trainWords);
  const progress = useLiveRuns((one) => one.progress[run.id]);
  const actions = useRunActions(run, bin);
  const name = useRef<HTMLInputElement>(null);
  const report = isRunOver(run.phase) ? runReport(run) : undefined;
  const isUntold = isRunOver(run.phase) && run.isUntold === true;
  const isDone = report !== undefined || isUntold;
  useKeys(t("runs"), [
    { keys: "P", what: t("pause"), run: actions.pause, enabled: actions.canPause, hint: true },
    { keys: "X", what: t("cancel"), run: actions.stop, enabled: actions.canStop, hint: true },
    { keys: "Enter", what: t("resume"), run: actions.goOn, enabled: actions.canGoOn, hint: true },
    { keys: "F2", what: t("rename"), run: () => name.current?.select() },
    { keys: "Mod+S", what: t("saveRecord"), run: actions.saveRecord },
    { keys: "Mod+E", what: t("exportModel"), run: actions.exportModel, enabled: isDone && actions.canExport },
    { keys: "Delete", what: t("removeRun"), run: actions.remove, enabled: actions.canRemove },
  ]);
  return (
    <>
      <Scroll label={run.config.name} className={css["scroll"]}>
        {isUntold && <p className={css["hint"]}>{t("untold")}</p>}
        {report?.kind === "classification" ? (
          <Results run={run} metrics={report.metrics} labelSets={labelSets} />
        ) : report?.kind === "sequences" ? (
          <>
            {report.events && <EventResults runId={run.id} report={report.events} labelSets={labelSets} />}
            {report.forecast && (
              <ForecastResults runId={run.id} report={report.forecast} labelSets={labelSets} />
            )}
          </>
        ) : isUntold ? null : (
          <RunningCurves run={run} progress={progress} />
        )}
      </Scroll>
      <Inspector>
        {isDone ? (
          <RunSide
            run={run}
            labelSets={labelSets}
            recordings={recordings}
            isInUse={isInUse}
            actions={actions}
            nameRef={name}
          />
        ) : (
          <RunningSide run={run} progress={progress} actions={actions} nameRef={name} />
        )}
      </Inspector>
    </>
  );
}
