import { useMemo, type ReactNode } from "react";
import type { Run, RunProgress } from "../../../preload/contract/run.ts";
import { useSend } from "../../bridge/hooks.ts";
import { isRunOver } from "../../state/runs.ts";
import { Chart } from "../../ui/chart.tsx";
import { length, number, percent } from "../../ui/format.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { useScheme } from "../../ui/scheme.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Bar, Failure, Panel } from "../../ui/widgets.tsx";
import { AppError, type ErrorCode } from "../../../preload/contract/errors.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { EngineChoice } from "./engine-choice.tsx";
import { ecePlot, lossPlot } from "./plots.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

interface RunningProps {
  readonly run: Run;
  readonly progress: RunProgress | undefined;
}

/** The course of a run that is under way, or that ended without results. */
export function RunningCurves({ run, progress }: RunningProps): ReactNode {
  const t = useWords(trainWords);
  const scheme = useScheme();
  const curve = progress?.curve ?? run.curve;
  const { epochs } = run.config;
  const loss = useMemo(() => lossPlot(curve, epochs, t, scheme), [curve, epochs, t, scheme]);
  const ece = useMemo(() => ecePlot(curve, epochs, t, scheme), [curve, epochs, t, scheme]);
  return (
    <div className={css["running"]}>
      {run.error && (
        <Failure error={new AppError(run.error.code as ErrorCode, run.error.message, run.error.detail)} />
      )}
      <Panel title={t("curves")}>
        {curve.length === 0 ? (
          <p className={css["hint"]}>{isRunOver(run.phase) ? t(`phase.${run.phase}`) : t("noCurve")}</p>
        ) : (
          <>
            <Chart option={loss} label={`${t("loss")}, ${t("validationNll")}`} height={290} />
            <Chart option={ece} label={t("validationEce")} height={210} />
          </>
        )}
      </Panel>
    </div>
  );
}

/** Right: how far it is, and what can be done about it. */
export function RunningSide({ run, progress }: RunningProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const cancel = useSend("runs.cancel");
  const resume = useSend("runs.resume");
  const over = isRunOver(run.phase);
  const phase = over ? run.phase : (progress?.phase ?? run.phase);
  const { engine } = run;
  return (
    <div className={css["side"]} data-testid={testIds.runProgress} data-phase={phase}>
      <div>
        <h3>{run.config.name}</h3>
        <p className={css["bigNumber"]}>
          {over || !progress ? t(`phase.${phase}`) : percent(progress.done, 0)}
        </p>
        {!over && progress && <p>{t(`phase.${phase}`)}</p>}
      </div>
      {!over && progress && (
        <>
          <div
            role="progressbar"
            aria-label={run.config.name}
            aria-valuenow={Math.round(progress.done * 100)}
            aria-valuemin={0}
            aria-valuemax={100}
          >
            <Bar share={progress.done} />
          </div>
          <div className={css["row"]}>
            <span>{t("epochOf", { epoch: progress.epoch, epochs: progress.epochs })}</span>
            {progress.secondsLeft !== undefined && (
              <span>{t("timeLeft", { left: length(progress.secondsLeft, language) })}</span>
            )}
          </div>
          {progress.stepsPerSecond > 0 && (
            <p className={css["hint"]}>
              {t("pace", { steps: number(progress.stepsPerSecond, language, 1) })}
            </p>
          )}
        </>
      )}
      {engine && <EngineChoice facts={engine} />}
      {!over && (
        <ActionButton
          keys="X"
          data-testid={testIds.cancelTraining}
          loading={cancel.isPending}
          onClick={() => cancel.mutate({ id: run.id }, { onError: notifyFailure })}
        >
          {t("cancel")}
        </ActionButton>
      )}
      {over && run.phase !== "done" && (
        <>
          <p className={css["hint"]}>
            {t("stoppedText", { checkpoint: t(run.hasCheckpoint ? "hasCheckpoint" : "noCheckpoint") })}
          </p>
          {run.hasCheckpoint && (
            <ActionButton
              primary
              keys="Enter"
              data-testid={testIds.resumeTraining}
              loading={resume.isPending}
              onClick={() => resume.mutate({ id: run.id }, { onError: notifyFailure })}
            >
              {t("resume")}
            </ActionButton>
          )}
        </>
      )}
    </div>
  );
}
