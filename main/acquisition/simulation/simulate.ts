import { setTimeout as pause } from "node:timers/promises";
import type { ProtocolKind } from "../../../preload/contract/acquisition.ts";
import { monotonicS } from "../ports/port.ts";
import type { DeviceSignal } from "../protocols/protocol.ts";
import { protocolOf } from "../protocols/registry.ts";
import type { DeviceEnd } from "./device-end.ts";
import {
  scenarioLine,
  type Fate,
  type LineEvent,
  type Scenario,
  type ScenarioLine,
  type Truth,
} from "./scenario.ts";
import { syntheticSignal } from "./signals.ts";

const TICK_MS = 2;
export interface SimulationOrder {
  readonly kind: ProtocolKind;
  readonly setup?: unknown;
  readonly scenario: Scenario;
  readonly end: DeviceEnd;
  readonly seconds?: number; // absent: until it is stopped
  readonly seed?: number;
  readonly signal?: DeviceSignal; // absent: what electrodes and belts pick up
  /** What the line does not take at once is kept for it, as by a device with a memory; told of how many bytes wait. Absent: it is gone. */
  readonly keeps?: (waiting: number) => void;
  readonly truth?: (line: object) => void;
  /** Given the line once it is there, for what is to happen to it later. */
  readonly begun?: (line: Pick<ScenarioLine, "happens">, beganS: number) => void;
  readonly stop: AbortSignal;
}

/** A device in real time at its end of a line, to its end. Answers how many samples met which fate, by stream. */
export async function simulate(order: SimulationOrder): Promise<readonly Partial<Record<Fate, number>>[]> {
  const { kind, scenario, end, truth, stop } = order;
  const protocol = protocolOf(kind);
  const setup = protocol.setup.parse(order.setup ?? {});
  const shapes = protocol.streams(setup);
  const signal = order.signal ?? syntheticSignal(shapes, order.seed ?? scenario.seed);
  const line = scenarioLine({
    scenario,
    shapes,
    signal,
    deviceOf: (measured, ohm) => protocol.device(setup, measured, ohm),
  });
  const fates = shapes.map((): Partial<Record<Fate, number>> => ({}));
  const tell = (one: Truth): void => {
    const counts = fates[one.stream] ?? {};
    counts[one.fate] = (counts[one.fate] ?? 0) + one.values.length;
    truth?.(one);
  };
  const put = order.keeps === undefined ? dropping(end, tell) : keeping(end, tell, order.keeps);
  await end.plug();
  const beganS = monotonicS();
  truth?.({
    kind,
    setup,
    scenario,
    rates: shapes.map(({ rate }) => rate),
    beganAt: new Date().toISOString(),
    beganS,
  });
  order.begun?.(line, beganS);
  try {
    while (!stop.aborted && monotonicS() - beganS < (order.seconds ?? Infinity)) {
      const nowS = monotonicS() - beganS;
      const said = end.read();
      if (said.length > 0) line.receive(said, nowS);
      await deliver(line.due(nowS), end, put);
      await pause(TICK_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  } finally {
    put([], true);
    end.unplug();
  }
  return fates;
}

type Sent = Extract<LineEvent, { kind: "bytes" }>;
type Put = (together: readonly Sent[], isLast: boolean) => void;
type Tell = (one: Truth) => void;

/** Puts on the line what is due, in one write between two plugs. */
async function deliver(events: readonly LineEvent[], end: DeviceEnd, put: Put): Promise<void> {
  let together: Sent[] = [];
  for (const event of events) {
    if (event.kind === "bytes") together.push(event);
    else {
      put(together, event.kind === "unplugged");
      together = [];
      if (event.kind === "unplugged") end.unplug();
      else await end.plug();
    }
  }
  put(together, false);
}

/** What the line does not take is gone: a device does not wait. */
const dropping =
  (end: DeviceEnd, tell: Tell): Put =>
  (together) => {
    let left = end.write(Buffer.concat(together.map(({ bytes }) => bytes)));
    for (const { bytes, truth } of together) {
      const taken = Math.min(left, bytes.length);
      left -= taken;
      tellOf(truth, taken < bytes.length ? (taken === 0 ? "unread" : "damaged") : undefined, tell);
    }
  };

const KEPT_MOST = 1 << 23; // bytes; a memory has an end

/** What the line does not take waits, in order, until it does or is pulled out. */
function keeping(end: DeviceEnd, tell: Tell, told: (waiting: number) => void): Put {
  let kept: Sent[] = [];
  let [waiting, cut] = [0, 0]; // bytes; of the first, what was taken already
  return (together, isLast) => {
    for (const one of together) {
      if (waiting > KEPT_MOST) tellOf(one.truth, "unread", tell);
      else kept.push(one);
      waiting += waiting > KEPT_MOST ? 0 : one.bytes.length;
    }
    let taken = cut + end.write(Buffer.concat(kept.map(({ bytes }) => bytes)).subarray(cut));
    let done = 0;
    for (const { bytes, truth } of kept) {
      if (taken < bytes.length) break;
      taken -= bytes.length;
      waiting -= bytes.length;
      tellOf(truth, undefined, tell);
      done += 1;
    }
    kept = kept.slice(done);
    cut = taken;
    told(waiting - cut);
    if (!isLast) return;
    for (const [i, { truth }] of kept.entries())
      tellOf(truth, i === 0 && cut > 0 ? "damaged" : "unread", tell);
    kept = [];
    waiting = cut = 0;
  };
}

/** `fate`: what became of them on the line; undefined: what was said before. */
function tellOf(truth: readonly Truth[], fate: Fate | undefined, tell: Tell): void {
  for (const one of truth) {
    if (fate !== undefined) one.fate = fate;
    tell(one);
  }
}
