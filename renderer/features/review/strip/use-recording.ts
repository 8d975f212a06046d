import { useMemo, useSyncExternalStore } from "react";
import type { Annotation } from "../../../../preload/contract/annotation.ts";
import { lengthOf, piecesOf } from "../../../../preload/contract/channel-clock.ts";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import type { MaskSpan } from "../../../../preload/contract/mask.ts";
import type { RecordingDetail } from "../../../../preload/contract/recording.ts";
import type { AppError } from "../../../../preload/contract/errors.ts";
import { useQueries } from "@tanstack/react-query";
import { on, request } from "../../../bridge/client.ts";
import { requestKey, useRequest } from "../../../bridge/hooks.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { bookKey, bookOf, type LabelBook } from "../labels/events.ts";

const noAnnotations: readonly Annotation[] = [];
const noMasks: readonly MaskSpan[] = [];
const noSets: readonly LabelSet[] = [];

export interface RecordingData {
  readonly annotations: readonly Annotation[];
  readonly masks: readonly MaskSpan[];
  readonly sets: readonly LabelSet[]; // newest versions
  readonly book: LabelBook; // those and every older version an annotation names
  readonly error: AppError | undefined;
}

/** Everything that is drawn upon a recording, kept current by the bridge. `onlyBy`: of a blind reader nothing but their own labels and masks. */
export function useRecordingData(recordingId: string, onlyBy: string | undefined): RecordingData {
  const annotations = useRequest("annotations.list", { recordingId });
  const masks = useRequest("masks.list", { recordingId });
  const sets = useRequest("labelSets.list", {});
  const all = annotations.data ?? noAnnotations;
  const seen = useMemo(
    () =>
      onlyBy === undefined
        ? all
        : all.filter(({ author, source }) => source === "person" && author === onlyBy),
    [all, onlyBy],
  );
  const laid = masks.data ?? noMasks;
  const seenMasks = useMemo(
    () =>
      onlyBy === undefined
        ? laid
        : laid.filter(({ layer, author }) => layer !== "person" || author === onlyBy),
    [laid, onlyBy],
  );
  const book = useLabelBook(seen, sets.data ?? noSets);
  return {
    annotations: seen,
    masks: seenMasks,
    sets: sets.data ?? noSets,
    book,
    error: annotations.error ?? masks.error ?? sets.error ?? undefined,
  };
}

function useLabelBook(annotations: readonly Annotation[], sets: readonly LabelSet[]): LabelBook {
  const wanted = useMemo(() => {
    const known = new Set(sets.map((set) => bookKey(set.id, set.version)));
    const missing = new Map<string, { id: string; version: number }>();
    for (const { labelSet: id, labelSetVersion: version } of annotations) {
      if (sets.length > 0 && !known.has(bookKey(id, version)))
        missing.set(bookKey(id, version), { id, version });
    }
    return [...missing.values()];
  }, [annotations, sets]);
  const older = useQueries({
    queries: wanted.map((params) => ({
      queryKey: requestKey("labelSets.get", params),
      queryFn: () => request("labelSets.get", params),
    })),
    combine: (results) => results.flatMap((result) => (result.data ? [result.data] : [])),
  });
  return useMemo(() => bookOf([...sets, ...older]), [sets, older]);
}

/** Channels as the strip draws them; while the recording grows their lengths follow at once, without asking again. */
export function useTraceChannels(detail: RecordingDetail): {
  readonly channels: readonly TraceChannel[];
  readonly durationS: number;
} {
  const store = useMemo(() => grownStore(detail.id), [detail.id]);
  const grown = useSyncExternalStore(store.subscribe, store.get);
  return useMemo(() => {
    const channels = detail.channels.map((channel) => ({
      position: channel.position,
      label: channel.label,
      unit: channel.unit,
      role: channel.role,
      sampleRate: channel.sampleRate,
      sampleCount: Math.max(channel.sampleCount, grown?.[channel.position] ?? 0),
      clock: piecesOf(detail.clocks, channel.position),
    }));
    return { channels, durationS: Math.max(detail.durationS, lengthOf(channels)) };
  }, [detail, grown]);
}

function grownStore(recordingId: string) {
  let counts: readonly number[] | undefined;
  return {
    get: () => counts,
    subscribe: (changed: () => void) =>
      on("recordings.grew", ({ id, sampleCounts }) => {
        if (id !== recordingId) return;
        counts = sampleCounts;
        changed();
      }),
  };
}
