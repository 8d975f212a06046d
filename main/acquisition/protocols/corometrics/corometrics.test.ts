import fc from "fast-check";
import { expect, test } from "vitest";
import { maskReasons } from "../../../../preload/contract/mask.ts";
import { joined } from "../bytes.ts";
import type { DriverEvent } from "../protocol.ts";
import { encodeFrame } from "../series50/frame.ts";
import { corometrics } from "./index.ts";
import { encodeMessage } from "./message.ts";

const hex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));
const usual = corometrics.setup.parse({});
const [HR1, HR2, UA] = [0, 1, 2] as const;

const worked = hex(
  "39 60 30 31 34 32 03 39 65 30 30 30 03 39 61 30 31 37 03 39 61 30 31 32 38 03 39 64 30 03 39 66 30 31 03",
);

function told(pieces: readonly (readonly [Uint8Array, number])[]): DriverEvent[] {
  const driver = corometrics.driver(usual);
  return pieces.flatMap(([bytes, atS]) => driver.push(bytes, atS));
}
/** Values of a stream, each with its index; undefined where the pen is lifted. */
const valuesOf = (events: readonly DriverEvent[], stream: number) =>
  events.flatMap((event) =>
    event.kind === "samples" && event.stream === stream
      ? Array.from({ length: event.count }, (_, i) => [
          event.first + i,
          event.reasons?.[i] ? undefined : event.values[i],
        ])
      : [],
  );
const losses = (events: readonly DriverEvent[]) => events.filter(({ kind }) => kind === "lost");

test("the worked messages give a rate, lifted pens, a mark and a movement, cut anywhere", () => {
  const whole = told([[worked, 0]]);
  expect(valuesOf(whole, HR1)).toEqual([[0, 142]]);
  expect(valuesOf(whole, HR2)).toEqual([[0, undefined]]);
  expect(valuesOf(whole, UA)).toEqual([
    [0, 17],
    [1, undefined],
  ]);
  expect(whole).toContainEqual({
    kind: "samples",
    stream: HR2,
    first: 0,
    count: 1,
    values: Int32Array.of(0),
    reasons: Uint8Array.of(maskReasons.noSignal),
  });
  expect(whole.filter(({ kind }) => kind === "mark")).toEqual([
    { kind: "mark", what: "button", stream: HR1, sample: 1, text: "" },
    { kind: "mark", what: "fetal-movement", stream: HR1, sample: 1, text: "", isOn: true },
  ]);
  for (let cut = 0; cut <= worked.length; cut++) {
    const events = told([
      [worked.subarray(0, cut), 0],
      [worked.subarray(cut), 0],
    ]);
    for (const stream of [HR1, HR2, UA]) expect(valuesOf(events, stream)).toEqual(valuesOf(whole, stream));
    expect(events.filter(({ kind }) => kind !== "samples")).toEqual(
      whole.filter(({ kind }) => kind !== "samples"),
    );
  }
});

test("what does not fit its type is no message, and costs the next one nothing", () => {
  const good = encodeMessage("heartRate1", "150");
  const bad = [
    "9`0420\x03",
    "9`029\x03",
    "9a0129\x03",
    "9`0\x03",
    "9f03\x03",
    "8`0142\x03",
    "9`0142",
    "9c0x\x01\x03",
  ];
  for (const text of bad) {
    const broken = new TextEncoder().encode(text);
    const events = told([[joined(broken, good), 0]]);
    expect(events).toEqual([
      { kind: "resync", bytes: broken.length },
      { kind: "samples", stream: HR1, first: 0, count: 1, values: Int32Array.of(150) },
    ]);
  }
});

test("modes and paper are told when they change, annotations are notes", () => {
  const say = ["9b0AB\x03", "9b0AB\x03", "9b0AC\x03", "9g00\x03", "9c0BP 120/70\x03", "9f02\x03"];
  const events = say.flatMap((text, i) => [[new TextEncoder().encode(text), i] as const]);
  expect(told(events)).toEqual([
    { kind: "status", facts: { heartRateMode: "A", uterineMode: "B" } },
    { kind: "status", facts: { uterineMode: "C" } },
    { kind: "status", facts: { paper: "loaded" } },
    { kind: "mark", what: "note", stream: HR1, sample: 0, text: "BP 120/70" },
    { kind: "status", facts: { movementDetection: "absent" } },
  ]);
});

/** A minute of the device's messages, each with the time at which a host would have read it. */
function minute(
  arrival: (dueS: number) => number,
  isKept: (stream: number, first: number) => boolean = () => true,
) {
  const device = corometrics.device(usual, (stream, _, sample) => 40 + ((sample * (stream + 3)) % 80));
  for (const { send } of corometrics.start(usual)) device.receive(send ?? new Uint8Array(0));
  return device
    .frames(60)
    .filter(({ holds }) => holds.every(({ stream, first }) => isKept(stream, first)))
    .map(({ bytes, dueS }) => [bytes, arrival(dueS)] as const);
}

test("stalls, bursts and a clock that is 500 ppm off lose nothing", () => {
  const arrivals: ((dueS: number) => number)[] = [
    (dueS) => Math.ceil(dueS), // whole seconds together
    (dueS) => (dueS > 20 && dueS < 23 ? 23 : dueS), // the host was busy for three seconds
    (dueS) => Math.ceil(dueS / 0.3) * 0.3,
    (dueS) => dueS * 1.0005 + 0.08 * Math.abs(Math.sin(dueS * 999)),
  ];
  for (const arrival of arrivals) {
    const events = told([...minute(arrival), [new Uint8Array(0), 70]]);
    expect(losses(events)).toEqual([]);
    expect(valuesOf(events, HR1)).toHaveLength(240);
    expect(valuesOf(events, UA)).toHaveLength(480);
  }
});

test("what did not come is lost once, at its place, and the values after it keep their index", () => {
  const isGone = (stream: number, first: number): boolean =>
    (stream === HR1 && first >= 80 && first < 92) || (stream === UA && first === 300);
  const kept = minute(
    (dueS) => dueS,
    (stream, first) => !isGone(stream, first),
  );
  const events = told([...kept, [new Uint8Array(0), 70]]);
  expect(losses(events)).toEqual([
    { kind: "lost", stream: HR1, first: 80, count: 12, reason: "cadence", uncertainty: 1 },
    { kind: "lost", stream: UA, first: 300, count: 1, reason: "cadence", uncertainty: 1 },
  ]);
  const expected = [...minute((dueS) => dueS)].length;
  expect(kept).toHaveLength(expected - 13);
  for (const [first, value] of valuesOf(events, HR1)) expect(value).toBe(40 + ((Number(first) * 3) % 80));
  for (const [first, value] of valuesOf(events, UA)) expect(value).toBe(40 + ((Number(first) * 5) % 80));
});

test("a value that waits until it is known what is lost before it is let out when nothing more comes", () => {
  const driver = corometrics.driver(usual);
  const rate = encodeMessage("heartRate1", "140");
  for (const atS of [0, 0.25, 0.5]) driver.push(rate, atS);
  expect(driver.push(rate, 1.5)).toEqual([]);
  expect(driver.push(new Uint8Array(0), Infinity)).toMatchObject([{ kind: "lost", count: 3 }, { count: 1 }]);
});

test("a broken message is lost for that", () => {
  const pieces = minute((dueS) => dueS);
  const at = pieces.findIndex(([bytes, atS]) => atS > 10 && bytes[1] === 0x60);
  const [bytes, atS] = pieces[at]!;
  pieces[at] = [bytes.with(0, 0x38), atS];
  expect(losses(told([...pieces, [new Uint8Array(0), 70]]))).toMatchObject([
    { stream: HR1, first: 40, count: 1, reason: "framing" },
  ]);
});

test("damage costs the message that it hit and no other", () => {
  const kinds = fc.constantFrom("flip", "drop", "insert");
  fc.assert(
    fc.property(kinds, fc.nat(), fc.integer({ min: 1, max: 255 }), (how, where, bits) => {
      const hit = encodeMessage("heartRate1", "142");
      const at = where % hit.length;
      const [head, tail] = [hit.subarray(0, at), hit.subarray(at + 1)];
      const damaged = {
        flip: joined(head, Uint8Array.of(hit[at]! ^ bits), tail),
        drop: joined(head, tail),
        insert: joined(head, Uint8Array.of(bits, hit[at]!), tail),
      }[how];
      const events = told([
        [joined(encodeMessage("uterine", "17"), damaged, encodeMessage("uterine", "99")), 0],
      ]);
      const values = valuesOf(events, UA).map(([, value]) => value);
      expect([values[0], values.at(-1)]).toEqual([17, 99]);
    }),
  );
});

function converse(hear: (sent: Uint8Array | undefined) => Uint8Array, setup = usual) {
  const sent: Uint8Array[] = [];
  const talk = corometrics.greet(setup);
  let step = talk.next();
  while (!step.done) {
    const { send, until } = step.value;
    if (send !== undefined) sent.push(send);
    const received = hear(send);
    step = talk.next({ received, isComplete: until?.(received) ?? true });
  }
  return { sent, result: step.value };
}

test("nothing but requests for messages, and their end, is ever sent", () => {
  const ask = hex("39 60 65 61 62 64 66 03");
  const device = corometrics.device(usual, () => 100);
  let nowS = 0;
  const { sent, result } = converse((bytes) => {
    device.receive(bytes ?? new Uint8Array(0));
    return joined(...device.frames((nowS += 1.5)).map((frame) => frame.bytes));
  });
  expect(result.identity.facts).toEqual({ heartRateMode: "A", uterineMode: "A" });
  const heard = told([
    [result.rest, 0],
    [new Uint8Array(0), Infinity],
  ]);
  expect([HR1, UA].map((stream) => valuesOf(heard, stream).length)).toEqual([6, 12]); // what it said while it was greeted
  const steps = [...corometrics.start(usual), ...corometrics.stop(usual)].map(({ send }) => send);
  expect([...sent, ...steps, corometrics.wake?.(usual).bytes]).toEqual([ask, ask, hex("39 03"), ask]);
  expect(told([[worked, 0]]).filter(({ kind }) => kind === "answer")).toEqual([]);
  const update = corometrics.setup.parse({ mode: "update" });
  expect(converse(() => joined(worked, worked), update).sent).toEqual([]);
  expect([...corometrics.start(update), ...corometrics.stop(update)]).toEqual([]);
  expect(corometrics.wake?.(update).bytes).toHaveLength(0);
});

test("greeting says what was seen instead", () => {
  expect(() => converse(() => new Uint8Array(0))).toThrow("Nothing came");
  expect(() => converse(() => encodeMessage("eventMark"))).toThrow("2 valid messages");
  expect(() => converse(() => encodeFrame(new Uint8Array(35)))).toThrow("Series 50");
});
