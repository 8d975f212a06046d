import { expect, test } from "vitest";
import { physicalOf } from "./piece.ts";

test("a channel of a piece is what the library will give: of its type, physical, the value beneath a reason kept", () => {
  const header = {
    ...{ label: "EMG", unit: "uV", sampleRate: 100, role: "emg" as const, sampleType: "int16" as const },
    ...{ gain: 0.5, offset: 1 },
  };
  const values = Float64Array.of(1, 10, 2, 20, 3, 70_000);
  const reasons = Uint8Array.of(0, 0, 0, 6, 0, 0);
  const piece = { kind: "samples" as const, channel: 0, first: 7, count: 3, values, reasons };
  expect(physicalOf(piece, header, 0)).toEqual({
    values: Float32Array.of(1.5, 2, 2.5),
    reasons: new Uint8Array(3),
  });
  expect(physicalOf(piece, header, 1)).toEqual({
    values: Float32Array.of(6, 11, (70_000 - 65_536) / 2 + 1),
    reasons: Uint8Array.of(0, 6, 0),
  });
});
