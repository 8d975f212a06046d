import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ProtocolKind, protocolKinds } from "../../../preload/contract/acquisition.ts";
import { monotonicS } from "../ports/port.ts";
import { protocolOf } from "../protocols/registry.ts";
import { endAt, virtualEnd, type DeviceEnd } from "./device-end.ts";
import { Scenario, scenarioLine, type Fate, type LineEvent, type Truth } from "./scenario.ts";
import { syntheticSignal } from "./signals.ts";

const TICK_MS = 2;
const usage = `npm run simulate -- ${protocolKinds.join("|")} --port PATH | --pty PATH
  --port PATH      the device's end of a pair of ports that is there
  --pty PATH       makes a pair; PATH is the host's end, and goes away while the device is unplugged
  --scenario FILE  what happens on the line (JSON), --seconds N  ends after N seconds
  --truth FILE     writes what was sent and what became of it, a line of JSON a frame
  --setup JSON     how the device is set, where a host cannot tell it, --seed N  of what it measures`;

export interface SimulationOrder {
  readonly kind: ProtocolKind;
  readonly setup?: unknown;
  readonly scenario: Scenario;
  readonly end: DeviceEnd;
  readonly seconds?: number; // absent: until it is stopped
  readonly seed?: number;
  readonly truth?: (line: object) => void;
  readonly stop: AbortSignal;
}

/** A device in real time at its end of a line, to its end. Answers how many samples met which fate, by stream. */
export async function simulate(order: SimulationOrder): Promise<readonly Partial<Record<Fate, number>>[]> {
  const { kind, scenario, end, truth, stop } = order;
  const protocol = protocolOf(kind);
  const setup = protocol.setup.parse(order.setup ?? {});
  const shapes = protocol.streams(setup);
  const signal = syntheticSignal(shapes, order.seed ?? scenario.seed);
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

/** The command: tells on stderr what it does, ends on SIGINT. Answers its exit status. */
export async function runSimulation(words: string[]): Promise<number> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const order = orderOf(words);
  if (typeof order === "string") {
    say(`${order}\n${usage}`);
    return 2;
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const file = order.truthFile === undefined ? undefined : openSync(order.truthFile, "w");
  const truth =
    file === undefined ? undefined : (line: object) => void writeSync(file, `${JSON.stringify(line)}\n`);
  try {
    const fates = await simulate({ ...order, stop: stop.signal, ...(truth !== undefined && { truth }) });
    fates.forEach((counts, stream) => say(`stream ${stream}: ${JSON.stringify(counts)}`));
    return 0;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** What the words ask for, or what is wrong with them. */
function orderOf(words: string[]): (Omit<SimulationOrder, "stop"> & { truthFile?: string }) | string {
  const text = { type: "string" } as const;
  const options = {
    port: text,
    pty: text,
    scenario: text,
    seconds: text,
    truth: text,
    setup: text,
    seed: text,
  };
  try {
    const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
    const kind = ProtocolKind.safeParse(positionals[0]);
    if (!kind.success || positionals.length > 1) return "which device?";
    if ((values.port === undefined) === (values.pty === undefined)) return "either --port or --pty";
    const told = values.scenario === undefined ? {} : jsonOf(readFileSync(values.scenario, "utf8"));
    return {
      kind: kind.data,
      scenario: Scenario.parse(told),
      end: values.port === undefined ? virtualEnd(values.pty ?? "") : endAt(values.port),
      ...(values.seconds !== undefined && { seconds: numberOf("seconds", values.seconds) }),
      ...(values.seed !== undefined && { seed: numberOf("seed", values.seed) }),
      ...(values.setup !== undefined && { setup: jsonOf(values.setup) }),
      ...(values.truth !== undefined && { truthFile: values.truth }),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const jsonOf = (text: string): unknown => JSON.parse(text);

function numberOf(name: string, word: string): number {
  const value = Number(word);
  if (!(value >= 0)) throw new Error(`--${name} ${word} is no number`);
  return value;
}
