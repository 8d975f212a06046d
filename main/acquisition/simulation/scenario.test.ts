import { expect, test } from "vitest";
import type { StreamShape } from "../protocols/protocol.ts";
import { Scenario, scenarioLine, type LineEvent, type Truth } from "./scenario.ts";
import { counterDevice, counterShapes, countersIn } from "./counter-device.fixtures.ts";

const go = Uint8Array.of(0x67);

/** A device that is started at once, and again whenever it comes back; looked at every 5 ms. */
function run(told: unknown, seconds: number) {
  const line = scenarioLine({
    scenario: Scenario.parse(told),
    shapes: counterShapes,
    signal: (_, __, sample) => sample,
    deviceOf: counterDevice,
  });
  const events: LineEvent[] = [];
  line.receive(go, 0);
  for (let step = 1; step * 0.005 <= seconds; step++) {
    const due = line.due(step * 0.005);
    events.push(...due);
    if (due.some(({ kind }) => kind === "plugged")) line.receive(go, step * 0.005);
  }
  const chunks = events.filter((event) => event.kind === "bytes");
  const truth = chunks.flatMap((chunk) => chunk.truth);
  const fates = (fate: Truth["fate"]): number => truth.filter((one) => one.fate === fate).length;
  const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes));
  return { events, chunks, truth, fates, bytes };
}

test("without anything every frame arrives when it was sent, and the truth says so", () => {
  const { chunks, truth, fates } = run({}, 10);
  expect(fates("sent")).toBe(1001);
  expect(chunks.map(({ atS }) => atS)).toEqual(truth.map(({ madeS }) => madeS));
  expect(truth[500]).toEqual({
    session: 1,
    stream: 0,
    first: 500,
    madeS: 5,
    values: [[500]],
    fate: "sent",
    dueS: 5,
  });
});

test("the same seed does the same, another one other things", () => {
  const told = { frameLoss: 0.05, bitFlips: 0.01, byteDrops: 0.01, jitterMs: 3 };
  const once = run({ ...told, seed: 4 }, 5);
  expect(run({ ...told, seed: 4 }, 5).events).toEqual(once.events);
  expect(run({ ...told, seed: 5 }, 5).bytes.equals(once.bytes)).toBe(false);
});

test("a device that is 1000 ppm fast sends a frame in a thousand more", () => {
  expect(run({ ppm: 1000 }, 50).fates("sent")).toBe(5006);
});

test("an adapter delivers at multiples of its time, and all of it", () => {
  const { chunks, bytes } = run({ batchMs: 16 }, 2);
  for (const { atS } of chunks) expect((atS / 0.016) % 1).toBeCloseTo(0, 6);
  expect(countersIn(bytes).length).toBeGreaterThan(198);
});

test("frames are lost in the share that was asked for, and those only", () => {
  const { fates, truth, bytes } = run({ frameLoss: 0.1 }, 50);
  expect(fates("lost") / truth.length).toBeCloseTo(0.1, 1);
  const arrived = truth.filter(({ fate }) => fate === "sent").map(({ first }) => first & 255);
  expect(countersIn(bytes)).toEqual(arrived);
});

test("damaged frames are told, and the others are whole", () => {
  const { chunks } = run({ bitFlips: 0.005, byteDrops: 0.005 }, 50);
  for (const { bytes, truth } of chunks) {
    const { first = 0, values, fate } = truth[0] ?? {};
    const sent = Uint8Array.of(0xaa, first & 255, (values?.[0]?.[0] ?? 0) & 255, 0x55);
    expect(fate).toBe(Buffer.from(bytes).equals(sent) ? "sent" : "damaged");
  }
  expect(chunks.filter(({ truth }) => truth[0]?.fate === "damaged").length).toBeGreaterThan(100);
});

test("a stall loses what was measured, or holds it back", () => {
  const silent = run({ stalls: [{ atS: 2, durationS: 1 }] }, 5);
  expect(silent.fates("silent")).toBe(100);
  const held = run({ stalls: [{ atS: 2, durationS: 1, held: true }] }, 5);
  expect(held.fates("sent")).toBe(501);
  expect(held.chunks.filter(({ atS }) => atS > 2 && atS < 3)).toEqual([]);
  expect(held.chunks.filter(({ atS }) => atS === 3).length).toBe(101); // those of 2.00 to 2.99 and that of 3.00
});

test("without power a device begins anew and says so; with power it goes on unheard", () => {
  const off = run({ unplugs: [{ atS: 2, durationS: 3 }] }, 10);
  expect(off.events.filter(({ kind }) => kind !== "bytes").map(({ kind, atS }) => [kind, atS])).toEqual([
    ["unplugged", 2],
    ["plugged", 5],
  ]);
  expect(off.truth.filter(({ session }) => session === 2)[0]).toMatchObject({ first: 0, values: [[500]] });
  expect(off.bytes.includes("hello")).toBe(true);
  const on = run({ unplugs: [{ atS: 2, durationS: 3, keepsPower: true }] }, 10);
  expect(on.fates("unplugged")).toBeGreaterThan(298);
  expect(on.truth.at(-1)?.session).toBe(1);
});

test("what an adapter held when it was pulled out is lost", () => {
  const { truth } = run({ batchMs: 500, unplugs: [{ atS: 1.25, durationS: 1 }] }, 4);
  expect(truth.filter(({ first, session }) => session === 1 && first > 100 && first < 125)).toSatisfy(
    (lost: readonly Truth[]) => lost.length === 24 && lost.every(({ fate }) => fate === "unplugged"),
  );
});

test("an electrode that came off is marked, and a saturated one shows its rail", () => {
  const spans = { atS: 1, durationS: 1 };
  const { truth } = run({ electrodeOff: [spans], saturation: [{ atS: 3, durationS: 1, value: 255 }] }, 5);
  const valueAt = (first: number) => truth[first]?.values[0]?.[0];
  expect([99, 100, 199, 200, 300, 399, 400].map(valueAt)).toEqual([99, null, null, 200, 255, 255, 400]);
});

test("what is out of range or unknown is refused", () => {
  for (const told of [
    { frameLoss: 2 },
    { ppm: 1e9 },
    { pmp: 3 },
    { stalls: [{ atS: -1, durationS: 1 }] },
    { unplugs: [spanOf(0, 5), spanOf(3, 1)] },
  ])
    expect(Scenario.safeParse(told).success, JSON.stringify(told)).toBe(false);
});

const spanOf = (atS: number, durationS: number) => ({ atS, durationS });

test("a device that was stopped and started in one breath begins anew", () => {
  const shapes: readonly StreamShape[] = counterShapes;
  const line = scenarioLine({
    scenario: Scenario.parse({}),
    shapes,
    signal: () => 1,
    deviceOf: counterDevice,
  });
  line.receive(go, 0);
  line.due(1);
  line.receive(Buffer.from("sg"), 1);
  const truth = line.due(1.1).flatMap((event) => (event.kind === "bytes" ? event.truth : []));
  expect(truth[0]).toMatchObject({ session: 2, first: 0, madeS: 1 });
  expect(truth.length).toBe(11);
});
