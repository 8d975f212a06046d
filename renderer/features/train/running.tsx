import type { ReactNode, RefObject } from "react";
import { type Run, type RunProgress, settingsSeen } from "../../../preload/contract/run.ts";
import { isRunOver } from "../../state/runs.ts";
import { length, number, percent } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Bar, Failure, Panel } from "../../ui/widgets.tsx";
import { AppError, type ErrorCode } from "../../../preload/contract/errors.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { Curves } from "./curves.tsx";
import { EngineChoice } from "./engine-choice.tsx";
import { RunAbout } from "./run-about.tsx";
import type { RunActions } from "./run-actions.ts";
import { RunThereFacts } from "./run-there.tsx";
import css from "./train.module.css";
import { whereWords } from "./where-words.ts";
import { trainWords } from "./words.ts";

interface RunningProps {
  readonly run: Run;
  readonly progress: RunProgress | undefined;
}

/** The course of a run that is under way, or that ended without results. */
export function RunningCurves({ run, progress }: RunningProps): ReactNode {
  const t = useWords(trainWords);
  const curve = progress?.curve ?? run.curve;
  const epochs = settingsSeen(run.config).epochs ?? 0;
  const phase = isRunOver(run.phase) ? run.phase : (progress?.phase ?? run.phase);
  return (
    <div className={css["running"]}>
      {run.error && (
        <Failure error={new AppError(run.error.code as ErrorCode, run.error.message, run.error.detail)} />
      )}
      <Panel title={t("curves")}>
        {/* What learns in rounds has no epochs, and is soon done. */}
        {curve.length === 0 ? (
          <p className={css["hint"]}>
            {phase === "training" && epochs > 0 ? t("noCurve") : t(`phase.${phase}`)}
          </p>
        ) : (
          <Curves curve={curve} epochs={epochs} />
        )}
      </Panel>
    </div>
  );
}

/** Right: how far it is, and what can be done about it. */
export function RunningSide({
  run,
  progress,
  actions,
  nameRef,
}: RunningProps & {
  readonly actions: RunActions;
  readonly nameRef: RefObject<HTMLInputElement | null>;
}): ReactNode {
  const t = useWords(trainWords);
  const w = useWords(whereWords);
  const over = isRunOver(run.phase);
  const phase = over ? run.phase : (progress?.phase ?? run.phase);
  const isWaiting = phase === "waiting";
  const { engine } = run;
  return (
    <div className={css["side"]} data-testid={testIds.runProgress} data-phase={phase}>
      <div>
        <p className={css["bigNumber"]}>
          {over || !progress || isWaiting ? t(`phase.${phase}`) : percent(progress.done, 0)}
        </p>
        {!over && progress && !isWaiting && <p>{t(`phase.${phase}`)}</p>}
        {progress?.ahead !== undefined && (
          <p className={css["hint"]}>{t("waitsFor", { count: progress.ahead })}</p>
        )}
      </div>
      {!over && run.place !== undefined && <RunThereFacts place={run.place} progress={progress} />}
      {!over && progress && !isWaiting && <HowFar run={run} progress={progress} />}
      {engine && <EngineChoice facts={engine} />}
      {!over && (
        <div className={css["actions"]}>
          {actions.canPause && (
            <ActionButton
              keys="P"
              data-testid={testIds.pauseTraining}
              loading={actions.isPausing}
              onClick={actions.pause}
            >
              {t("pause")}
            </ActionButton>
          )}
          <ActionButton
            keys="X"
            data-testid={testIds.cancelTraining}
            loading={actions.isStopping}
            onClick={actions.stop}
          >
            {t("cancel")}
          </ActionButton>
        </div>
      )}
      {over && <HowItStands run={run} />}
      {actions.canGoOn && (
        <ActionButton primary keys="Enter" data-testid={testIds.resumeTraining} onClick={actions.goOn}>
          {run.place !== undefined ? w("goOn") : t(run.hasCheckpoint ? "resume" : "beginAgain")}
        </ActionButton>
      )}
      <RunAbout run={run} actions={actions} nameRef={nameRef} />
    </div>
  );
}

function HowFar({ run, progress }: { readonly run: Run; readonly progress: RunProgress }): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  return (
    <div className={css["stack"]}>
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
        <span>
          {progress.fits &&
            progress.there === undefined &&
            `${t("fitOf", { fit: Math.min(progress.fits.of, progress.fits.done + 1), of: progress.fits.of })} `}
          {progress.rounds === undefined
            ? progress.epochs > 0 && t("epochOf", { epoch: progress.epoch, epochs: progress.epochs })
            : t("round", { round: progress.rounds })}
        </span>
        {progress.secondsLeft !== undefined && (
          <span>{t("timeLeft", { left: length(progress.secondsLeft, language) })}</span>
        )}
      </div>
      {progress.stepsPerSecond > 0 && (
        <p className={css["hint"]}>{t("pace", { steps: number(progress.stepsPerSecond, language, 1) })}</p>
      )}
    </div>
  );
}

/** Why nothing works on it now, and whether it can go on. */
function HowItStands({ run }: { readonly run: Run }): ReactNode {
  const t = useWords(trainWords);
  const w = useWords(whereWords);
  const isPaused = run.phase === "paused";
  if (run.place !== undefined) return <p className={css["hint"]}>{w("stopped")}</p>;
  return (
    <p className={css["hint"]}>
      {t(isPaused ? "pausedText" : "stoppedText", {
        checkpoint: t(run.hasCheckpoint ? "hasCheckpoint" : isPaused ? "beginsAgain" : "noCheckpoint"),
      })}
    </p>
  );
}
