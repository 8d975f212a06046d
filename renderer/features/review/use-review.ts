import { createRef, useMemo, useState } from "react";
import type { RecordingDetail } from "../../../preload/contract/recording.ts";
import type { StripHandle } from "../../trace/strip/strip.tsx";
import type { Tool } from "../../trace/strip/input.ts";
import { secondsOfDay } from "../../../preload/strip/ticks.ts";
import { useBlind } from "../../state/blind.ts";
import { useScheme } from "../../ui/scheme.ts";
import { translate, useLanguage, useWords } from "../../ui/words.ts";
import { forecastWords } from "./forecast/forecast-words.ts";
import { labellingOf } from "./labels/labelling.ts";
import { maskingOf } from "./labels/masking.ts";
import { navigationOf } from "./place/navigation.ts";
import { rememberedPlace } from "./place/remembered.ts";
import { pointOf, type Reviewing } from "./reviewing.ts";
import { useEvents } from "./labels/use-events.ts";
import { anchorItem } from "./ctg/anchor-item.ts";
import { anchoringOf } from "./ctg/anchoring.ts";
import { useCtgView } from "./ctg/ctg-view.ts";
import type { TimeRange } from "../../state/selection.ts";
import type { Cue } from "./ctg/cues.ts";
import { useCtgContext } from "./ctg/use-context.ts";
import { readChannel } from "./ctg/ctg-reading.ts";
import { useCueing } from "./ctg/use-cueing.ts";
import { useCues } from "./ctg/use-cues.ts";
import { usePinned } from "./strip/use-pinned.ts";
import { useReading } from "./ctg/use-reading.ts";
import { useForecast } from "./forecast/use-forecast.ts";
import { useForks } from "./forecast/use-forks.ts";
import { useFindings } from "./findings/use-findings.ts";
import { useFocus } from "./place/use-focus.ts";
import { useHistory } from "./labels/use-history.ts";
import { paperPxPerS, usePaper, useTrueSettings } from "./strip/use-paper.ts";
import { usePrediction } from "./findings/use-prediction.ts";
import { useRecordingData, useTraceChannels } from "./strip/use-recording.ts";
import { selectingOf, useSelected } from "./place/use-selected.ts";
import { useTrace } from "./strip/use-trace.ts";
import { reviewWords } from "./words.ts";

export type OpenLayers = (timeS: number, runId: string | undefined) => void;
const CHIPS_PX = 160; // beside a fan, for what its ways are called

export type InspectorTab = "selection" | "events" | "reading" | "forecast";
export type Review = ReturnType<typeof useReview>;

/** Everything the review of one recording knows and can do, put together; the page only lays it out. */
export function useReview(detail: RecordingDetail, onOpenLayers: OpenLayers | undefined) {
  const t = useWords(reviewWords);
  const language = useLanguage();
  const scheme = useScheme();
  const { stored, truePixelsPerCm } = useTrueSettings();
  const blind = useBlind(detail.id);
  const { isBlind } = blind;
  const data = useRecordingData(detail.id, isBlind ? stored.author : undefined);
  const { channels, durationS } = useTraceChannels(detail);
  const isCtg = detail.kind === "ctg";
  const [place] = useState(() =>
    rememberedPlace(detail.id, {
      durationS,
      pxPerS: isCtg ? paperPxPerS({ pixelsPerCm: truePixelsPerCm }, stored.paperSpeed) : 60,
    }),
  );
  const { viewport, selection, reader } = place;
  const [strip] = useState(() => createRef<StripHandle>()); // handed on to what is done, not read while drawing
  const [tool, setTool] = useState<Tool>("pan");
  const [said, say] = useState("");
  const [tab, setTab] = useState<InspectorTab>("selection");
  const [labelChannel, setLabelChannel] = useState<number | undefined>(undefined); // where new labels go; all

  const paper = usePaper(place, { stored, truePixelsPerCm, isCtg, channels, durationS, strip, t, say });
  const { author } = paper.settings;
  const trace = useTrace(detail.id, { place, channels, strip });
  const { shownChannels } = trace;
  const prediction = usePrediction(detail.id, {
    ...{ sets: data.sets, scheme, language, isBlind },
    noneName: t("none"),
  });
  const findings = useFindings(detail.id, {
    ...{ channels, sets: data.sets, scheme, language, isBlind },
    onError: trace.setTraceError,
  });
  const drawn = useEvents(detail, { data, channels, language, author, isBlind });
  const history = useHistory(detail.id, t, say);
  useFocus(detail.id, place);
  const selected = useSelected(selection, {
    ...{ data, shownChannels, scheme, language, allEvents: drawn.allEvents, set: drawn.set },
    shown: prediction.shown?.prediction,
  });

  const ahead = useForecast(detail.id, {
    ...{ channels, masks: data.masks, sets: data.sets, scheme, language, say },
    cursorS: selected.state.cursorS,
  });
  const forecast = isBlind ? { ...ahead, fan: undefined } : ahead;
  const startOfDayS = secondsOfDay(detail.startedAt);
  const telling = { t, language, startOfDayS };
  const reviewing: Reviewing = { recordingId: detail.id, durationS, place, telling, say };
  const { editor } = history;
  const context = useCtgContext(reviewing, { editor, isCtg });
  const anchors = isBlind ? undefined : context.known?.context.anchors; // another may have set them
  const reading = useReading(detail.id, {
    ...{ channels, sets: data.sets, scheme, language, isCtg, isBlind, settings: stored.ctg },
    standing: useMemo(() => [data.masks, context.known?.context], [data.masks, context.known]),
  });
  const { event, mask, selectedSpan, channelMeant } = selected;
  const masking = maskingOf(reviewing, { editor, author, mask, selectedSpan, channelMeant });
  const { stepGainOf } = trace.arranging;
  const navigation = navigationOf(reviewing, {
    ...{ event, channelMeant, shownChannels, events: drawn.events, unsure: prediction.unsure },
    read: (channel, timeS) => strip.current?.read(channel, timeS),
    ahead: forecast.fan && {
      seconds: forecast.fan.forecast.horizonS,
      px: forecast.fan.branches.length > 1 ? CHIPS_PX : 0,
    },
  });
  const cues = useCues(reading.reading, {
    ...{ reviewing, cursorS: selected.state.cursorS },
    goToTime: (timeS) => {
      navigation.goToTime(timeS);
      setTab("reading");
    },
  });
  const forks = useForks(reviewing, {
    ...{ listed: findings.listed, runId: forecast.run?.id },
    goToTime: (timeS) => {
      navigation.goToTime(timeS);
      setTab("forecast");
    },
  });
  const readLabel = readChannel(reading.summaries);
  const isBaselineShown = useCtgView((view) => view.baseline);
  const items = useMemo(() => {
    const points = isBaselineShown ? anchorItem(channels, anchors ?? [], readLabel) : undefined;
    return [...(points ? [points] : []), ...findings.items, ...reading.items];
  }, [findings.items, reading.items, channels, anchors, readLabel, isBaselineShown]);
  const labelling = labellingOf(reviewing, {
    ...{ editor, author, data, selected, masking, set: drawn.set, readings: drawn.readings },
    predictedSet: prediction.run?.config.data.labelSet,
    channel: labelChannel,
  });
  const read = channels.find(({ role, label }) => role === "fhr" && (readLabel ?? label) === label)?.position;
  const cueing = useCueing(place, { ...{ cue: cues.cue, labelling, masking, read }, sets: data.sets });
  return {
    ...{
      t,
      language,
      scheme,
      telling,
      startOfDayS,
      truePixelsPerCm,
      detail,
      isCtg,
      data,
      channels,
      durationS,
    },
    ...{ viewport, selection, reader, strip, tool, setTool, said, labelChannel, setLabelChannel },
    ...{
      blind,
      say,
      prediction,
      findings,
      forecast,
      forks,
      tab: isBlind && tab !== "events" ? "selection" : tab,
      setTab,
      history,
      masking,
      paper,
      settings: paper.settings,
    },
    ...trace,
    ...drawn,
    ...selected,
    ...{ navigation, reading, cues, cueing, context, items, labelling },
    cueSpan: useMemo(() => spanOfCue(tab === "reading" ? cues.cue : undefined), [tab, cues.cue]),
    ...anchoringOf(reviewing, context),
    ...usePinned(reviewing),
    selecting: selectingOf(place, {
      shownChannels,
      channelMeant,
      cancelDrag: () => strip.current?.cancelDrag() === true,
    }),
    stepGain: (direction: 1 | -1): void => {
      if (channelMeant !== undefined) stepGainOf(channelMeant, direction);
    },
    openLayers: (timeS: number | undefined): void => {
      if (timeS !== undefined) onOpenLayers?.(timeS, prediction.run?.id);
    },
    sayTurned: (part: string, isOn: boolean): void =>
      say(translate(forecastWords, language)(isOn ? "said.on" : "said.off", { part })),
    /** Where the menu of the keys opens. */
    menuPlace: () => strip.current?.placeOf(pointOf(place)),
  };
}

const spanOfCue = (cue: Cue | undefined): TimeRange | undefined =>
  cue && { fromS: cue.onsetS, toS: cue.onsetS + cue.durationS };
