import { expect, test } from "vitest";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { ChannelQuality } from "./quality.ts";

const RATE = 250;
const emg: ChannelHeader = {
  ...{ label: "EMG", role: "emg", sampleRate: RATE, sampleType: "int16" },
  ...{ gain: 0.5, offset: 1, unit: "uV" },
};
const hum = (hz: number) => (i: number) => 1000 * Math.sin((2 * Math.PI * hz * i) / RATE);

/** So many seconds of a channel, by index of its sample. */
function fed(
  quality: ChannelQuality,
  seconds: number,
  value: (i: number) => number,
  reason: (i: number) => number = () => 0,
): ChannelQuality {
  for (let i = 0; i < seconds * RATE; i += 1) quality.add(value(i), reason(i), i / RATE);
  return quality;
}
const channel = (powerLineHz = 50): ChannelQuality => new ChannelQuality(emg, powerLineHz);

test("the share of the mains is that of the power at its frequency, whatever lies beside it and at zero", () => {
  const share = (value: (i: number) => number, hz = 50) =>
    fed(channel(hz), 6, value).state(6, false).powerLineShare ?? NaN;
  expect(share(hum(50))).toBeCloseTo(1, 2);
  expect(share((i) => 5000 + hum(50)(i))).toBeCloseTo(1, 2);
  expect(share(hum(60))).toBeCloseTo(0, 2);
  expect(share(hum(60), 60)).toBeCloseTo(1, 2);
  expect(share((i) => hum(50)(i) + hum(83)(i))).toBeCloseTo(0.5, 2);
  expect(share(() => 0)).toBeNaN(); // there is no power to share
});

test("a channel that cannot show the mains, or is no EMG, has no share of it", () => {
  for (const change of [{ sampleRate: 90 }, { role: "fhr" as const }])
    expect(
      fed(new ChannelQuality({ ...emg, ...change }, 50), 6, hum(5)).state(6, false).powerLineShare,
    ).toBeUndefined();
});

test("what is at the rail, and what is missing, are shares of the last 5 s; more than a hundredth is no good signal", () => {
  const railed = (every: number) => (i: number) => (i % every === 0 ? maskReasons.saturated : 0);
  expect(fed(channel(), 5, hum(30), railed(50)).state(5, false)).toMatchObject({
    ...{ quality: "weak", railedShare: 0.02, missingShare: expect.closeTo(0.02, 6) as number },
  });
  expect(fed(channel(), 5, hum(30), railed(125)).state(5, false)).toMatchObject({ quality: "good" });
  const lost = fed(channel(), 5, hum(30));
  expect(lost.state(5, false)).toMatchObject({ quality: "good", missingShare: 0 });
  lost.gap(4 * RATE);
  expect(lost.state(9, false)).toMatchObject({ quality: "none", missingShare: 0.8 });
  expect(fed(lost, 5, hum(30)).state(14, false)).toMatchObject({ quality: "good", missingShare: 0 });
});

test("the last value is physical and has its age; of a device that is silent now nothing is good", () => {
  const quality = fed(channel(), 5, () => 10);
  quality.add(99, maskReasons.saturated, 5);
  expect(quality.state(8, false)).toMatchObject({
    value: 6,
    ageS: 8 - (5 * RATE - 1) / RATE,
    quality: "good",
  });
  expect(quality.state(8, true).quality).toBe("none");
  expect(channel().state(8, false)).toMatchObject({ quality: "none", missingShare: 1, history: [] });
});

test("five minutes of it stay, 5 s each, and an outage of hours is as quickly told", () => {
  const quality = fed(channel(), 300, hum(30));
  quality.gap(10);
  expect(quality.state(300, false).history).toEqual(Array(60).fill("good"));
  const began = performance.now();
  quality.gap(1e9);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(quality.state(1e6, false).history).toEqual(Array(60).fill("none"));
});
