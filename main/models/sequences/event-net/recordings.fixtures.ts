import type { ChannelRole } from "../../../../preload/contract/recording.ts";
import { sampleAt } from "../../../signal/window.ts";
import type { SignalSource } from "../../fronts/front.ts";
import { seededRandom } from "../../random.ts";
import { eventInput, type EventInput } from "./input.ts";
import type { MarkedEvent, RecordingLabels } from "./targets.ts";

export interface Trace {
  readonly role: ChannelRole;
  readonly hz: number;
  readonly at: (second: number) => number;
  readonly isHidden?: (second: number) => boolean;
}

/** A recording out of functions of time. */
export function traces(durationS: number, channels: readonly Trace[]): SignalSource {
  return {
    durationS,
    channels: channels.map(({ role, hz }) => ({
      label: role,
      role,
      unit: "",
      sampleRate: hz,
      sampleType: "float32",
      gain: 1,
      offset: 0,
      sampleCount: sampleAt(durationS, hz),
    })),
    read(channel, first, count) {
      const trace = channels[channel];
      const last = Math.min(first + count, trace === undefined ? 0 : sampleAt(durationS, trace.hz));
      const times = Array.from(
        { length: Math.max(0, last - first) },
        (_, i) => (first + i) / (trace?.hz ?? 1),
      );
      return {
        values: Float32Array.from(times, (s) => trace?.at(s) ?? 0),
        observed: Uint8Array.from(times, (s) => Number(trace?.isHidden?.(s) !== true)),
      };
    },
  };
}

/** The recording as it was when it was so many seconds old. */
export const cut = (source: SignalSource, durationS: number): SignalSource => ({
  ...source,
  durationS,
  channels: source.channels.map((channel) => ({ ...channel, sampleCount: durationS * channel.sampleRate })),
  read: (channel, first, count) =>
    source.read(
      channel,
      first,
      Math.min(count, durationS * (source.channels[channel]?.sampleRate ?? 1) - first),
    ),
});

const bell = (s: number, { onsetS, durationS }: MarkedEvent): number => {
  const through = (s - onsetS) / durationS;
  return through > 0 && through < 1 ? Math.sin(Math.PI * through) : 0;
};

/** A made-up cardiotocogram: a heart rate with events every few minutes, contractions, noise; all of it marked. */
export function madeUp(
  seed: number,
  durationS = 1500,
): {
  readonly source: SignalSource;
  readonly input: EventInput;
  readonly labels: RecordingLabels;
} {
  const random = seededRandom(seed, 7);
  const events: MarkedEvent[] = [];
  for (let s = 60; s < durationS - 120; s += 120 + 120 * random.next()) {
    const code = random.next() < 0.5 ? "acceleration" : "deceleration";
    events.push({ code, onsetS: Math.round(s), durationS: 40 });
    events.push({ code: "contraction", onsetS: Math.round(s) - 20, durationS: 60 });
  }
  const noise = seededRandom(seed, 8);
  const jitter = Array.from({ length: 4 * durationS }, () => noise.normal());
  const of = (s: number, code: string): number =>
    events.reduce((sum, event) => sum + (event.code === code ? bell(s, event) : 0), 0);
  const source = traces(durationS, [
    {
      role: "fhr",
      hz: 4,
      at: (s) =>
        140 + 25 * (of(s, "acceleration") - of(s, "deceleration")) + 2 * (jitter[Math.round(4 * s)] ?? 0),
    },
    { role: "uc", hz: 4, at: (s) => 15 + 40 * of(s, "contraction") + (jitter[Math.round(4 * s)] ?? 0) },
  ]);
  return {
    source,
    input: eventInput(source, { bridgeFhrS: 0, bridgeUcS: 30 }),
    labels: { events, read: [{ onsetS: 0, durationS }], unclear: [] },
  };
}
