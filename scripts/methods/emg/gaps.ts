import { pairedSentence } from "../../../preload/contract/paired.ts";
import { fitGaussianClasses } from "../../../main/models/distributions/gaussian-classes.ts";
import {
  expectedMoments,
  fromMoments,
  logJoints,
  withCovarianceEach,
  type NormalClasses,
} from "../../../main/models/distributions/normal-classes.ts";
import { emgAmplitude } from "../../../main/models/fronts/emg-amplitude.ts";
import { softmaxRows } from "../../../main/models/linear-algebra.ts";
import type { WindowRows } from "../../../main/models/model.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { atMost, figure, type MethodCheck, type Outcome } from "../check.ts";
import { EVERY, MYO_CUT, unseen } from "./checks.ts";
import { rowsOf, scaled, scalingOf } from "./fitted.ts";
import { reachedBy, sumsOf, type TestSums } from "./sums.ts";
import { percent } from "./table.ts";
import { myo, singleSamples, windowsOf, type EmgWindows } from "./windows.ts";

const CLASSES = 7;
const SHARE = 0.2;
const POOLED = 0.1; // of the common covariance, as the application's discriminant has it

/** The application's quadratic discriminant of complete rows. */
function discriminant(rows: WindowRows): NormalClasses {
  const { width, count, x, observed, y } = rows;
  const options = { width, classes: CLASSES, shrink: 0.001, prior: "counts" } as const;
  const start = withCovarianceEach(fitGaussianClasses({ x, observed, weights: y, count }, options));
  return fromMoments(expectedMoments(start, rows, y), { pooled: POOLED, diagonal: 0 }, width);
}

/** Each class's covariance and that of what losing samples did to the inputs of its windows. */
function withNoise(model: NormalClasses, whole: WindowRows, lossy: Float32Array): NormalClasses {
  const { width: d } = model;
  const noise = new Float64Array(CLASSES * d * d);
  const mean = new Float64Array(CLASSES * d);
  const mass = new Float64Array(CLASSES);
  const rows = Array.from({ length: whole.count }, (_, n) => {
    const c = whole.y.subarray(n * CLASSES, (n + 1) * CLASSES).indexOf(1);
    const moved = Array.from({ length: d }, (_i, i) => (lossy[n * d + i] ?? 0) - (whole.x[n * d + i] ?? 0));
    return { c, moved };
  });
  for (const { c, moved } of rows) {
    mass[c] = (mass[c] ?? 0) + 1;
    moved.forEach((value, i) => (mean[c * d + i] = (mean[c * d + i] ?? 0) + value));
  }
  for (const { c, moved } of rows) {
    const own = moved.map((value, i) => value - (mean[c * d + i] ?? 0) / (mass[c] ?? 1));
    own.forEach((a, i) =>
      own.forEach((b, j) => {
        const at = (c * d + i) * d + j;
        noise[at] = (noise[at] ?? 0) + (a * b) / (mass[c] ?? 1);
      }),
    );
  }
  return { ...model, covariances: model.covariances.map((value, at) => value + (noise[at] ?? 0)) };
}

const ways = ["whole", "missing", "noise", "taught", "taughtWhole"] as const;
type Found = Readonly<Record<(typeof ways)[number], TestSums[]>>;

const goals = { evidence: "computed", source: "recipe-emg-mixtures.md §7" } as const;

/** What single missing samples do where no input is missing for them, and what would help. */
export const emgGaps: MethodCheck = {
  id: "emg-gaps",
  about:
    "A quadratic discriminant on people never seen, a fifth of all samples missing one by one (Myo, 26 people, five folds). An electrode has its inputs as long as three tenths of its samples are seen: none is missing, so nothing is integrated out, but each is noisier",
  run: ({ data }) => {
    const recordings = myo(data());
    const found: Found = { whole: [], missing: [], noise: [], taught: [], taughtWhole: [] };
    let [unseenInputs, inputs] = [0, 0];
    for (const { people, windows } of unseen(recordings)) {
      const { train, tests } = windows();
      const [whole, missing] = tests;
      if (whole === undefined || missing === undefined) continue;
      const scaling = scalingOf(train);
      const rows = rowsOf(scaled(train, scaling), CLASSES, () => true);
      const lossy = windowsOf(
        recordings.filter(({ person }) => !people.includes(person)),
        emgAmplitude,
        MYO_CUT,
        { every: EVERY, loss: singleSamples(SHARE, seededRandom(5, 71)) },
      );
      const { x } = scaled(lossy, scaling);
      const model = discriminant(rows);
      const taught = discriminant({ ...rows, x });
      const judged = (by: NormalClasses, of: EmgWindows): TestSums =>
        sumsOf(of, Float64Array.from(softmaxRows(logJoints(by, scaled(of, scaling)), CLASSES)), CLASSES);
      found.whole.push(judged(model, whole));
      found.missing.push(judged(model, missing));
      found.noise.push(judged(withNoise(model, rows, x), missing));
      found.taught.push(judged(taught, missing));
      found.taughtWhole.push(judged(taught, whole));
      unseenInputs += missing.observed.reduce((sum, seen) => sum + 1 - seen, 0);
      inputs += missing.observed.length;
    }
    return rowsFrom(found, (100 * unseenInputs) / inputs);
  },
};

function rowsFrom(found: Found, unseenInputs: number): Outcome[] {
  const [whole, missing, noise, taught, taughtWhole] = ways.map((way) => reachedBy(found[way]));
  if (!whole || !missing || !noise || !taught || !taughtWhole) return [];
  const lost = (of: typeof whole): number => 100 * (whole.accuracy - of.accuracy);
  const told = (of: typeof whole): string =>
    `${percent(of.accuracy)} %, NLL ${of.nll.toFixed(3)}, ECE ${of.ece.toFixed(3)}`;
  const beside = (of: typeof whole): string => pairedSentence(pairedOverGroups(of.people, missing.people));
  const row = (what: string, value: string | number): Outcome => ({
    ...{ what, value, expected: "told", pass: true, ...goals },
  });
  return [
    row("inputs that are missing, %", figure(unseenInputs, 3)),
    row("nothing missing", told(whole)),
    row("a fifth of the samples missing", told(missing)),
    atMost("points lost", lost(missing), 3, goals, 1),
    row(
      "the same, noise of inputs added to the covariances (that of training people, a fifth of their samples hidden)",
      `${told(noise)}; less without it ${beside(noise)}`,
    ),
    atMost("points lost, noise added", lost(noise), 3, goals, 1),
    row(
      "learned from windows a fifth of whose samples were hidden",
      `${told(taught)}; less learned from whole ones ${beside(taught)}; nothing missing ${told(taughtWhole)}`,
    ),
  ];
}
