import { engine } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { EngineName, EngineReport, SelfTest } from "../../../preload/contract/engine.ts";
import { AppError, reportOf } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { distance } from "./op-battery.ts";
import { referenceRuntime } from "./reference.ts";
import { runtimes } from "../registry.ts";
import type { RuntimeEntry } from "../registry.ts";
import type { Predict, Runtime, TypedArray } from "../runtime.ts";
import { defaultThreads } from "../threads.ts";
import { cnn, lstm, mlp } from "./workloads.ts";
import type { Workload } from "./workloads.ts";

/** A loss, and values to try it at. */
export type Tested = Omit<Workload, "name">;

const GRADIENT_TOLERANCE = 1e-4; // relative to a tensor's largest entry; 2e-6 is usual

/** Loss and gradients against the reference. Answers the largest relative error; one above the tolerance throws. */
export async function gradientError(
  runtime: Runtime,
  { loss, specs, values, feedSpecs, feeds }: Tested,
): Promise<number> {
  const gradients: Predict = (params, inputs) => {
    const { value, grads } = engine().gradients<Scalar>(
      () => loss(params, inputs),
      [...params],
      undefined,
      true,
    );
    return [
      value,
      ...(grads as (Tensor | null)[]).filter((gradient) => gradient !== null && gradient !== undefined),
    ];
  };
  const once = async (on: Runtime): Promise<readonly TypedArray[]> => {
    const compiled = await on.compilePredict(gradients, specs, feedSpecs);
    await compiled.write(values);
    const results = await compiled.run(feeds);
    await compiled.dispose();
    return results;
  };
  const [actual, expected] = [await once(runtime), await once(referenceRuntime())];
  const error = Math.max(...expected.map((result, index) => distance(sure(actual[index]), result)));
  if (error <= GRADIENT_TOLERANCE) return error;
  throw new AppError(
    "model/engine-wrong",
    `its gradients differ from the reference by ${error.toPrecision(2)}, more than ${GRADIENT_TOLERANCE}`,
    { error, tolerance: GRADIENT_TOLERANCE },
  );
}

/** Dense, convolutional and recurrent: small, and together most of what models are made of. */
const small = (): readonly Tested[] => [
  mlp({ rows: 8, width: 16 }),
  cnn({ rows: 2, time: 30, channels: 4 }),
  lstm({ rows: 2, time: 6, hidden: 4 }),
];

export async function selfTest(runtime: Runtime, now = () => performance.now()): Promise<SelfTest> {
  const start = now();
  let largestError = 0;
  for (const tested of small()) largestError = Math.max(largestError, await gradientError(runtime, tested));
  return { largestError, tolerance: GRADIENT_TOLERANCE, seconds: (now() - start) / 1000 };
}

/** Opens an engine, tests it and says what was found. What goes wrong is part of the answer. */
export async function reportOn(
  name: EngineName,
  candidates: readonly RuntimeEntry[] = runtimes,
): Promise<EngineReport> {
  const entry = candidates.find((one) => one.name === name);
  if (entry === undefined) throw new AppError("model/engine-missing", `There is no engine "${name}" here`);
  try {
    const runtime = await entry.open(defaultThreads());
    const { version, device, threads } = runtime;
    const found = { name, version, device, threads };
    try {
      return { ...found, state: "ready", ...(entry.lastResort ? {} : { selfTest: await selfTest(runtime) }) };
    } catch (error) {
      return { ...found, state: "failed", error: reportOf(error) };
    } finally {
      await runtime.dispose();
    }
  } catch (error) {
    return { name, state: entry.installed() ? "failed" : "absent", error: reportOf(error) };
  }
}
