import { expect, test } from "vitest";
import type { ChannelLive, Cue, DeviceState } from "../../../preload/contract/acquisition.ts";
import { createViewport, endS, spanS, startAt, type Viewport } from "../../state/viewport.ts";
import { emgGestures } from "../../fake/study.ts";
import { following, reaching, showsTail, staying } from "./live-follow.ts";
import { roundUp } from "./live-ranges.ts";
import { cueLane, heardS, isShownLost, shownChannels, withCue } from "./live-view.ts";
import { sharesOf } from "./quality.tsx";

const view = (part: Partial<Viewport> = {}): Viewport =>
  createViewport({ pxPerS: 10, widthPx: 1000, maxPxPerS: 100, ...part }).getState();

test("the tail follows and keeps its distance from the edge; a short recording begins at the left", () => {
  expect(following(view(), 20, false)).toMatchObject({ startS: 0 });
  const later = following(view(), 500, false);
  expect(endS(later) - 500).toBeCloseTo(spanS(later) * 0.045, 6);
  expect(showsTail(later, 500)).toBe(true);
});

test("who goes back stays there while the recording grows", () => {
  const back = startAt(following(view(), 500, false), 100);
  const grown = staying(back, 700);
  expect(grown.startS).toBe(100);
  expect(showsTail(grown, 700)).toBe(false);
  expect(startAt(reaching(back, 700), 1e6).startS).toBeCloseTo(700 + 4.5 - 100, 6); // no further than the tail
});

test("what may come has room behind the tail, two fifths of the view at most, and none once it is not wanted", () => {
  const ahead = following(view(), 500, false, 30);
  expect(endS(ahead) - 500).toBeCloseTo(30 + spanS(ahead) * 0.045, 6);
  expect(endS(following(view(), 500, false, 120)) - 500).toBeCloseTo(spanS(ahead) * 0.445, 6);
  expect(showsTail(startAt(ahead, ahead.startS - 30), 500, 30)).toBe(false);
  expect(following(ahead, 500, false)).toEqual(following(view(), 500, false));
  const starts = new Set<number>();
  for (let [s, now] = [50, view()]; s < 400; s++) {
    now = following(now, s, true, 120); // where it stands still, too
    starts.add(now.startS);
    expect(endS(now) - s).toBeGreaterThanOrEqual(40);
  }
  expect(starts.size).toBeLessThan(16); // and does not turn at every breath
});

test("where no motion is wanted the view stands still and turns by half a page", () => {
  let now = following(view(), 50, true);
  const starts = new Set<number>();
  for (let s = 50; s < 400; s++) {
    now = following(now, s, true);
    starts.add(now.startS);
    expect(s).toBeGreaterThanOrEqual(now.startS);
    expect(s).toBeLessThanOrEqual(endS(now));
  }
  expect(starts.size).toBeLessThan(9);
});

const channel = (part: Partial<ChannelLive>): ChannelLive => ({
  ...{ label: "x", unit: "", role: "other", sampleRate: 4, device: 0, site: "", sampleCount: 0 },
  ...{ quality: "good", railedShare: 0, missingShare: 0, history: [] },
  ...part,
});

test("what one device owes makes nothing old that another still says; where none sends, time goes on all the same", () => {
  const come = [channel({ sampleCount: 400 }), channel({ sampleCount: 396, device: 1 })]; // 100 s, and 99 as a gap
  expect(heardS({ channels: come, devices: [{ silentS: 0.2 }, { silentS: 60 }] })).toBeCloseTo(100.2, 6);
  expect(heardS({ channels: come, devices: [{ silentS: 5 }, { silentS: 60 }] })).toBeCloseTo(105, 6);
  expect(heardS({ channels: [], devices: [] })).toBe(0);
  const clocks = [{ channels: [1], pieces: [{ first: 0, atS: 0, rate: 4 * 1.05 }] }]; // a fast one
  const fast = [channel({ sampleCount: 400 }), channel({ sampleCount: 420, device: 1 })];
  expect(heardS({ channels: fast, clocks, devices: [] })).toBeCloseTo(100, 6);
});

test("of a monitor the channels with a sensor are shown, and the first heart rate even before it has one", () => {
  const channels = [
    channel({ label: "FHR1", role: "fhr" }),
    channel({ label: "FHR2", role: "fhr" }),
    channel({ label: "TOCO", role: "uc", value: 4 }),
    channel({ label: "FHR1 quality" }),
  ];
  expect(shownChannels({ kind: "ctg", channels })).toEqual([0, 2]);
  const twins = channels.map((one) => (one.role === "fhr" ? { ...one, value: 140 } : one));
  expect(shownChannels({ kind: "ctg", channels: twins })).toEqual([0, 1, 2]);
  expect(shownChannels({ kind: "other", channels })).toEqual([0, 1, 2, 3]);
});

test("the strip has lost its signal where nothing comes of what it shows, and not where another device is gone", () => {
  const channels = [
    channel({ label: "FHR1", role: "fhr", value: 140 }),
    channel({ label: "force", device: 1 }),
  ];
  const device = (link: DeviceState["link"]): DeviceState => ({
    ...{ protocol: "cyton", port: "a", identity: { facts: {} }, link, silentS: 0, attempts: 0, received: 0 },
    ...{ lost: {}, isLossExact: true, lostShare5s: 0, longestGapS: 0, gaps: 0, skippedBytes: 0 },
  });
  const isLost = (kind: "ctg" | "other", ...links: readonly DeviceState["link"][]): boolean =>
    isShownLost({ kind, channels, devices: links.map(device) });
  expect(isLost("ctg", "streaming", "unplugged")).toBe(false);
  expect(isLost("ctg", "silent", "streaming")).toBe(true);
  expect(isLost("other", "streaming", "unplugged")).toBe(false); // both are shown, and one comes
  expect(isLost("other", "silent", "unplugged")).toBe(true);
  expect(isShownLost({ kind: "ctg", channels: [], devices: [] })).toBe(false);
});

test("a cue that was paused is drawn once with its new end, one that was repeated twice", () => {
  const cue = (part: Partial<Cue>): Cue => ({
    ...{ step: 3, steps: 9, what: "hold", label: "hand-open", repetition: 0, isPaused: false },
    ...{ beganS: 10, endsS: 15 },
    ...part,
  });
  let seen = withCue([], cue({}));
  expect(withCue(seen, cue({}))).toBe(seen);
  seen = withCue(seen, cue({ beganS: 12, endsS: 17 })); // two seconds' pause
  seen = withCue(seen, cue({ beganS: 20, endsS: 25 })); // again
  seen = withCue(seen, cue({ step: 4, what: "change" }));
  const [row] = cueLane(seen, emgGestures, "Cue", "en").rows;
  expect(row?.map(({ name, onsetS, durationS }) => [name, onsetS, durationS])).toEqual([
    ["Hand open", 12, 5],
    ["Hand open", 20, 5],
  ]);
});

test("shares of quality are those of what is known, and ranges are round", () => {
  expect(sharesOf(["good", "good", "weak", "none"])).toEqual([
    ["good", 0.5],
    ["weak", 0.25],
    ["none", 0.25],
  ]);
  expect([0.9, 1, 110, 260, 0, Number.NaN].map(roundUp)).toEqual([1, 1, 150, 300, 1, 1]);
});
