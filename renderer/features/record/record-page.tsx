import type { ReactNode } from "react";
import { useRequest } from "../../bridge/hooks.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Failure, Skeleton } from "../../ui/widgets.tsx";
import { LivePage } from "./live-page.tsx";
import css from "./record.module.css";
import { SetupPage } from "./setup-page.tsx";

/** What is to be recorded, and then what is. The recorder says which. */
export function RecordPage(): ReactNode {
  const recorder = useRequest("recorder.state", {});
  const state = recorder.data;
  return (
    <div className={css["page"]} data-testid={testIds.recordPage} data-phase={state?.phase}>
      {recorder.error && (
        <div className={css["pad"]}>
          <Failure error={recorder.error} onRetry={() => void recorder.refetch()} />
        </div>
      )}
      {!state && !recorder.error && <Skeleton height={300} />}
      {state &&
        (state.phase === "idle" || state.phase === "connecting" ? (
          <SetupPage isConnecting={state.phase === "connecting"} />
        ) : (
          <LivePage state={state} />
        ))}
    </div>
  );
}
