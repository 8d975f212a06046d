import { useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { NewAnnotation } from "../../../preload/contract/annotation.ts";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";
import { maskReasons, type MaskSpan } from "../../../preload/contract/mask.ts";
import type { RecordingDetail } from "../../../preload/contract/recording.ts";
import type { Settings } from "../../../preload/contract/settings.ts";
import { on, request } from "../../bridge/client.ts";
import { useSend, useZoomFactor } from "../../bridge/hooks.ts";
import { Editor } from "../../state/annotations.ts";
import {
  isInSight,
  isStill,
  keyPlaceOf,
  pageOf,
  placeOf,
  stretchMeant,
  tell,
  type Standing,
} from "../../state/reader.ts";
import { nothingSelected, rangeOf, stepBack, type TimeRange } from "../../state/selection.ts";
import { useSession } from "../../state/session.ts";
import { useSettings } from "../../state/settings.ts";
import {
  centreOn,
  change,
  follow,
  page,
  pageWidthPx,
  reveal,
  rowSpanS,
  startAt,
  withScale,
  zoomAbout,
} from "../../state/viewport.ts";
import type { DrawnEvent } from "../../trace/tracks/annotation.ts";
import { useCoarseTiles } from "../../trace/tiles/coarse-tiles.ts";
import { dragged, type Grip } from "../../trace/strip/hit-test.ts";
import { paletteOf } from "../../trace/tracks/palette.ts";
import { autoRange, type ValueRange } from "../../trace/tracks/range.ts";
import type { StripHandle } from "../../trace/strip/strip.tsx";
import type { Tool } from "../../trace/strip/input.ts";
import { secondsOfDay } from "../../trace/tracks/time-scale.ts";
import { leadingStretch, windowAt } from "../../trace/tracks/uncertain.ts";
import { clock } from "../../ui/format.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { useScheme } from "../../ui/scheme.ts";
import { inLanguage, translate, useLanguage, useWords } from "../../ui/words.ts";
import { channelMeant as channelOf, inOrder, useChannelView } from "./channel-view.ts";
import { sayReadings, timeText } from "./describe.ts";
import { editorPort } from "./editor-port.ts";
import {
  bookKey,
  lanesOf,
  maskLane,
  matches,
  neighbour,
  noFilter,
  notAssessableLabel,
  setHolding,
  sortedEvents,
  startingSet,
  type EventFilter,
} from "./events.ts";
import { overlapsOf } from "./overlaps.ts";
import { extremumIn } from "./extremum.ts";
import { MOST_SAMPLES } from "./measure.ts";
import { rememberedPlace } from "./remembered.ts";
import { useReadings } from "./use-readings.ts";
import { useFindings } from "./use-findings.ts";
import { usePrediction } from "./use-prediction.ts";
import { useRecordingData, useTraceChannels } from "./use-recording.ts";
import { reviewWords } from "./words.ts";

const readAnswers = {
  declared: "said.read",
  already: "said.readAlready",
  "no-set": "said.readNoSet",
} as const;

/** Seconds a recording that has no paper speed shows at first. */
const FIRST_SPAN_S = 20;
const CLOSEST_PX_PER_SAMPLE = 40;
const EXTREMUM_REACH_PX = 40;

export const paperPxPerS = (settings: Pick<Settings, "pixelsPerCm">, speed: number): number =>
  (settings.pixelsPerCm * speed) / 60;

export type OpenLayers = (timeS: number, runId: string | undefined) => void;
export type Review = ReturnType<typeof useReview>;

/** Everything the review of one recording knows and can do; the page only lays it out. */
export function useReview(detail: RecordingDetail, onOpenLayers: OpenLayers | undefined) {
  const t = useWords(reviewWords);
  const language = useLanguage();
  const scheme = useScheme();
  const stored = useSettings();
  const zoom = useZoomFactor();
  // A centimetre stays a centimetre on the screen, however large the page is shown.
  const truePixelsPerCm = stored.pixelsPerCm / zoom;
  const setSettings = useSend("settings.set");
  const data = useRecordingData(detail.id);
  const { channels, durationS } = useTraceChannels(detail);
  const isCtg = detail.kind === "ctg";

  const [place] = useState(() =>
    rememberedPlace(detail.id, {
      durationS,
      pxPerS: isCtg ? paperPxPerS({ pixelsPerCm: truePixelsPerCm }, stored.paperSpeed) : 60,
    }),
  );
  const { viewport, selection, reader } = place;
  const paperShare = useStore(viewport, (now) => now.paperShare);
  const settings = useMemo(
    () => ({ ...stored, pixelsPerCm: truePixelsPerCm * paperShare }),
    [stored, truePixelsPerCm, paperShare],
  );
  const arranging = useChannelView(place, channels);
  const { order, hidden, gains } = arranging.view;
  const [editor] = useState(() => new Editor(editorPort(detail.id)));
  const [setId, setSetId] = useState<string | undefined>(undefined);
  const [filter, setFilter] = useState<EventFilter>(noFilter);
  const [labelChannel, setLabelChannel] = useState<number | undefined>(undefined); // where new labels go; all
  const [tool, setTool] = useState<Tool>("pan");
  const [said, setSaid] = useState("");
  const [traceError, setTraceError] = useState<unknown>(undefined);
  const strip = useRef<StripHandle>(null);
  const state = useStore(selection);
  const history = useStore(editor.state);

  const { tiles: coarse, retry: retryCoarse } = useCoarseTiles(detail.id, channels, setTraceError);
  const ranges = useMemo(() => {
    const found = new Map<number, ValueRange>();
    for (const channel of channels) {
      const range = autoRange(coarse.get(channel.position) ?? [], channel.role);
      if (range) found.set(channel.position, range);
    }
    return found;
  }, [coarse, channels]);
  const shownChannels = useMemo(
    () => inOrder(channels, order).filter((channel) => !hidden.has(channel.position)),
    [channels, order, hidden],
  );

  const prediction = usePrediction(detail.id, { sets: data.sets, scheme, language, noneName: t("none") });
  const findings = useFindings(detail.id, {
    ...{ channels, sets: data.sets, scheme, language },
    onError: setTraceError,
  });
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
  const readings = useReadings(detail.id, set, settings.author);
  const lanes = useMemo(() => {
    const t = translate(reviewWords, language);
    const made = lanesOf(
      events,
      { unnamed: t("unnamed"), model: "model", ofFile: (name) => t("fileLane", { name }) },
      // Without the labels of a hidden reader it would look as if none had been found.
      readings.own.filter(({ author }) => !filter.authors.has(author)),
    );
    const mask = maskLane(data.masks, channels, t("masked"));
    // An empty lane invites labelling: there is a place to drag a range even before the first event.
    const readers = made.length > 0 ? made : [{ id: "lane empty", title: t("reader"), rows: [[]] }];
    return mask ? [...readers, mask] : readers;
  }, [events, readings.own, filter.authors, data.masks, channels, language]);

  const startOfDayS = secondsOfDay(detail.startedAt);
  const telling = { t, language, startOfDayS };

  useEffect(() => {
    const fastest = Math.max(1, ...channels.map((channel) => channel.sampleRate));
    change(viewport, (now) => ({ ...now, durationS, maxPxPerS: fastest * CLOSEST_PX_PER_SAMPLE }));
  }, [viewport, channels, durationS]);

  // The first scale: paper speed for a CTG, else some seconds. It needs the width, which the strip measures.
  useEffect(() => {
    const fit = (): boolean => {
      const now = viewport.getState();
      if (now.widthPx <= 0) return false;
      if (place.isScaled) return true;
      if (!isCtg)
        change(viewport, (v) =>
          withScale(v, now.widthPx / Math.min(Math.max(0.1, now.durationS), FIRST_SPAN_S), 0),
        );
      place.scaled();
      return true;
    };
    if (fit()) return;
    const stop = viewport.subscribe(() => {
      if (fit()) stop();
    });
    return stop;
  }, [place, viewport, isCtg]);

  const paperScale = paperPxPerS(settings, settings.paperSpeed);
  useEffect(() => {
    if (!isCtg || place.paperPxPerS === paperScale) return;
    place.onPaper(paperScale);
    change(viewport, (now) => withScale(now, paperScale));
  }, [place, viewport, isCtg, paperScale]);

  useEffect(() => {
    editor.refresh().catch(notifyFailure);
    return on("annotations.changed", ({ recordingId }) => {
      if (recordingId === detail.id) editor.refresh().catch(notifyFailure);
    });
  }, [editor, detail.id]);

  const focus = useSession((session) => session.focus);
  useEffect(() => {
    if (focus?.recordingId !== detail.id || focus.asked <= place.focusAsked) return;
    const show = (): void => {
      place.followed(focus.asked);
      const endOfFocusS = focus.onsetS + focus.durationS;
      change(viewport, (now) =>
        focus.durationS > rowSpanS(now) * 0.8
          ? reveal(now, focus.onsetS, endOfFocusS)
          : centreOn(now, (focus.onsetS + endOfFocusS) / 2),
      );
      tell(reader, { kind: "cursor-moved" });
      selection.setState({
        ...nothingSelected,
        selected: { kind: "time" },
        cursorS: focus.onsetS + focus.durationS / 2,
        range: rangeOf(focus.onsetS, focus.onsetS + focus.durationS),
      });
    };
    if (viewport.getState().widthPx > 0) {
      show();
      return;
    }
    const stop = viewport.subscribe((now) => {
      if (now.widthPx <= 0) return;
      stop();
      show();
    });
    return stop;
  }, [focus, detail.id, place, viewport, selection, reader]);

  // ── what is selected ──────────────────────────────────────────────────────────────────────────────────────
  const { selected } = state;
  const channelMeant = channelOf(shownChannels, state.channel);
  const event = selected?.kind === "annotation" ? allEvents.find((one) => one.id === selected.id) : undefined;
  const mask = selected?.kind === "mask" ? data.masks.find((one) => one.id === selected.id) : undefined;
  const shown = prediction.shown?.prediction;
  const atS = event
    ? event.onsetS + event.durationS / 2
    : mask
      ? mask.onsetS + mask.durationS / 2
      : state.cursorS;
  const window = shown && atS !== undefined ? windowAt(shown, atS) : undefined;
  const selectedSpan = useMemo((): TimeRange | undefined => {
    if (event) return { fromS: event.onsetS, toS: event.onsetS + event.durationS };
    if (mask) return { fromS: mask.onsetS, toS: mask.onsetS + mask.durationS };
    if (selected?.kind === "time" && shown && window !== undefined) {
      return { fromS: shown.onsetS[window]!, toS: shown.onsetS[window]! + shown.windowS };
    }
    return undefined;
  }, [event, mask, selected, shown, window]);
  const pendingLabel = state.pending && set?.labels.find((label) => label.code === state.pending?.label);
  const pendingStart = state.pending?.startS;
  const pendingColour = pendingLabel && paletteOf(scheme).ofLabel(pendingLabel.colour);
  const pendingName = pendingLabel && inLanguage(pendingLabel.name, language);
  const pending =
    pendingStart !== undefined && pendingColour !== undefined && pendingName !== undefined
      ? { startS: pendingStart, colour: pendingColour, name: pendingName }
      : undefined;
  const accepted = !event && atS !== undefined && shown ? leadingStretch(shown, atS) : undefined;
  const acceptable = event?.annotation.source === "model" ? event : undefined;

  // ── doing ─────────────────────────────────────────────────────────────────────────────────────────────────
  const guarded = (work: Promise<unknown>): void => {
    work.catch(notifyFailure);
  };
  const spanText = (fromS: number, toS: number) => ({ from: clock(fromS, 1), to: clock(toS, 1) });

  const give = (label: Label, of: LabelSet, span: TimeRange, channel: number | undefined): void => {
    const given: NewAnnotation = {
      recordingId: detail.id,
      label: label.code,
      labelSet: of.id,
      labelSetVersion: of.version,
      onsetS: span.fromS,
      durationS: label.shape === "point" ? 0 : span.toS - span.fromS,
      author: settings.author,
      source: "person",
      note: "",
      ...(channel === undefined ? {} : { channel }),
    };
    guarded(
      editor.add(given).then((made) => {
        selection.setState({
          selected: { kind: "annotation", id: made.id },
          range: undefined,
          pending: undefined,
        });
        setSaid(
          t("said.added", { name: inLanguage(label.name, language), ...spanText(span.fromS, span.toS) }),
        );
      }),
    );
  };
  const addLabel = (label: Label, fromS: number, toS: number): void => {
    if (set) give(label, set, { fromS, toS }, labelChannel);
  };

  const pointS = (): number | undefined =>
    placeOf(reader.getState(), viewport.getState(), selection.getState().cursorS);
  /** The cursor goes to a moment that a key or a choice beside the strip meant: labels begin there from now on. */
  const putCursor = (timeS: number): void => {
    tell(reader, { kind: "cursor-moved" });
    selection.setState({ cursorS: timeS });
  };

  const pressLabel = (label: Label): void => {
    const { range: drawn, pending: begun } = selection.getState();
    const range = stretchMeant(viewport.getState(), [drawn]);
    const time = pointS();
    if (range) {
      addLabel(label, range.fromS, range.toS);
    } else if (time === undefined) {
      setSaid(t("said.noLabel"));
    } else if (label.shape === "point") {
      addLabel(label, time, time);
    } else if (begun?.label === label.code && begun.startS !== time) {
      const { fromS, toS } = rangeOf(begun.startS, time);
      addLabel(label, fromS, toS);
    } else {
      // A range out of sight would otherwise take the label's end when the view comes back to it.
      selection.setState({ pending: { label: label.code, startS: time }, range: undefined });
      setSaid(t("said.started", { name: inLanguage(label.name, language), time: clock(time, 1) }));
    }
  };

  const select = (one: DrawnEvent): void => {
    selection.setState({ selected: { kind: one.kind, id: one.id }, range: undefined, cursorS: one.onsetS });
    setSaid(t("said.selected", { name: one.name, ...spanText(one.onsetS, one.onsetS + one.durationS) }));
  };
  const goToEvent = (one: DrawnEvent): void => {
    change(viewport, (now) => reveal(now, one.onsetS, one.onsetS + one.durationS));
    select(one);
    putCursor(one.onsetS);
  };

  const sayCursor = (timeS: number): void => {
    const readings = shownChannels.flatMap((channel) => {
      const reading = strip.current?.read(channel, timeS);
      return reading ? [{ channel, reading }] : [];
    });
    const inside = events
      .filter((one) => one.onsetS <= timeS && timeS <= one.onsetS + one.durationS)
      .map((one) => one.name);
    const values = {
      time: timeText(telling, timeS, viewport.getState().pxPerS),
      values: sayReadings(telling, readings),
    };
    setSaid(
      inside.length > 0
        ? t("said.inside", { ...values, events: inside.join(", ") })
        : t("said.cursor", values),
    );
  };
  const moveCursor = (timeS: number): void => {
    const time = Math.min(Math.max(0, timeS), durationS);
    change(viewport, (now) => follow(now, time));
    putCursor(time);
    selection.setState({ selected: { kind: "time" } });
    sayCursor(time);
  };
  const standing = (): Standing => ({
    reader: reader.getState(),
    viewport: viewport.getState(),
    cursorS: selection.getState().cursorS,
  });
  const keyPlaceS = (): number =>
    keyPlaceOf(reader.getState(), viewport.getState(), selection.getState().cursorS);
  const stepCursor = (px: number): void => {
    moveCursor(keyPlaceS() + px / viewport.getState().pxPerS);
  };
  /** To the next sample of the channel meant: at any zoom, however small a part of a pixel it is. */
  const stepSample = (samples: 1 | -1): void => {
    const rate = shownChannels.find((channel) => channel.position === channelMeant)?.sampleRate;
    const from = keyPlaceS();
    if (rate !== undefined) moveCursor((Math.round(from * rate) + samples) / rate);
  };
  /** To the highest or lowest value near the cursor, whichever stands out more. */
  const toExtremum = (): void => {
    const channel = shownChannels.find((one) => one.position === channelMeant);
    if (!channel) return;
    const reachS = EXTREMUM_REACH_PX / viewport.getState().pxPerS;
    const first = Math.max(0, Math.ceil((keyPlaceS() - reachS) * channel.sampleRate));
    const count = Math.min(
      MOST_SAMPLES,
      channel.sampleCount - first,
      Math.ceil(2 * reachS * channel.sampleRate),
    );
    if (count < 1) return;
    const asked = standing();
    guarded(
      request("trace.samples", { recordingId: detail.id, channel: channel.position, first, count }).then(
        ({ values, reasons }) => {
          if (!isStill(asked, standing(), EXTREMUM_REACH_PX)) return;
          const at = extremumIn(values, reasons);
          if (at === undefined) setSaid(t("said.noExtremum"));
          else moveCursor((first + at) / channel.sampleRate);
        },
      ),
    );
  };
  const goToTime = (timeS: number): void => {
    change(viewport, (now) => centreOn(now, timeS));
    putCursor(timeS);
    selection.setState({ selected: { kind: "time" }, range: undefined });
    sayCursor(timeS);
  };

  const accept = (): void => {
    const offered = event ? selectedSpan : accepted;
    if (offered && !isInSight(viewport.getState(), offered)) {
      setSaid(t("said.noStretch"));
      return;
    }
    if (acceptable) {
      const found = setHolding(acceptable.annotation, data);
      if (found)
        give(
          found.label,
          found.set,
          { fromS: acceptable.onsetS, toS: acceptable.onsetS + acceptable.durationS },
          acceptable.annotation.channel,
        );
      return;
    }
    if (!accepted) return;
    const runSet = data.sets.find((one) => one.id === prediction.run?.config.data.labelSet) ?? set;
    const label = runSet?.labels.find((one) => one.code === accepted.label);
    if (!runSet || !label) return;
    const span = { fromS: Math.max(0, accepted.fromS), toS: Math.min(durationS, accepted.toS) };
    give(label, runSet, span, undefined);
  };

  const relabel = (label: Label): void => {
    // The label is one of the set's newest version: the annotation points at that version from now on.
    const from = data.sets.find((one) => one.id === event?.annotation.labelSet);
    if (event && from)
      guarded(
        editor.change({
          id: event.id,
          label: label.code,
          labelSet: from.id,
          labelSetVersion: from.version,
          ...(label.shape === "point" ? { durationS: 0 } : {}),
        }),
      );
  };
  const putOnChannel = (channel: number | undefined): void => {
    if (event && event.annotation.channel !== channel) guarded(editor.change({ id: event.id, channel }));
  };
  const moveEvent = (one: Pick<DrawnEvent, "id">, onsetS: number, lengthS: number): void =>
    guarded(editor.change({ id: one.id, onsetS, durationS: lengthS }));
  const nudge = (grip: Grip, px: 1 | -1): void => {
    if (!event || (event.durationS === 0 && grip !== "middle")) return; // a point has no length
    const onePxS = 1 / viewport.getState().pxPerS;
    const to = dragged(event, grip, px * onePxS, { durationS, shortestS: onePxS });
    if (to.onsetS !== event.onsetS || to.durationS !== event.durationS)
      moveEvent(event, to.onsetS, to.durationS);
  };
  const setNote = (note: string): void => {
    if (event && note !== event.annotation.note) guarded(editor.change({ id: event.id, note }));
  };
  const remove = (): void => {
    if (event) {
      selection.setState({ selected: undefined });
      guarded(editor.remove(event.id).then(() => setSaid(t("said.removed", { name: event.name }))));
    } else if (mask) {
      selection.setState({ selected: undefined });
      guarded(
        editor
          .unmask(mask.id)
          .then(() => setSaid(t("said.unmasked", spanText(mask.onsetS, mask.onsetS + mask.durationS)))),
      );
    }
  };

  /** The stretch that is meant: a range, the selected event, the window of the prediction at the cursor. */
  const meant = (): TimeRange | undefined =>
    stretchMeant(viewport.getState(), [selection.getState().range, selectedSpan]);
  const addMask = (channel: number | undefined): void => {
    const span = meant();
    if (!span) {
      setSaid(t("said.noStretch"));
      return;
    }
    const given: Omit<MaskSpan, "id" | "createdAt"> = {
      recordingId: detail.id,
      layer: "person",
      reason: maskReasons.artefactByPerson,
      onsetS: span.fromS,
      durationS: span.toS - span.fromS,
      author: settings.author,
      ...(channel === undefined ? {} : { channel }),
    };
    guarded(
      editor.mask(given).then((made) => {
        selection.setState({ selected: { kind: "mask", id: made.id }, range: undefined });
        setSaid(t("said.masked", spanText(span.fromS, span.toS)));
      }),
    );
  };
  const layRules = (): void =>
    guarded(
      editor
        .layRules()
        .then((laid) =>
          setSaid(t(laid.length > 0 ? "said.rulesLaid" : "said.rulesNone", { count: laid.length })),
        ),
    );
  const liftRules = (): void => guarded(editor.liftRules().then(() => setSaid(t("said.rulesLifted"))));
  const unreadable = notAssessableLabel(set);
  const markNotAssessable = (): void => {
    const span = meant();
    const isSeen = selectedSpan !== undefined && isInSight(viewport.getState(), selectedSpan);
    if (event && isSeen && unreadable && event.annotation.labelSet === set?.id) relabel(unreadable);
    else if (span && unreadable) addLabel(unreadable, span.fromS, span.toS);
    else addMask(undefined);
  };

  const undo = (): void =>
    guarded(
      editor.undo().then((step) => setSaid(t(step ? `said.undone.${step.kind}` : "said.nothingToUndo"))),
    );
  const redo = (): void =>
    guarded(
      editor.redo().then((step) => setSaid(t(step ? `said.redone.${step.kind}` : "said.nothingToRedo"))),
    );

  const nextUnsure = (): void => {
    const from = state.cursorS ?? viewport.getState().startS;
    const next = prediction.unsure.find((one) => (one.fromS + one.toS) / 2 > from + 1e-6);
    const target = next ?? prediction.unsure[0];
    if (!target) return;
    goToTime((target.fromS + target.toS) / 2);
    setSaid(next ? t("said.unsure", spanText(target.fromS, target.toS)) : t("said.noUnsure"));
  };

  const { stepGainOf } = arranging;
  const stepGain = (direction: 1 | -1): void => {
    if (channelMeant !== undefined) stepGainOf(channelMeant, direction);
  };
  const declareRead = (): void => {
    const { range } = selection.getState();
    const stretch = range && range.toS > range.fromS ? range : { fromS: 0, toS: durationS };
    guarded(
      readings
        .declare(stretch)
        .then((answer) => setSaid(t(readAnswers[answer], spanText(stretch.fromS, stretch.toS)))),
    );
  };

  const setRows = (paperRows: Settings["paperRows"]): void =>
    setSettings.mutate({ paperRows }, { onError: notifyFailure });

  const doings = {
    declareRead,
    pressLabel,
    select,
    goToEvent,
    moveCursor,
    stepCursor,
    stepSample,
    toExtremum,
    goToTime,
    accept,
    relabel,
    moveEvent,
    nudge,
    setNote,
    remove,
    addMask,
    layRules,
    liftRules,
    markNotAssessable,
    undo,
    redo,
    nextUnsure,
    putOnChannel,
    stepGain,
    stepGainOf,
    resetGains: arranging.resetGains,
    toggleChannel: arranging.toggleChannel,
    showAllChannels: arranging.showAllChannels,
    moveChannel: arranging.moveChannel,
    resetOrder: arranging.resetOrder,
    artefact: () => {
      // Without a channel the mask would lie on all of them.
      if (channelMeant === undefined) setSaid(t("said.noChannel"));
      else addMask(channelMeant);
    },
    neighbourEvent: (direction: 1 | -1) => {
      const from = event?.onsetS ?? state.cursorS ?? viewport.getState().startS;
      const next = neighbour(events, from, direction);
      if (next) goToEvent(next);
    },
    nextChannel: () => {
      const at = shownChannels.findIndex((channel) => channel.position === channelMeant);
      const next = shownChannels[(at + 1) % Math.max(1, shownChannels.length)];
      if (next) selection.setState({ channel: next.position });
    },
    setSpeed: (speed: 1 | 2 | 3) => {
      if (!isCtg) return;
      change(viewport, (now) => withScale(now, paperPxPerS(settings, speed)));
      if (speed !== settings.paperSpeed)
        setSettings.mutate({ paperSpeed: speed }, { onError: notifyFailure });
    },
    setRows,
    toggleRows: () => {
      if (viewport.getState().rows > 1) setRows("one");
      else if ((strip.current?.rowsFor("several") ?? 1) > 1) setRows("several");
      else setSaid(t("said.oneRow"));
    },
    setFhrRange: (fhrRange: Settings["fhrRange"]) =>
      setSettings.mutate({ fhrRange }, { onError: notifyFailure }),
    openLayers: (timeS: number | undefined) => {
      if (timeS !== undefined) onOpenLayers?.(timeS, prediction.run?.id);
    },
    turnPage: (direction: 1 | -1) => {
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
    toStart: () => moveCursor(0),
    toEnd: () => {
      change(viewport, (now) => startAt(now, now.durationS));
      moveCursor(durationS);
    },
    zoom: (factor: number) => {
      const now = viewport.getState();
      const time = pointS();
      const anchorPx = time === undefined ? pageWidthPx(now) / 2 : (time - now.startS) * now.pxPerS;
      change(viewport, () => zoomAbout(now, factor, anchorPx));
    },
    fitAll: () =>
      change(viewport, (now) =>
        startAt(withScale(now, pageWidthPx(now) / Math.max(0.001, now.durationS)), 0),
      ),
    stepBack: () => {
      if (strip.current?.cancelDrag() !== true) selection.setState(stepBack(selection.getState()), true);
    },
    caliperFromCursor: () => {
      const time = pointS();
      if (time === undefined) return;
      selection.setState(({ caliper }) => ({ caliper: caliper.length === 1 ? [...caliper, time] : [time] }));
    },
    rangeFromCursor: () => {
      const time = pointS();
      if (time === undefined) return;
      const { range } = selection.getState();
      if (range) selection.setState({ range: rangeOf(range.fromS, time) });
      else selection.setState({ range: { fromS: time, toS: time } });
    },
    retryTrace: () => {
      setTraceError(undefined);
      retryCoarse();
      strip.current?.retry();
    },
    /** Where the menu of the keys opens. */
    menuPlace: () => strip.current?.placeOf(pointS()),
    say: setSaid,
  };

  return {
    t,
    language,
    scheme,
    settings,
    truePixelsPerCm,
    paperShare,
    detail,
    isCtg,
    data,
    channels,
    orderedChannels: inOrder(channels, order),
    shownChannels,
    isReordered: order.length > 0,
    hidden,
    gains,
    ranges,
    coarse,
    durationS,
    readings,
    viewport,
    selection,
    reader,
    state,
    strip,
    tool,
    setTool,
    said,
    traceError,
    setTraceError,
    prediction,
    findings,
    allEvents,
    overlaps,
    events,
    filter,
    setFilter,
    lanes,
    set,
    setSetId,
    labelChannel,
    setLabelChannel,
    telling,
    startOfDayS,
    event,
    mask,
    atS,
    window,
    selectedSpan,
    pending,
    accepted,
    acceptable,
    channelMeant,
    history,
    doings,
    setName: event
      ? data.book.get(bookKey(event.annotation.labelSet, event.annotation.labelSetVersion))
      : undefined,
  };
}
