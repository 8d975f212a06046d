import { placesOf } from "../../../../preload/contract/channel-clock.ts";
import { request } from "../../../bridge/client.ts";
import { isStill, keyPlaceOf, pageOf, tell, type Standing } from "../../../state/reader.ts";
import {
  centreOn,
  change,
  follow,
  page,
  pageWidthPx,
  reveal,
  startAt,
  withScale,
  zoomAbout,
} from "../../../state/viewport.ts";
import type { StripHandle } from "../../../trace/strip/strip.tsx";
import type { DrawnEvent } from "../../../trace/tracks/annotation.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import type { Stretch } from "../../../trace/tracks/uncertain.ts";
import { sayReadings, timeText } from "../describe.ts";
import { neighbour, type ReviewEvent } from "../labels/events.ts";
import { extremumIn } from "./extremum.ts";
import { MOST_SAMPLES } from "./measure.ts";
import { guarded, pointOf, spanText, type Reviewing } from "../reviewing.ts";

const EXTREMUM_REACH_PX = 40;

export interface Navigation {
  readonly select: (event: DrawnEvent) => void;
  readonly goToEvent: (event: DrawnEvent) => void;
  readonly neighbourEvent: (direction: 1 | -1) => void;
  readonly stepCursor: (px: number) => void;
  readonly stepSample: (samples: 1 | -1) => void;
  readonly toExtremum: () => void;
  readonly goToTime: (timeS: number) => void;
  readonly nextUnsure: () => void;
  readonly toStart: () => void;
  readonly toEnd: () => void;
  readonly turnPage: (direction: 1 | -1) => void;
  readonly zoom: (factor: number) => void;
  readonly fitAll: () => void;
}

/** Going about in a recording: where the cursor and the view stand, and what is said of it. */
export function navigationOf(
  { recordingId, durationS, place, telling, say }: Reviewing,
  {
    events,
    event,
    shownChannels,
    channelMeant,
    unsure,
    read,
    ahead,
  }: {
    readonly events: readonly ReviewEvent[]; // shown ones, in the order of time
    readonly event: ReviewEvent | undefined; // the selected one
    readonly shownChannels: readonly TraceChannel[];
    readonly channelMeant: number | undefined;
    readonly unsure: readonly Stretch[];
    readonly ahead?: { readonly seconds: number; readonly px: number } | undefined; // of the cursor, looked at with it
    readonly read: (...where: Parameters<StripHandle["read"]>) => ReturnType<StripHandle["read"]> | undefined;
  },
): Navigation {
  const { viewport, selection, reader } = place;
  const { t } = telling;
  const fromS = (): number => selection.getState().cursorS ?? viewport.getState().startS;
  const standing = (): Standing => ({
    reader: reader.getState(),
    viewport: viewport.getState(),
    cursorS: selection.getState().cursorS,
  });
  const keyPlaceS = (): number =>
    keyPlaceOf(reader.getState(), viewport.getState(), selection.getState().cursorS);
  /** The cursor goes to a moment that a key or a choice beside the strip meant: labels begin there from now on. */
  const putCursor = (timeS: number): void => {
    tell(reader, { kind: "cursor-moved" });
    selection.setState({ cursorS: timeS });
  };
  const sayCursor = (timeS: number): void => {
    const readings = shownChannels.flatMap((channel) => {
      const reading = read(channel, timeS);
      return reading ? [{ channel, reading }] : [];
    });
    const inside = events
      .filter((one) => one.onsetS <= timeS && timeS <= one.onsetS + one.durationS)
      .map((one) => one.name);
    const values = {
      time: timeText(telling, timeS, viewport.getState().pxPerS),
      values: sayReadings(telling, readings),
    };
    say(
      inside.length > 0
        ? t("said.inside", { ...values, events: inside.join(", ") })
        : t("said.cursor", values),
    );
  };
  const moveCursor = (timeS: number): void => {
    const time = Math.min(Math.max(0, timeS), durationS);
    const aheadS = ahead ? ahead.seconds + ahead.px / viewport.getState().pxPerS : 0;
    change(viewport, (now) => follow(follow(now, Math.min(time + aheadS, durationS)), time));
    putCursor(time);
    selection.setState({ selected: { kind: "time" } });
    sayCursor(time);
  };
  const goToTime = (timeS: number): void => {
    change(viewport, (now) => centreOn(now, timeS));
    putCursor(timeS);
    selection.setState({ selected: { kind: "time" }, range: undefined });
    sayCursor(timeS);
  };
  const select = (one: DrawnEvent): void => {
    selection.setState({ selected: { kind: one.kind, id: one.id }, range: undefined, cursorS: one.onsetS });
    say(t("said.selected", { name: one.name, ...spanText(one.onsetS, one.onsetS + one.durationS) }));
  };
  const goToEvent = (one: DrawnEvent): void => {
    change(viewport, (now) => reveal(now, one.onsetS, one.onsetS + one.durationS));
    select(one);
    putCursor(one.onsetS);
  };
  const toExtremum = (): void => {
    const channel = shownChannels.find((one) => one.position === channelMeant);
    if (!channel) return;
    const reachS = EXTREMUM_REACH_PX / viewport.getState().pxPerS;
    const first = Math.max(0, Math.ceil((keyPlaceS() - reachS) * channel.sampleRate));
    const count = Math.min(
      MOST_SAMPLES,
      placesOf(channel.clock, channel) - first,
      Math.ceil(2 * reachS * channel.sampleRate),
    );
    if (count < 1) return;
    const asked = standing();
    guarded(
      request("trace.samples", { recordingId, channel: channel.position, first, count }).then(
        ({ values, reasons }) => {
          if (!isStill(asked, standing(), EXTREMUM_REACH_PX)) return;
          const at = extremumIn(values, reasons);
          if (at === undefined) say(t("said.noExtremum"));
          else moveCursor((first + at) / channel.sampleRate);
        },
      ),
    );
  };
  return {
    select,
    goToEvent,
    neighbourEvent: (direction) => {
      const next = neighbour(events, event?.onsetS ?? fromS(), direction);
      if (next) goToEvent(next);
    },
    stepCursor: (px) => moveCursor(keyPlaceS() + px / viewport.getState().pxPerS),
    /** To the next sample of the channel meant: at any zoom, however small a part of a pixel it is. */
    stepSample: (samples) => {
      const rate = shownChannels.find((channel) => channel.position === channelMeant)?.sampleRate;
      const from = keyPlaceS();
      if (rate !== undefined) moveCursor((Math.round(from * rate) + samples) / rate);
    },
    /** To the highest or lowest value near the cursor, whichever stands out more. */
    toExtremum,
    goToTime,
    nextUnsure: () => {
      const from = fromS();
      const next = unsure.find((one) => (one.fromS + one.toS) / 2 > from + 1e-6);
      const target = next ?? unsure[0];
      if (!target) return;
      goToTime((target.fromS + target.toS) / 2);
      say(next ? t("said.unsure", spanText(target.fromS, target.toS)) : t("said.noUnsure"));
    },
    toStart: () => moveCursor(0),
    toEnd: () => {
      change(viewport, (now) => startAt(now, now.durationS));
      moveCursor(durationS);
    },
    turnPage: (direction) => {
      const before = viewport.getState();
      const turned = pageOf(
        reader.getState(),
        { before, after: page(before, direction) },
        selection.getState().cursorS,
      );
      change(viewport, (now) => page(now, direction));
      reader.setState(turned.reader, true);
      selection.setState({ cursorS: turned.cursorS });
    },
    zoom: (factor) => {
      const now = viewport.getState();
      const time = pointOf(place);
      const anchorPx = time === undefined ? pageWidthPx(now) / 2 : (time - now.startS) * now.pxPerS;
      change(viewport, () => zoomAbout(now, factor, anchorPx));
    },
    fitAll: () =>
      change(viewport, (now) =>
        startAt(withScale(now, pageWidthPx(now) / Math.max(0.001, now.durationS)), 0),
      ),
  };
}
