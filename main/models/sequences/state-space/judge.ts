import type { Content, Curves, Series } from "../../../../preload/contract/finding.ts";
import { pause } from "../../../compute/pause.ts";
import { standardLaw } from "../../distributions/student-t.ts";
import type { SignalSource } from "../../fronts/front.ts";
import type { Forecaster, SequenceJudge } from "../../model.ts";
import { BASELINE_BAND_SD, baselineOf, type Baseline } from "./baseline.ts";
import { calibrationAt, type Calibration } from "./calibration.ts";
import { drivenBy } from "./drive.ts";
import { STATES } from "./filter.ts";
import { followerOf } from "./follower.ts";
import { namesOf, outlook } from "./future.ts";
import { bothWays } from "./gaps/both-ways.ts";
import { filled } from "./gaps/fill.ts";
import type { LearnedStateSpace } from "./learned.ts";
import { eventRegimes, switchingWith } from "./readers/events.ts";
import { filterRegimes, type RegimeFiltered, smoothRegimes, switchingOf } from "./regimes.ts";
import { followedChannels, seenSeconds, type FollowedChannels, type SeenSeconds } from "./seen.ts";
import { smoothStates } from "./smoother.ts";
import { regimesOf, trackOf } from "./track.ts";

export function stateSpaceJudge(learned: LearnedStateSpace): SequenceJudge {
  const { gaps } = learned;
  const ahead = outlook(learned);
  return {
    judge: async (source, { signal }) => {
      const channels = followedChannels(source.channels);
      const seen = seenSeconds(source, learned.unit, channels);
      await pause(signal);
      return curvesOf(learned, seen, facts(source, channels));
    },
    forecaster: async (source, { signal }): Promise<Forecaster> => {
      const channels = followedChannels(source.channels);
      const seen = seenSeconds(source, learned.unit, channels);
      await pause(signal);
      const track = trackOf(learned, seen);
      const names = namesOf(source, channels);
      return {
        channel: channels.own,
        at: (timeS) => ahead.at(track, Math.floor(timeS + 1e-6), names),
      };
    },
    follower: (channels) => Promise.resolve(followerOf(learned, ahead, channels)),
    ...(gaps === null
      ? {}
      : {
          fill: async (source, { signal }): Promise<Curves> => {
            const channels = followedChannels(source.channels);
            const seen = seenSeconds(source, learned.unit, channels);
            await pause(signal);
            const said = filled(gaps, bothWays(seen, seen.contractions, learned.dynamics));
            const times = (values: Float32Array): Float32Array => values.map((v) => v * learned.unit);
            const [value, low, high] = [times(said.value), times(said.low), times(said.high)];
            const own = facts(source, channels);
            const series: Series = {
              ...{ name: own.label, unit: own.unit, over: own.label, sampleRate: 1 },
              ...{ value, low, high, observed: said.observed, as: "filled" },
            };
            return { kind: "curves", series: [series], forecasts: [] };
          },
        }),
    dispose: () => Promise.resolve(),
  };
}

interface Facts {
  readonly label: string;
  readonly unit: string;
}

const facts = ({ channels }: Pick<SignalSource, "channels">, { own }: FollowedChannels): Facts => ({
  label: channels[own]?.label ?? "",
  unit: channels[own]?.unit ?? "",
});

const SURE = 1.6449; // sd either side of a 90 % band
const UNSURE_SD = 8; // beats a minute: a state known no better is not said

/** Everything that is said of a whole recording, knowing all of it. */
function curvesOf(learned: LearnedStateSpace, seen: SeenSeconds, { label, unit }: Facts): Content[] {
  const { dynamics, drive } = learned;
  const steps = seen.y.length;
  if (steps === 0) return [];
  const regimes = regimesOf(learned);
  const switching = switchingOf(dynamics, regimes);
  const phi = drive === null ? undefined : drivenBy(drive.input, seen.contractions.level).phi;
  const kept = filterRegimes({ y: seen.y, observed: seen.observed, drive: phi }, switching);
  const states = smoothStates(kept, dynamics);
  const baseline = baselineOf(seen, dynamics);
  const scaled = (values: Float32Array): Float32Array => values.map((v) => v * learned.unit);
  const common = { sampleRate: 1, over: label, unit };
  const line: Series = {
    ...{ name: "baseline", ...common, observed: baseline.observed },
    value: scaled(baseline.value),
    low: scaled(baseline.value.map((v, t) => v - SURE * bandSd(baseline, t))),
    high: scaled(baseline.value.map((v, t) => v + SURE * bandSd(baseline, t))),
  };
  const deviation = deviationOf(states, baseline, phi);
  const away = (name: string, sign: number): Series => {
    const above = (v: number): number => Math.max(0, sign * v);
    const { value, sd, observed } = deviation;
    return {
      ...{ name, ...common, observed, as: "bars", value: scaled(value.map(above)) },
      low: scaled(value.map((v, t) => Math.max(0, sign * v - SURE * (sd[t] ?? 0)))),
      high: scaled(value.map((v, t) => Math.max(0, sign * v + SURE * (sd[t] ?? 0)))),
    };
  };
  const series: Series[] = [line, away("deceleration", -1), away("acceleration", 1)];
  const { names, shares } = regimeShares(learned, seen, kept);
  if (names.length > 1)
    names.forEach((name, k) => {
      series.push({
        ...{ name, ...common, unit: "probability", as: "share", observed: baseline.observed },
        value: Float32Array.from({ length: steps }, (_, t) => shares[t * names.length + k] ?? 0),
      });
    });
  series.push({
    ...{ name: "surprise", ...common, unit: "nat", as: "bars", notable: learned.notable },
    ...{ value: surprisesOf(kept, drive?.calibration ?? learned.calibration), observed: seen.observed },
  });
  return [{ kind: "curves", series, forecasts: [] }];
}

/** How probable each regime is, [seconds x names]: those of variability, or of events too by a filter of their own. */
function regimeShares(
  learned: LearnedStateSpace,
  { y, observed }: SeenSeconds,
  kept: RegimeFiltered,
): { readonly names: readonly string[]; readonly shares: Float64Array } {
  const { dynamics, events } = learned;
  if (events !== null) {
    const switching = switchingWith(dynamics, events);
    return {
      names: eventRegimes,
      shares: smoothRegimes(filterRegimes({ y, observed }, switching), switching),
    };
  }
  const regimes = regimesOf(learned);
  return {
    names: regimes.map(({ name }) => name),
    shares: smoothRegimes(kept, switchingOf(dynamics, regimes)),
  };
}

const bandSd = ({ sd }: Baseline, t: number): number => Math.hypot(sd[t] ?? 0, BASELINE_BAND_SD);

const SETTLED_S = 5; // either side of a second that a deviation is averaged over

/** What the states together are above the baseline. */
function deviationOf(
  { mean, covariance }: ReturnType<typeof smoothStates>,
  baseline: Baseline,
  phi: Float64Array | undefined,
) {
  const steps = baseline.value.length;
  const n = STATES;
  const [raw, sd] = [new Float64Array(steps), new Float32Array(steps)];
  for (let t = 0; t < steps; t += 1) {
    const h = [1, phi?.[t] ?? 0, 1, 1, 0];
    let [sum, variance] = [-(baseline.value[t] ?? 0), 0];
    h.forEach((hi, i) => {
      sum += hi * (mean[t * n + i] ?? 0);
      h.forEach((hj, j) => (variance += hi * hj * (covariance[(t * n + i) * n + j] ?? 0)));
    });
    raw[t] = sum;
    sd[t] = Math.sqrt(Math.max(0, variance));
  }
  const value = new Float32Array(steps);
  let [sum, count] = [0, 0];
  for (let t = -SETTLED_S; t < steps; t += 1) {
    const [enters, leaves] = [t + SETTLED_S, t - SETTLED_S - 1];
    if (enters < steps) [sum, count] = [sum + (raw[enters] ?? 0), count + 1];
    if (leaves >= 0) [sum, count] = [sum - (raw[leaves] ?? 0), count - 1];
    if (t >= 0) value[t] = sum / count;
  }
  const observed = sd.map((own, t) => Number(own < UNSURE_SD && baseline.observed[t] === 1));
  return { value, sd, observed: Uint8Array.from(observed) };
}

const LEAST_TAIL = 2 ** -1022; // smaller numbers are zero where an engine has set the processor so

/** −ln of how probable a value so far from what was foreseen was, a second each; 0 where none was seen. */
export function surprisesOf(
  { surprise, variance }: { readonly surprise: Float64Array; readonly variance: Float64Array },
  calibration: Calibration,
): Float32Array {
  const { scale, tails } = calibrationAt(calibration, 1);
  const law = standardLaw(tails);
  return Float32Array.from(surprise, (own, t) => {
    const foreseen = variance[t] ?? 0;
    if (foreseen === 0) return 0;
    const tail = 2 * law.cdf(-Math.abs(own) / (scale * Math.sqrt(foreseen)));
    return -Math.log(Math.max(LEAST_TAIL, tail));
  });
}
