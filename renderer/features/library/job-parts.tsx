import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useSend } from "../../bridge/hooks.ts";
import { dismissJob } from "../../state/jobs.ts";
import { common } from "../../ui/common-words.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { Bar, Keys } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { libraryWords } from "./words.ts";

/** How far a job is, 0 to 1. */
export function JobBar({ done }: { readonly done: number }): ReactNode {
  const t = useWords(libraryWords);
  return (
    <div
      role="progressbar"
      aria-label={t("jobProgress")}
      aria-valuenow={Math.round(done * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <Bar share={done} />
    </div>
  );
}

/** Stops a job under way; `keys` do as well. */
export function CancelJob({
  jobId,
  keys,
}: {
  readonly jobId: string;
  readonly keys: string | undefined;
}): ReactNode {
  const c = useWords(common);
  const cancel = useSend("jobs.cancel");
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      data-testid={testIds.jobCancel}
      rightSection={keys && <Keys keys={keys} />}
      onClick={() => void cancel.mutateAsync({ jobId }).catch(notifyFailure)}
    >
      {c("cancel")}
    </Button>
  );
}

/** Takes the card of a job that is over away. */
export function HideJob({ jobId }: { readonly jobId: string }): ReactNode {
  const t = useWords(libraryWords);
  return (
    <Button size="compact-xs" variant="subtle" onClick={() => dismissJob(jobId)}>
      {t("jobHide")}
    </Button>
  );
}
