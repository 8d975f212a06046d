import fc from "fast-check";
import { expect, test } from "vitest";
import { maskReasons } from "../../../../preload/contract/mask.ts";
import { joined } from "../bytes.ts";
import type { DriverEvent, Reply } from "../protocol.ts";
import { encodeFrame, textFrame } from "./frame.ts";
import { series50 } from "./index.ts";

const hex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));

const usual = series50.setup.parse({});
const identity = hex(
  "10 02 49 4D 31 33 35 30 41 41 32 30 41 2E 30 33 2E 30 30 33 30 31 39 47 31 30 30 31 30 10 03 9A B9",
);
const ctg = hex(
  "10 02 43 80 01 62 30 62 31 6A 34 00 00 00 00 00 00 00 00 00 00 41 48 41 48 41 48 41 48 10 10 12 14 18 60 20 02 00 10 03 7A 85",
);
const failure = hex("10 02 46 35 30 33 10 03 16 13");
const button = hex("10 02 4D 4D 10 03 65 F1");

/** Payload of a block as the worked one, without its doubled byte. */
const plain = Uint8Array.of(...ctg.subarray(2, 29), ...ctg.subarray(30, 38));

/** Everything a driver tells of these pieces, each at its time. */
function told(pieces: readonly (readonly [Uint8Array, number])[], setup = usual): DriverEvent[] {
  const driver = series50.driver(setup);
  return pieces.flatMap(([bytes, atS]) => driver.push(bytes, atS));
}
const losses = (events: readonly DriverEvent[]) => events.filter(({ kind }) => kind === "lost");
const firsts = (events: readonly DriverEvent[]) =>
  events.flatMap((event) => (event.kind === "samples" ? [[event.first, event.count]] : []));

test("commands are the worked frames of the guide", () => {
  expect(textFrame("G")).toEqual(hex("10 02 47 10 03 42 1F"));
  expect(textFrame("H")).toEqual(hex("10 02 48 10 03 6E 2E"));
  expect(textFrame("?C")).toEqual(hex("10 02 3F 43 10 03 D1 ED"));
  expect(textFrame("?I")).toEqual(hex("10 02 3F 49 10 03 16 2C"));
  expect(textFrame("VA20")).toEqual(hex("10 02 56 41 32 30 10 03 2C 2F"));
});

test("the worked block gives its rates, its blank and its doubled toco value, cut anywhere", () => {
  const whole = told([[ctg, 1]]);
  const samples = whole.filter(({ kind }) => kind === "samples");
  const { noSignal } = maskReasons;
  const rows = samples.flatMap((event) => [...(event.kind === "samples" ? event.values : [])]);
  expect(rows).toEqual([
    ...[560, 0, 328, 16, 3, 0, 2],
    ...[561, 0, 328, 18, 3, 0, 2],
    ...[564, 0, 328, 20, 3, 0, 2],
    ...[0, 0, 328, 24, 0, 0, 2],
  ]);
  const reasons = samples.flatMap((event) => [...(event.kind === "samples" ? (event.reasons ?? []) : [])]);
  expect(reasons.flatMap((reason, i) => (reason === 0 ? [] : [[Math.floor(i / 7), i % 7, reason]]))).toEqual([
    [0, 1, noSignal],
    [1, 1, noSignal],
    [2, 1, noSignal],
    [3, 0, noSignal],
    [3, 1, noSignal],
  ]);
  expect(whole.filter(({ kind }) => kind === "mark")).toEqual([
    { kind: "mark", what: "fetal-movement", stream: 0, sample: 2, text: "", isOn: true },
    { kind: "mark", what: "fetal-movement", stream: 0, sample: 3, text: "", isOn: false },
  ]);
  expect(whole[0]).toMatchObject({
    kind: "status",
    facts: { fhr1Mode: "ultrasound", mhrMode: "MECG", tocoMode: "external", monitor: "on" },
  });
  for (let cut = 0; cut <= ctg.length; cut++)
    expect(
      told([
        [ctg.subarray(0, cut), 1],
        [ctg.subarray(cut), 1],
      ]),
    ).toEqual(whole);
});

test("an identity is answered with the start command, a button is a mark, a failure is told", () => {
  const events = told([[joined(ctg, identity, button, failure), 1]]).filter(({ kind }) => kind !== "samples");
  expect(events).toContainEqual({ kind: "answer", bytes: textFrame("G") });
  expect(events).toContainEqual({ kind: "mark", what: "button", stream: 0, sample: 4, text: "" });
  expect(events).toContainEqual({ kind: "status", facts: { failure: "503" } });
  expect(events).toContainEqual({
    kind: "status",
    facts: { model: "M1350A", protocol: "A20", firmware: "A.03.00", serial: "3019G10010" },
  });
});

test("a note, blood pressure, oxygen and temperature are read; without a value nothing is said", () => {
  const ask = (...payload: number[]) => told([[encodeFrame(Uint8Array.from(payload)), 0]]);
  expect(ask(0x4e, 2, 0x4a, 0x4b, 0x68, 0x69)).toMatchObject([{ kind: "mark", what: "note", text: "hi" }]);
  expect(ask(0x50, 0, 120, 0, 70, 0, 86, 1, 0x40)).toMatchObject([
    { facts: { bloodPressure: "120/70 (86) mmHg", maternalHeartRate: "80 bpm" } },
  ]);
  expect(ask(0x53, 195, 0xff, 0xff)).toEqual([{ kind: "status", facts: { spO2: "97.5 %" } }]);
  expect(ask(0x54, 119)).toEqual([{ kind: "status", facts: { temperature: "36.9 °C" } }]);
  expect(ask(0x51, 1, 2, 3)).toEqual([]);
});

test("twin offset and suspected same heart begin and end as marks; a corrected clock is a mark", () => {
  const withStatus = (status: number): Uint8Array => {
    const payload = Uint8Array.from(plain);
    payload[1] = status >> 8;
    payload[2] = status & 0xff;
    return encodeFrame(payload);
  };
  const events = told([
    [withStatus(0x4001), 1],
    [withStatus(0x4081), 2],
    [withStatus(0x0003), 3],
  ]);
  expect(
    events.flatMap((event) =>
      event.kind === "mark" ? [[event.what, event.sample, event.isOn, event.text]] : [],
    ),
  ).toEqual([
    ["twin-offset", 0, true, ""],
    ["cross-channel", 4, true, ""],
    ["twin-offset", 8, false, ""],
    ["cross-channel", 8, false, ""],
    ["clock-corrected", 8, undefined, "inserted"],
  ]);
});

test("a monitor that is off measures nothing; red rates are masked only when asked for", () => {
  const off = Uint8Array.from(plain);
  off[2] = 0;
  const red = Uint8Array.from(plain);
  red[3] = (1 << 5) | 2;
  const reasonsOf = (payload: Uint8Array, maskRed = false) =>
    told([[encodeFrame(payload), 1]], { ...usual, maskRed }).flatMap((event) =>
      event.kind === "samples" ? [...(event.reasons ?? [])] : [],
    );
  expect(new Set(reasonsOf(off))).toEqual(new Set([maskReasons.deviceInvalid]));
  expect(reasonsOf(red)[0]).toBe(0);
  expect(reasonsOf(red, true)[0]).toBe(maskReasons.deviceInvalid);
});

test("a block that did not come is lost once; one with a wrong checksum is lost for that", () => {
  const broken = Uint8Array.from(ctg);
  broken[6]! ^= 1;
  const missing = told([
    [ctg, 1],
    [ctg, 2],
    [ctg, 5],
    [ctg, 6],
  ]);
  expect(losses(missing)).toEqual([
    { kind: "lost", stream: 0, first: 8, count: 8, reason: "cadence", uncertainty: 4 },
  ]);
  expect(firsts(missing).at(-1)![0]! + firsts(missing).at(-1)![1]!).toBe(24);
  expect(
    losses(
      told([
        [ctg, 1],
        [broken, 2],
        [ctg, 3.1],
      ]),
    ),
  ).toEqual([{ kind: "lost", stream: 0, first: 4, count: 4, reason: "checksum", uncertainty: 4 }]);
});

test("blocks that were held up and come in a burst are not lost, though their first was late", () => {
  const events = told([
    [ctg, 1],
    [ctg, 2],
    [joined(ctg, ctg), 5.2],
    [ctg, 5.3],
    [ctg, 6],
  ]);
  expect(losses(events)).toEqual([]);
});

test("jitter and a clock that is 300 ppm off are no loss in six hours", () => {
  const driver = series50.driver(usual);
  const events: DriverEvent[] = [];
  for (let block = 0; block < 21600; block++)
    events.push(...driver.push(ctg, block * 1.0003 + 0.3 * Math.abs(Math.sin(block * 7.7))));
  expect(losses(events)).toEqual([]);
});

test("damage costs the block that it hit and no other", () => {
  const block = (toco: number) => {
    const payload = Uint8Array.from(plain);
    payload.fill(toco, 27, 31);
    return encodeFrame(payload);
  };
  const damage = fc.constantFrom("flip", "drop", "insert", "repeat");
  fc.assert(
    fc.property(damage, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(255), (how, where, bits, toco) => {
      const hit = block(16);
      const at = where % hit.length;
      const [head, tail] = [hit.subarray(0, at), hit.subarray(at + 1)];
      const byte = hit[at]!;
      const damaged = {
        flip: joined(head, Uint8Array.of(byte ^ bits), tail),
        drop: joined(head, tail),
        insert: joined(head, Uint8Array.of(bits, byte), tail),
        repeat: joined(head, Uint8Array.of(byte, byte), tail),
      }[how];
      const events = told([
        [block(7), 1],
        [damaged, 2],
        [block(toco), 3],
        [block(9), 4],
      ]);
      const tocos = events.flatMap((event) =>
        event.kind === "samples"
          ? Array.from({ length: event.count }, (_, i) => event.values[7 * i + 3])
          : [],
      );
      const rest = tocos.filter((_, i) => i % 4 === 0);
      expect([rest[0], ...rest.slice(-2)]).toEqual([7, toco, 9]);
    }),
  );
});

/** Runs a conversation against a device that answers at once, and gives all that was sent. */
function converse(hear: (sent: Uint8Array) => Uint8Array) {
  const sent: Uint8Array[] = [];
  const talk = series50.greet(usual);
  let step = talk.next();
  while (!step.done) {
    const { send, until } = step.value;
    if (send !== undefined) sent.push(send);
    const received = hear(send ?? new Uint8Array(0));
    const reply: Reply = { received, isComplete: until?.(received) ?? true };
    step = talk.next(reply);
  }
  return { sent, result: step.value };
}

test("greeting needs two valid blocks, and says what was seen otherwise", () => {
  const device = series50.device(usual, () => 100);
  expect(converse((bytes) => device.receive(bytes)).result.identity).toEqual({
    model: "M1350A",
    serial: "3019G10010",
    firmware: "A.03.00",
    facts: { protocol: "A20" },
  });
  expect(converse(() => ctg).result.identity.facts["tocoMode"]).toBe("external");
  let replies = 0;
  expect(() => converse(() => (replies++ === 1 ? ctg : new Uint8Array(0)))).toThrow(
    "1 valid Series 50 blocks",
  );
  expect(() => converse(() => new Uint8Array(0))).toThrow("Nothing came");
  const foreign = encodeFrame(plain, "payload");
  expect(() => converse(() => foreign)).toThrow("another checksum: payload");
});

test("nothing but start, stop and identify is ever sent to a monitor", () => {
  const device = series50.device(usual, () => 100);
  const answers = told([[joined(identity, ctg, button, failure), 1]]).flatMap((event) =>
    event.kind === "answer" ? [event.bytes] : [],
  );
  const steps = [...series50.start(usual), ...series50.stop(usual)].map(({ send }) => send);
  const all = [
    ...converse((bytes) => device.receive(bytes)).sent,
    ...answers,
    ...steps,
    series50.wake!(usual).bytes,
  ];
  const allowed = new Set(["G", "H", "?I"].map((text) => textFrame(text).join()));
  allowed.add(joined(textFrame("?I"), textFrame("G")).join());
  expect(all.map((bytes) => allowed.has(bytes!.join()))).not.toContain(false);
});

test("what the device measures arrives as it was, blanks masked", () => {
  const valueOf = (channel: number, sample: number): number | undefined =>
    (sample + channel) % 11 === 0 ? undefined : channel < 3 ? 400 + ((sample * 7) % 800) : sample % 4;
  const device = series50.device(usual, (_, channel, sample) => valueOf(channel, sample));
  device.receive(textFrame("G"));
  const driver = series50.driver(usual);
  for (const { bytes, dueS } of device.frames(60))
    for (const event of driver.push(bytes, dueS))
      if (event.kind === "samples")
        for (let i = 0; i < event.count; i++)
          for (let channel = 0; channel < 3; channel++) {
            const expected = valueOf(channel, event.first + i);
            const reason = event.reasons?.[7 * i + channel] ?? 0;
            if (expected === undefined) expect(reason).toBe(maskReasons.noSignal);
            else expect([event.values[7 * i + channel], reason]).toEqual([expected, 0]);
          }
  expect(device.frames(60)).toEqual([]);
  device.receive(textFrame("H"));
  expect(device.frames(70)).toEqual([]);
});
