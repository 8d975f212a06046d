import { expect, test } from "vitest";
import type { SentSample } from "./compare.ts";
import { lostOf } from "./judge.ts";
import type { Seen } from "./messages.ts";

const plan = { protocol: "cobs", setup: {} } as const;
const state: Seen = {
  ...{ kind: "state", phase: "recording", link: "streaming", alarms: [] },
  ...{ atS: 1, elapsedS: 1, durableS: 1 },
};
const happened = { seen: [state], askedS: 20, times: [], recordedS: 0 };

/** Ten samples of two channels a second; pulled out at 5 s for two seconds, of the last before it only a part was sent. */
const sent = Array.from({ length: 100 }, (_, i): SentSample => {
  const atS = i / 10 + (i >= 50 ? 2 : 0);
  const session = i >= 50 ? 2 : 1;
  const times = { atS, putS: atS, put: i, isLast: true };
  return { ...times, values: [i, -i], fate: "sent", isWhole: i !== 49, session, frame: i };
});
const outages = [{ kind: "unplug" as const, fromS: 4.95, toS: 6.95, isShown: true }];

function judged(
  missing: readonly number[],
  {
    half = 0,
    readS = (i: number) => (i < 50 ? i / 10 + 0.01 : i / 10 + 2.01),
  }: {
    readonly half?: number; // reason of the second channel of the torn one
    readonly readS?: (i: number) => number | undefined;
  } = {},
) {
  const there = sent.flatMap((one, i) => (missing.includes(i) ? [] : [{ one, i }]));
  const stored = {
    ...{ channel: 0, rate: 10 },
    channels: [0, 1].map((c) => ({
      samples: there.map(({ one }) => one.values[c] ?? 0),
      reasons: Uint8Array.from(there, ({ i }) => (i === 49 && c === 1 ? half : 0)),
    })),
  };
  const matched = there.flatMap(({ one, i }, at) => (i === 49 ? [] : [{ at, sent: i, atS: one.atS }]));
  const line = { cameS: sent.map((_, i) => readS(i)), slackS: 1 };
  return lostOf(plan, happened, { stored, sent, matched, outages }, line);
}

test("a sample that was read and is not there is lost, wherever it was; one that was never read, or after the line broke, is excused", () => {
  expect(judged([])).toEqual({ lost: [], excused: 0 });
  expect(judged([47])).toEqual({ lost: [4.7], excused: 0 }); // shortly before the cable was pulled out
  expect(judged([51])).toEqual({ lost: [7.1], excused: 0 }); // the second after it was put in again
  expect(judged([20, 21])).toEqual({ lost: [2, 2.1], excused: 0 });
  const unread = (i: number): number | undefined => (i === 47 ? undefined : i / 10 + 0.01);
  expect(judged([47], { readS: unread })).toEqual({ lost: [], excused: 1 });
  const late = (i: number): number => (i >= 47 ? 4.96 + i / 100 : i / 10 + 0.01);
  expect(judged([47], { readS: late })).toEqual({ lost: [], excused: 1 });
});

test("of a sample that was torn when the cable was pulled out what was read is there, or lost", () => {
  expect(judged([], { half: 3 })).toEqual({ lost: [], excused: 0 });
  expect(judged([49], { half: 3 })).toEqual({ lost: [4.9], excused: 0 });
  const unread = (i: number): number | undefined => (i === 49 ? undefined : i / 10 + 0.01);
  expect(judged([49], { half: 3, readS: unread })).toEqual({ lost: [], excused: 1 });
});
