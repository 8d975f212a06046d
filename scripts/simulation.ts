import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { endAt, virtualEnd } from "../main/acquisition/simulation/device-end.ts";
import { Scenario } from "../main/acquisition/simulation/scenario.ts";
import { simulate, type SimulationOrder } from "../main/acquisition/simulation/simulate.ts";
import { ProtocolKind, protocolKinds } from "../preload/contract/acquisition.ts";

const usage = `npm run simulate -- ${protocolKinds.join("|")} --port PATH | --pty PATH
  --port PATH      the device's end of a pair of ports that is there
  --pty PATH       makes a pair; PATH is the host's end, and goes away while the device is unplugged
  --scenario FILE  what happens on the line (JSON), --seconds N  ends after N seconds
  --truth FILE     writes what was sent and what became of it, a line of JSON a frame
  --setup JSON     how the device is set, where a host cannot tell it, --seed N  of what it measures`;

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
