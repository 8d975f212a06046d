import type { SequenceJudge, SequenceModel } from "../../model.ts";
import { calibrated, calibrationFrom, calibrationKnots } from "./calibration.ts";
import { cropsOf, type Foreseer } from "./composite.ts";
import type { StateSpaceRecording } from "./fit.ts";
import { fitFloor, floorForeseer, floorNames } from "./floors.ts";
import { FURTHEST_S, inUnits } from "./future.ts";
import { recordingsOf } from "./recordings.ts";
import { followedChannels, seenSeconds } from "./seen.ts";

const [CROP_S, MOST_CROPS] = [600, 20];
const [EVERY_S, WARM_S] = [5, 120];

/** Simple methods that look ahead in any channel, with widths by the validation recordings. */
export const simpleForecasts: NonNullable<SequenceModel<never, never>["forecastFloors"]> = async (
  data,
  { signal },
) => {
  const { recordings, unit } = await recordingsOf(data, signal);
  const of = (part: StateSpaceRecording["part"]) =>
    recordings.filter((one) => one.part === part).map(({ seen: { y, observed } }) => ({ y, observed }));
  const train = of("train");
  const held = of("validation").length > 0 ? of("validation") : train;
  const judges: { name: string; judge: SequenceJudge }[] = [];
  for (const name of floorNames) {
    const foreseer = floorForeseer(name, await fitFloor(name, cropsOf(train, CROP_S, MOST_CROPS), signal));
    judges.push({ name, judge: floorJudge(foreseer, held, unit) });
  }
  return judges;
};

function floorJudge(
  foreseer: Foreseer,
  held: readonly { readonly y: Float64Array; readonly observed: Uint8Array }[],
  unit: number,
): SequenceJudge {
  const errors = new Map<number, number[]>(calibrationKnots.map((h) => [h, []]));
  for (const series of held) {
    const foreseen = foreseer(series);
    for (const [h, all] of errors)
      for (let t = WARM_S; t + h < series.y.length; t += EVERY_S) {
        if (series.observed[t + h] !== 1) continue;
        const { mean, variance } = foreseen.at(t, h);
        all.push(((series.y[t + h] ?? 0) - mean) / Math.sqrt(variance));
      }
  }
  const widths = calibrationFrom(calibrationKnots, (h) => Float64Array.from(errors.get(h) ?? []));
  return {
    judge: () => Promise.resolve([]),
    forecaster: (source) => {
      const channels = followedChannels(source.channels);
      const { y, observed } = seenSeconds(source, unit, channels);
      const foreseen = foreseer({ y, observed });
      const { label = "", unit: channelUnit = "" } = source.channels[channels.own] ?? {};
      return Promise.resolve({
        channel: channels.own,
        at: (timeS) => {
          const t = Math.floor(timeS + 1e-6) - 1;
          if (t < 0 || t >= y.length) return undefined;
          return {
            forecast: {
              ...{ fromS: t + 1, horizonS: FURTHEST_S, stepS: 1, over: label, unit: channelUnit },
              ...{ quantiles: [], branches: [], assumed: [] },
            },
            at: (aheadS) => {
              const h = Math.max(1, Math.round(aheadS));
              return h > FURTHEST_S ? undefined : inUnits(calibrated(widths, h, foreseen.at(t, h)), unit);
            },
          };
        },
      });
    },
    dispose: () => Promise.resolve(),
  };
}
