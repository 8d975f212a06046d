import { expect, test } from "vitest";
import { compared, isPartlyThere, type SentSample } from "./compare.ts";

const sent = Array.from({ length: 20 }, (_, i): SentSample => {
  const atS = i / 4;
  return {
    atS,
    putS: atS,
    put: i,
    isLast: true,
    values: [100 + i],
    fate: "sent",
    isWhole: true,
    session: 1,
    frame: i,
  };
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

test("beside an outage only what a line lost of a device that does not count may be untold", () => {
  const outages = [{ fromS: 0.1, toS: 0.55 }]; // it goes on with the sample of 0.5 s
  const lost = sent.map((one, i): SentSample => (i === 3 ? { ...one, fate: "lost" } : one));
  const stored = storedAs([100, 102, 104, 105]);
  const told = (of: readonly SentSample[], isCounted: boolean) => {
    const { unmarked, untold } = compared(stored, of, { ...check, outages, isCounted }, 0);
    return [unmarked, untold];
  };
  expect(told(lost, false)).toEqual([[0], 1]);
  expect(told(lost, true)).toEqual([[0, 1], 0]);
  expect(told(sent, false)).toEqual([[0, 1], 0]);
});

test("a torn sample is there where it has what came of it, behind the one before it", () => {
  const with2 = (reasons: readonly (readonly number[])[], last: number) => ({
    ...{ channel: 0, rate: 4 },
    channels: reasons.map((of, c) => ({ samples: [10 + c, last + c], reasons: Uint8Array.from(of) })),
  });
  const matched = [{ at: 0, sent: 6, atS: 1 }];
  const torn = { at: 7, values: [20, 21] };
  const half = [
    [0, 3],
    [0, 0],
  ];
  expect(isPartlyThere(with2(half, 20), matched, torn)).toBe(true);
  expect(isPartlyThere(with2(half, 30), matched, torn)).toBe(false); // something else
  expect(isPartlyThere(with2([[0, 3], [0, 3]], 20), matched, torn)).toBe(false); // prettier-ignore
  expect(isPartlyThere(with2([[0], [0]], 20), matched, torn)).toBe(false); // nothing follows
  expect(isPartlyThere(with2(half, 20), [], torn)).toBe(false);
});
