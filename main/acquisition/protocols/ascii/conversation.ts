import { AppError } from "../../../../preload/contract/errors.ts";
import { joined } from "../bytes.ts";
import { refuseOther } from "../own-channels.ts";
import type { Conversation, Step } from "../protocol.ts";
import { bytesOf } from "../text.ts";
import { commentFacts, separatorFor } from "./fields.ts";
import { LineReader } from "./lines.ts";
import { columnsOf, type AsciiSetup } from "./setup.ts";

export const commands = { start: "b", stop: "s", header: "?" } as const;

const LINES_NEEDED = 5;
const BOOT_S = 2.5; // opening the port makes many boards begin anew
const HEADER_S = 1.5;
const ATTEMPTS = 3;

const command = (which: keyof typeof commands): Uint8Array => bytesOf(`${commands[which]}\n`);

/** Only the strict form hears commands; a sketch that prints lines prints them. */
export const startSteps = ({ form }: AsciiSetup): readonly Step[] =>
  form === "strict" ? [{ send: command("start"), waitS: 0 }] : [];
export const stopSteps = ({ form }: AsciiSetup): readonly Step[] =>
  form === "strict" ? [{ send: command("stop"), waitS: 0 }] : [];

function linesOf(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  new LineReader().push(bytes, { line: (text) => lines.push(text), garbage: () => undefined });
  return lines;
}

export function* greet(setup: AsciiSetup): Conversation {
  return setup.form === "strict" ? yield* askHeader(setup) : yield* readLines(setup);
}

/** Lines that come by themselves: as many numbers in each as set up. */
function* readLines(setup: AsciiSetup): Conversation {
  const columns = columnsOf(setup).length;
  const fitting = (bytes: Uint8Array): number =>
    linesOf(bytes).filter((line) => separatorFor(line, columns) !== undefined).length;
  const waitS = BOOT_S + (LINES_NEEDED + 1) / setup.rate;
  const { received } = yield { until: (bytes) => fitting(bytes) >= LINES_NEEDED, waitS };
  const found = fitting(received);
  if (found >= LINES_NEEDED) return { identity: { facts: {} }, rest: received };
  if (received.length === 0) throw new AppError("device/silent", "Nothing came from the device");
  const lines = linesOf(received);
  const example = lines.at(-1)?.slice(0, 60) ?? "";
  throw new AppError(
    "device/not-understood",
    `${lines.length} lines came, ${found} of them of ${columns} numbers${example === "" ? "" : `; the last was "${example}"`}`,
    { bytes: received.length, lines: lines.length, columns, found },
  );
}

/** The strict form says what it is when it is asked. */
function* askHeader(setup: AsciiSetup): Conversation {
  let all = new Uint8Array(0);
  const headerIn = (bytes: Uint8Array): Record<string, string> | undefined =>
    linesOf(bytes)
      .filter((line) => line.startsWith("#"))
      .map((line) => commentFacts(line, 0))
      .findLast((facts) => facts["ch"] !== undefined);
  yield { send: command("stop"), waitS: 0.2, flush: true };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { received } = yield {
      send: command("header"),
      until: (bytes) => headerIn(bytes) !== undefined,
      waitS: HEADER_S,
    };
    all = joined(all, received);
    const header = headerIn(received);
    if (header === undefined) continue;
    refuseOther({ channels: Number(header["ch"]), rate: Number(header["rate"] ?? setup.rate) }, setup);
    const { name, ...facts } = header;
    const identity = name === undefined ? { facts } : { model: name, facts };
    return { identity, rest: new Uint8Array(0) };
  }
  if (all.length === 0) throw new AppError("device/silent", "Nothing came from the device");
  throw new AppError("device/not-understood", `${all.length} bytes came and held no header line`, {
    bytes: all.length,
  });
}
