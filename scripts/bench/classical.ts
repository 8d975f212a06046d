import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mixtureLogDensity, type GaussianMixture } from "../../main/models/distributions/gaussian-mixture.ts";
import { mixtureFromClusters, mixtureStep } from "../../main/models/distributions/mixture-fit.ts";
import { softmaxRows } from "../../main/models/linear-algebra.ts";
import type { RoundsModel, WindowRows } from "../../main/models/model.ts";
import { seededRandom } from "../../main/models/random.ts";
import { ldaModel } from "../../main/models/windows/lda.ts";
import { logisticModel } from "../../main/models/windows/logistic.ts";
import { qdaModel } from "../../main/models/windows/qda.ts";
import type { Row } from "./storage.ts";

const [ROWS, WIDTH, CLASSES] = [5000, 16, 7]; // as many as a bracelet's block, or some of them
const RIDGE = 1e-3;
const EM_STEPS = 10;
const RUNS = 5;

interface Cost {
  readonly fit: number; // ms of a core
  readonly predict: number;
  readonly nll: number; // of rows nobody learned from
}
const names = ["lda", "qda", "logistic", "mixture"] as const;
type Costs = Readonly<Record<(typeof names)[number], Cost>>;

interface Labelled extends WindowRows {
  readonly labels: Int32Array;
}

/** Classes that overlap, each with a covariance of its own. */
function rowsOf(seed: number): Labelled {
  const shape = seededRandom(7);
  const means = Float64Array.from({ length: CLASSES * WIDTH }, () => 0.7 * shape.normal());
  const mixing = Float64Array.from({ length: CLASSES * WIDTH }, () => shape.normal());
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: ROWS }, (_, n) => n % CLASSES);
  const x = new Float32Array(ROWS * WIDTH);
  labels.forEach((c, n) => {
    const shared = random.normal();
    for (let i = 0; i < WIDTH; i += 1)
      x[n * WIDTH + i] = means[c * WIDTH + i]! + 0.6 * shared * mixing[c * WIDTH + i]! + random.normal();
  });
  const y = new Float32Array(ROWS * CLASSES);
  labels.forEach((c, n) => (y[n * CLASSES + c] = 1));
  return {
    ...{ count: ROWS, width: WIDTH, classes: CLASSES, x, y, labels },
    observed: new Uint8Array(ROWS * WIDTH).fill(1),
  };
}

/** Milliseconds of a core, the least of some runs. */
async function least<Result>(work: () => Result | Promise<Result>): Promise<[number, Result]> {
  let best = Infinity;
  for (let run = 0; ; run += 1) {
    const began = process.cpuUsage();
    const result = await work();
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1000);
    if (run + 1 >= RUNS) return [best, result];
  }
}

async function costOf<Config, Learned>(
  model: RoundsModel<Config, Learned>,
  settings: object,
  train: WindowRows,
  test: Labelled,
): Promise<Cost> {
  const { learning, config, kind } = model;
  const own = config.parse({ kind, ...settings });
  const [fit, learned] = await least(async () => {
    // Windows of its own each time: nothing remembered of them may help.
    const rows = { ...train };
    let now = learning.begin(own, rows, 0);
    for (let round = 0; round < learning.mostRounds; round += 1) {
      const next = await learning.round(now, own, rows, new AbortController().signal);
      now = next.learned;
      if (next.isSettled) break;
    }
    return now;
  });
  const [predict, p] = await least(() => softmaxRows(model.score(learned, test).logits, CLASSES));
  const nll = test.labels.reduce((sum, label, n) => sum - Math.log(p[n * CLASSES + label]!), 0) / ROWS;
  return { fit, predict, nll };
}

async function mixtureCost(train: Labelled, test: WindowRows): Promise<Cost> {
  const [fit, mixture] = await least(() => {
    let now: GaussianMixture = mixtureFromClusters(train, train.labels, {
      ...{ width: WIDTH, components: CLASSES, spread: "full" },
    });
    for (let step = 0; step < EM_STEPS; step += 1)
      now = mixtureStep(now, train, { least: 1e-6, pooled: 0 }).mixture;
    return now;
  });
  const [predict, density] = await least(() => mixtureLogDensity(mixture, test));
  return { fit, predict, nll: -density.reduce((a, b) => a + b) / ROWS };
}

/** LDA, QDA, logistic regression and a Gaussian mixture beside scikit-learn on the same rows, a core each. */
export async function benchClassical(): Promise<Row[]> {
  const python = process.env["KODO_PYTHON"] ?? "python3";
  if (spawnSync(python, ["-c", "import sklearn"]).status !== 0) {
    console.error(
      `SKIPPED: classical methods; ${python} has no scikit-learn (KODO_PYTHON names another Python)`,
    );
    return [];
  }
  const [train, test] = [rowsOf(1), rowsOf(2)];
  const theirs = besideSklearn(python, train, test);
  const ours: Costs = {
    lda: await costOf(ldaModel, { shrink: 0 }, train, test),
    qda: await costOf(qdaModel, { shrink: 0 }, train, test),
    logistic: await costOf(logisticModel, { ridge: RIDGE }, train, test),
    mixture: await mixtureCost(train, test),
  };
  return names.flatMap((name) => {
    const [own, other] = [ours[name], theirs[name]];
    if (Math.abs(own.nll - other.nll) > 0.01)
      throw new Error(`${name} learned something else: NLL ${own.nll} and ${other.nll}`);
    return (["fit", "predict"] as const).map((what) => ({
      name: `classical: ${name}, ${what}, ${ROWS} rows of ${WIDTH}`,
      value: own[what],
      unit: "ms of a core",
      peer: `scikit-learn ${theirs.version}`,
      peerValue: other[what],
      ratio: other[what] / own[what],
    }));
  });
}

function besideSklearn(
  python: string,
  train: Labelled,
  test: Labelled,
): Costs & { readonly version: string } {
  const folder = mkdtempSync(join(tmpdir(), "kodo-classical-"));
  try {
    for (const [name, rows] of Object.entries({ train, test })) {
      writeFileSync(join(folder, `${name}.f32`), rows.x);
      writeFileSync(join(folder, `${name}.i32`), rows.labels);
    }
    const shape = { d: WIDTH, classes: CLASSES, ridge: RIDGE, emSteps: EM_STEPS, runs: RUNS };
    writeFileSync(join(folder, "shape.json"), JSON.stringify(shape));
    const { status, stdout } = spawnSync(python, [join("scripts", "bench", "classical.py"), folder], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
    });
    if (status !== 0) throw new Error("scikit-learn failed");
    return JSON.parse(stdout) as Costs & { readonly version: string };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
