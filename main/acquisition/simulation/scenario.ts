import { z } from "zod";
import { randomFrom } from "../../synthesis/random.ts";
import type {
  DeviceFrame,
  DeviceSignal,
  ElectrodeOhm,
  SimulatedDevice,
  StreamShape,
} from "../protocols/protocol.ts";

const Span = z.object({
  atS: z.number().min(0).max(1e6), // host seconds since the simulation began
  durationS: z.number().positive().max(1e6),
});
const ChannelSpan = Span.extend({
  stream: z.number().int().min(0).max(255).default(0),
  channel: z.number().int().min(0).max(255).default(0),
});
type Span = z.output<typeof Span>;

const share = z.number().min(0).max(1).default(0);
const sharePerByte = z.number().min(0).max(0.1).default(0);

/** What happens between a device and the host. Without anything all is well. */
export const Scenario = z.strictObject({
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  ppm: z.number().min(-5000).max(5000).default(0), // how much faster the device's clock runs than the host's
  batchMs: z.number().min(0).max(1000).default(0), // an adapter that delivers at multiples of this; FTDI as it comes: 16
  jitterMs: z.number().min(0).max(1000).default(0), // mean of an exponential delay of each frame
  frameLoss: share, // of frames that never leave
  bitFlips: sharePerByte, // of bytes of which a bit is turned
  byteDrops: sharePerByte, // of bytes that are left out
  /** The device is silent: what it measures is lost, or (held) comes all at once afterwards. */
  stalls: z.array(Span.extend({ held: z.boolean().default(false) })).default([]),
  /** Pulled out and put in again. Without power in between it begins anew, and waits to be started. */
  unplugs: z
    .array(Span.extend({ keepsPower: z.boolean().default(false) }))
    .default([])
    .transform((spans) => spans.toSorted((a, b) => a.atS - b.atS))
    .refine((spans) => spans.every((s, i) => i === 0 || s.atS > endOf(spans[i - 1] ?? s)), "unplugs overlap"),
  /** An electrode that came off: the device says so where it can, or shows `value`, such as its rail. */
  electrodeOff: z.array(ChannelSpan.extend({ value: z.number().int().optional() })).default([]),
  /** How electrodes lie, where the device can measure that; of a channel that is off, none does. */
  electrodes: z
    .array(
      z.object({
        channel: z.number().int().min(0).max(255),
        input: z.enum(["P", "N"]).optional(), // absent: both
        kOhm: z.number().min(0).max(1e6),
      }),
    )
    .default([]),
  saturation: z.array(ChannelSpan.extend({ value: z.number().int() })).default([]), // digital value of the rail
});
export type Scenario = z.output<typeof Scenario>;

const WELL_KOHM = 20;
const OFF_OHM = 1e9;

const endOf = (span: Span): number => span.atS + span.durationS;
const edgesOf = (span: Scenario["unplugs"][number]) => [
  { atS: span.atS, isPlugged: false, keepsPower: span.keepsPower },
  { atS: endOf(span), isPlugged: true, keepsPower: span.keepsPower },
];
const isIn = (span: Span, timeS: number): boolean => timeS >= span.atS && timeS < endOf(span);

/** What became of the samples of a frame. `unread`: it left, and the other side took nothing. */
export type Fate = "sent" | "damaged" | "lost" | "silent" | "unplugged" | "unread";

/** The truth about samples that a device sent, to be held against what was recorded. */
export interface Truth {
  readonly session: number; // counts how often the device was started, from 1
  readonly stream: number;
  readonly first: number; // index within the session
  readonly madeS: number; // host seconds of the first sample, since the simulation began
  readonly values: readonly (readonly (number | null)[])[]; // by sample, then channel; null: marked invalid
  readonly parts?: number; // frames in which each of these samples comes, this being one; absent: this alone
  fate: Fate;
  dueS: number; // host seconds at which its frame reaches the host's end, since the simulation began
}

export type LineEvent =
  | {
      readonly kind: "bytes";
      readonly atS: number;
      readonly bytes: Uint8Array;
      readonly truth: readonly Truth[];
    }
  | { readonly kind: "unplugged"; readonly atS: number }
  | { readonly kind: "plugged"; readonly atS: number };

/** A device at the end of a line on which things happen. Times are host seconds since the simulation began, never falling. */
export interface ScenarioLine {
  /** Commands from the host. */
  receive(bytes: Uint8Array, nowS: number): void;
  /** What reaches the host up to now. Frames of which nothing arrives have no bytes, and their truth. */
  due(nowS: number): readonly LineEvent[];
  /** What is to happen besides, after all that has. */
  happens(more: Pick<Scenario, "unplugs" | "stalls">): void;
}

interface Simulated {
  readonly scenario: Scenario;
  readonly shapes: readonly StreamShape[];
  readonly signal: DeviceSignal; // sample 0 at the start of the simulation; goes on while the device begins anew
  readonly deviceOf: (signal: DeviceSignal, ohm: ElectrodeOhm) => SimulatedDevice;
}

export function scenarioLine({ scenario, shapes, signal, deviceOf }: Simulated): ScenarioLine {
  const pace = 1 + scenario.ppm * 1e-6; // device seconds a host second
  let [startedS, session] = [0, 0];
  const madeS = (stream: number, sample: number): number =>
    startedS + sample / ((shapes[stream]?.rate ?? 1) * pace);
  const measured: DeviceSignal = (stream, channel, sample) => {
    const timeS = madeS(stream, sample);
    const isHere = (span: z.output<typeof ChannelSpan>): boolean =>
      span.stream === stream && span.channel === channel && isIn(span, timeS);
    const off = scenario.electrodeOff.find(isHere);
    if (off !== undefined) return off.value;
    const railed = scenario.saturation.find(isHere);
    if (railed !== undefined) return railed.value;
    return signal(stream, channel, Math.round(startedS * (shapes[stream]?.rate ?? 1)) + sample);
  };
  const ohm: ElectrodeOhm = (channel, input, sample) => {
    const timeS = madeS(0, sample);
    const isOff = scenario.electrodeOff.some(
      (span) => span.stream === 0 && span.channel === channel && isIn(span, timeS),
    );
    const lies = scenario.electrodes.find((one) => one.channel === channel && (one.input ?? input) === input);
    return isOff ? OFF_OHM : (lies?.kOhm ?? WELL_KOHM) * 1000;
  };
  const device = deviceOf(measured, ohm);
  const link = createLink(scenario);
  const edges = scenario.unplugs.flatMap(edgesOf);
  let hasPower = true;
  const begun = (atS: number): void => {
    startedS = atS;
    session += 1;
  };
  if (device.isStreaming) begun(0);

  const truthOf = ({ holds }: DeviceFrame): Truth[] =>
    holds.map(({ stream, first, count, parts }) => ({
      ...(parts === undefined ? {} : { parts }),
      session,
      stream,
      first,
      madeS: madeS(stream, first),
      values: Array.from({ length: count }, (_, i) =>
        (shapes[stream]?.channels ?? []).map((__, channel) => measured(stream, channel, first + i) ?? null),
      ),
      fate: "sent",
      dueS: NaN, // told by the link
    }));
  const stream = (untilS: number): void => {
    if (!hasPower || !device.isStreaming) return;
    for (const frame of device.frames((untilS - startedS) * pace))
      link.send(frame.bytes, startedS + frame.dueS / pace, truthOf(frame));
  };
  const advance = (nowS: number): void => {
    for (let edge = edges[0]; edge !== undefined && edge.atS <= nowS; edge = edges[0]) {
      edges.shift();
      stream(edge.atS);
      link.plug(edge.isPlugged, edge.atS);
      if (!edge.keepsPower) hasPower = edge.isPlugged;
      if (!edge.isPlugged || edge.keepsPower) continue;
      link.send(device.restart(), edge.atS, []);
      if (device.isStreaming) begun(edge.atS); // some need no command
    }
    stream(nowS);
  };
  return {
    receive: (bytes, nowS) => {
      advance(nowS);
      if (!link.hears(nowS)) return;
      for (const byte of bytes) {
        const wasStreaming = device.isStreaming;
        const answer = device.receive(Uint8Array.of(byte));
        if (device.isStreaming && !wasStreaming) begun(nowS);
        link.send(answer, nowS, []);
      }
    },
    due: (nowS) => {
      advance(nowS);
      return link.take(nowS);
    },
    happens: ({ unplugs, stalls }) => {
      edges.push(...unplugs.flatMap(edgesOf));
      link.stall(stalls);
    },
  };
}

/** The cable and its adapter: loses, damages, collects, delays. Each with numbers of its own, so that one leaves the others alone. */
function createLink(scenario: Scenario) {
  const losing = randomFrom(scenario.seed, 51);
  const delaying = randomFrom(scenario.seed, 52);
  const damage = createDamage(scenario);
  const batchS = scenario.batchMs / 1000;
  let queue: LineEvent[] = [];
  let [lastS, isPlugged] = [0, true];

  const stalls = [...scenario.stalls];
  const stallAt = (atS: number): Scenario["stalls"][number] | undefined =>
    stalls.find((span) => isIn(span, atS));
  const arrivalOf = (sentS: number): number => {
    const stall = stallAt(sentS);
    const left = stall?.held === true ? endOf(stall) : sentS;
    const late = left + (scenario.jitterMs > 0 ? delaying.exponential(scenario.jitterMs / 1000) : 0);
    const delivered = batchS > 0 ? Math.ceil(late / batchS) * batchS : late;
    return (lastS = Math.max(lastS, delivered));
  };
  const fateAt = (sentS: number): Fate => {
    if (!isPlugged) return "unplugged";
    if (stallAt(sentS)?.held === false) return "silent";
    return losing.chance(scenario.frameLoss) ? "lost" : "sent";
  };
  return {
    stall: (more: Scenario["stalls"]): void => void stalls.push(...more),
    hears: (nowS: number): boolean => isPlugged && stallAt(nowS) === undefined,
    send: (bytes: Uint8Array, sentS: number, truth: readonly Truth[]): void => {
      if (bytes.length === 0) return;
      let fate = fateAt(sentS);
      const left = fate === "sent" ? damage(bytes) : new Uint8Array(0);
      if (fate === "sent" && left !== bytes) fate = "damaged";
      const atS = arrivalOf(sentS);
      for (const one of truth) [one.fate, one.dueS] = [fate, atS];
      queue.push({ kind: "bytes", atS, bytes: left, truth });
    },
    /** What the adapter still held is gone with it. */
    plug: (isIn: boolean, atS: number): void => {
      isPlugged = isIn;
      queue = queue.map((event) => {
        if (event.kind !== "bytes" || event.atS <= atS) return event;
        for (const one of event.truth) one.fate = "unplugged";
        return { ...event, atS, bytes: new Uint8Array(0) };
      });
      lastS = atS;
      queue.push({ kind: isIn ? "plugged" : "unplugged", atS });
    },
    take: (nowS: number): LineEvent[] => {
      const firstLater = queue.findIndex(({ atS }) => atS > nowS);
      return queue.splice(0, firstLater < 0 ? queue.length : firstLater);
    },
  };
}

/** Turns bits and leaves out bytes; the same array where nothing happened to it. */
function createDamage({ seed, bitFlips, byteDrops }: Scenario): (bytes: Uint8Array) => Uint8Array {
  const flipping = randomFrom(seed, 53);
  const dropping = randomFrom(seed, 54);
  return (bytes) => {
    const left: number[] = [];
    let isWhole = true;
    for (const byte of bytes) {
      const isFlipped = flipping.chance(bitFlips);
      const isDropped = dropping.chance(byteDrops);
      if (isFlipped || isDropped) isWhole = false;
      if (!isDropped) left.push(isFlipped ? byte ^ (1 << Math.floor(flipping.uniform(0, 8))) : byte);
    }
    return isWhole ? bytes : Uint8Array.from(left);
  };
}
