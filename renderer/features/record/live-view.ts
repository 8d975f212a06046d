import type { Annotation } from "../../../preload/contract/annotation.ts";
import type { ChannelLive, Cue, DeviceState, RecorderState } from "../../../preload/contract/acquisition.ts";
import { lengthOf, piecesOf } from "../../../preload/contract/channel-clock.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { LiveTiles } from "../../trace/tiles/live-tiles.ts";
import { laneOf, type DrawnEvent, type Lane } from "../../trace/tracks/annotation.ts";
import type { TraceChannel } from "../../trace/tracks/track.ts";
import { inLanguage, type Language } from "../../ui/words.ts";
import { numberChannels } from "./numbers.tsx";

const MOST_OTHER = 16;

/**
 * Seconds of the recording, by the samples that have come and by how long none has from any device: models count them so
 * too. What one device owes is no time of its own: it is a gap, which is counted, while others go on.
 */
export const heardS = ({
  channels,
  clocks,
  devices,
}: {
  readonly channels: readonly Pick<ChannelLive, "sampleCount" | "sampleRate">[];
  readonly clocks?: RecorderState["clocks"];
  readonly devices: readonly Pick<DeviceState, "silentS">[];
}): number => {
  const comeS = lengthOf(channels.map((one, at) => ({ ...one, clock: piecesOf(clocks, at) })));
  return devices.length === 0 ? comeS : comeS + Math.min(...devices.map(({ silentS }) => silentS));
};

/** Channels worth a panel, with their places in the recording: of a monitor those with a sensor. */
export function shownChannels({
  kind,
  channels,
}: Pick<RecorderState, "kind" | "channels">): readonly number[] {
  const positions = (chosen: readonly ChannelLive[]): readonly number[] =>
    channels.flatMap((channel, position) => (chosen.includes(channel) ? [position] : []));
  const numbers = numberChannels(channels);
  if (kind === "ctg" && numbers.length > 0) return positions(numbers);
  const electrodes = channels.filter(({ role }) => role === "emg");
  if (electrodes.length > 0) return positions(electrodes);
  return channels.map((_, position) => position).slice(0, MOST_OTHER);
}

const isGone = (device: Pick<DeviceState, "link"> | undefined): boolean =>
  device?.link === "unplugged" || device?.link === "silent";

/** Positions of channels whose device is gone. */
export const lostChannels = ({
  channels,
  devices,
}: Pick<RecorderState, "channels" | "devices">): ReadonlySet<number> =>
  new Set(channels.flatMap(({ device }, at) => (isGone(devices[device]) ? [at] : [])));

/** Nothing comes any more of what the strip shows: a device that is gone and has no channel there takes nothing from it. */
export function isShownLost(state: Pick<RecorderState, "kind" | "channels" | "devices">): boolean {
  const shown = shownChannels(state);
  const lost = lostChannels(state);
  return shown.length > 0 && shown.every((at) => lost.has(at));
}

/** A channel for the strip. Its length is that of what came, now, and its clock as it is known: both without being made anew. */
export const liveChannel = (
  { label, unit, role, sampleRate }: ChannelLive,
  position: number,
  tiles: LiveTiles,
  clockOf: (position: number) => TraceChannel["clock"],
): TraceChannel => ({
  ...{ position, label, unit, role, sampleRate },
  get clock() {
    return clockOf(position);
  },
  get sampleCount() {
    return tiles.end(position);
  },
});

/** Marks so far, as the strip draws them. */
export function markLane(
  annotations: readonly Annotation[],
  sets: readonly LabelSet[],
  title: string,
  language: Language,
): Lane {
  const events = annotations.flatMap(({ id, labelSet, label: code, onsetS, durationS }): DrawnEvent[] => {
    const label = sets.find((one) => one.id === labelSet)?.labels.find((one) => one.code === code);
    if (!label) return [];
    const name = inLanguage(label.name, language);
    return [{ id, kind: "annotation", onsetS, durationS, label, name, isOutlined: false }];
  });
  return laneOf("marks", title, events);
}

/** Cues that were shown, by their step; one that is repeated is shown twice. */
export function withCue(seen: readonly Cue[], cue: Cue | undefined): readonly Cue[] {
  if (cue === undefined || cue.what === "done") return seen;
  const last = seen.at(-1);
  if (last?.step === cue.step && last.beganS === cue.beganS && last.endsS === cue.endsS) return seen;
  const isSame = last?.step === cue.step && cue.beganS < last.endsS; // the end moved: it was paused
  return [...(isSame ? seen.slice(0, -1) : seen), cue];
}

/** Gestures as they were asked for, up to the one under way. */
export function cueLane(
  seen: readonly Cue[],
  set: LabelSet | undefined,
  title: string,
  language: Language,
): Lane {
  const events = seen.flatMap(({ what, label: code, step, beganS, endsS }): DrawnEvent[] => {
    const label = set?.labels.find((one) => one.code === code);
    if (what !== "hold" || !label) return [];
    const name = inLanguage(label.name, language);
    const span = { onsetS: beganS, durationS: endsS - beganS };
    return [{ id: `cue ${step} ${beganS}`, kind: "annotation", ...span, label, name, isOutlined: true }];
  });
  return laneOf("cues", title, events);
}
