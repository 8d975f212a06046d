import { useEffect, useMemo, useRef, useState } from "react";
import type { RunCounted, RunEstimate } from "../../../preload/contract/estimate.ts";
import type { AppError } from "../../../preload/contract/errors.ts";
import { type RunConfig, type RunPreview, unpacked } from "../../../preload/contract/run.ts";
import { useEvent, useRequest, useSend } from "../../bridge/hooks.ts";
import { askToCount, useTrain } from "./draft-store.ts";
import { COUNTED_AT_ONCE, ESTIMATED_FROM } from "./estimate.tsx";

/** What is known of a training that is being put together. */
export interface Counting {
  readonly preview: RunPreview | undefined; // counted
  readonly estimate: RunEstimate | undefined; // until it is
  readonly counted: RunCounted | undefined; // how far
  readonly isCounting: boolean;
  readonly error: AppError | null;
  readonly mayAsk: boolean; // it is counted when that is asked for
  readonly begin: () => void;
  readonly cancel: () => void;
}

const isLarge = (config: RunConfig | undefined): boolean =>
  config !== undefined && config.data.recordingIds.length > COUNTED_AT_ONCE;

/** Counts a small training at once, a large one when that is asked for; until then there is an estimate. */
export function useCounting(asked: RunConfig | undefined): Counting {
  const wanted = useTrain((one) => one.counted);
  const isWanted = useMemo(
    () => wanted === asked || (asked !== undefined && JSON.stringify(wanted) === JSON.stringify(asked)),
    [wanted, asked],
  );
  const toCount = isLarge(asked) && !isWanted ? undefined : asked;
  const preview = useRequest("runs.preview", toCount, { keepPrevious: true });
  const stop = useSend("runs.stopCounting").mutate;
  const last = useRef<RunConfig>(undefined);
  useEffect(() => {
    // Another that is counted ends this one by itself.
    if (toCount === undefined && isLarge(last.current)) stop({});
    last.current = toCount;
  }, [toCount, stop]);
  const [heard, setHeard] = useState<{ readonly of: RunConfig | undefined; readonly counted: RunCounted }>();
  useEvent("runs.counted", (counted) => setHeard({ of: toCount, counted }));
  const isOfAnother = isLarge(toCount) && preview.isPlaceholderData;
  const { error, refetch } = preview;
  const isStopped = error?.code === "cancelled/by-user"; // by what was chosen meanwhile, or a stop that is heard late
  useEffect(() => {
    if (isStopped && toCount !== undefined && !isLarge(toCount)) void refetch();
  }, [isStopped, toCount, refetch]);
  const told = toCount === undefined || isOfAnother ? undefined : preview.data;
  const data = useMemo(() => told && unpacked(told), [told]);
  const isEstimated = data === undefined && (asked?.data.recordingIds.length ?? 0) > ESTIMATED_FROM;
  const estimate = useRequest("runs.estimate", isEstimated ? asked?.data : undefined, { keepPrevious: true });
  return {
    preview: data,
    estimate: isEstimated ? estimate.data : undefined,
    counted: heard?.of === toCount ? heard?.counted : undefined,
    isCounting: toCount !== undefined && preview.isFetching,
    error: isStopped ? null : (error ?? (isEstimated ? estimate.error : null)),
    mayAsk: isLarge(asked),
    begin: () => {
      askToCount(asked);
      if (isStopped) void refetch();
    },
    cancel: () => askToCount(undefined),
  };
}
