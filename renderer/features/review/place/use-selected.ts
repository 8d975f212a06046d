import { useMemo } from "react";
import { useStore } from "zustand";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import type { MaskSpan } from "../../../../preload/contract/mask.ts";
import type { Prediction } from "../../../../preload/contract/run.ts";
import {
  rangeOf,
  stepBack,
  type Selection,
  type SelectionStore,
  type TimeRange,
} from "../../../state/selection.ts";
import { paletteOf } from "../../../trace/tracks/palette.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { leadingStretch, windowAt } from "../../../trace/tracks/uncertain.ts";
import type { Scheme } from "../../../ui/tokens.ts";
import { inLanguage, type Language } from "../../../ui/words.ts";
import { channelMeant as channelOf } from "../strip/channel-view.ts";
import { bookKey, type ReviewEvent } from "../labels/events.ts";
import { pointOf, type Reviewing } from "../reviewing.ts";
import type { RecordingData } from "../strip/use-recording.ts";

/** What is selected, and what is known there. */
export interface SelectedInReview {
  readonly state: Selection;
  readonly event: ReviewEvent | undefined;
  readonly mask: MaskSpan | undefined;
  readonly setName: LabelSet | undefined; // the version the event was labelled with
  readonly channelMeant: number | undefined;
  readonly atS: number | undefined; // the middle of what is selected, else the cursor
  readonly window: number | undefined; // of the prediction, there
  readonly selectedSpan: TimeRange | undefined;
  readonly pending: { readonly startS: number; readonly colour: string; readonly name: string } | undefined;
  readonly accepted: ReturnType<typeof leadingStretch>; // what the prediction offers as a label
  readonly acceptable: ReviewEvent | undefined; // a label by a model that a reader can make their own
}

export function useSelected(
  selection: SelectionStore,
  {
    allEvents,
    data,
    shown,
    shownChannels,
    set,
    scheme,
    language,
  }: {
    readonly allEvents: readonly ReviewEvent[];
    readonly data: Pick<RecordingData, "masks" | "book">;
    readonly shown: Prediction | undefined;
    readonly shownChannels: readonly TraceChannel[];
    readonly set: LabelSet | undefined;
    readonly scheme: Scheme;
    readonly language: Language;
  },
): SelectedInReview {
  const state = useStore(selection);
  const { selected } = state;
  const event = selected?.kind === "annotation" ? allEvents.find((one) => one.id === selected.id) : undefined;
  const mask = selected?.kind === "mask" ? data.masks.find((one) => one.id === selected.id) : undefined;
  const atS = event
    ? event.onsetS + event.durationS / 2
    : mask
      ? mask.onsetS + mask.durationS / 2
      : state.cursorS;
  const window = shown && atS !== undefined ? windowAt(shown, atS) : undefined;
  const selectedSpan = useMemo((): TimeRange | undefined => {
    if (event) return { fromS: event.onsetS, toS: event.onsetS + event.durationS };
    if (mask) return { fromS: mask.onsetS, toS: mask.onsetS + mask.durationS };
    const onsetS = selected?.kind === "time" && window !== undefined ? shown?.onsetS[window] : undefined;
    return shown && onsetS !== undefined ? { fromS: onsetS, toS: onsetS + shown.windowS } : undefined;
  }, [event, mask, selected, shown, window]);
  const pendingLabel = state.pending && set?.labels.find((label) => label.code === state.pending?.label);
  return {
    state,
    event,
    mask,
    setName: event && data.book.get(bookKey(event.annotation.labelSet, event.annotation.labelSetVersion)),
    channelMeant: channelOf(shownChannels, state.channel),
    atS,
    window,
    selectedSpan,
    pending:
      state.pending && pendingLabel
        ? {
            startS: state.pending.startS,
            colour: paletteOf(scheme).ofLabel(pendingLabel.colour),
            name: inLanguage(pendingLabel.name, language),
          }
        : undefined,
    accepted: !event && atS !== undefined && shown ? leadingStretch(shown, atS) : undefined,
    acceptable: event?.annotation.source === "model" ? event : undefined,
  };
}

export interface Selecting {
  readonly stepBack: () => void;
  readonly caliperFromCursor: () => void;
  readonly rangeFromCursor: () => void;
  readonly nextChannel: () => void;
}

/** What the keys select by themselves. */
export function selectingOf(
  place: Reviewing["place"],
  {
    shownChannels,
    channelMeant,
    cancelDrag,
  }: {
    readonly shownChannels: readonly TraceChannel[];
    readonly channelMeant: number | undefined;
    readonly cancelDrag: () => boolean; // whether there was one
  },
): Selecting {
  const { selection } = place;
  return {
    stepBack: () => {
      if (!cancelDrag()) selection.setState(stepBack(selection.getState()), true);
    },
    caliperFromCursor: () => {
      const time = pointOf(place);
      if (time === undefined) return;
      selection.setState(({ caliper }) => ({ caliper: caliper.length === 1 ? [...caliper, time] : [time] }));
    },
    rangeFromCursor: () => {
      const time = pointOf(place);
      if (time === undefined) return;
      const { range } = selection.getState();
      selection.setState({ range: rangeOf(range?.fromS ?? time, time) });
    },
    nextChannel: () => {
      const at = shownChannels.findIndex((channel) => channel.position === channelMeant);
      const next = shownChannels[(at + 1) % Math.max(1, shownChannels.length)];
      if (next) selection.setState({ channel: next.position });
    },
  };
}
