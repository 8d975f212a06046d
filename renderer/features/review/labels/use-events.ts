import { useMemo, useState } from "react";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import type { RecordingDetail } from "../../../../preload/contract/recording.ts";
import type { Lane } from "../../../trace/tracks/annotation.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { translate, type Language } from "../../../ui/words.ts";
import {
  lanesOf,
  maskLane,
  matches,
  noFilter,
  sortedEvents,
  startingSet,
  type EventFilter,
  type ReviewEvent,
} from "./events.ts";
import { overlapsOf } from "./overlaps.ts";
import { useReadings, type Readings } from "./use-readings.ts";
import type { RecordingData } from "../strip/use-recording.ts";
import { reviewWords } from "../words.ts";

export interface EventsInUse {
  readonly allEvents: readonly ReviewEvent[];
  readonly overlaps: ReturnType<typeof overlapsOf>;
  readonly events: readonly ReviewEvent[]; // that pass the filter
  readonly filter: EventFilter;
  readonly setFilter: (filter: EventFilter) => void;
  readonly set: LabelSet | undefined; // that labels are given from
  readonly setSetId: (id: string | undefined) => void;
  readonly readings: Readings;
  readonly lanes: readonly Lane[];
}

/** The events of a recording in the order of time, those that pass the filter, and the lanes they are drawn in. */
export function useEvents(
  detail: RecordingDetail,
  {
    data,
    channels,
    language,
    author,
    isBlind,
  }: {
    readonly data: RecordingData;
    readonly channels: readonly TraceChannel[];
    readonly language: Language;
    readonly author: string;
    readonly isBlind: boolean;
  },
): EventsInUse {
  const [setId, setSetId] = useState<string | undefined>(undefined);
  const [filter, setFilter] = useState<EventFilter>(noFilter);
  const allEvents = useMemo(
    () => sortedEvents(data.annotations, { book: data.book, channels, language }),
    [data.annotations, data.book, channels, language],
  );
  const overlaps = useMemo(
    () => overlapsOf(allEvents, { sets: data.sets, book: data.book }),
    [allEvents, data.sets, data.book],
  );
  const events = useMemo(() => allEvents.filter((event) => matches(event, filter)), [allEvents, filter]);

  const chosenSet = setId ?? startingSet(data.sets, detail.kind, data.annotations);
  const set = data.sets.find((one) => one.id === chosenSet);
  const readings = useReadings(detail.id, set, { author, isBlind });
  const lanes = useMemo(() => {
    const t = translate(reviewWords, language);
    const made = lanesOf(
      events,
      { unnamed: t("unnamed"), model: "model", ofFile: (name) => t("fileLane", { name }) },
      // Without the labels of a hidden reader it would look as if none had been found.
      readings.own.filter((one) => !filter.authors.has(one.author)),
    );
    const mask = maskLane(data.masks, channels, t("masked"));
    // An empty lane invites labelling: there is a place to drag a range even before the first event.
    const readers = made.length > 0 ? made : [{ id: "lane empty", title: t("reader"), rows: [[]] }];
    return mask ? [...readers, mask] : readers;
  }, [events, readings.own, filter.authors, data.masks, channels, language]);
  return { allEvents, overlaps, events, filter, setFilter, set, setSetId, readings, lanes };
}
