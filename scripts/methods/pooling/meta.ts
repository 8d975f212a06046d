import {
  mean,
  reshape,
  square,
  sub,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { Loss } from "../../../main/compute/loss.ts";
import { rateSpec, trainingStep } from "../../../main/compute/optimiser.ts";
import type { TensorSpec } from "../../../main/compute/tensors.ts";
import {
  parameterisedPooling,
  parameterisedShapes,
  parameterisedStart,
} from "../../../main/models/layers/parameterised-pooling.ts";
import { seededRandom, type Random } from "../../../main/models/random.ts";
import { atLeast, atMost, type MethodCheck } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";

export const LENGTH = 60;
export const OUTPUTS = LENGTH / 2;

/** Maximum of pairs in the first half of a signal, mean of pairs in the second. */
export const halfMaxHalfMean = (x: ArrayLike<number>, from: number): number[] =>
  Array.from({ length: OUTPUTS }, (_, q) => {
    const [a, b] = [x[from + 2 * q] ?? 0, x[from + 2 * q + 1] ?? 0];
    return q < OUTPUTS / 2 ? Math.max(a, b) : (a + b) / 2;
  });

const [BATCH, STEPS, RATE] = [64, 1000, 0.05];
const kernels = { size: [2, 1] } as const;
const specs: readonly TensorSpec[] = parameterisedShapes(LENGTH, 1, kernels).map((shape) => ({
  shape,
  dtype: "float32",
}));

function drawn(random: Random): readonly [Float32Array, Float32Array] {
  const x = Float32Array.from({ length: BATCH * LENGTH }, () => random.next());
  const y = Array.from({ length: BATCH }, (_, n) => halfMaxHalfMean(x, n * LENGTH));
  return [x, Float32Array.from(y.flat())];
}

const errorOf: Loss = (params, [x, y]) => {
  const [masks, exponents] = params as readonly [Tensor, Tensor];
  const signals: Tensor4D = reshape(x as Tensor2D, [BATCH, LENGTH, 1, 1]);
  const pooled = reshape(parameterisedPooling(signals, undefined, { masks, exponents }, kernels), [
    BATCH,
    OUTPUTS,
  ]);
  return mean<Scalar>(square(sub(pooled, y as Tensor)));
};

/** The layer as the product trains it, in float32: it finds out which half takes maxima and which means. */
export const metaPoolingCheck: MethodCheck = {
  id: "meta-pooling",
  about:
    "Parameterised pooling that learns a layer of half maxima, half means, by Adam on its masks and exponents (float32)",
  run: () =>
    withRuntime(async (runtime) => {
      const training = trainingStep(errorOf, specs, { kind: "adam" });
      const feeds: TensorSpec[] = [LENGTH, OUTPUTS].map((columns) => ({
        shape: [BATCH, columns],
        dtype: "float32",
      }));
      const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feeds]);
      await compiled.write(training.initialState(parameterisedStart(LENGTH, 1, kernels, seededRandom(1))));
      const random = seededRandom(1, 1);
      for (let step = 0; step < STEPS; step += 1)
        await compiled.run([Float32Array.of(RATE), ...drawn(random)]);
      const [masks = [], exponents = []] = training.parameters(await compiled.read());
      let error = 0;
      const rounds = 20; // at a rate of 0 a step only judges
      for (let i = 0; i < rounds; i += 1)
        error += (await compiled.run([new Float32Array(1), ...drawn(random)])) / rounds;
      await compiled.dispose();
      const powers = Array.from(exponents, Math.exp);
      const open = Array.from(masks, (m) => 1 / (1 + Math.exp(-5 * m)));
      const from = { evidence: "computed", source: "pooling.md C3, check 4" } as const;
      return [
        atMost("mean squared error", error, 1e-5, from, 8),
        atLeast(
          "least exponent of the half that takes maxima",
          Math.min(...powers.slice(0, OUTPUTS / 2)),
          50,
          from,
          1,
        ),
        atMost(
          "exponents of the half that takes means, farthest from 1",
          Math.max(...powers.slice(OUTPUTS / 2).map((p) => Math.abs(p - 1))),
          0.05,
          from,
        ),
        atLeast("least weight of a sample in its kernel", Math.min(...open), 0.95, from),
      ];
    }),
};
