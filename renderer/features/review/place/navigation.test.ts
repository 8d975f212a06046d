import { expect, test, vi } from "vitest";
import { change, endS } from "../../../state/viewport.ts";
import { navigationOf } from "./navigation.ts";
import { reviewed } from "../reviewing.fixtures.ts";

async function navigation(given: Partial<Parameters<typeof navigationOf>[1]> = {}) {
  const review = await reviewed();
  const events = await review.events();
  const { viewport, selection } = review.reviewing.place;
  return {
    ...review,
    all: events,
    cursor: () => selection.getState().cursorS,
    view: () => viewport.getState(),
    at: (more: typeof given = {}) =>
      navigationOf(review.reviewing, {
        ...{ events, event: undefined, shownChannels: review.detail.channels, channelMeant: 0, unsure: [] },
        ...{ read: () => undefined, ...given, ...more },
      }),
  };
}

test("the cursor stops at the ends of the recording, in sight, and says where it is", async () => {
  const { at, cursor, view, reviewing, last } = await navigation();
  at().stepCursor(-1e6);
  expect(cursor()).toBe(0);
  at().toEnd();
  at().stepCursor(80);
  expect(cursor()).toBe(reviewing.durationS);
  expect(endS(view())).toBeGreaterThanOrEqual(reviewing.durationS - 1e-6);
  expect(last()).toMatch(/^\d+:\d\d/);
});

test("a step of one sample is one sample of the channel meant, at any zoom", async () => {
  const { at, cursor, cursorAt, detail } = await navigation();
  const rate = detail.channels[0]?.sampleRate ?? 0;
  cursorAt(100 + 0.3 / rate); // between two samples
  at().stepSample(1);
  expect(cursor()).toBeCloseTo(100 + 1 / rate, 9);
  at().stepSample(-1);
  expect(cursor()).toBeCloseTo(100, 9);
  at({ channelMeant: undefined }).stepSample(1);
  expect(cursor()).toBeCloseTo(100, 9);
});

test("from event to event, and no further than the last", async () => {
  const { at, all, cursor, cursorAt, last } = await navigation();
  const [first] = all;
  cursorAt(-1);
  at().neighbourEvent(1);
  expect(cursor()).toBe(first?.onsetS);
  expect(last()).toContain(`Selected ${first?.name ?? "?"}`);
  const end = all.at(-1);
  cursorAt(0);
  at({ event: end }).neighbourEvent(1); // the selected one counts, not the cursor
  expect(cursor()).toBe(0);
});

test("uncertain stretches are gone through in order and then from the beginning, which is said", async () => {
  const unsure = [
    { fromS: 40, toS: 50 },
    { fromS: 200, toS: 220 },
  ];
  const { at, cursor, cursorAt, last } = await navigation({ unsure });
  cursorAt(45);
  at().nextUnsure();
  expect(cursor()).toBe(210);
  expect(last()).toContain("Uncertain stretch");
  at().nextUnsure();
  expect(cursor()).toBe(45);
  expect(last()).toContain("starting again from the beginning");
});

test("an extremum found after the reader has turned the page moves nothing", async () => {
  const { at, cursor, cursorAt, view, reviewing, last } = await navigation();
  cursorAt(100);
  at().toExtremum();
  change(reviewing.place.viewport, (now) => ({ ...now, startS: now.startS + 20 }));
  const moved = view();
  await new Promise((done) => setTimeout(done, 20));
  expect([cursor(), view()]).toEqual([100, moved]);
  at().toExtremum();
  await vi.waitFor(() => expect(cursor()).not.toBe(100));
  expect(Math.abs((cursor() ?? 0) - 100)).toBeLessThanOrEqual(20.5); // 40 px at 2 px a second
  expect(last()).toMatch(/^\d+:\d\d/);
});

test("a page turned takes the cursor along, and the zoom keeps it where it is", async () => {
  const { at, cursor, cursorAt, view } = await navigation();
  cursorAt(100);
  const before = view();
  at().turnPage(1);
  expect((cursor() ?? 0) - view().startS).toBeCloseTo(100 - before.startS, 6);
  const px = ((cursor() ?? 0) - view().startS) * view().pxPerS;
  at().zoom(1.4);
  expect(((cursor() ?? 0) - view().startS) * view().pxPerS).toBeCloseTo(px, 6);
});
