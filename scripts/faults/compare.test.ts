import { expect, test } from "vitest";
import { compared, type SentSample } from "./compare.ts";

const sent = Array.from({ length: 20 }, (_, i): SentSample => {
  const atS = i / 4;
  return { atS, putS: atS, put: i, isLast: true, values: [100 + i], fate: "sent", session: 1, frame: i };
});
const storedAs = (values: readonly number[]) => ({
  ...{ channel: 0, rate: 4 },
  channels: [{ samples: values, reasons: new Uint8Array(values.length) }],
});
const check = { isNoisy: true, isChecked: false, isCounted: false, outages: [], turn: 256 };

test("a value of another message, taken for one of this stream, is damage: those after it are what was sent", () => {
  const values = [100, 101, 102, 113, 103, 104, 105];
  expect(compared(storedAs(values), sent, check, 0)).toMatchObject({
    ...{ invented: [], unmarked: [], misplaced: [], damagedTaken: 1, untold: 1 },
    matched: [0, 1, 2, 3, 4, 5].map((one) => ({ at: one < 3 ? one : one + 1, sent: one })),
  });
  const isChecked = compared(storedAs(values), sent, { ...check, isChecked: true }, 0);
  expect(isChecked.invented).toEqual([4, 5, 6]); // where a checksum would have told
  const quiet = compared(storedAs(values), sent, { ...check, isNoisy: false }, 0);
  expect(quiet.invented).toEqual([4, 5, 6]); // nor is there damage on a line that does none
  const twice = [100, 101, 101, 102];
  expect(compared(storedAs(twice), sent, { ...check, isNoisy: false }, 0)).toMatchObject({
    ...{ invented: [2], damagedTaken: 0 },
  });
});

test("what is missing without a word is found, what is masked is not", () => {
  const { unmarked, untold } = compared(
    storedAs([100, 101, 104, 105]),
    sent,
    { ...check, isCounted: true },
    0,
  );
  expect([unmarked, untold]).toEqual([[1], 0]);
});
