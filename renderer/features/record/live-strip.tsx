import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useStore } from "zustand";
import type { RecorderState } from "../../../preload/contract/acquisition.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { endOfChannel, lengthOf, piecesOf } from "../../../preload/contract/channel-clock.ts";
import { bucketSizes, type Tile } from "../../../preload/contract/recording.ts";
import { useZoomFactor } from "../../bridge/hooks.ts";
import { createReader } from "../../state/reader.ts";
import { createSelection } from "../../state/selection.ts";
import { useSettings } from "../../state/settings.ts";
import {
  change,
  createViewport,
  page,
  startAt,
  withScale,
  zoomAbout,
  type ViewportStore,
} from "../../state/viewport.ts";
import { Overview } from "../../trace/strip/overview.tsx";
import type { LiveNow } from "../../trace/strip/awaited.ts";
import { Strip } from "../../trace/strip/strip.tsx";
import { liveNow } from "../../trace/tiles/live-now.ts";
import { tilesIn } from "../../trace/tiles/levels.ts";
import type { Lane } from "../../trace/tracks/annotation.ts";
import type { ValueRange } from "../../trace/tracks/range.ts";
import { FHR_BREAK_BPM } from "../../../preload/strip/lines.ts";
import type { TraceChannel } from "../../trace/tracks/track.ts";
import { clock, fixed, length } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { useScheme } from "../../ui/scheme.ts";
import { testIds } from "../../ui/test-ids.ts";
import { unitText } from "../../ui/unit.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { liveRanges } from "./live-ranges.ts";
import { liveChannel, lostChannels, shownChannels } from "./live-view.ts";
import css from "./record.module.css";
import { useShownFan, type LiveFan } from "./live-fan.ts";
import { useLiveFollow, type LiveFollow } from "./use-live-follow.ts";
import { recordWords } from "./words.ts";

const EMG_SPAN_S = 12;
const RANGE_EVERY_MS = 1000;
const OVERVIEW_EVERY_MS = 2000;
const OVERVIEW_BUCKETS = 4096;

const nothing = { get: () => undefined };
const noGains: ReadonlyMap<number, number> = new Map();

export interface LiveStripProps {
  readonly state: RecorderState;
  readonly elapsedS: () => number; // at this frame
  readonly isSignalLost: boolean;
  readonly lanes: readonly Lane[];
  readonly sets: readonly LabelSet[];
  readonly isFiltered: boolean;
  readonly isGuided: boolean; // arrows belong to the course
  readonly ahead: LiveFan;
  readonly onFollow: (follow: LiveFollow) => void;
}

/** What comes, as it comes, on the paper of the review; its tail follows until a person goes back in time. */
export function LiveStrip(props: LiveStripProps): ReactNode {
  const { state, isSignalLost, lanes, sets, isFiltered, isGuided, ahead, onFollow } = props;
  const t = useWords(recordWords);
  const language = useLanguage();
  const scheme = useScheme();
  const kind = state.kind ?? "other";
  const recordingId = state.recordingId ?? "";
  const channels = useLiveChannels(state);
  const [stores] = useState(() => ({ selection: createSelection(), reader: createReader() }));
  const viewport = useMemo(() => createViewport({ pxPerS: 1 }), [recordingId]); // eslint-disable-line react-hooks/exhaustive-deps -- a new recording begins a new view
  const paper = usePaper(viewport, kind === "ctg");
  const { endS, nowS, missing } = useCome(props, channels);
  const follow = useLiveFollow(viewport, liveNow, { nowS, aheadS: ahead.roomS });
  const fan = useShownFan(isSignalLost ? undefined : ahead.forecast, { channels, sets, scheme });
  const ranges = useRanges(channels, isFiltered, kind === "ctg");
  useEffect(() => onFollow(follow), [follow.isFollowing, onFollow]); // eslint-disable-line react-hooks/exhaustive-deps -- its functions stay the same
  useViewKeys(follow, isGuided, kind === "ctg");
  const now = (): LiveNow => {
    const [end, clockS] = [endS(), nowS()];
    const text = isSignalLost
      ? t("awaited", { seconds: length(Math.max(0, clockS - end), language), since: clock(end) })
      : t("live");
    return { endS: end, nowS: clockS, text, isAlarm: isSignalLost, missing: missing() };
  };
  return (
    <div
      className={css["view"]}
      data-testid={testIds.recordView}
      data-follows={follow.isFollowing}
      data-filtered={isFiltered}
      data-ahead={fan !== undefined}
    >
      {channels[0] && recordingId !== "" && (
        <LiveOverview channel={channels[0]} viewport={viewport} isRate={kind === "ctg"} lanes={lanes} />
      )}
      <Strip
        recordingId={recordingId}
        kind={kind}
        channels={channels}
        startedAt={undefined}
        viewport={viewport}
        selection={stores.selection}
        reader={stores.reader}
        scheme={scheme}
        paper={paper}
        ranges={ranges}
        gains={noGains}
        lanes={lanes}
        prediction={undefined}
        items={noItems}
        fan={fan}
        selectedSpan={undefined}
        pending={undefined}
        tool="pan"
        label={t("strip")}
        instructions={t("stripHelp")}
        unitText={(channel) => unitText(language, channel)}
        describe={(target, readings) => [
          clock(Math.max(0, target.timeS), kind === "ctg" ? 0 : 2),
          ...(target.event ? [target.event.name] : []),
          ...readings
            .filter(({ channel }) => target.panel?.series.some((one) => one.channel === channel))
            .map(({ channel, reading }) =>
              reading.kind === "value" ? `${channel.label} ${fixed(reading.max, 0)}` : `${channel.label} –`,
            ),
        ]}
        caliperText={() => ""}
        onPickEvent={ignore}
        onMoveEvent={ignore}
        onPickPrediction={ignore}
        onMenu={ignore}
        onError={notifyFailure}
        offerRows={() => null}
        live={{ tiles: liveNow, isFiltered, now }}
      />
      {!follow.isFollowing && (
        <button type="button" className={css["lookingBack"]} onClick={follow.toLive}>
          {t("lookingBack")}
        </button>
      )}
    </div>
  );
}

const ignore = (): void => undefined;
const noItems: readonly never[] = [];

/** The channels on screen; made anew only when others are shown, never as they grow. */
function useLiveChannels(state: RecorderState): readonly TraceChannel[] {
  const positions = shownChannels(state);
  const [told] = useState(() => {
    let clocks: RecorderState["clocks"];
    return {
      hear: (now: RecorderState["clocks"]) => (clocks = now),
      clockOf: (position: number) => piecesOf(clocks, position),
    };
  });
  useEffect(() => {
    told.hear(state.clocks);
  }, [told, state.clocks]);
  const key = positions.map((at) => `${at} ${state.channels[at]?.label ?? ""}`).join("\n");
  return useMemo(
    () =>
      positions.flatMap((at) => {
        const channel = state.channels[at];
        return channel ? [liveChannel(channel, at, liveNow, told.clockOf)] : [];
      }),
    [told, key, state.recordingId], // eslint-disable-line react-hooks/exhaustive-deps -- the key says which
  );
}

interface Come {
  readonly endS: () => number; // of the last sample
  readonly nowS: () => number; // later where nothing comes any more
  readonly missing: () => LiveNow["missing"];
}

/** Where the recording has come to: its last sample, or its clock where nothing comes. */
function useCome({ elapsedS, isSignalLost, state }: LiveStripProps, channels: readonly TraceChannel[]): Come {
  const isClockTold = isSignalLost && state.phase === "recording";
  const lost = lostChannels(state);
  const [come] = useState(() => {
    let told = { elapsedS, isClockTold, channels, lost };
    const endS = (): number => lengthOf(told.channels);
    return {
      hear: (next: typeof told) => (told = next),
      endS,
      nowS: () => (told.isClockTold ? Math.max(endS(), told.elapsedS()) : endS()),
      missing: () =>
        told.channels
          .filter(({ position }) => told.lost.has(position))
          .map((one) => ({ channel: one.position, fromS: endOfChannel(one) })),
    };
  });
  useEffect(() => {
    come.hear({ elapsedS, isClockTold, channels, lost });
  });
  return come;
}

/** Paper at its true size, made smaller only where both grids would not fit; the rest at twelve seconds a screen. */
function usePaper(viewport: ViewportStore, isCtg: boolean) {
  const settings = useSettings();
  const zoom = useZoomFactor();
  const pixelsPerCm = settings.pixelsPerCm / zoom;
  const { paperSpeed, fhrRange } = settings;
  const share = useStore(viewport, (state) => state.paperShare);
  const widthPx = useStore(viewport, (state) => state.widthPx);
  useEffect(() => {
    const pxPerS = isCtg ? (pixelsPerCm * share * paperSpeed) / 60 : Math.max(1, widthPx) / EMG_SPAN_S;
    change(viewport, (view) => withScale({ ...view, maxPxPerS: 4000 }, pxPerS));
  }, [viewport, isCtg, pixelsPerCm, share, paperSpeed, widthPx]);
  return useMemo(
    () => ({ pixelsPerCm, paperSpeed, fhrRange, rows: "one" as const }),
    [pixelsPerCm, paperSpeed, fhrRange],
  );
}

/** Ranges that follow what comes, looked at once a second. */
function useRanges(channels: readonly TraceChannel[], isFiltered: boolean, isCtg: boolean) {
  const [ranges, setRanges] = useState<ReadonlyMap<number, ValueRange>>(new Map());
  useEffect(() => {
    if (isCtg) return;
    const tiles = liveNow.over(nothing, isFiltered);
    const look = (fresh: boolean): void =>
      setRanges((before) => liveRanges(channels, tiles, fresh ? new Map() : before, isFiltered));
    look(true);
    const timer = setInterval(() => look(false), RANGE_EVERY_MS);
    return () => clearInterval(timer);
  }, [channels, isFiltered, isCtg]);
  return ranges;
}

function useViewKeys(follow: LiveFollow, isGuided: boolean, isCtg: boolean): void {
  const t = useWords(recordWords);
  const { move } = follow;
  const step = (px: number): void => move((view) => startAt(view, view.startS + px / view.pxPerS));
  const zoom = (factor: number): void => move((view) => zoomAbout(view, factor, view.widthPx));
  useKeys(t("keysLive"), [
    { keys: "PageUp", what: t("earlier"), run: () => move((view) => page(view, -1)) },
    { keys: "PageDown", what: t("later"), run: () => move((view) => page(view, 1)) },
    { keys: "ArrowLeft", what: t("earlier"), run: () => step(-60) },
    { keys: "ArrowRight", what: t("later"), run: () => step(60), enabled: !isGuided },
    { keys: "Home", what: t("toStart"), run: () => move((view) => startAt(view, 0)) },
    { keys: "End", what: t("backToLive"), run: follow.toLive },
    { keys: "+", what: t("zoomIn"), run: () => zoom(1.25), enabled: !isCtg },
    { keys: "-", what: t("zoomOut"), run: () => zoom(0.8), enabled: !isCtg },
  ]);
}

/** The whole recording so far, with what is on screen of it. Looked at anew every two seconds. */
function LiveOverview({
  channel,
  viewport,
  isRate,
  lanes,
}: {
  readonly channel: TraceChannel;
  readonly viewport: ViewportStore;
  readonly isRate: boolean;
  readonly lanes: readonly Lane[];
}): ReactNode {
  const t = useWords(recordWords);
  const scheme = useScheme();
  const [seen, setSeen] = useState(() => coarseOf(channel));
  useEffect(() => {
    const timer = setInterval(() => setSeen(coarseOf(channel)), OVERVIEW_EVERY_MS);
    return () => clearInterval(timer);
  }, [channel]);
  const events = useMemo(() => lanes.flatMap(({ rows }) => rows.flat()), [lanes]);
  return (
    <Overview
      viewport={viewport}
      durationS={seen.durationS}
      sampleRate={channel.sampleRate}
      tiles={seen.tiles}
      range={isRate ? { low: 50, high: 210 } : seen.range}
      breakStep={isRate ? FHR_BREAK_BPM : Number.POSITIVE_INFINITY}
      events={events}
      scheme={scheme}
      label={t("overview")}
    />
  );
}

const LEAST_OVERVIEW_S = 60;

function coarseOf(channel: TraceChannel) {
  const { sampleCount, position } = channel;
  const size = bucketSizes.find((one) => sampleCount / one <= OVERVIEW_BUCKETS) ?? 1_048_576;
  const source = liveNow.over(nothing, false);
  const tiles: Tile[] = [];
  for (let index = 0; index < tilesIn(sampleCount, size); index++) {
    const tile = source.get(position, size, index);
    if (tile) tiles.push(tile);
  }
  const reach = Math.max(
    1,
    ...tiles.map(({ max }) => Math.max(...max.filter((value) => !Number.isNaN(value)))),
  );
  return {
    tiles,
    durationS: Math.max(LEAST_OVERVIEW_S, endOfChannel(channel)),
    range: { low: -reach, high: reach },
  };
}
