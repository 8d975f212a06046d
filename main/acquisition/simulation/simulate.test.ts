import { closeSync, existsSync, mkdtempSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { recordingListener, skipWithoutSocat } from "../ports/pty.fixtures.ts";
import { openSerialPort } from "../ports/serial.ts";
import { protocolOf } from "../protocols/registry.ts";
import { virtualEnd } from "./device-end.ts";
import { Scenario, type Truth } from "./scenario.ts";
import { simulate } from "./simulate.ts";

const line = { baudRate: 115200, dataBits: 8, parity: "none", stopBits: 1 } as const;
const cyton = protocolOf("cyton");
const setup = cyton.setup.parse({});
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A simulated Cyton at a virtual port, until the test ends. */
function started(told: unknown) {
  const path = join(mkdtempSync(join(tmpdir(), "kodo-simulated-")), "port");
  const stop = new AbortController();
  const truth: Truth[] = [];
  const done = simulate({
    kind: "cyton",
    scenario: Scenario.parse(told),
    end: virtualEnd(path),
    truth: (row) => {
      if ("fate" in row) truth.push(row as Truth);
    },
    stop: stop.signal,
  });
  const finish = () => {
    stop.abort();
    return done;
  };
  ends.push(finish);
  return { path, truth, finish };
}

async function open(path: string) {
  await expect.poll(() => existsSync(path), { timeout: 5000 }).toBe(true);
  const heard = recordingListener();
  const port = await openSerialPort({ path, line, listener: heard.listener });
  ends.push(() => port.close());
  return { port, ...heard };
}

const WRITES = 150;

/** A line that takes what `room` says of each write; what it took. */
async function onLineOf(room: (write: number) => number, keeps?: (waiting: number) => void) {
  const [took, truth]: [number[], Truth[]] = [[], []];
  const cobs = protocolOf("cobs");
  const setup = cobs.setup.parse({ channels: 2, rate: 1000 });
  const said = cobs.start(setup).flatMap(({ send }) => [...(send ?? [])]);
  let write = 0;
  const stop = new AbortController();
  await simulate({
    ...{ kind: "cobs", setup, scenario: Scenario.parse({}) },
    end: {
      read: () => Uint8Array.from(said.splice(0)),
      write: (bytes) => {
        const taken = Math.min(bytes.length, room(write++));
        if (write > WRITES) stop.abort(); // however slow this machine is
        took.push(...bytes.subarray(0, taken));
        return taken;
      },
      unplug: () => undefined,
      plug: () => Promise.resolve(),
    },
    signal: (_, channel, sample) => sample + channel,
    truth: (row) => {
      if ("fate" in row) truth.push(row as Truth);
    },
    ...(keeps === undefined ? {} : { keeps }),
    stop: stop.signal,
  });
  const events = cobs.driver(setup).push(Uint8Array.from(took), 1);
  const count = (kind: "samples" | "lost"): number =>
    events.reduce((sum, event) => sum + (event.kind === kind ? event.count : 0), 0);
  return { sent: truth.filter(({ fate }) => fate === "sent").length, truth, count };
}

test("what a line does not take at once waits where the device keeps it, and is gone where it does not", async () => {
  const waiting: number[] = [];
  const jammed = (write: number): number => (write > 20 && write < 60 ? 0 : 97);
  const kept = await onLineOf(jammed, (bytes) => waiting.push(bytes));
  expect([kept.count("lost"), kept.sent]).toEqual([0, kept.truth.length]);
  expect(Math.max(...waiting)).toBeGreaterThan(100);
  expect(waiting.at(-1)).toBe(0);
  const dropped = await onLineOf(jammed);
  expect(dropped.count("lost")).toBeGreaterThan(10);
  expect(dropped.truth.some(({ fate }) => fate === "unread")).toBe(true);
});

describe.skipIf(skipWithoutSocat("simulated devices"))("a simulated device at a virtual port", () => {
  test("answers, and brings what its truth says, but for what the line lost", async () => {
    const { path, truth, finish } = started({ frameLoss: 0.02, bitFlips: 0.0001, batchMs: 16, ppm: 100 });
    const { port, received, until } = await open(path);
    await port.write(Buffer.from("v"));
    await until(() => received().includes("$$$"));
    const greeted = received().length;
    await port.write(Buffer.from("b"));
    await until(() => received().length > greeted + 700 * 33, 8000);
    await port.write(Buffer.from("s"));
    await pause(100);
    await finish();
    const driver = cyton.driver(setup);
    const events = driver.push(received().subarray(greeted), 3);
    const got = new Map<number, readonly number[]>();
    for (const event of events)
      if (event.kind === "samples")
        for (let i = 0; i < event.count; i++)
          got.set(event.first + i, [...event.values.subarray(8 * i, 8 * i + 8)]);
    const sent = truth.filter(({ fate }) => fate === "sent");
    const lost = truth.filter(({ fate }) => fate === "lost");
    expect(lost.length).toBeGreaterThan(2);
    for (const { first } of lost) expect(got.has(first)).toBe(false);
    const right = sent.filter(({ first, values }) => String(got.get(first)) === String(values[0]));
    expect(right.length).toBeGreaterThan(sent.length - 5); // the last frames stay unlocked
  });

  test("is pulled out and put in again, and waits to be started", async () => {
    const { path, truth, finish } = started({ unplugs: [{ atS: 0.8, durationS: 0.5 }] });
    const first = await open(path);
    await first.port.write(Buffer.from("b"));
    await first.until(() => first.losses.length > 0);
    expect(existsSync(path)).toBe(false);
    const second = await open(path);
    await second.port.write(Buffer.from("b"));
    await second.until(() => second.received().length > 33 * 20);
    await finish();
    expect(new Set(truth.map(({ session }) => session))).toEqual(new Set([1, 2]));
  });

  test("goes on while nobody reads: what does not fit is lost", async () => {
    const { path, truth, finish } = started({});
    await expect.poll(() => existsSync(path)).toBe(true);
    const fd = openSync(path, "r+");
    writeSync(fd, "b");
    await expect
      .poll(() => truth.filter(({ fate }) => fate === "unread").length, { timeout: 20_000 })
      .toBeGreaterThan(50);
    closeSync(fd);
    const [counts] = await finish();
    expect(counts?.sent).toBeGreaterThan(100);
    const times = truth.map(({ madeS }) => madeS);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeCloseTo((truth.length - 1) / 250, 3);
  });
});
