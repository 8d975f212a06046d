import fc from "fast-check";
import { expect, test } from "vitest";
import { noteIn, noteOf } from "./noted.ts";

const event = { name: { en: "Deceleration", ja: "一過性徐脈" }, onsetS: 1, durationS: 0.6 };
const decided = noteOf({
  ...{ code: "decided", by: "A" },
  opinions: [
    { reader: "B", events: [event, { ...event, onsetS: 12.34 }] },
    { reader: "", events: [] },
  ],
});
const agreed = noteOf({ code: "agreed", by: "A", readers: ["B", ""] });

test("what Kodo notes at a label is worded in the language of who reads it", () => {
  expect(noteIn(decided, "en")).toBe(
    "Decided by A. B: Deceleration 1.0 to 1.6 s, Deceleration 12.3 to 12.9 s; an earlier reader: nothing",
  );
  expect(noteIn(decided, "ja")).toBe(
    "決定: A。B: 一過性徐脈 1.0〜1.6 秒、一過性徐脈 12.3〜12.9 秒。以前の判読者: なし",
  );
  expect(noteIn(agreed, "en")).toBe("B, an earlier reader agree; kept by A");
  expect(noteIn(agreed, "ja")).toBe("一致: B、以前の判読者。採用: A");
});

test("what a person typed, a Kodo of before wrote or a later one will write stays as it is", () => {
  fc.assert(
    fc.property(fc.string(), (note) => {
      expect(noteIn(note, "ja")).toBe(note);
    }),
  );
  for (const note of [
    "Decided by A. B: Hand open 1.0 to 1.6 s",
    decided.slice(0, -1),
    "kodo:note ",
    'kodo:note {"code":"else"}',
  ])
    expect(noteIn(note, "en")).toBe(note);
});
