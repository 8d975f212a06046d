import { describe, expect, test } from "vitest";
import { AppError } from "../../../../preload/contract/errors.ts";
import { normalFrom, uniformFrom } from "../../../signal/random.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import type {
  ContactFound,
  ContactOutcome,
  ElectrodeOhm,
  Reply,
  SimulatedDevice,
  Step,
} from "../protocol.ts";
import { bytesOf, textOf } from "../text.ts";
import { PACKET_BYTES } from "./driver.ts";
import { cyton } from "./protocol.ts";
import type { CytonSetup } from "./setup.ts";

const contact = sure(cyton.contact);
const nothing: Reply = { received: new Uint8Array(0), isComplete: false };

interface Told {
  readonly found: readonly (ContactFound | undefined)[]; // by electrode
  readonly outcome: ContactOutcome;
  readonly sent: readonly string[];
}

/** As it is before anybody measures: each channel has its settings. */
function greeted(setup: CytonSetup, device: SimulatedDevice): void {
  const greeting = cyton.greet(setup);
  let turn = greeting.next();
  while (turn.done !== true) {
    const received = device.receive(turn.value.send ?? new Uint8Array(0));
    turn = greeting.next({ received, isComplete: true });
  }
}

/** Measures with a device that answers and streams as fast as it is listened to; `before` may fail a step. */
function measured(
  setup: CytonSetup,
  device: SimulatedDevice,
  {
    before = () => undefined,
    losing = () => false,
  }: {
    readonly before?: (sent: string, device: SimulatedDevice) => Error | string | undefined;
    readonly losing?: (packet: number) => boolean;
  } = {},
): Told {
  greeted(setup, device);
  const sent: string[] = [];
  const found: (ContactFound | undefined)[] = contact.electrodes(setup).map(() => undefined);
  const measuring = contact.measure(setup, (at, one) => (found[at] = one));
  let turn = measuring.next();
  let heard: Uint8Array = new Uint8Array(0);
  const answer = ({ send, until }: Step, told: string | undefined): Reply => {
    const answered = send === undefined ? "" : (told ?? textOf(device.receive(send)));
    if (until === undefined) return nothing;
    heard = bytesOf(answered);
    for (let atS = 0.1; !until(heard) && device.isStreaming && atS <= 6; atS += 0.1) {
      const frames = device.frames(atS).filter(({ dueS }) => !losing(Math.round(dueS * 250)));
      heard = Buffer.concat([heard, ...frames.map(({ bytes }) => bytes)]);
    }
    return { received: heard, isComplete: until(heard) };
  };
  while (turn.done !== true) {
    const command = textOf(turn.value.send ?? new Uint8Array(0));
    sent.push(command);
    const told = before(command, device);
    turn = told instanceof Error ? measuring.throw(told) : measuring.next(answer(turn.value, told));
  }
  return { found, outcome: turn.value, sent };
}

/** Muscle activity of half a millivolt, and mains. */
const noise = Float64Array.from({ length: 4096 }, normalFrom(uniformFrom(5)));
const muscle = (_: number, channel: number, sample: number): number =>
  20_000 * (noise[(sample * 7 + channel * 501) % noise.length] ?? 0) +
  9000 * Math.sin((2 * Math.PI * 50 * sample) / 250);

/** 10 kOhm at channel 1, 20 at 2 and so on; of N half of that. */
const rising: ElectrodeOhm = (channel, input) => (channel + 1) * (input === "P" ? 10_000 : 5000);

describe("the contact of a Cyton's electrodes", () => {
  test("is measured input by input, in the gain each channel has, and the settings are as they were", () => {
    const setup = cyton.setup.parse({ gains: [24, 1, 2, 4, 6, 8, 12, 24], off: [8] });
    const { found, outcome, sent } = measured(
      setup,
      cyton.device(setup, () => 300, rising),
    );
    expect(contact.electrodes(setup).slice(0, 3)).toEqual([
      { channel: 1, label: "EMG 1", input: "P" },
      { channel: 1, label: "EMG 1", input: "N" },
      { channel: 2, label: "EMG 2", input: "P" },
    ]);
    const expected = [1, 2, 3, 4, 5, 6, 7].flatMap((n) => [10 * n, 5 * n]);
    expect(found.map((one) => one?.word)).toEqual(expected.map(() => "good"));
    for (const [i, one] of found.entries()) expect(one?.kOhm).toBeCloseTo(sure(expected[i]), 0);
    expect(outcome).toEqual({ areSettingsBack: true });
    expect(sent.slice(0, 9)).toEqual(["z110Z", "b", "s", "z100Z", "z101Z", "b", "s", "z100Z", "z210Z"]);
    expect(sent.slice(-4)).toEqual(["z600Z", "x6040100X", "z700Z", "x7050100X"]);
    expect(sent.some((command) => command.startsWith("z8"))).toBe(false);
  });

  test("with a Daisy, whose values are means, comes out the same", () => {
    const setup = cyton.setup.parse({ board: "cyton-daisy" });
    const { found, outcome } = measured(
      setup,
      cyton.device(
        setup,
        () => 300,
        () => 50_000,
      ),
    );
    expect(found).toHaveLength(32);
    for (const one of found) expect(sure(one?.kOhm) / 50).toBeCloseTo(1, 1);
    expect(outcome.areSettingsBack).toBe(true);
  });

  test("with a common reference is that of one electrode a channel", () => {
    const setup = cyton.setup.parse({ reference: "srb2", off: [2, 3, 4, 5, 6, 7, 8] });
    const { found, sent } = measured(
      setup,
      cyton.device(setup, () => 0, rising),
    );
    expect(sent[0]).toBe("z101Z");
    expect(sure(found[0]?.kOhm) / 5).toBeCloseTo(1, 1);
  });

  test("has a word by OpenBCI's limits, and is open where the amplifier is at its limit", () => {
    const setup = cyton.setup.parse({ off: [6, 7, 8] });
    const kOhm = [740, 760, 2480, 2520, 0];
    const ohm: ElectrodeOhm = (channel) => 1000 * sure(kOhm[channel]);
    const off = (_: number, channel: number): number | undefined => (channel === 4 ? undefined : 0);
    const { found } = measured(setup, cyton.device(setup, off, ohm));
    expect(found.filter((_, i) => i % 2 === 0).map((one) => one?.word)).toEqual([
      ...["good", "poor", "poor", "open", "open"],
    ]);
    expect(found.at(-1)).toEqual({ word: "open" });
  });

  test("beside muscle activity and mains is told within a few kOhm", () => {
    const setup = cyton.setup.parse({});
    const { found } = measured(
      setup,
      cyton.device(setup, muscle, () => 50_000),
    );
    for (const one of found) expect(Math.abs(sure(one?.kOhm) - 50)).toBeLessThan(25);
  });

  test("is unclear where no second comes without a gap, and never a number made across one", () => {
    const setup = cyton.setup.parse({ off: [2, 3, 4, 5, 6, 7, 8] });
    const lossy = measured(
      setup,
      cyton.device(setup, () => 0, rising),
      { losing: (n) => n % 100 === 0 },
    );
    expect(lossy.found[0]).toEqual({ word: "unclear" });
    const once = measured(
      setup,
      cyton.device(setup, () => 0, rising),
      { losing: (n) => n === 300 },
    );
    expect(sure(once.found[0]?.kOhm) / 10).toBeCloseTo(1, 1);
  });

  const two = cyton.setup.parse({ off: [3, 4, 5, 6, 7, 8] });
  const board = (): SimulatedDevice => cyton.device(two, () => 0, rising);

  test("called off in the middle of the stream is stopped, and every channel that was touched has its settings", () => {
    let isOff = false;
    const { outcome, sent, found } = measured(two, board(), {
      before: (command) => {
        if (command !== "b" || isOff) return undefined;
        isOff = true;
        return new AppError("cancelled/by-user", "Cancelled");
      },
    });
    expect(outcome).toMatchObject({ areSettingsBack: true, problem: { code: "cancelled/by-user" } });
    expect(sent).toEqual(["z110Z", "b", "s", "z100Z", "x1060100X"]);
    expect(found).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("a line that is pulled out says so, and that the settings could not be put back", () => {
    let isOut = false;
    const { outcome } = measured(two, board(), {
      before: (command) => {
        isOut ||= command === "b";
        return isOut ? new AppError("device/port-lost", "it is gone") : undefined;
      },
    });
    expect(outcome).toMatchObject({ areSettingsBack: false, problem: { code: "device/port-lost" } });
  });

  test("a board that does not take the current is not measured", () => {
    const { outcome, found } = measured(two, board(), {
      before: (command) => (command === "z201Z" ? "Failure: too many chars$$$" : undefined),
    });
    expect(outcome).toMatchObject({
      areSettingsBack: true,
      problem: {
        code: "device/setting-refused",
        message: "Channel 2 did not take its settings (z201Z)",
      },
    });
    expect(found.map((one) => one?.word)).toEqual(["good", "good", "good", undefined]);
  });

  test("a board that falls silent is said to be", () => {
    const { outcome } = measured(two, board(), { before: (command) => (command === "b" ? "" : undefined) });
    expect(outcome).toMatchObject({ areSettingsBack: true, problem: { code: "device/silent" } });
  });

  test("is not measured of the board's own signals", () => {
    const shorted = cyton.setup.parse({ source: "shorted" });
    expect(() => contact.electrodes(shorted)).toThrow(expect.objectContaining({ code: "device/no-contact" }));
  });

  test("ends with the device's defaults: no current flows after a reset", () => {
    const device = board();
    const values = (): number => {
      device.receive(bytesOf("b"));
      const [, packet] = device.frames(0.004);
      device.receive(bytesOf("s"));
      return sure(packet)
        .bytes.subarray(2, PACKET_BYTES - 7)
        .reduce((sum, byte) => sum + byte, 0);
    };
    expect(values()).toBe(0);
    device.receive(bytesOf("z110Z"));
    expect(values()).not.toBe(0);
    device.receive(bytesOf("d"));
    expect(values()).toBe(0);
  });
});
