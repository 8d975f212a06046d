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
    deviceOf: (measured) => protocol.device(setup, measured),
  });
  const fates = shapes.map((): Partial<Record<Fate, number>> => ({}));
  const tell = (one: Truth): void => {
    const counts = fates[one.stream] ?? {};
    counts[one.fate] = (counts[one.fate] ?? 0) + one.values.length;
    truth?.(one);
  };
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
      await deliver(line.due(nowS), end, tell);
      await pause(TICK_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  } finally {
    end.unplug();
  }
  return fates;
}

/** Puts on the line what is due, in one write between two plugs. What the line does not take is gone: a device does not wait. */
async function deliver(
  events: readonly LineEvent[],
  end: DeviceEnd,
  tell: (one: Truth) => void,
): Promise<void> {
  let together: Extract<LineEvent, { kind: "bytes" }>[] = [];
  const put = (): void => {
    let left = end.write(Buffer.concat(together.map(({ bytes }) => bytes)));
    for (const { bytes, truth } of together) {
      const taken = Math.min(left, bytes.length);
      left -= taken;
      for (const one of truth) {
        if (taken < bytes.length) one.fate = taken === 0 ? "unread" : "damaged";
        tell(one);
      }
    }
    together = [];
  };
  for (const event of events) {
    if (event.kind === "bytes") together.push(event);
    else {
      put();
      if (event.kind === "unplugged") end.unplug();
      else await end.plug();
    }
  }
  put();
}
