import { expect, test } from "vitest";
import { createClock } from "./clock.ts";
import { type Drifting, DriftingDevice } from "./drift.fixtures.ts";
import { StreamTrack } from "./stream-track.ts";
import { timeOfSample } from "../../preload/contract/channel-clock.ts";
import { clocksOf } from "../signal/clocks.ts";
import type { ClockFit } from "../storage/samples/arrivals.ts";

const HOUR_S = 3600;
const LENGTH_S = 12 * HOUR_S;
const RATE = 256;
const EVERY_S = 30; // an event
const BEGAN_S = 20.123; // the devices were connected before

const line: Omit<Drifting, "ppm" | "seed" | "losses" | "stalls" | "away"> = {
  ...{ rate: RATE, wanderPpm: 5, batchS: 0.1 },
};
/** Of 25.6 samples a batch the last has waited for at most a fifth of a sample in one of five; then comes the link. */
const JITTER_S = 0.2 / RATE + 0.2e-3;
const LIMIT_S = 2e-3 + JITTER_S;

/** The recorder is killed, and followed by another. */
const KILLED: readonly [number, number] = [7.3 * HOUR_S, 1.7];

const first: Drifting = {
  ...{ ...line, ppm: 100, seed: 1 },
  away: [[2 * HOUR_S, 40], [4 * HOUR_S, 900], KILLED, [9 * HOUR_S, 5]],
  losses: [
    [1 * HOUR_S, 0.4],
    [5 * HOUR_S, 3],
  ],
  stalls: { everyS: 137, lengthS: 0.3, longS: 4 },
};
const second: Drifting = {
  ...{ ...line, ppm: -100, wanderPpm: -3, seed: 2 },
  away: [[3 * HOUR_S, 60], KILLED, [10 * HOUR_S, 2]],
  losses: [[6 * HOUR_S, 10]],
  stalls: first.stalls,
};

interface Pressed {
  readonly atS: number; // where the mark was put
  readonly madeS: number;
  readonly device: number; // whose event it was
  readonly session: number;
  readonly sample: number;
}

/** Two devices over twelve hours, with a recorder that is killed meanwhile. */
function recorded() {
  const devices = [new DriftingDevice(first), new DriftingDevice(second)] as const;
  const kept = new Map<string, ClockFit>(); // as the library keeps them
  const made = (channel: number): StreamTrack =>
    new StreamTrack({ channel, width: 1, rate: RATE }, createClock(RATE));
  let tracks: readonly [StreamTrack, StreamTrack] = [made(0), made(1)];
  let [isBegun, isFollowed] = [false, false];
  const presses: (Pressed & { readonly placedS: number })[] = [];
  let waiting: Pressed[] = [];
  for (let batch = 0; batch * line.batchS < LENGTH_S; batch += 1) {
    const nowS = batch * line.batchS;
    if (batch % 4 === 0)
      for (const fit of tracks.flatMap((track) => track.flush().times.fits))
        kept.set(`${fit.channel} ${fit.session} ${fit.first}`, fit);
    if (!isBegun && nowS > BEGAN_S) {
      isBegun = true;
      for (const track of tracks) track.begin(BEGAN_S);
    }
    if (!isFollowed && nowS > KILLED[0]) {
      isFollowed = true;
      const before = tracks;
      tracks = [made(0), made(1)];
      for (const [channel, track] of tracks.entries()) {
        const fit = [...kept.values()].findLast((one) => one.channel === channel);
        track.begin(BEGAN_S, { next: before[channel]?.next ?? 0, fit });
      }
    }
    if (isBegun && batch % (EVERY_S / line.batchS) === 0) {
      for (const one of waiting) {
        const placedS =
          one.session === devices[one.device]?.session && tracks[one.device]?.placedS(one.sample);
        if (typeof placedS === "number") presses.push({ ...one, placedS });
      }
      waiting = [0, 1].flatMap((at) => {
        const device = devices[at];
        if (device === undefined || !device.isThere()) return [];
        const { nextS, next, session } = device;
        return [{ device: at, session, sample: next, madeS: nextS, atS: tracks[0].recordedS(nextS) ?? NaN }];
      });
    }
    devices[0].advance(tracks[0]);
    devices[1].advance(tracks[1]);
  }
  return { presses, fits: [...kept.values()], counts: tracks.map(({ next }) => next) };
}

test("over twelve hours a mark lies at the sample that was made when it was set, of the first device and of the second", () => {
  const { presses, fits, counts } = recorded();
  const own = presses.filter(({ device }) => device === 0);
  expect(own.length).toBeGreaterThan(1390);
  expect(Math.max(...own.map(({ atS, placedS }) => Math.abs(atS - placedS)))).toBeLessThan(LIMIT_S); // 0.8 ms
  expect(Math.max(...own.map(({ madeS, placedS }) => Math.abs(madeS - BEGAN_S - placedS)))).toBeGreaterThan(
    4,
  ); // by the host's seconds
  const channels = counts.map((sampleCount, position) => ({ position, sampleRate: RATE, sampleCount }));
  const [clock, ...others] = clocksOf(fits, channels);
  expect([clock?.channels, others]).toEqual([[1], []]);
  const drawn = presses
    .filter(({ device }) => device === 1)
    .map((one) => ({ ...one, timeS: timeOfSample(clock?.pieces, RATE, Math.round(one.placedS * RATE)) }));
  expect(drawn.length).toBeGreaterThan(1390);
  expect(Math.max(...drawn.map(({ atS, timeS }) => Math.abs(atS - timeS)))).toBeLessThan(LIMIT_S); // 1.1 ms
  expect(Math.max(...drawn.map(({ atS, placedS }) => Math.abs(atS - placedS)))).toBeGreaterThan(8); // at its nominal rate
}, 120_000);
