import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { seededRandom } from "../../main/models/random.ts";
import { ahead, horizons } from "../../main/models/sequences/state-space/ahead.ts";
import {
  ctgDynamics,
  filter,
  MEMORY,
  startMemory,
  type Dynamics,
} from "../../main/models/sequences/state-space/filter.ts";
import { smoothStates } from "../../main/models/sequences/state-space/smoother.ts";
import type { Row } from "./storage.ts";

const SECONDS = 5400;
const RUNS = 7;
const [EVERY_S, FURTHEST_S] = [10, 60];

/** Milliseconds of a core, the least of some runs. */
function least<Result>(work: () => Result): [number, Result] {
  let best = Infinity;
  for (let run = 0; ; run += 1) {
    const began = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1000);
    if (run + 1 >= RUNS) return [best, result];
  }
}

function series() {
  const random = seededRandom(3);
  let [slow, fast] = [0, 0];
  const y = Float64Array.from({ length: SECONDS }, () => {
    slow = 0.99 * slow + 0.9 * random.normal();
    fast = 0.9 * fast + 2 * random.normal();
    return 140 + slow + fast;
  });
  return { y, observed: Uint8Array.from(y, () => Number(random.next() > 0.15)) };
}

/** Ninety minutes of heart rate filtered and smoothed, beside the same linear model in NumPy; and looked ahead from. */
export function benchStates(): Row[] {
  const { y, observed } = series();
  const plain: Dynamics = { ...ctgDynamics, tails: Infinity, caution: 0, fastRise: 0, slowRise: 0 };
  const level = 140;
  const work = (dynamics: Dynamics) => {
    const kept = filter({ y, observed }, dynamics, level);
    smoothStates(kept, dynamics);
    return kept;
  };
  const [same, { logDensity }] = least(() => work(plain));
  const [robust, kept] = least(() => work(ctgDynamics));
  const table = horizons(ctgDynamics, FURTHEST_S);
  const [looked] = least(() => {
    let sum = 0;
    for (let t = 0; t < SECONDS; t += EVERY_S)
      for (let h = 1; h <= FURTHEST_S; h += 1) sum += ahead(kept.after, h, table, 0, t * MEMORY).mean;
    return sum;
  });
  const rows: Row[] = [
    row(`states: filter and smoother, ${SECONDS} s, with tails`, robust),
    row(`states: ${FURTHEST_S} steps ahead every ${EVERY_S} s of them`, looked),
  ];
  const theirs = besideNumpy(plain, level, { y, observed });
  if (theirs === undefined) return rows;
  const own = logDensity.reduce((a, b) => a + b, 0);
  if (Math.abs(own - theirs.logp) > 1e-6 * Math.abs(own))
    throw new Error(`another likelihood: ${own} and ${theirs.logp}`);
  const beside = { peer: `NumPy ${theirs.version}`, peerValue: theirs.ms, ratio: theirs.ms / same };
  return [{ ...row(`states: filter and smoother, ${SECONDS} s, linear`, same), ...beside }, ...rows];
}

const row = (name: string, value: number): Row => ({
  ...{ name, value, unit: "ms of a core", peer: "", peerValue: Number.NaN, ratio: Number.NaN },
});

const Theirs = z.object({ version: z.string(), ms: z.number(), logp: z.number() });

function besideNumpy(
  dynamics: Dynamics,
  level: number,
  { y, observed }: ReturnType<typeof series>,
): z.infer<typeof Theirs> | undefined {
  const python = process.env["KODO_PYTHON"] ?? "python3";
  if (spawnSync(python, ["-c", "import numpy"]).status !== 0) {
    console.error(`SKIPPED: NumPy beside the states; ${python} has none (KODO_PYTHON names another Python)`);
    return undefined;
  }
  const memory = startMemory(dynamics, level, false);
  const decay = Math.exp(-1 / dynamics.slowTime);
  const [now, before] = dynamics.echo;
  const squares = [dynamics.baselineStep, 0, dynamics.slowStep, dynamics.fastStep, 0].map((v) => v * v);
  const model = {
    F: [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, decay, 0, 0, 0, 0, 0, now, before, 0, 0, 0, 1, 0],
    Q: squares.flatMap((v, i) => squares.map((_, j) => (i === j ? v : 0))),
    ...{ H: [1, 0, 1, 1, 0], R: dynamics.noise, start: [...memory.subarray(0, 5)], runs: 3 },
    variance: [5, 10, 14, 17, 19].map((i) => memory[i] ?? 0),
  };
  const folder = mkdtempSync(join(tmpdir(), "kodo-states-"));
  try {
    writeFileSync(join(folder, "y.f64"), y);
    writeFileSync(join(folder, "observed.u8"), observed);
    writeFileSync(join(folder, "model.json"), JSON.stringify(model));
    const { status, stdout } = spawnSync(python, [join("scripts", "bench", "states.py"), folder], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
    });
    if (status !== 0) throw new Error("NumPy failed");
    return Theirs.parse(JSON.parse(stdout));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
