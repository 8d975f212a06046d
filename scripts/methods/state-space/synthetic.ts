import { linearFilter, type LinearModel } from "../../../main/models/sequences/state-space/linear.ts";
import { startLayers } from "../../../main/models/sequences/state-space/neural-input.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { atLeast, atMost, figure, type MethodCheck, type Outcome } from "../check.ts";
import { bursts, drawn, smoothedLinear, type MadeUp } from "./benchmark.ts";
import { drivenModel, type DrivenParameters } from "./driven.ts";
import { learnDrive } from "./learn-drive.ts";

const DELAY_S = 25;
const truth: DrivenParameters = {
  input: {
    ...{ layers: startLayers(1), delay: DELAY_S },
    ...{ omega: (2 * Math.PI) / 70, zeta: 0.8 },
  },
  ...{ rho: 0.97, frequency: 4 / 60, baselineStep: 0.1, pullStep: 0, fastStep: 0.9, noise: 0.7 },
};
const from = { evidence: "computed", source: "ctg-generative-model.md §2, §6" } as const;

/** Share of values inside the middle 90 % band h seconds ahead, contractions given. */
function coverage(
  records: readonly MadeUp[],
  model: LinearModel,
  driveOf: (record: MadeUp) => Float64Array,
  h: number,
): number {
  let [inside, all] = [0, 0];
  const n = model.states;
  for (const record of records) {
    const drive = driveOf(record);
    const { mean, covariance } = linearFilter(model, { ...record, drive });
    for (let t = 120; t + h < record.y.length; t += 5) {
      if (record.observed[t + h] !== 1) continue;
      const seen = linearFilter(
        {
          ...model,
          mean: mean.slice(t * n, (t + 1) * n),
          covariance: covariance.slice(t * n * n, (t + 1) * n * n),
        },
        // Step 0 is the origin itself, of which no more is heard.
        {
          y: record.y.subarray(t, t + h + 1),
          observed: Uint8Array.from({ length: h + 1 }, (_, i) => (i === h ? 1 : 0)),
          drive: drive.subarray(t, t + h + 1),
        },
      );
      all += 1;
      if (Math.abs(seen.surprise[h] ?? 0) <= 1.6449 * Math.sqrt(seen.variance[h] ?? 0)) inside += 1;
    }
  }
  return inside / all;
}

const nllOf = (
  records: readonly MadeUp[],
  model: LinearModel,
  driveOf: (record: MadeUp) => Float64Array,
): number => {
  let [sum, count] = [0, 0];
  for (const record of records) {
    const { logDensity } = linearFilter(model, { ...record, drive: driveOf(record) });
    for (let t = 0; t < record.y.length; t += 1)
      if (record.observed[t] === 1) [sum, count] = [sum - (logDensity[t] ?? 0), count + 1];
  }
  return sum / count;
};

/** Mean error of filled values, of the smoother and of straight lines, where more was hidden. */
function gaps(
  records: readonly MadeUp[],
  model: LinearModel,
  driveOf: (record: MadeUp) => Float64Array,
): readonly [number, number] {
  const random = seededRandom(77);
  let [own, line, count] = [0, 0, 0];
  for (const record of records) {
    const { y } = record;
    const seen = bursts(y.length, 0.1, 12, random).map((is, t) => is * (record.observed[t] ?? 0));
    const { mean } = smoothedLinear(model, { y, observed: seen, drive: driveOf(record) });
    const known = [...seen.keys()].filter((t) => seen[t] === 1);
    for (const t of record.observed.keys()) {
      if (record.observed[t] !== 1 || seen[t] === 1) continue;
      const right = known.findIndex((at) => at > t);
      const [a, b] = [known[right - 1], known[right]];
      if (a === undefined || b === undefined) continue;
      const straight = (y[a] ?? 0) + (((y[b] ?? 0) - (y[a] ?? 0)) * (t - a)) / (b - a);
      const n = model.states;
      const smooth = model.H.reduce((sum, h, i) => sum + h * (mean[t * n + i] ?? 0), 0);
      own += Math.abs(smooth - (y[t] ?? 0));
      line += Math.abs(straight - (y[t] ?? 0));
      count += 1;
    }
  }
  return [own / count, line / count];
}

export const ssmSynthetic: MethodCheck = {
  id: "ssm-synthetic",
  about:
    "State-space model with a network as its input, learned from made-up cardiotocograms whose truth is known",
  run: ({ say }): readonly Outcome[] => {
    const made = drivenModel(truth, 140);
    const record = (seed: number): MadeUp => drawn(made, { seconds: 1800, stepS: 1, delayS: DELAY_S, seed });
    const [train, test] = [[1, 2].map(record), [11, 12, 13].map(record)];
    const began = performance.now();
    const neural = learnDrive(train, "neural");
    const seconds = (performance.now() - began) / 1000;
    const linear = learnDrive(train, "linear");
    const none = learnDrive(train, "none");
    const ownDrive = ({ u }: MadeUp): Float64Array => neural.drive(u);
    const model = neural.model(140);
    const exact = nllOf(test, made, ({ drive }) => drive);
    const own = nllOf(test, model, ownDrive);
    const straight = nllOf(test, linear.model(140), ({ u }) => linear.drive(u));
    const [filled, line] = gaps(test, model, ownDrive);
    const { input } = neural.parameters;
    say(
      `truth ${exact.toFixed(4)}, network ${own.toFixed(4)}, line ${straight.toFixed(4)} (delay ${linear.parameters.input.delay.toFixed(1)} s), without ${nllOf(test, none.model(140), ({ u }) => none.drive(u)).toFixed(4)}`,
    );
    say(`omega ${input.omega.toFixed(4)} (0.0898), zeta ${input.zeta.toFixed(2)} (0.80)`);
    return [
      atMost("nats above the true model, unseen records", own - exact, 0.01, from, 4),
      atLeast("nats better than a straight line as input", straight - own, 0.005, from, 4),
      atMost("delay off the true 25 s, s", Math.abs(input.delay - DELAY_S), 3, from, 2),
      ...[1, 15, 30, 60].map((h): Outcome => {
        const share = coverage(test, model, ownDrive, h);
        return {
          ...{ what: `values inside the 90 % band, ${h} s ahead`, value: figure(share) },
          ...{ expected: "0.85 to 0.95", pass: share >= 0.85 && share <= 0.95, ...from },
        };
      }),
      atMost("mean error in hidden stretches, times straight lines'", filled / line, 0.6, from),
      atMost("learning, s", seconds, 180, from, 1),
    ];
  },
};
