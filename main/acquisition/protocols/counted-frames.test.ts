import { describe, expect, test } from "vitest";
import { frameOf } from "./bitalino/frame.ts";
import { bitalino } from "./bitalino/protocol.ts";
import { cyton } from "./cyton/protocol.ts";
import type { Driver, DriverEvent, Lost } from "./protocol.ts";

const packet = (counter: number): Uint8Array => {
  const bytes = new Uint8Array(33);
  [bytes[0], bytes[1], bytes[32]] = [0xa0, counter & 255, 0xc0];
  return bytes;
};

interface Came {
  readonly samples: number;
  readonly lost: readonly Lost[];
  readonly bySamples: readonly number[]; // samples there were after each push
}

/** Packets by number, each with its arrival in seconds. */
function came(
  driver: Driver,
  frameAt: (n: number) => Uint8Array,
  arrivals: readonly (readonly [number, number])[],
): Came {
  const lost: Lost[] = [];
  const bySamples: number[] = [];
  let samples = 0;
  for (const [n, arrivedS] of arrivals) {
    const events: readonly DriverEvent[] = driver.push(frameAt(n), arrivedS);
    for (const event of events) {
      if (event.kind === "samples") samples += event.count;
      if (event.kind === "lost") lost.push(event);
    }
    bySamples.push(samples);
  }
  return { samples, lost, bySamples };
}

const cytonDriver = (): Driver => cyton.driver(cyton.setup.parse({}));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe("a counter of 8 bits at 250 Hz", () => {
  const onTime = (from: number, to: number): (readonly [number, number])[] =>
    range(from, to).map((n) => [n, n / 250]);

  test.each([1, 2, 127, 128, 255, 256, 257, 512, 750, 1662])(
    "%i lost packets are told as so many",
    (missing) => {
      const { samples, lost } = came(cytonDriver(), packet, [
        ...onTime(0, 300),
        ...onTime(300 + missing, 600 + missing),
      ]);
      expect(lost).toEqual([{ kind: "lost", stream: 0, first: 300, count: missing, reason: "counter-gap" }]);
      expect(samples).toBe(600);
    },
  );

  test("what waits for its lateness is let out when nothing more comes", () => {
    const driver = cytonDriver();
    came(driver, packet, onTime(0, 300));
    const late = range(300, 310).map((n) => [n, 5 + n / 1000] as const);
    expect(came(driver, packet, late).samples).toBe(0);
    const events = driver.push(new Uint8Array(0), Infinity);
    expect(events).toMatchObject([
      { kind: "lost", first: 300, count: 1024 },
      { kind: "samples", first: 1324, count: 10 },
    ]);
  });

  test.each([0.3, 0.6, 2, 10])("a computer that was busy for %f s has lost nothing", (busyS) => {
    const late = range(300, 2900).map((n) => [n, Math.max(n / 250, 300 / 250 + busyS)] as const);
    const { samples, lost } = came(cytonDriver(), packet, [...onTime(0, 300), ...late]);
    expect(lost).toEqual([]);
    expect(samples).toBe(2900);
  });

  test("what is lost within a burst that waited is still counted right", () => {
    // 1 s in a buffer; 520 packets of the second after it never came
    const waited = range(300, 500).map((n) => [n, 550 / 250 + 2] as const);
    const { samples, lost } = came(cytonDriver(), packet, [
      ...onTime(0, 300),
      ...waited,
      ...onTime(1050, 1500),
    ]);
    expect(lost).toMatchObject([{ first: 500, count: 550 }]);
    expect(samples).toBe(300 + 200 + 450);
  });

  test("frames are held back for half a second at most, and only where the counter cannot tell", () => {
    const { bySamples } = came(cytonDriver(), packet, [
      ...onTime(0, 300),
      ...onTime(301, 400),
      ...onTime(1000, 1200),
    ]);
    expect(bySamples[300]).toBe(300); // one more is waited for, to see whose counter is wrong
    expect(bySamples[301]).toBe(302);
    const held = bySamples.filter((samples) => samples === 399).length;
    expect(held).toBeGreaterThan(100);
    expect(held).toBeLessThanOrEqual(127);
  });

  test("a counter byte that was damaged costs its packet and no index", () => {
    const damaged = (n: number): Uint8Array => (n === 50 ? packet(n ^ 128) : packet(n));
    const { samples, lost } = came(cytonDriver(), damaged, onTime(0, 200));
    expect(lost).toMatchObject([{ first: 50, count: 1, reason: "framing" }]);
    expect(samples).toBe(199);
  });

  test("a single intact packet between two damaged ones is kept", () => {
    const shortened = (n: number): Uint8Array =>
      n > 20 && n % 2 === 0 && n < 60 ? packet(n).slice(1) : packet(n);
    const { samples, lost } = came(cytonDriver(), shortened, onTime(0, 100));
    expect(lost.map(({ first, count }) => [first, count])).toEqual(range(11, 30).map((n) => [2 * n, 1]));
    expect(samples).toBe(81);
  });

  test("a stream whose first packets were lost is recorded from the first that came", () => {
    const { samples, bySamples } = came(cytonDriver(), packet, [...onTime(2, 40), ...onTime(41, 300)]);
    expect(samples).toBe(297);
    expect(bySamples[49]).toBe(0); // they may have been sent before it began
    expect(bySamples[51]).toBeGreaterThan(40);
    const driver = cytonDriver();
    came(driver, packet, onTime(2, 10));
    expect(driver.push(new Uint8Array(0), Infinity)).toMatchObject([{ kind: "samples", first: 0, count: 8 }]);
  });

  test("packets that were sent before the stream began are not taken for its first", () => {
    const driver = cytonDriver();
    const before = came(
      driver,
      packet,
      range(77, 90).map((n) => [n, 0]),
    );
    expect(before).toMatchObject({ samples: 0, lost: [] });
    expect(came(driver, packet, onTime(0, 20)).samples).toBe(20);
  });
});

describe("a counter of 4 bits at 1000 Hz", () => {
  const driver = (): Driver => bitalino.driver(bitalino.setup.parse({}));
  const frame = (n: number): Uint8Array => frameOf(n % 16, 0, [1 + (n % 1000)]);
  /** Bluetooth: what was sampled within 30 ms arrives at once. */
  const batched = (from: number, to: number): (readonly [number, number])[] =>
    range(from, to).map((n) => [n, (Math.floor(n / 30) + 1) * 0.03]);

  test("batches of 30 ms, longer than the counter's turn, lose nothing", () => {
    const { samples, lost } = came(driver(), frame, batched(0, 5000));
    expect(lost).toEqual([]);
    expect(samples).toBe(5000);
  });

  test.each([
    [11, 0.9],
    [20, 0.9],
  ])(
    "a stall that ends in a burst lost nothing, though the computer reads %i ms late for a while after it",
    (lateMs, lastsS) => {
      const stalled = range(0, 8000).map((n) => {
        const onTimeS = (Math.floor(n / 4) + 1) * 0.004;
        const isBusy = n > 3000 && onTimeS < 5 + lastsS;
        return [n, Math.max(onTimeS, n > 3000 ? 5 : 0) + (isBusy ? lateMs / 1000 : 0)] as const;
      });
      const { samples, lost } = came(driver(), frame, stalled);
      expect(lost).toEqual([]);
      expect(samples).toBe(8000);
    },
  );

  test.each([1, 5, 15, 40, 333, 2500])(
    "%i lost frames are counted within half a turn, and said to be so",
    (missing) => {
      const { samples, lost } = came(driver(), frame, [
        ...batched(0, 3000),
        ...batched(3000 + missing, 6000 + missing),
      ]);
      const [gap] = lost;
      expect(lost).toHaveLength(1);
      expect(samples).toBe(6000);
      expect(Math.abs((gap?.count ?? 0) - missing)).toBeLessThanOrEqual(gap?.uncertainty ?? 0);
      expect(gap?.uncertainty).toBe(missing < 16 ? undefined : 8);
    },
  );
});
