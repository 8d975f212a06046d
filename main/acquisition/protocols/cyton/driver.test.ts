import { describe, expect, test } from "vitest";
import type { DriverEvent, Samples } from "../protocol.ts";
import { cyton } from "./protocol.ts";

const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.trim().split(/\s+/), (byte) => parseInt(byte, 16));
const setup = cyton.setup.parse({});
const gain24 = cyton.streams(setup)[0]?.channels[0]?.gain ?? NaN;

/** Two packets that say nothing, before and after, so that the driver locks. */
function decoded(
  packet: Uint8Array,
  how: Parameters<typeof cyton.setup.parse>[0] = {},
): readonly DriverEvent[] {
  const plain = (counter: number): Uint8Array =>
    Uint8Array.from({ length: 33 }, (_, i) => (i === 0 ? 0xa0 : i === 1 ? counter : i === 32 ? 0xc0 : 0));
  const before = packet[1] ?? 0;
  const driver = cyton.driver(cyton.setup.parse(how));
  for (let counter = 0; counter < before; counter += 1) driver.push(plain(counter), counter / 250);
  return driver.push(packet, before / 250);
}
const samplesIn = (events: readonly DriverEvent[]): Samples[] =>
  events.filter((event) => event.kind === "samples");

describe("the packets of the specification", () => {
  const worked = bytesOfHex(
    "A0 2A 00 11 7A FF EE 86 00 00 01 FF FF FF 00 00 00 00 00 00 7F FF FF 80 00 00 00 00 FF F8 1F 40 C0",
  );

  test("counts become microvolts, and full scale is saturated", () => {
    const [samples] = samplesIn(decoded(worked));
    expect(samples).toMatchObject({ first: 42, count: 1 });
    expect([...(samples?.values ?? [])]).toEqual([4474, -4474, 1, -1, 0, 0, 8388607, -8388608]);
    expect([...(samples?.reasons ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 6, 6]);
    expect(4474 * gain24).toBeCloseTo(100.0017, 3);
    expect(8388607 * gain24).toBeCloseTo(187_500, 6);
  });

  test("acceleration is told, in g", () => {
    expect(decoded(worked)).toContainEqual({
      kind: "status",
      facts: { accelerationG: "0.000 -0.001 1.000" },
    });
  });

  test("the board's milliseconds are told", () => {
    const stamped = bytesOfHex(`A0 2B ${"00 ".repeat(24)} 58 1F 00 01 E2 40 C4`);
    expect(decoded(stamped)).toContainEqual({ kind: "status", facts: { boardTimeMs: "123456" } });
  });

  test.each([0xc7, 0xcf])("a packet of footer %i is one of the user's own firmware", (footer) => {
    const own = worked.slice();
    own[32] = footer;
    expect(samplesIn(decoded(own))).toHaveLength(1);
  });
});

test("text before the first packet, and A0 with C0 32 bytes on inside packets, mislead nobody", () => {
  const driver = cyton.driver(setup);
  const packets = Array.from({ length: 20 }, (_, counter) => {
    const bytes = new Uint8Array(33);
    bytes.set([0xa0, counter, 0xc0, 0xa0, counter], 0);
    bytes.set([0xa0], 20);
    bytes[19] = 0xc5;
    bytes[32] = 0xc0;
    return bytes;
  });
  const text = Uint8Array.from("OpenBCI V3 8-16 channel\n$$$", (character) => character.charCodeAt(0));
  const events = [text, ...packets].flatMap((bytes, i) => driver.push(bytes, i / 250));
  expect(events[0]).toEqual({ kind: "resync", bytes: text.length });
  expect(samplesIn(events).reduce((sum, { count }) => sum + count, 0)).toBe(20);
  expect(events.filter(({ kind }) => kind === "lost")).toEqual([]);
});

describe("with a Daisy", () => {
  const daisy = cyton.setup.parse({
    board: "cyton-daisy",
    off: [2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16],
  });
  const events = (missing: readonly number[], count = 40): DriverEvent[] => {
    const device = cyton.device(daisy, (_, channel, sample) => 1000 * channel + sample + 1);
    device.receive(Uint8Array.of(98));
    const driver = cyton.driver(daisy);
    return device
      .frames(10)
      .slice(0, count)
      .flatMap((frame, i) => (missing.includes(i) ? [] : driver.push(frame.bytes, frame.dueS)));
  };
  const rows = (told: readonly DriverEvent[]): (readonly [number, number[], number[]])[] =>
    samplesIn(told).flatMap(({ first, count, values, reasons }) =>
      Array.from({ length: count }, (_, i) => {
        const both = (of: ArrayLike<number> | undefined): number[] => [
          of?.[2 * i] ?? 0,
          of?.[2 * i + 1] ?? 0,
        ];
        return [first + i, both(values), both(reasons)] as const;
      }),
    );

  test("an even packet and the odd one after it make a sample; the first two packets make none", () => {
    expect(rows(events([])).slice(0, 2)).toEqual([
      [0, [1, 1001], [0, 0]],
      [1, [2, 1002], [0, 0]],
    ]);
  });

  test("where one half is lost the other is kept and the half is masked", () => {
    const board = rows(events([20])).find(([first]) => first === 9); // packet 20 is channel 9 of sample 9
    expect(board).toEqual([9, [10, 0], [0, 3]]);
    const module = rows(events([21])).find(([first]) => first === 9);
    expect(module).toEqual([9, [0, 1010], [3, 0]]);
  });

  test("the half that came last is told when nothing more will come, once", () => {
    const whole = events([], 20);
    const driver = cyton.driver(daisy);
    const device = cyton.device(daisy, (_, channel, sample) => 1000 * channel + sample + 1);
    device.receive(Uint8Array.of(98));
    const cut = device.frames(10).slice(0, 21); // packet 20 is channel 9 of sample 9
    const came = cut.flatMap((frame) => driver.push(frame.bytes, frame.dueS));
    const last = driver.push(new Uint8Array(0), Infinity);
    expect(rows(came)).toEqual(rows(whole));
    expect(rows(last)).toEqual([[9, [0, 1010], [3, 0]]]);
    expect(driver.push(new Uint8Array(0), Infinity)).toEqual([]);
  });

  test("where both are lost the sample is lost, once", () => {
    const told = events([20, 21, 22, 23, 24]);
    expect(told.filter(({ kind }) => kind === "lost")).toEqual([
      { kind: "lost", stream: 0, first: 9, count: 2, reason: "counter-gap" },
    ]);
    expect(rows(told).find(([first]) => first === 11)).toEqual([11, [12, 0], [0, 3]]);
  });
});

test("a set-up with every channel off is refused, and one with unknown gains too", () => {
  expect(cyton.setup.safeParse({ off: [1, 2, 3, 4, 5, 6, 7, 8] }).success).toBe(false);
  expect(cyton.setup.safeParse({ board: "cyton-daisy", off: [1, 2, 3, 4, 5, 6, 7, 8] }).success).toBe(true);
  expect(cyton.setup.safeParse({ gain: 3 }).success).toBe(false);
});
