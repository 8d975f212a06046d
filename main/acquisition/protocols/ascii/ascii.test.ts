import fc from "fast-check";
import { expect, test } from "vitest";
import { maskReasons } from "../../../../preload/contract/mask.ts";
import { joined } from "../bytes.ts";
import type { DriverEvent } from "../protocol.ts";
import { bytesOf } from "../text.ts";
import { xorOf } from "./fields.ts";
import { ascii } from "./index.ts";

const setupOf = (setup: Readonly<Record<string, unknown>>) => ascii.setup.parse(setup);
const two = setupOf({ channels: 2 });
const strict = setupOf({ form: "strict", channels: 2, rate: 1000 });

function told(text: string, setup = two, atS: (line: number) => number = () => 0): DriverEvent[] {
  const driver = ascii.driver(setup);
  const lines = text.split(/(?<=\n)/);
  return lines.flatMap((line, i) => driver.push(bytesOf(line), atS(i)));
}
const rows = (events: readonly DriverEvent[], channels = 2) =>
  events.flatMap((event) =>
    event.kind === "samples"
      ? Array.from({ length: event.count }, (_, i) => [
          ...event.values.slice(i * channels, (i + 1) * channels),
        ])
      : [],
  );
const losses = (events: readonly DriverEvent[]) => events.filter(({ kind }) => kind === "lost");
const repeated = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("");
const strictLine = (counter: number, values: string, timeUs = counter * 1000): string => {
  const body = `${counter % 65536},${timeUs % 2 ** 32},${values}`;
  return `$${body}*${xorOf(body).toString(16).toUpperCase().padStart(2, "0")}\r\n`;
};

test("separators, decimal commas, names, line ends and missing samples are read as people print them", () => {
  const forms: Record<string, string> = {
    comma: "1.5,-2\n",
    "comma and space": "1.5, -2,\r\n",
    semicolon: "1,5;-2\r",
    tab: "1.5\t-2e0\n",
    spaces: "  1,5   -2\n",
    names: "flexor:1.5,extensor:-2\n",
    equals: "a=1.5 b=-2\n",
  };
  for (const [form, line] of Object.entries(forms))
    expect([form, rows(told(line.repeat(6)))]).toEqual([form, Array.from({ length: 6 }, () => [1.5, -2])]);
  const missing = told("1,nan\n-,2\n,3\n4,NaN\n5,6\n");
  expect(rows(missing)).toHaveLength(5);
  const { missingInSource } = maskReasons;
  expect(missing).toMatchObject([
    {
      reasons: Uint8Array.of(
        ...[0, missingInSource],
        ...[missingInSource, 0],
        ...[missingInSource, 0],
        ...[0, missingInSource],
        ...[0, 0],
      ),
    },
  ]);
});

test("boot text, garbage and a cut first line are skipped; nothing is believed before five lines in a row", () => {
  const boot = "\x80\xfe\x00garbage\r\nEMG board v2\r\n3\r\n7,8\r\nbooting...,\xff\r\n";
  const events = told(boot + repeated(6, (i) => `${i},${-i}\r\n`));
  expect(rows(events)).toEqual([0, 1, 2, 3, 4, 5].map((i) => [i, 0 - i]));
  expect(losses(events)).toEqual([]);
  expect(events).toContainEqual({ kind: "status", facts: { comment: "EMG board v2" } });
});

test("comments name the channels and are told when they change", () => {
  const events = told(`# biceps, triceps\n${"1,2\n".repeat(5)}# biceps, triceps\n% fw=2 gain=4\n`);
  expect(events.flatMap((event) => (event.kind === "status" ? [event.facts] : []))).toEqual([
    { labels: "biceps, triceps" },
    { fw: "2", gain: "4" },
  ]);
});

test("a broken line is lost, a column that appears loses all until it goes, and a long line is skipped", () => {
  const events = told(`${"1,2\n".repeat(5)}1,x\n3,4\n${"9".repeat(600)}\n5,6\n1,2,3\n7,8\n`);
  expect(rows(events).slice(5)).toEqual([
    [3, 4],
    [5, 6],
    [7, 8],
  ]);
  expect(losses(events)).toEqual(
    [5, 7, 9].map((first) => ({ kind: "lost", stream: 0, first, count: 1, reason: "framing" })),
  );
  expect(rows(told(`${"1,2\n".repeat(5)}${"1,2,3\n".repeat(50)}`))).toHaveLength(5);
});

test("the worked line of the strict form is read; a wrong checksum or a missing counter is lost", () => {
  expect(rows(told("$1234,2468000,512,498*13\r\n", strict))).toEqual([[512, 498]]);
  const events = told(
    strictLine(65534, "1,1") +
      strictLine(65535, "2,2").replace("2,2", "2,3") +
      strictLine(65536, "3,") +
      strictLine(65539, "4,4"),
    strict,
  );
  expect(losses(events)).toEqual([
    { kind: "lost", stream: 0, first: 1, count: 1, reason: "checksum" },
    { kind: "lost", stream: 0, first: 3, count: 2, reason: "counter-gap" },
  ]);
  expect(events).toContainEqual({
    kind: "samples",
    stream: 0,
    first: 2,
    count: 1,
    values: Float64Array.of(3, 0),
    reasons: Uint8Array.of(0, maskReasons.missingInSource),
  });
});

test("how bytes are cut changes nothing", () => {
  const text = `# a b\r\n${repeated(30, (i) => (i % 7 === 3 ? "x1\r\n" : `${i},${-i}\r\n`))}\x80\x81\r${"1,2\n".repeat(9)}`;
  const whole = told(text, two);
  const bytes = bytesOf(text);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const driver = ascii.driver(two);
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const events = places.slice(1).flatMap((to, i) => driver.push(bytes.subarray(places[i], to), 0));
      expect(rows(events)).toEqual(rows(whole));
      expect(events.filter(({ kind }) => kind !== "samples")).toEqual(
        whole.filter(({ kind }) => kind !== "samples"),
      );
    }),
  );
});

test("turns of a counter that an outage hides are counted by the device's time, over its own wrap", () => {
  const start = 2 ** 32 - 1_500_000;
  const at = (n: number): string => strictLine(n, "1,2", start + n * 1000);
  const sent = [0, 1, 2, 70_003, 70_004];
  const events = told(sent.map(at).join(""), strict, (i) => 0.3 + (sent[i] ?? 0) / 1000);
  expect(losses(events)).toEqual([
    { kind: "lost", stream: 0, first: 3, count: 70_000, reason: "counter-gap" },
  ]);
});

test("a counter for which the clock has no room is not believed: one damaged digit, or a board that began anew", () => {
  const counted = setupOf({ channels: 1, rate: 100, columns: ["counter", "value"] });
  const lostOf = (counters: readonly number[], atS = (i: number): number => i / 100) => {
    const events = told(counters.map((counter, i) => `${counter},${i}\n`).join(""), counted, atS);
    return losses(events).map((one) => (one.kind === "lost" ? [one.first, one.count, one.uncertainty] : []));
  };
  const from = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);
  expect(lostOf([...from(5000, 20), 5920, ...from(5021, 20)])).toEqual([[20, 1, undefined]]);
  expect(lostOf([...from(5000, 20), 5060, ...from(5021, 20)])).toEqual([[20, 40, undefined]]); // at most half a second
  const later = (i: number): number => i / 100 + (i >= 20 ? 2 : 0);
  expect(lostOf([...from(5000, 20), ...from(0, 20)], later)).toEqual([[20, 200, 50]]);
  expect(lostOf([...from(5000, 20), ...from(5220, 20)], later)).toEqual([[20, 200, undefined]]);
  const heldBack = (i: number): number => (i < 10 ? i / 100 : 3);
  expect(lostOf([...from(5000, 20), ...from(5320, 20)], heldBack)).toEqual([[20, 300, undefined]]);
});

test("without a counter lines are counted by the clock only where the rate is promised", () => {
  const line = (i: number): string => `${i},0\n`;
  const gone = (i: number): number => (i < 500 ? i : i + 700) / 1000;
  const text = repeated(2000, line);
  expect(losses(told(text, { ...two, rate: 1000 }, gone))).toEqual([]);
  const events = told(text, { ...two, rate: 1000, keepsRate: true }, gone);
  expect(losses(events)).toMatchObject([{ first: 500, reason: "cadence", uncertainty: 250 }]);
  const [lost] = losses(events);
  expect(lost?.kind === "lost" && Math.abs(lost.count - 700) <= 250).toBe(true);
  const stalled = (i: number): number => (i >= 400 && i < 900 ? 0.9 : i / 1000);
  expect(losses(told(text, { ...two, rate: 1000, keepsRate: true }, stalled))).toEqual([]);
});

test("greeting waits for lines as set up, or asks the strict form for its header", () => {
  const converse = (setup: typeof two, hear: (sent: Uint8Array) => Uint8Array) => {
    const talk = ascii.greet(setup);
    let step = talk.next();
    while (!step.done) {
      const received = hear(step.value.send ?? new Uint8Array(0));
      step = talk.next({ received, isComplete: step.value.until?.(received) ?? true });
    }
    return step.value;
  };
  const printing = bytesOf("1,2\r\n".repeat(5));
  expect(converse(two, () => joined(bytesOf("boot\r\n"), printing)).rest).toHaveLength(6 + printing.length);
  expect(() => converse(setupOf({ channels: 3 }), () => printing)).toThrow(
    '5 lines came, 0 of them of 3 numbers; the last was "1,2"',
  );
  expect(() => converse(two, () => new Uint8Array(0))).toThrow("Nothing came");
  const device = ascii.device(strict, () => 1);
  expect(converse(strict, (sent) => device.receive(sent)).identity.model).toBe("Simulated");
  expect(() => converse({ ...strict, rate: 500 }, (sent) => device.receive(sent))).toThrow(
    "1000 Hz, not at 500 Hz",
  );
});
