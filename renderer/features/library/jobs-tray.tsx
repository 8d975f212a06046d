import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { FileOutcome, JobProgress } from "../../../preload/contract/exchange.ts";
import { request } from "../../bridge/client.ts";
import { useRequest } from "../../bridge/hooks.ts";
import {
  isFailure,
  isInterrupted,
  isOver,
  leavesByItself,
  newestUndoable,
  shownJobs,
  useJobs,
} from "../../state/jobs.ts";
import { bytesPerSecond, length } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { errorLine, repairText } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { askAgain, canBeSet, fileName } from "./import-flow.ts";
import { CancelJob, HideJob, JobBar } from "./job-parts.tsx";
import css from "./library.module.css";
import { PassCard } from "./pass-card.tsx";
import { StudyCard } from "./study-card.tsx";
import { useLeaving } from "./use-leaving.ts";
import { TransferCard } from "./transfer-card.tsx";
import { tableWords } from "./table-words.ts";
import { libraryWords } from "./words.ts";

/** Stops what is under way, from every page. */
const CANCEL = "Mod+Shift+X";
const isWorthReading = (one: FileOutcome): boolean => isFailure(one) || one.repairs.length > 0;

const endedWell = (job: JobProgress): boolean =>
  leavesByItself(job) || (job.state === "done" && !job.files.some(isFailure));

/**
 * Imports and exports under way and how they ended. One that went smoothly leaves by itself, and is not shown at all
 * where it would lie on a trace that is being read (`isQuiet`).
 */
export function JobsTray({ isQuiet }: { readonly isQuiet: boolean }): ReactNode {
  const state = useJobs();
  const t = useWords(libraryWords);
  const jobs = shownJobs(state);
  const isMoving = useRequest("archive.transfer", {}).data?.state === "running";
  const undoable = newestUndoable(state)?.jobId;
  const newest = jobs.findLast((job) => !isOver(job))?.jobId;
  const stop = (): void =>
    void (
      newest === undefined ? request("archive.cancel", {}) : request("jobs.cancel", { jobId: newest })
    ).catch(notifyFailure);
  useKeys(
    t("jobKeys"),
    [
      {
        keys: CANCEL,
        what: t("jobCancelKey"),
        run: stop,
        enabled: newest !== undefined || isMoving,
        inInputs: true,
      },
    ],
    { enabled: newest !== undefined || isMoving },
  );
  return (
    <div className={css["tray"]} role="status" aria-atomic={false}>
      <TransferCard isQuiet={isQuiet} keys={newest === undefined ? CANCEL : undefined} />
      {jobs.map((job) => (
        <div
          key={job.jobId}
          hidden={isQuiet && endedWell(job)}
          aria-live={isOver(job) ? undefined : "off"} // how it ended is announced, not every step to it
        >
          <Card
            job={job}
            keys={job.jobId === newest ? CANCEL : undefined}
            isNewest={job.jobId === undoable}
          />
        </div>
      ))}
    </div>
  );
}

interface CardProps {
  readonly job: JobProgress;
  readonly keys: string | undefined;
  readonly isNewest: boolean; // of those that can be taken back
}

function Card({ job, keys, isNewest }: CardProps): ReactNode {
  if (job.pass !== undefined) return <PassCard job={job} pass={job.pass} keys={keys} isNewest={isNewest} />;
  if (job.study !== undefined) return <StudyCard job={job} study={job.study} keys={keys} />;
  return <Job job={job} keys={keys} />;
}

function Job({ job, keys }: { readonly job: JobProgress; readonly keys: string | undefined }): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const over = isOver(job);
  const card = useLeaving(job);
  const done = job.files.filter((one) => one.state === "done").length;
  const failed = job.files.filter((one) => one.state === "failed").length;
  const kind = t(`job.${job.kind}`);
  const pace =
    job.secondsLeft === undefined
      ? t("jobPaceOnly", { speed: bytesPerSecond(job.bytesPerSecond, language) })
      : t("jobPace", {
          speed: bytesPerSecond(job.bytesPerSecond, language),
          left: length(job.secondsLeft, language),
        });
  const wasInterrupted = isInterrupted(job);
  const ended = [
    wasInterrupted ? t("jobWasInterrupted") : "",
    job.state === "cancelled" ? t("jobCancelled") : "",
    done > 0 ? t("jobDone", { count: done }) : "",
    failed > 0 && !wasInterrupted ? t("jobFailedFiles", { count: failed }) : "",
  ].filter((one) => one !== "");
  return (
    <div
      ref={card}
      className={css["job"]}
      data-testid={testIds.job}
      data-kind={job.kind}
      data-state={job.state}
    >
      <div className={css["jobHead"]}>
        <strong className={css["clip"]}>
          {over ? `${kind} · ${ended.join(" · ")}` : t("jobRunning", { kind, file: fileName(job.file) })}
        </strong>
        {over ? <HideJob jobId={job.jobId} /> : <CancelJob jobId={job.jobId} keys={keys} />}
      </div>
      {!over && <JobBar done={job.done} />}
      {!over && <div className={css["jobFoot"]}>{job.bytesPerSecond > 0 ? pace : ""}</div>}
      {job.state === "cancelled" &&
        job.kind !== "export" &&
        job.files.some((one) => one.state !== "done") && (
          <small className={css["dim"]}>{t("jobNothingKept")}</small>
        )}
      {wasInterrupted && (
        <small className={css["dim"]}>{t(job.kind === "export" ? "jobExportAgain" : "jobImportAgain")}</small>
      )}
      {!wasInterrupted && job.files.some(isWorthReading) && (
        <ul className={`${css["list"] ?? ""} ${css["jobFiles"] ?? ""}`}>
          {job.files.filter(isWorthReading).map((one) => (
            <Outcome key={one.file} outcome={one} job={job} />
          ))}
        </ul>
      )}
    </div>
  );
}

interface OutcomeProps {
  readonly outcome: FileOutcome;
  readonly job: JobProgress;
}
function Outcome({ outcome, job }: OutcomeProps): ReactNode {
  const t = useWords(libraryWords);
  const w = useWords(tableWords);
  const again = job.kind === "import" && isOver(job) && canBeSet(outcome);
  const askedAgain = () =>
    void askAgain(
      outcome.file,
      job.files.filter(canBeSet).map(({ file }) => file),
    );
  const language = useLanguage();
  return (
    <li className={css["jobFile"]} data-state={outcome.state}>
      {fileName(outcome.file)}
      {outcome.error && isFailure(outcome) && (
        <small>
          {errorLine(outcome.error, language)} ({outcome.error.code})
        </small>
      )}
      {again && (
        <Button size="compact-xs" variant="light" mt={4} data-testid={testIds.jobRetry} onClick={askedAgain}>
          {w(outcome.error?.code === "data/no-rate" ? "giveRate" : "setAndRetry")}
        </Button>
      )}
      {outcome.repairs.length > 0 && (
        <small>
          {t("repairs", { count: outcome.repairs.length })}:{" "}
          {outcome.repairs.map((one) => repairText(one, language)).join(" · ")}
        </small>
      )}
    </li>
  );
}
