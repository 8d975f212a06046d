import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { JobProgress } from "../../../preload/contract/exchange.ts";
import type { PassProgress } from "../../../preload/contract/pass.ts";
import { canBeUndone, isInterrupted, isOver, undoPass } from "../../state/jobs.ts";
import { useSession } from "../../state/session.ts";
import { common } from "../../ui/common-words.ts";
import { length, number } from "../../ui/format.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { errorLine } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Keys } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { CancelJob, HideJob, JobBar } from "./job-parts.tsx";
import css from "./library.module.css";
import { PassRest } from "./pass-rest.tsx";
import { passWords } from "./pass-words.ts";
import { useLeaving } from "./use-leaving.ts";
import { libraryWords } from "./words.ts";

interface PassCardProps {
  readonly job: JobProgress;
  readonly pass: PassProgress;
  readonly keys: string | undefined; // that cancel it
  readonly isNewest: boolean; // of those that can be taken back
}

/** A rule over many recordings: how far it is, how it ended, and the way back. */
export function PassCard({ job, pass, keys, isNewest }: PassCardProps): ReactNode {
  const t = useWords(passWords);
  const l = useWords(libraryWords);
  const language = useLanguage();
  const over = isOver(job);
  const wasLeft = isInterrupted(job); // by an earlier process: how many it changed is not known
  const { looked, of, recordings, seconds } = pass;
  const [failure] = job.files;
  return (
    <div
      ref={useLeaving(job)}
      className={css["job"]}
      data-testid={testIds.job}
      data-kind={job.kind}
      data-state={job.state}
      data-what={pass.what}
      data-recordings={recordings}
    >
      <div className={css["jobHead"]}>
        <strong className={css["clip"]}>{t(`${over && !wasLeft ? "over" : "running"}.${pass.what}`)}</strong>
        <Actions job={job} keys={keys} isNewest={isNewest} />
      </div>
      {over ? (
        <>
          <p className={css["jobFoot"]}>
            {[
              job.state === "cancelled" ? l("jobCancelled") : "",
              wasLeft ? `${l("jobWasInterrupted")}. ${t(leftWord(pass))}` : "",
              wasLeft
                ? ""
                : recordings === 0
                  ? t("changedNone")
                  : t("changed", { count: recordings, length: length(seconds, language) }),
            ]
              .filter((one) => one !== "")
              .join(" · ")}
          </p>
          {pass.what !== "undo" && <PassRest counts={{ ...pass, unchanged: 0, noChannel: 0 }} />}
        </>
      ) : (
        <>
          <JobBar done={job.done} />
          <div className={css["jobFoot"]}>
            {job.state === "waiting"
              ? t("waits")
              : t("at", {
                  looked: number(looked, language, 0),
                  of: number(of, language, 0),
                  count: recordings,
                })}
          </div>
        </>
      )}
      {failure?.error && !wasLeft && (
        <small className={css["jobFile"]} data-state="failed">
          {errorLine(failure.error, language)} ({failure.error.code})
        </small>
      )}
    </div>
  );
}

/** What holds of a pass that an earlier process left. */
const leftWord = ({ what, isUndone }: PassProgress): "left" | "leftUndone" | "leftUndoing" => {
  if (isUndone) return "leftUndone";
  return what === "undo" ? "leftUndoing" : "left";
};

function Actions({ job, keys, isNewest }: Omit<PassCardProps, "pass">): ReactNode {
  const c = useWords(common);
  const isOnPage = useSession((one) => one.page === "library"); // elsewhere the key takes back something else
  if (!isOver(job)) return <CancelJob jobId={job.jobId} keys={keys} />;
  return (
    <>
      {canBeUndone(job) && (
        <Button
          size="compact-xs"
          variant="light"
          data-testid={testIds.passUndo}
          rightSection={isNewest && isOnPage && <Keys keys="Mod+Z" />}
          onClick={() => void undoPass(job.jobId).catch(notifyFailure)}
        >
          {c("undo")}
        </Button>
      )}
      <HideJob jobId={job.jobId} />
    </>
  );
}
