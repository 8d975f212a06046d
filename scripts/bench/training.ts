import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { identityCoupled } from "../../main/models/windows/identity-coupled.ts";
import { lossOfModels } from "../../main/compute/loss.ts";
import { inOrder, namedTensors, specsOf } from "../../main/compute/parameters.ts";
import { rateSpec, trainingStep } from "../../main/compute/optimiser.ts";
import { PYTORCH_MISSING, torchPeer } from "./training-peer.ts";
import type { Stretch, TorchPeer } from "./training-peer.ts";
import { onnxRuntime } from "../../main/compute/onnx/runtime.ts";
import { referenceRuntime } from "../../main/compute/self-check/reference.ts";
import { runEach } from "../../main/compute/runtime.ts";
import type { CompiledStep, Runtime, TypedArray } from "../../main/compute/runtime.ts";
import { seeded } from "../../main/compute/seeded.ts";
import { INSTALL } from "../../main/compute/tensorflow/addon.ts";
import { locate } from "../../main/compute/tensorflow/place.ts";
import { tensorflowRuntime } from "../../main/compute/tensorflow/runtime.ts";
import { cnn, lstm, mlp } from "../../main/compute/self-check/workloads.ts";
import type { Workload } from "../../main/compute/self-check/workloads.ts";

export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: number;
  readonly ratio: number; // above 1: better than the peer, whatever the unit
}

const ROUNDS = 5;

/** The features of 16 electrodes at the size the app trains at: five members of ten layers side by side. */
function kodo(rows = 256, members = 5): Workload {
  const [features, classes] = [16, 7];
  const estimator = identityCoupled({ features, classes, layers: 10 });
  const { parameters } = estimator;
  const starts = Array.from({ length: members }, (_, member) => inOrder(parameters, estimator.init(member)));
  const random = seeded(41);
  const y = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row += 2) y[row * classes + Math.floor(random.uniform() * classes)] = 1; // every other one is unlabelled
  const spec = (columns: number) => ({ shape: [rows, columns], dtype: "float32" as const });
  return {
    name: "kodo default model",
    specs: starts.flatMap(() => specsOf(parameters)),
    values: starts.flat(),
    feedSpecs: [spec(features), spec(features), spec(classes), spec(1)],
    feeds: [
      random.normals(rows * features),
      new Float32Array(rows * features).fill(1),
      y,
      new Float32Array(rows).fill(1),
    ],
    loss: lossOfModels(
      starts.map(() => ({
        parameters: parameters.size,
        feeds: [0, 1, 2, 3],
        loss: (params, feeds) => {
          const [x, observed, labels, weight] = feeds as Tensor2D[];
          const own = namedTensors(parameters, params);
          return estimator.loss(own, { x: x!, observed: observed!, y: labels!, weight: weight! });
        },
      })),
    ),
  };
}

interface Plan {
  readonly workload: Workload;
  /** The same with fewer rows, for the op-by-op peer, which would take minutes a step; and by how many times fewer. */
  readonly small: Workload;
  readonly fewer: number;
  readonly inTorch: boolean;
}
const plans = (): readonly Plan[] => [
  { workload: mlp(), small: mlp({ rows: 64 }), fewer: 4, inTorch: true },
  { workload: cnn(), small: cnn({ rows: 1 }), fewer: 64, inTorch: true },
  { workload: lstm(), small: lstm({ rows: 4 }), fewer: 16, inTorch: true },
  { workload: kodo(), small: kodo(64), fewer: 4, inTorch: false },
];

interface Measured {
  readonly runtime: "onnxruntime" | "libtensorflow";
  readonly threads: readonly number[];
}

const perCount = [...new Set([1, Math.min(2, availableParallelism())])];

/**
 * Steps a second of the recorded step on each engine beside PyTorch, stretch by stretch in turns so that both see the
 * same machine; medians over the rounds. Without PyTorch the peer is TensorFlow.js op by op, and that is said.
 */
export async function benchTraining({ seconds = 3, only = undefined as Measured | undefined } = {}): Promise<
  BenchRow[]
> {
  const torch = await torchPeer();
  if (torch === undefined && only === undefined) {
    console.error(`${PYTORCH_MISSING}: the peer is TensorFlow.js op by op, which says little about speed`);
  }
  const { runtime, threads } = only ?? { runtime: "onnxruntime", threads: perCount };
  const rows: BenchRow[] = [];
  try {
    for (const plan of plans()) {
      const opByOp = torch === undefined || !plan.inTorch ? await measureOpByOp(plan) : undefined;
      for (const count of threads)
        rows.push(...(await measure(plan, { runtime, threads: count, torch, opByOp, seconds })));
    }
  } finally {
    torch?.close();
  }
  if (only !== undefined) return rows;
  if (locate() === undefined) {
    console.error(`libtensorflow is NOT installed ("${INSTALL}"): no rows for it`);
    return rows;
  }
  return [...rows, ...perCount.flatMap((count) => inProcessOfItsOwn(count, seconds))];
}

/** libtensorflow keeps its number of threads as long as its process lives. */
function inProcessOfItsOwn(threads: number, seconds: number): BenchRow[] {
  const only: Measured = { runtime: "libtensorflow", threads: [threads] };
  const program = `const { benchTraining } = await import(${JSON.stringify(import.meta.url)});
    const rows = await benchTraining(${JSON.stringify({ seconds, only })});
    process.stdout.write(JSON.stringify(rows), () => process.exit(0));`;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the measurement of libtensorflow ended with ${status ?? "a signal"}`);
  return JSON.parse(stdout) as BenchRow[];
}

interface Against {
  readonly runtime: Measured["runtime"];
  readonly threads: number;
  readonly torch: TorchPeer | undefined;
  readonly opByOp: Stretch | undefined;
  readonly seconds: number;
}

async function measure(
  { workload, fewer, inTorch }: Plan,
  { runtime: engine, threads, torch, opByOp, seconds }: Against,
): Promise<BenchRow[]> {
  const runtime = await (engine === "onnxruntime" ? onnxRuntime : tensorflowRuntime)({ threads });
  const step = await ready(runtime, workload);
  const own: Stretch[] = [];
  const peer: Stretch[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await stretch(step, seconds / ROUNDS));
    if (torch !== undefined && inTorch)
      peer.push(await torch.measure(workload.name, threads, seconds / ROUNDS));
  }
  await runtime.dispose();
  const peerName =
    torch !== undefined && inTorch
      ? `PyTorch ${torch.version} x${threads}`
      : `TensorFlow.js op by op (1/${fewer} of the rows, scaled)`;
  const [a, b] = [middle(own), opByOp ?? middle(peer)];
  const name = `${workload.name}, ${engine} x${threads}`;
  return [
    {
      name,
      value: a.stepsPerSecond,
      unit: "steps/s",
      peer: peerName,
      peerValue: b.stepsPerSecond,
      ratio: a.stepsPerSecond / b.stepsPerSecond,
    },
    {
      name: `${name}, processor time`,
      value: a.cpuMs,
      unit: "ms/step",
      peer: peerName,
      peerValue: b.cpuMs,
      ratio: b.cpuMs / a.cpuMs,
    },
  ];
}

async function measureOpByOp({ small, fewer }: Plan): Promise<Stretch> {
  const step = await ready(referenceRuntime(), small, 1);
  const { stepsPerSecond, cpuMs } = await stretch(step, 0.5);
  return { stepsPerSecond: stepsPerSecond / fewer, cpuMs: cpuMs * fewer };
}

type Ready = () => Promise<number>; // as many steps as go into a call; how many

async function ready(
  runtime: Runtime,
  { loss, specs, values, feedSpecs, feeds }: Workload,
  warmup = 3,
): Promise<Ready> {
  const training = trainingStep(loss, specs, { kind: "adam" });
  const compiled: CompiledStep = await runtime.compile(training.step, training.state, [
    rateSpec,
    ...feedSpecs,
  ]);
  await compiled.write(training.initialState(values));
  const inputs: TypedArray[] = [Float32Array.of(1e-3), ...feeds];
  const group = Array.from({ length: compiled.stepsPerCall ?? 1 }, () => inputs);
  for (let call = 0; call < warmup; call++) await runEach(compiled, group);
  return async () => (await runEach(compiled, group)).length;
}

async function stretch(step: Ready, seconds: number): Promise<Stretch> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  let steps = 0;
  do steps += await step();
  while (performance.now() - start < 1000 * seconds || steps < 2);
  const { user, system } = process.cpuUsage(cpu);
  return {
    stepsPerSecond: (1000 * steps) / (performance.now() - start),
    cpuMs: (user + system) / 1000 / steps,
  };
}

const middle = (stretches: readonly Stretch[]): Stretch => {
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
  return {
    stepsPerSecond: median(stretches.map((one) => one.stepsPerSecond)),
    cpuMs: median(stretches.map((one) => one.cpuMs)),
  };
};
