import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { FileOutcome, JobProgress } from "../../../preload/contract/exchange.ts";
import type { StudyProgress } from "../../../preload/contract/study.ts";
import { useSend } from "../../bridge/hooks.ts";
import { isInterrupted, isOver } from "../../state/jobs.ts";
import { timeOfDay } from "../../ui/format.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { errorLine } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useLanguage, useWords, type KeyOf, type Translate } from "../../ui/words.ts";
import { CancelJob, HideJob, JobBar } from "./job-parts.tsx";
import css from "./library.module.css";
import { studyWords } from "./study-words.ts";
import { useLeaving } from "./use-leaving.ts";
import { libraryWords } from "./words.ts";

interface StudyCardProps {
  readonly job: JobProgress;
  readonly study: StudyProgress;
  readonly keys: string | undefined; // that cancel it
}

/** A whole study that is predicted or read by rule: how far it is, and how it ended. */
export function StudyCard({ job, study, keys }: StudyCardProps): ReactNode {
  const t = useWords(studyWords);
  const over = isOver(job);
  const kind = job.kind === "predict" ? "predict" : "analyse";
  const ended = useEnded(job, study);
  return (
    <div
      ref={useLeaving(job)}
      className={css["job"]}
      data-testid={testIds.job}
      data-kind={job.kind}
      data-state={job.state}
      data-place={study.place}
      data-done={study.done}
      data-known={study.known}
      data-lost={study.there?.lost?.code}
    >
      <div className={css["jobHead"]}>
        <strong className={css["clip"]}>
          {t(`${over ? "over" : "running"}.${kind}`, { name: study.name })}
        </strong>
        <Actions job={job} keys={keys} />
      </div>
      {over ? (
        <p className={css["jobFoot"]}>{ended.join(" · ")}</p>
      ) : (
        <>
          <JobBar done={job.done} />
          {study.place === null ? (
            <Here job={job} study={study} />
          ) : (
            <There study={study} place={study.place} />
          )}
        </>
      )}
      {job.state === "failed" && <small className={css["dim"]}>{t("kept")}</small>}
      <Failures job={job} failed={study.failed} />
    </div>
  );
}

function Actions({ job, keys }: Pick<StudyCardProps, "job" | "keys">): ReactNode {
  const t = useWords(studyWords);
  const goOn = useSend("studies.goOn");
  if (!isOver(job)) return <CancelJob jobId={job.jobId} keys={keys} />;
  return (
    <>
      {job.state === "failed" && (
        <Button
          size="compact-xs"
          variant="light"
          loading={goOn.isPending}
          data-testid={testIds.studyGoOn}
          onClick={() => void goOn.mutateAsync({ jobId: job.jobId }).catch(notifyFailure)}
        >
          {t("goOn")}
        </Button>
      )}
      <HideJob jobId={job.jobId} />
    </>
  );
}

/** One calm summary. */
function useEnded(job: JobProgress, { done, failed, known }: StudyProgress): readonly string[] {
  const t = useWords(studyWords);
  const l = useWords(libraryWords);
  const said = Math.max(0, done - failed);
  return [
    isInterrupted(job) ? l("jobWasInterrupted") : "",
    job.state === "cancelled" ? l("jobCancelled") : "",
    t("said", { count: said }),
    failed > 0 ? t("failed", { count: failed }) : "",
    known > 0 ? t("left", { count: known }) : "",
  ].filter((one) => one !== "");
}

function Here({ job, study: { done, of } }: Pick<StudyCardProps, "job" | "study">): ReactNode {
  const t = useWords(studyWords);
  return (
    <div className={`${css["jobFoot"] ?? ""} ${css["clip"] ?? ""}`}>
      {job.state === "waiting" ? t("waits") : t("at", { done, of, file: job.file })}
    </div>
  );
}

function There({ study, place }: { readonly study: StudyProgress; readonly place: string }): ReactNode {
  const t = useWords(studyWords);
  const language = useLanguage();
  const { there, jobs } = study;
  const lost = there?.lost;
  return (
    <>
      <div className={css["jobFoot"]}>
        {[t("atCluster", { name: place }), ...standing(study, t)].join(" · ")}
      </div>
      {lost && (
        <small role="status">
          {t("lost", { again: there?.retryAt === undefined ? "–" : timeOfDay(there.retryAt) })}
          <br />
          <span className={css["dim"]}>{errorLine(lost, language)}</span>
        </small>
      )}
      {jobs !== undefined && there?.handing === undefined && (
        <small className={css["dim"]}>{t("mayClose")}</small>
      )}
    </>
  );
}

function standing({ there, jobs }: StudyProgress, t: Translate<KeyOf<typeof studyWords>>): readonly string[] {
  if (there === undefined) return [];
  const { handing, active, waiting, lost } = there;
  if (handing !== undefined) return [t("handing", { ...handing })];
  return [
    ...(jobs === undefined ? [] : [t("jobs", { done: jobs.done, count: jobs.of })]),
    ...(lost === undefined ? [t("jobsThere", { active, waiting })] : []),
  ];
}

/** What failed, by name, and what ended all of it. */
function Failures({ job, failed }: { readonly job: JobProgress; readonly failed: number }): ReactNode {
  const t = useWords(studyWords);
  const language = useLanguage();
  const told = job.files.filter(({ error }) => error !== undefined && error.code !== "internal/interrupted");
  if (told.length === 0) return null;
  const more = failed - told.filter(({ file }) => file !== "").length;
  return (
    <ul className={`${css["list"] ?? ""} ${css["jobFiles"] ?? ""}`}>
      {told.map((one, i) => (
        <li key={`${i} ${one.file}`} className={css["jobFile"]} data-state={one.state}>
          {sentenceOf(one, language)}
        </li>
      ))}
      {more > 0 && <li className={css["jobFile"]}>{t("moreFailed", { count: more })}</li>}
    </ul>
  );
}

const sentenceOf = ({ file, error }: FileOutcome, language: "en" | "ja"): string => {
  const line = error === undefined ? "" : `${errorLine(error, language)} (${error.code})`;
  return file === "" ? line : `${file}: ${line}`;
};
