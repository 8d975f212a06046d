import type { Forecast } from "../../../../preload/contract/finding.ts";
import type { ScoredPredictive } from "../../distributions/predictive.ts";
import type { Future } from "../../model.ts";
import { ahead, horizons, type Ahead, type Horizons } from "./ahead.ts";
import { calibrated } from "./calibration.ts";
import { drivenAhead, fading } from "./drive.ts";
import { MEMORY } from "./filter.ts";
import type { LearnedStateSpace } from "./learned.ts";
import { openNetwork, type NetAhead } from "./net/ahead.ts";
import { livelinessAhead } from "./regimes.ts";
import type { SignalSource } from "../../fronts/front.ts";
import type { FollowedChannels } from "./seen.ts";
import { regimesOf, type Track } from "./track.ts";

/** How far a forecast looks, in seconds. */
export const FURTHEST_S = 120;
/** Beyond this contractions that nobody has seen yet are worth nothing; from `fullS` on they count less and less. */
const CONTRACTIONS = { fullS: 20, untilS: 30 };
/** Longest time since the last value seen after which something is said yet. */
const LONGEST_GAP_S = 300;
/**
 * Seconds ahead whose quantiles are worked out: they cost most of a forecast, and a live one is made every second. Among
 * them are all at which anything turns, networks and contractions.
 */
const DRAWN_S = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 17, 20, 22, 25, 30, 35, 40, 45, 52, 60],
  ...[65, 70, 75, 80, 85, 90, 100, 110, 120],
];
const SHARES = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975] as const;

export interface FutureNames {
  readonly over: string; // label of the channel
  readonly unit: string;
  readonly uc: string | undefined;
}

export const namesOf = (
  { channels }: Pick<SignalSource, "channels">,
  { own, uc }: FollowedChannels,
): FutureNames => ({
  ...{ over: channels[own]?.label ?? "", unit: channels[own]?.unit ?? "" },
  uc: uc === undefined ? undefined : channels[uc]?.label,
});

/** What a learned model says of the future of a track. */
export interface Outlook {
  /** Knowing the first `seconds` of it; undefined where too little was seen. */
  at(track: Track, seconds: number, names: FutureNames): Future | undefined;
}

/** What is foreseen h steps after second t before calibration, with the regimes. */
export function livelyAhead(
  { lively }: Pick<Track, "lively">,
  { table, learned }: { readonly table: Horizons; readonly learned: Pick<LearnedStateSpace, "regimes"> },
  t: number,
  h: number,
): Ahead {
  const regimes = regimesOf(learned);
  const liveliness = livelinessAhead(lively.shares, regimes, h, { at: t * regimes.length });
  return ahead(lively.after, h, table, 0, t * MEMORY, liveliness);
}

/** With contractions too; `phi` [h − 1]: the drive then. Undefined where nothing drives. */
export function drivenAheadOf(
  { driven }: Pick<Track, "driven">,
  { table, learned }: { readonly table: Horizons; readonly learned: Pick<LearnedStateSpace, "regimes"> },
  [t, h]: readonly [number, number],
  phi: ArrayLike<number>,
): Ahead | undefined {
  if (driven === undefined) return undefined;
  const regimes = regimesOf(learned);
  const liveliness = livelinessAhead(driven.shares, regimes, h, { at: t * regimes.length });
  return ahead(driven.after, h, table, phi[h - 1] ?? 0, t * MEMORY, liveliness);
}

/** Ready to look ahead. */
export function outlook(learned: LearnedStateSpace): Outlook {
  const table = horizons(learned.dynamics, FURTHEST_S);
  const network = learned.network === null ? undefined : openNetwork(learned.network, table);
  return {
    at: (track, seconds, names) => {
      const t = seconds - 1;
      if (seconds < track.startS || seconds > track.seconds || !isFresh(track, t)) return undefined;
      let said: NetAhead | undefined;
      const drive = learned.drive;
      const isDriven = network === undefined && drive !== null && track.driven !== undefined;
      const phi =
        isDriven && drive !== null && track.driven !== undefined
          ? drivenAhead(drive.input, track.level, track.driven, t, CONTRACTIONS.untilS)
          : undefined;
      const at = (aheadS: number): ScoredPredictive | undefined => {
        const h = Math.max(1, Math.round(aheadS));
        if (h > FURTHEST_S) return undefined;
        if (network !== undefined) {
          const { y, observed, level, levelSeen, plain, surprises } = track;
          const contractions = { level, observed: levelSeen };
          said ??= network({ y, observed, after: plain.after, contractions }, t, surprises);
          return inUnits(said.at(h), learned.unit);
        }
        return inUnits(withoutNetwork(track, { learned, table, t, phi }, h), learned.unit);
      };
      return {
        // Its quantiles cost far more than all else: only who draws a forecast pays for them.
        get forecast() {
          const assumed = phi === undefined || names.uc === undefined ? [] : [assumedOf(track, t, names.uc)];
          return forecastOf(at, { fromS: seconds, over: names.over, unit: names.unit }, assumed);
        },
        at,
      };
    },
  };
}

interface Moment {
  readonly learned: LearnedStateSpace;
  readonly table: Horizons;
  readonly t: number;
  readonly phi: Float64Array | undefined;
}

function withoutNetwork(track: Track, moment: Moment, h: number): ScoredPredictive {
  const { learned, t, phi } = moment;
  const own = livelyAhead(track, moment, t, h);
  const { fullS, untilS } = CONTRACTIONS;
  const share = Math.min(1, (untilS - h) / (untilS - fullS));
  const driven = phi === undefined || share <= 0 ? undefined : drivenAheadOf(track, moment, [t, h], phi);
  if (driven === undefined || learned.drive === null) return calibrated(learned.calibration, h, own);
  if (share === 1) return calibrated(learned.drive.calibration, h, driven);
  return calibrated(learned.calibration, h, {
    mean: share * driven.mean + (1 - share) * own.mean,
    variance: share * driven.variance + (1 - share) * own.variance,
  });
}

function isFresh({ observed }: Track, t: number): boolean {
  for (let i = t; i > t - LONGEST_GAP_S && i >= 0; i -= 1) if (observed[i] === 1) return true;
  return false;
}

/** In the unit of the channel. */
export function inUnits(own: ScoredPredictive | undefined, unit: number): ScoredPredictive | undefined {
  if (own === undefined || unit === 1) return own;
  return {
    get mean() {
      return own.mean * unit;
    },
    logDensity: (value) => own.logDensity(value / unit) - Math.log(unit),
    cdf: (value) => own.cdf(value / unit),
    quantile: (share) => own.quantile(share) * unit,
    crps: (value) => own.crps(value / unit) * unit,
  };
}

function forecastOf(
  at: (aheadS: number) => ScoredPredictive | undefined,
  where: { readonly fromS: number; readonly over: string; readonly unit: string },
  assumed: Forecast["assumed"],
): Forecast {
  const drawn = DRAWN_S.map(at);
  return {
    ...{ ...where, horizonS: FURTHEST_S, stepS: 1, branches: [], assumed },
    quantiles: SHARES.map((share) => ({
      share,
      value: everySecond(drawn.map((one) => one?.quantile(share) ?? Number.NaN)),
    })),
  };
}

/** Straight between the seconds that were worked out. */
function everySecond(values: readonly number[]): Float32Array {
  let left = 0;
  return Float32Array.from({ length: FURTHEST_S }, (_, i) => {
    while ((DRAWN_S[left + 1] ?? Infinity) <= i + 1) left += 1;
    const [from = 1, to = from + 1] = [DRAWN_S[left], DRAWN_S[left + 1]];
    const share = (i + 1 - from) / (to - from);
    const value = values[left] ?? Number.NaN;
    return share === 0 ? value : value + share * ((values[left + 1] ?? Number.NaN) - value);
  });
}

const TONE_S = 300;

/** Contractions that were taken for granted: they fade towards their resting tone. */
function assumedOf({ uc, levelSeen }: Track, t: number, channel: string): Forecast["assumed"][number] {
  const past: number[] = [];
  for (let i = Math.max(0, t - TONE_S + 1); i <= t; i += 1) if (levelSeen[i] === 1) past.push(uc[i] ?? 0);
  past.sort((a, b) => a - b);
  const tone = past[Math.floor(0.1 * past.length)] ?? 0;
  const above = levelSeen[t] === 1 ? (uc[t] ?? 0) - tone : 0;
  const value = Float32Array.from({ length: CONTRACTIONS.untilS }, (_, i) => tone + above * fading(i + 1));
  return { channel, untilS: CONTRACTIONS.untilS, value };
}
