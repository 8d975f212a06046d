import { describe, expect, test } from "vitest";
import type { Samples } from "../protocol.ts";
import { analogOf, digitalOf, frameOf, isFrame, sequenceOf } from "./frame.ts";
import { bitalino } from "./protocol.ts";

const worked: readonly (readonly [string, readonly number[]])[] = [
  ["00 A8 5D", [512]],
  ["2C 01 A8 57", [512, 300]],
  ["C0 FF 2C 01 A8 50", [512, 300, 1023]],
  ["10 C0 FF 2C 01 A8 5B", [512, 300, 1023, 1]],
  ["00 1A C0 FF 2C 01 A8 54", [512, 300, 1023, 1, 40]],
  ["3F 1A C0 FF 2C 01 A8 52", [512, 300, 1023, 1, 40, 63]],
];

describe.each(worked)("%s", (hex, analog) => {
  const bytes = Uint8Array.from(hex.split(" "), (byte) => parseInt(byte, 16));

  test("is written as the specification has it, and read back", () => {
    expect(frameOf(5, 0b1010, analog)).toEqual(bytes);
    expect(isFrame(bytes, 0, bytes.length)).toBe(true);
    expect(sequenceOf(bytes, 0, bytes.length)).toBe(5);
    expect(digitalOf(bytes, 0, bytes.length)).toBe(0b1010);
    expect(analog.map((_, channel) => analogOf(bytes, bytes.length, channel))).toEqual(analog);
  });

  test("with any one bit flipped is no frame", () => {
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isFrame(flipped, 0, flipped.length)).toBe(false);
    }
  });
});

describe("what is recorded", () => {
  const pushed = (setup: unknown, analog: readonly number[], digital = 0): Samples | undefined => {
    const driver = bitalino.driver(bitalino.setup.parse(setup));
    return [0, 1, 2, 3]
      .flatMap((n) => driver.push(frameOf(n, digital, analog), n / 1000))
      .find((event) => event.kind === "samples");
  };

  test("an EMG at the converter's limit is saturated, another sensor there is not", () => {
    expect([...(pushed({ inputs: [1, 2] }, [1023, 0])?.reasons ?? [])].slice(0, 2)).toEqual([6, 6]);
    const sensors = [{ kind: "other" }, { kind: "other" }];
    expect(pushed({ inputs: [1, 2], sensors }, [1023, 0])?.reasons).toBeUndefined();
  });

  test("digital inputs are channels of 0 and 1", () => {
    expect([...(pushed({ digital: true }, [7], 0b0110)?.values ?? [])].slice(0, 3)).toEqual([7, 0, 1]);
  });

  test("one step of a 10-bit EMG is 3.19 uV, and half the range is zero", () => {
    const [stream] = bitalino.streams(bitalino.setup.parse({}));
    const [emg] = stream?.channels ?? [];
    expect(emg).toMatchObject({ label: "EMG A1", unit: "uV", role: "emg" });
    expect(emg?.gain).toBeCloseTo(3.194, 3);
    expect(512 * (emg?.gain ?? NaN) + (emg?.offset ?? NaN)).toBeCloseTo(0, 9);
  });

  test("other sensors give volts, the sixth channel in 64 steps", () => {
    const sensors = [1, 2, 3, 4, 5, 6].map(() => ({ kind: "other", unit: "V" }));
    const [stream] = bitalino.streams(bitalino.setup.parse({ inputs: [1, 2, 3, 4, 5, 6], sensors }));
    expect(stream?.channels[5]).toMatchObject({
      label: "A6",
      unit: "V",
      gain: 3.3 / 64,
      offset: 0,
      role: "other",
    });
  });

  test("an input twice is refused", () => {
    expect(bitalino.setup.safeParse({ inputs: [1, 1] }).success).toBe(false);
  });
});
