import fc from "fast-check";
import { expect, test } from "vitest";
import { maskReasons } from "../../../../preload/contract/mask.ts";
import { joined } from "../bytes.ts";
import type { DriverEvent } from "../protocol.ts";
import { encodeData, encodeText } from "./body.ts";
import { cobsFraming, slipFraming } from "./framing.ts";
import { cobs } from "./index.ts";

const hex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const one = cobs.setup.parse({ samplesPerFrame: 1 });

function told(pieces: readonly (readonly [Uint8Array, number])[], setup = one): DriverEvent[] {
  const driver = cobs.driver(setup);
  return pieces.flatMap(([bytes, atS]) => driver.push(bytes, atS));
}
const losses = (events: readonly DriverEvent[]) => events.filter(({ kind }) => kind === "lost");
const values = (events: readonly DriverEvent[]) =>
  events.flatMap((event) => (event.kind === "samples" ? [...event.values] : []));

/** Frame number `n` of a device at 1000 Hz, one sample of two channels. */
const frame = (n: number, counter = n, timeUs = 1000 * n): Uint8Array =>
  cobsFraming.encode(
    encodeData(16, { counter: counter % 65536, timeUs: timeUs % 2 ** 32 }, 2, [n % 30000, -(n % 30000)]),
  );

test("the worked frames are written and read as they stand, in COBS and in SLIP", () => {
  const body = hex("D1 02 01 40 42 0F 00 02 01 64 00 9C FF 2A 89");
  const stuffed = hex("07 D1 02 01 40 42 0F 04 02 01 64 05 9C FF 2A 89 00");
  expect(encodeData(16, { counter: 258, timeUs: 1e6 }, 2, [100, -100])).toEqual(body);
  expect(cobsFraming.encode(body)).toEqual(stuffed);
  expect(told([[stuffed, 0]])).toEqual([
    { kind: "samples", stream: 0, first: 0, count: 1, values: Int32Array.of(100, -100) },
  ]);
  const slip = hex("C0 D1 DB DC 00 DB DD 00 00 00 02 01 00 00 FF FF 68 26 C0");
  const second = encodeData(16, { counter: 0xc0, timeUs: 219 }, 2, [0, -1]);
  expect(slipFraming.encode(second)).toEqual(slip);
  expect(values(told([[slip, 0]], { ...one, framing: "slip" }))).toEqual([0, -1]);
});

test("bodies of every length and with zeros anywhere come back out of both framings", () => {
  const lengths = fc.oneof(
    fc.nat(20),
    fc.integer({ min: 250, max: 260 }),
    fc.integer({ min: 504, max: 514 }),
  );
  const bodies = lengths.chain((length) =>
    fc.array(fc.oneof(fc.constantFrom(0, 0xc0, 0xdb), fc.nat(255)), { minLength: length, maxLength: length }),
  );
  fc.assert(
    fc.property(bodies, fc.boolean(), (bytes, isDense) => {
      const body = Uint8Array.from(bytes, (byte) => (isDense ? byte || 1 : byte));
      for (const framing of [cobsFraming, slipFraming]) {
        const encoded = framing.encode(body);
        const inner = encoded.subarray(framing.firstAt === 0 ? 1 : 0, -1);
        expect(inner.includes(framing.delimiter)).toBe(false);
        const out = new Uint8Array(2000);
        const length = framing.decode(inner, 0, inner.length, out);
        expect(out.subarray(0, length)).toEqual(body);
      }
    }),
  );
});

test("damage at any place, of any kind, costs that frame alone and is lost for its checksum", () => {
  const hit = frame(3);
  for (let at = 0; at < hit.length; at++) {
    const [head, byte, tail] = [hit.subarray(0, at), hit[at]!, hit.subarray(at + 1)];
    const ways = [
      joined(head, Uint8Array.of(byte ^ 0x40), tail),
      joined(head, tail),
      joined(head, Uint8Array.of(byte, byte || 7), tail),
      joined(head, Uint8Array.of(0, byte), tail),
    ];
    for (const [way, damaged] of ways.entries()) {
      const events = told([[joined(frame(1), frame(2), damaged, frame(4), frame(5)), 0]]);
      const came = values(events).filter((value) => value > 0);
      const isWhole = came.includes(3); // a doubled delimiter, or one before the frame
      expect([way, at, came]).toEqual([way, at, isWhole ? [1, 2, 3, 4, 5] : [1, 2, 4, 5]]);
      expect(losses(events)).toEqual(
        isWhole ? [] : [{ kind: "lost", stream: 0, first: 2, count: 1, reason: "checksum" }],
      );
    }
  }
});

test("two frames in the wrong order, or one twice, lose nothing of the others and invent nothing", () => {
  const events = told([[joined(frame(1), frame(2), frame(2), frame(3), frame(5), frame(4), frame(6)), 0]]);
  expect(values(events).filter((value) => value > 0)).toEqual([1, 2, 3, 5, 6]);
  expect(losses(events)).toMatchObject([{ first: 3, count: 1 }]);
});

test("counter and device time wrap without a loss, and what is missing across the wrap is counted", () => {
  const from = 65_534 * 2;
  const kept = [0, 1, 2, 5, 6].map((n) => from + n);
  const events = told([[joined(...kept.map((n) => frame(n, n, 2 ** 32 - 2500 + 1000 * (n - from)))), 0]]);
  expect(losses(events)).toEqual([{ kind: "lost", stream: 0, first: 3, count: 2, reason: "counter-gap" }]);
});

test("an info frame takes a number of the counter and no sample, whether it comes or is missing", () => {
  const info = cobsFraming.encode(
    encodeText(
      "info",
      { counter: 3, timeUs: 2000 },
      utf8(JSON.stringify({ name: "Board", rate: [1000, 1] })),
    ),
  );
  const before = joined(frame(0, 1), frame(1, 2));
  const after = joined(frame(2, 4), frame(3, 5));
  expect(told([[joined(before, info, after), 0]])).toMatchObject([
    { kind: "samples", first: 0, count: 2 },
    { kind: "status", facts: { name: "Board", rate: "1000, 1" } },
    { kind: "samples", first: 2, count: 2 },
  ]);
  expect(losses(told([[joined(before, after), 0]]))).toEqual([]);
});

test("an outage longer than a turn of the counter is counted by the device's time", () => {
  const events = told([
    [frame(0), 0],
    [frame(1), 0.001],
    [frame(150_000), 150.2],
    [frame(150_001), 150.201],
  ]);
  expect(losses(events)).toMatchObject([{ first: 2, count: 149_998 }]);
  const hours = told([
    [frame(0), 0],
    [frame(10_000_000), 10_000.3],
    [frame(10_000_001), 10_000.4],
  ]);
  expect(losses(hours)).toMatchObject([{ first: 1, count: 9_999_999 }]);
});

test("a step of the counter that nothing explains is believed when the next frame goes on from it", () => {
  const jump = told([[joined(frame(0), frame(1), frame(5000), frame(5001), frame(5002)), 0]]);
  expect(losses(jump)).toMatchObject([{ first: 2, count: 4998 }]);
  expect(values(jump).filter((value) => value > 0)).toEqual([1, 5000, 5001, 5002]);
  const stray = told([[joined(frame(0), frame(1), frame(5000), frame(2), frame(3)), 0]]);
  expect(losses(stray)).toEqual([]);
  expect(values(stray).filter((value) => value > 0)).toEqual([1, 2, 3]);
});

test("a device that began anew goes on where the host's clock says, and the doubt is told", () => {
  const events = told([
    [joined(frame(5000), frame(5001)), 5],
    [joined(frame(0), frame(1), frame(2)), 8],
  ]);
  expect(losses(events)).toMatchObject([{ first: 2, uncertainty: 1001 }]);
  const [lost] = losses(events);
  expect(lost?.kind === "lost" && Math.abs(lost.count - 3000) < 5).toBe(true);
});

test("the marker of a missing sample is masked, in 16 and in 24 bits", () => {
  const head = { counter: 0, timeUs: 0 };
  const in16 = cobsFraming.encode(encodeData(16, head, 2, [-0x8000, 5]));
  const in24 = cobsFraming.encode(encodeData(24, head, 2, [8_388_607, -0x800000]));
  const masked = maskReasons.deviceInvalid;
  expect(told([[in16, 0]])).toMatchObject([{ reasons: Uint8Array.of(masked, 0) }]);
  expect(told([[in24, 0]])).toMatchObject([
    { values: Int32Array.of(8_388_607, -0x800000), reasons: Uint8Array.of(0, masked) },
  ]);
});

test("a mark stands at the sample of its device time", () => {
  const button = (counter: number, timeUs: number): Uint8Array =>
    cobsFraming.encode(encodeText("mark", { counter, timeUs }, utf8("b")));
  const note = cobsFraming.encode(encodeText("mark", { counter: 5, timeUs: 3000 }, utf8("nthumb")));
  const events = told([[joined(frame(0), frame(1), frame(2), button(3, 1200), button(4, 4000), note), 0]]);
  expect(events.filter(({ kind }) => kind === "mark")).toEqual([
    { kind: "mark", what: "button", stream: 0, sample: 1, text: "" },
    { kind: "mark", what: "button", stream: 0, sample: 4, text: "" },
    { kind: "mark", what: "note", stream: 0, sample: 3, text: "thumb" },
  ]);
});

test("greeting reads who the device is, asks for the rate and refuses other channels", () => {
  const converse = (setup: typeof one, device = cobs.device(setup, () => 0)) => {
    const talk = cobs.greet(setup);
    let step = talk.next();
    while (!step.done) {
      const received = device.receive(step.value.send ?? new Uint8Array(0));
      step = talk.next({ received, isComplete: step.value.until?.(received) ?? true });
    }
    return step.value.identity;
  };
  expect(converse(one)).toMatchObject({ model: "Kodo template", serial: "SIM1", firmware: "1.0" });
  const three = cobs.device({ ...one, channels: 3 }, () => 0);
  expect(() => converse(one, three)).toThrow("3 channels, not 2");
  expect(() =>
    converse(
      one,
      cobs.device({ ...one, rate: 250 }, () => 0),
    ),
  ).toThrow("250 Hz, not at 1000 Hz");
  const silent = { ...cobs.device(one, () => 0), receive: () => new Uint8Array(0) };
  expect(() => converse(one, silent)).toThrow("Nothing came");
});
