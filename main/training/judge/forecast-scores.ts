import { pause } from "../../compute/pause.ts";
import type { SignalSource } from "../../models/fronts/front.ts";
import type { Forecaster, Future, Marked } from "../../models/model.ts";
import { crpsOf } from "../../models/distributions/predictive.ts";
import { sampleAt } from "../../signal/window.ts";

/** At which moments a forecast is asked for, and how far ahead it is judged. */
export interface ForecastPlan {
  readonly stepS: number; // what is forecast is a mean over so long
  readonly everyS: number;
  readonly horizonS: number;
  readonly horizonsS: readonly number[];
  readonly unit: string;
  readonly parts: boolean; // into branches that labels name
}

export interface MethodScores {
  readonly nll: readonly number[]; // a moment, in nats
  readonly crps: readonly number[];
}

/** At one horizon, moments in time's order: those of which the sample was observed and every method said something. */
export interface HorizonScores {
  readonly own: MethodScores;
  readonly floors: readonly MethodScores[];
  readonly pit: readonly number[]; // share of the predicted distribution below what came
  readonly missing: readonly number[]; // share of the minute before that was not observed
}

/** How one recording came out. */
export interface ForecastScores {
  readonly id: string;
  readonly subject: string;
  readonly horizons: readonly HorizonScores[];
  readonly branches: ReadonlyMap<
    string,
    { readonly probability: readonly number[]; readonly came: readonly number[] }
  >;
}

/** Ahead of the moment, in seconds, where a forecast reaches so far. */
const HORIZONS_S = [1, 15, 30, 60] as const;
const MOST_STEP_S = 1; // a forecast drawn in coarser steps speaks of such means too
const EVERY_S = 5;
const EVERY_SHARE = 1 / 12; // of a horizon that is shorter than a minute
const PROBES = 48;
const BACK_S = 60;
const PAUSE_EVERY = 64; // moments

/** Drawn from the first forecast that a recording gives; undefined where it gives none. */
export function planOf(forecaster: Forecaster, durationS: number): ForecastPlan | undefined {
  for (let probe = 1; probe < PROBES; probe += 1) {
    const future = forecaster.at((probe * durationS) / PROBES);
    if (future === undefined) continue;
    const { horizonS, unit = "", branches, stepS: drawnS } = future.forecast;
    const stepS = Math.min(MOST_STEP_S, drawnS);
    const parts = branches.some(({ code }) => code !== undefined);
    const onGrid = (timeS: number): number => Math.max(1, Math.round(timeS / stepS)) * stepS;
    const usual = HORIZONS_S.filter((one) => one >= stepS && future.at(one) !== undefined).map(onGrid);
    const horizonsS = usual.length > 0 ? usual : [horizonS / 4, horizonS / 2, horizonS].map(onGrid);
    const everyS = onGrid(Math.min(EVERY_S, EVERY_SHARE * horizonS));
    return { stepS, horizonS, everyS, horizonsS: [...new Set(horizonsS)], unit, parts };
  }
  return undefined;
}

export interface Scored {
  readonly id: string;
  readonly subject: string;
  readonly source: SignalSource;
  readonly marks: Marked | undefined;
}

/** Every moment of the plan in one recording: what each method says, against what came. */
export async function scoreForecasts(
  { id, subject, source, marks }: Scored,
  [own, ...floors]: readonly [Forecaster, ...Forecaster[]],
  plan: ForecastPlan,
  signal: AbortSignal,
): Promise<ForecastScores> {
  const { stepS, everyS, horizonS, horizonsS } = plan;
  const values = stepValues(source, own.channel, stepS);
  const missing = missingBefore(values, Math.round(BACK_S / stepS));
  const horizons = horizonsS.map(() => emptyScores(floors.length));
  const branches = new Map<string, { probability: number[]; came: number[] }>();
  const moments = Math.floor((values.length * stepS) / everyS);
  for (let moment = 1; moment <= moments; moment += 1) {
    if (moment % PAUSE_EVERY === 0) await pause(signal);
    const timeS = moment * everyS;
    const futures = [own, ...floors].map((one) => one.at(timeS));
    const step = Math.round(timeS / stepS);
    horizonsS.forEach((aheadS, h) => {
      const value = values[step + Math.round(aheadS / stepS) - 1] ?? Number.NaN;
      const scores = horizons[h];
      if (scores && !Number.isNaN(value)) addMoment(scores, futures, aheadS, value, missing[step] ?? 1);
    });
    if (plan.parts) addBranches(branches, futures[0], marks, [timeS, timeS + horizonS]);
  }
  return { id, subject, horizons, branches };
}

interface GrowingScores {
  readonly own: { readonly nll: number[]; readonly crps: number[] };
  readonly floors: readonly { readonly nll: number[]; readonly crps: number[] }[];
  readonly pit: number[];
  readonly missing: number[];
}

const emptyScores = (floors: number): GrowingScores => ({
  own: { nll: [], crps: [] },
  floors: Array.from({ length: floors }, () => ({ nll: [], crps: [] })),
  pit: [],
  missing: [],
});

function addMoment(
  scores: GrowingScores,
  futures: readonly (Future | undefined)[],
  aheadS: number,
  value: number,
  missing: number,
): void {
  const said = futures.flatMap((future) => future?.at(aheadS) ?? []);
  const [first] = said;
  if (first === undefined || said.length < futures.length) return;
  [scores.own, ...scores.floors].forEach(({ nll, crps }, method) => {
    const predictive = said[method];
    if (predictive === undefined) return;
    nll.push(-predictive.logDensity(value));
    crps.push(crpsOf(predictive, value));
  });
  scores.pit.push(first.cdf(value));
  scores.missing.push(missing);
}

const NONE = "none";

/** Of a branch that a label names: whether the first event of these labels that begins within the horizon is its own. */
function addBranches(
  branches: Map<string, { probability: number[]; came: number[] }>,
  future: Future | undefined,
  marks: Marked | undefined,
  [fromS, toS]: readonly [number, number],
): void {
  const isRead = marks?.read.some(({ onsetS, durationS }) => onsetS <= fromS && onsetS + durationS >= toS);
  if (marks === undefined || isRead !== true) return;
  // To draw a forecast costs a model far more than all else: it is asked for only where it is judged.
  const named = (future?.forecast.branches ?? []).flatMap(({ code, probability }) =>
    code === undefined ? [] : [{ code, probability }],
  );
  if (named.length === 0) return;
  const codes = new Set(named.map(({ code }) => code));
  const begins = (onsetS: number): boolean => onsetS > fromS && onsetS <= toS;
  const isUnclear = marks.unclear.some(({ code, onsetS }) => codes.has(code) && begins(onsetS));
  if (isUnclear) return;
  const coming = marks.events.filter(({ code, onsetS }) => codes.has(code) && begins(onsetS));
  const first = coming.sort((a, b) => a.onsetS - b.onsetS)[0]?.code ?? NONE;
  for (const { code, probability } of named) {
    const known = branches.get(code) ?? { probability: [], came: [] };
    known.probability.push(probability);
    known.came.push(Number(code === first));
    branches.set(code, known);
  }
}

const CHUNK = 4096; // steps

/** The mean of what was observed in each step, where at least half of it was; NaN elsewhere. */
function stepValues(source: SignalSource, channel: number, stepS: number): Float64Array {
  const { sampleRate, sampleCount } = source.channels[channel] ?? { sampleRate: 1, sampleCount: 0 };
  const count = Math.floor(sampleCount / sampleRate / stepS + 1e-9);
  const means = new Float64Array(count).fill(Number.NaN);
  for (let begin = 0; begin < count; begin += CHUNK) {
    const end = Math.min(count, begin + CHUNK);
    const first = sampleAt(begin * stepS, sampleRate);
    const { values, observed } = source.read(channel, first, sampleAt(end * stepS, sampleRate) - first);
    for (let step = begin; step < end; step += 1) {
      const [from, to] = [step, step + 1].map((one) => sampleAt(one * stepS, sampleRate) - first);
      means[step] = meanWhere(values, observed, from ?? 0, to ?? 0);
    }
  }
  return means;
}

function meanWhere(values: Float32Array, observed: Uint8Array, from: number, to: number): number {
  let [sum, count] = [0, 0];
  for (let i = from; i < to; i += 1) {
    if (observed[i] !== 1) continue;
    sum += values[i] ?? 0;
    count += 1;
  }
  return count > 0 && 2 * count >= to - from ? sum / count : Number.NaN;
}

/** Of the steps before each: how many in the last so many have no value; before the first, all. */
function missingBefore(values: Float64Array, back: number): Float64Array {
  const shares = new Float64Array(values.length + 1).fill(1);
  let missing = 0;
  for (let step = 1; step <= values.length; step += 1) {
    missing += Number(Number.isNaN(values[step - 1]));
    if (step > back) missing -= Number(Number.isNaN(values[step - back - 1]));
    shares[step] = missing / Math.min(step, back);
  }
  return shares;
}
