import {
  add,
  concat,
  div,
  engine,
  maximum,
  mul,
  reshape,
  split,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  tensor1d,
  zeros,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { ParameterSpec } from "./parameters.ts";
import type { TensorSpec } from "./tensors.ts";
import { allocate, sizeOf } from "./feeds.ts";
import { dealt } from "./parts.ts";
import type { LossAndGradient, Step, StepParts, StepsApart, TypedArray } from "./runtime.ts";
import { modelParameters, lossOfModels } from "./loss.ts";
import type { Loss, ModelLoss } from "./loss.ts";

/** How a parameter is pulled back: p - learningRate rate (p - towards), decoupled from the gradient (AdamW). */
export interface Decay {
  readonly rate: number;
  readonly towards?: Float32Array | undefined; // zeros unless given: identity matrices, say
}

export interface OptimiserOptions {
  readonly kind: "adam" | "sgd";
  readonly beta1?: number | undefined; // adam: 0.9; the momentum of sgd
  readonly beta2?: number | undefined; // adam: 0.999
  readonly epsilon?: number | undefined; // adam: 1e-8
  readonly clipNorm?: number | undefined; // the gradient of all parameters together is shortened to this length
  readonly decay?: readonly (Decay | undefined)[] | undefined; // a parameter
  readonly averaging?: number | undefined; // share kept a step in a running mean of the parameters, 0.999 say
}

/** The learning rate comes first among the feeds of a training step, so that a schedule needs no new compilation. */
export const rateSpec: TensorSpec = { shape: [], dtype: "float32" };

/** A parameter as it lay in a state. */
type Kept = Pick<ParameterSpec, "name" | "shape">;

export interface Training {
  readonly step: Step; // feeds: the learning rate, then those of the loss
  readonly state: readonly TensorSpec[];
  initialState(values: readonly Float32Array[]): TypedArray[];
  /** Parameters out of a state: the last ones, or their running mean. */
  parameters(state: readonly TypedArray[], which?: "last" | "averaged"): Float32Array[];
  /**
   * A state that was kept with the names of its parameters, found again by them whatever their order. Throws
   * model/wrong-parameters with the name of one that is missing, doubled, of another shape, or none of these.
   */
  laidOut(state: readonly TypedArray[], kept: readonly Kept[]): TypedArray[];
}

/**
 * One optimiser step as a pure function. All parameters are one flat vector: half the ops of an update a tensor.
 * Adam (Kingma and Ba 2015) keeps its moments divided by (1 - beta), which saves two passes over the vector:
 * M' = beta1 M + g, V' = beta2 V + g^2, p' = p - c M' / (sqrt(V') + e) with c and e set by the powers of beta, state too.
 */
export function trainingStep(loss: Loss, specs: readonly TensorSpec[], options: OptimiserOptions): Training {
  checkOptions(specs, options);
  const sizes = specs.map(({ shape }) => sizeOf(shape));
  const length = sizes.reduce((total, size) => total + size, 0);
  const vector: TensorSpec = { shape: [length], dtype: "float32" };
  const rule = ruleOf(options);
  const averaging = options.averaging;
  const state = [vector, ...rule.state(vector), ...(averaging === undefined ? [] : [vector])];
  const averagedAt = state.length - 1;

  const slopeOf = (part: Loss, first: Tensor, feeds: readonly Tensor[]): LossAndGradient => {
    const params = unflattened(first as Tensor1D, specs, sizes);
    const { value, grads } = engine().gradients<Scalar>(
      () => part(params, feeds),
      [...params],
      undefined,
      true,
    );
    return { loss: value, gradient: flattened(grads, sizes) };
  };
  const finish: StepParts["finish"] = (before, [rate], sum) => {
    const flat = before[0] as Tensor1D;
    const gradient = clipped(sum.gradient as Tensor1D, options.clipNorm);
    const { change, next } = rule.update(before.slice(1), gradient, rate as Scalar);
    const params = unflattened(flat, specs, sizes);
    const pulled = withDecay(flat, { specs, sizes, params, decay: options.decay, rate: rate as Scalar });
    const moved = sub(pulled, change);
    const average =
      averaging === undefined
        ? []
        : [add(mul(sure(before[averagedAt]), averaging), mul(moved, 1 - averaging))];
    return { state: [moved, ...next, ...average], loss: sum.loss };
  };
  const step: Step = Object.assign(
    ((before, feeds) => finish(before, feeds, slopeOf(loss, sure(before[0]), feeds.slice(1)))) satisfies Step,
    {
      inParts,
      apart: options.clipNorm === undefined ? apart : undefined,
    },
  );
  function inParts(count: number): StepParts | undefined {
    const losses = loss.inParts?.(count) ?? [];
    const parts = losses.map((part): StepParts["parts"][number] => {
      return (first, [, ...feeds]) => slopeOf(part, first, feeds);
    });
    return parts.length > 1 ? { parts, finish } : undefined;
  }
  function apart(count: number): StepsApart | undefined {
    const groups = dealt(loss.models ?? [], count);
    return groups.length > 1 ? stepsApart(groups, { specs, options, state }) : undefined;
  }

  return {
    step,
    state,
    initialState: (values) => {
      checkParameters(values, specs, sizes);
      const flat = joined(values, sizes);
      return [flat, ...rule.initial(flat), ...(averaging === undefined ? [] : [flat.slice()])];
    },
    parameters: (values, which = "last") => {
      if (which === "averaged" && averaging === undefined)
        throw new AppError("internal/unexpected", "This optimiser keeps no running mean of the parameters");
      return parted(values[which === "last" ? 0 : averagedAt] as Float32Array, sizes);
    },
    laidOut: (values, kept) => {
      const starts = startsOf(specs, kept);
      return values.map((array, index) => {
        if (state[index] !== vector) return array;
        return joined(
          starts.map((start, at) => array.slice(start, start + sure(sizes[at])) as Float32Array),
          sizes,
        );
      });
    },
  };
}

/** Where each of the parameters begins in a vector that was laid out as `kept`. */
function startsOf(specs: readonly TensorSpec[], kept: readonly Kept[]): number[] {
  const places = new Map<string, { readonly start: number; readonly shape: readonly number[] }>();
  const refuse = (name: string, what: string): AppError =>
    new AppError("model/wrong-parameters", `The parameter ${name} ${what}`, { name });
  let end = 0;
  for (const { name, shape } of kept) {
    if (places.has(name)) throw refuse(name, "is there twice");
    places.set(name, { start: end, shape });
    end += sizeOf(shape);
  }
  const starts = specs.map(({ name = "", shape }) => {
    const found = places.get(name);
    if (found === undefined) throw refuse(name, "is missing");
    if (found.shape.join() !== shape.join())
      throw refuse(name, `is [${found.shape.join(", ")}], it has to be [${shape.join(", ")}]`);
    places.delete(name);
    return found.start;
  });
  const [unknown] = places.keys();
  if (unknown !== undefined) throw refuse(unknown, "is none of these");
  return starts;
}

interface WholeStep {
  readonly specs: readonly TensorSpec[];
  readonly options: OptimiserOptions;
  readonly state: readonly TensorSpec[];
}

function stepsApart(groups: readonly (readonly ModelLoss[])[], whole: WholeStep): StepsApart {
  const { specs, options, state } = whole;
  const ends = groups.map((_, index) => modelParameters(groups.slice(0, index + 1).flat()));
  const steps = groups.map((group, index): StepsApart["steps"][number] => {
    const end = sure(ends[index]);
    const range = [end - modelParameters(group), end] as const;
    const feeds = [...new Set(group.flatMap((model) => model.feeds))].sort((a, b) => a - b);
    const own = group.map((model) => ({ ...model, feeds: model.feeds.map((feed) => feeds.indexOf(feed)) }));
    const training = trainingStep(lossOfModels(own), specs.slice(...range), {
      ...options,
      decay: options.decay?.slice(...range),
    });
    return { step: training.step, state: training.state, feeds: [0, ...feeds.map((feed) => feed + 1)] };
  });
  const lengths = steps.map((one) => sizeOf(sure(one.state[0]).shape));
  const starts = lengths.map((_, index) => lengths.slice(0, index).reduce((total, own) => total + own, 0));
  // Of each tensor of the state, every group has its stretch, or all of it where it is no vector of parameters.
  const isVector = (index: number): boolean => state[index] === state[0];
  return {
    steps,
    split: (values) =>
      lengths.map((own, group) =>
        values.map((array, index) =>
          isVector(index) ? array.slice(starts[group], sure(starts[group]) + own) : array.slice(),
        ),
      ),
    join: (states) =>
      state.map((spec, index) => {
        const joint = allocate(spec) as Float32Array;
        states.forEach((own, group) =>
          joint.set(own[index] as Float32Array, isVector(index) ? starts[group] : 0),
        );
        return joint;
      }),
  };
}

/** How a gradient becomes a change of the parameters. */
interface Rule {
  state(vector: TensorSpec): readonly TensorSpec[];
  initial(flat: Float32Array): readonly TypedArray[];
  /** What is taken from the parameters, and the rule's own next state. */
  update(
    state: readonly Tensor[],
    gradient: Tensor1D,
    rate: Scalar,
  ): { readonly change: Tensor; readonly next: readonly Tensor[] };
}

function ruleOf(options: OptimiserOptions): Rule {
  switch (options.kind) {
    case "adam":
      return adam(options);
    case "sgd":
      return momentum(options);
  }
}

function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: OptimiserOptions): Rule {
  return {
    state: (vector) => [vector, vector, { shape: [2], dtype: "float32" }],
    initial: ({ length }) => [new Float32Array(length), new Float32Array(length), Float32Array.of(1, 1)],
    update: ([first, second, powers], gradient, rate) => {
      const m = add(mul(sure(first), beta1), gradient);
      const v = add(mul(sure(second), beta2), square(gradient));
      const nextPowers = mul(sure(powers), tensor1d([beta1, beta2]));
      const [power1, power2] = split(sub(1, nextPowers), 2).map((power) => reshape(power, [])) as [
        Scalar,
        Scalar,
      ];
      const spread = sqrt(power2); // of the second moment, from its start at zero
      const pace = mul(rate, mul((1 - beta1) / Math.sqrt(1 - beta2), div(spread, power1)));
      const floor = mul(spread, epsilon / Math.sqrt(1 - beta2));
      return { change: mul(pace, div(m, add(sqrt(v), floor))), next: [m, v, nextPowers] };
    },
  };
}

function momentum({ beta1 = 0.9 }: OptimiserOptions): Rule {
  return {
    state: (vector) => [vector],
    initial: ({ length }) => [new Float32Array(length)],
    update: ([velocity], gradient, rate) => {
      const next = add(mul(sure(velocity), beta1), gradient);
      return { change: mul(rate, next), next: [next] };
    },
  };
}

const unflattened = (flat: Tensor1D, specs: readonly TensorSpec[], sizes: readonly number[]): Tensor[] => {
  const parts = sizes.length === 1 ? [flat] : split(flat, [...sizes]);
  return parts.map((part, index) => reshape(part, [...sure(specs[index]).shape]));
};

/** A parameter that the loss does not use has no gradient and stays as it is. */
const flattened = (grads: readonly (Tensor | undefined | null)[], sizes: readonly number[]): Tensor1D =>
  concat(
    grads.map((gradient, index) =>
      gradient ? reshape(gradient, [sure(sizes[index])]) : zeros([sure(sizes[index])]),
    ) as Tensor1D[],
  );

function clipped(gradient: Tensor1D, limit: number | undefined): Tensor1D {
  if (limit === undefined) return gradient;
  const length = sqrt(sum(square(gradient)));
  return mul(gradient, div(limit, maximum(length, limit)));
}

interface DecayParts {
  readonly specs: readonly TensorSpec[];
  readonly sizes: readonly number[];
  readonly params: readonly Tensor[];
  readonly decay: OptimiserOptions["decay"];
  readonly rate: Scalar;
}
function withDecay(flat: Tensor1D, { specs, sizes, params, decay, rate }: DecayParts): Tensor {
  if (decay === undefined || decay.every((one) => one === undefined || one.rate === 0)) return flat;
  const pulls = params.map((param, index) => {
    const one = decay[index];
    if (one === undefined || one.rate === 0) return zeros([sure(sizes[index])]);
    const away =
      one.towards === undefined ? param : sub(param, tensor(one.towards, [...sure(specs[index]).shape]));
    return reshape(mul(away, one.rate), [sure(sizes[index])]);
  });
  return sub(flat, mul(rate, concat(pulls as Tensor1D[])));
}

function joined(values: readonly Float32Array[], sizes: readonly number[]): Float32Array {
  const flat = new Float32Array(sizes.reduce((total, size) => total + size, 0));
  let at = 0;
  for (const part of values) {
    flat.set(part, at);
    at += part.length;
  }
  return flat;
}

function parted(flat: Float32Array, sizes: readonly number[]): Float32Array[] {
  let at = 0;
  return sizes.map((size) => flat.slice(at, (at += size)));
}

function checkParameters(
  values: readonly (Float32Array | undefined)[],
  specs: readonly TensorSpec[],
  sizes: readonly number[],
): void {
  const wrong = sizes.findIndex((size, index) => values[index]?.length !== size);
  if (wrong < 0 && values.length === sizes.length) return;
  throw new AppError(
    "model/wrong-parameters",
    `Parameter ${specs[wrong]?.name ?? wrong} has ${values[wrong]?.length ?? 0} values, ${sizes[wrong] ?? 0} are expected`,
    {
      index: wrong,
      given: values[wrong]?.length ?? 0,
      expected: sizes[wrong] ?? 0,
    },
  );
}

function checkOptions(specs: readonly TensorSpec[], { decay, clipNorm, averaging }: OptimiserOptions): void {
  if (specs.some(({ dtype }) => dtype !== "float32"))
    throw new AppError("model/wrong-parameters", "Parameters must be float32");
  if (clipNorm !== undefined && !(clipNorm > 0))
    throw new AppError(
      "model/bad-optimiser",
      `The gradient's longest length is ${clipNorm}; it must be above 0`,
      { clipNorm },
    );
  if (averaging !== undefined && !(averaging >= 0 && averaging < 1))
    throw new AppError("model/bad-optimiser", `The averaging share is ${averaging}; it must lie in [0, 1)`, {
      averaging,
    });
  if (decay !== undefined && decay.length !== specs.length) {
    throw new AppError("model/bad-optimiser", `${decay.length} decays for ${specs.length} parameters`, {
      decays: decay.length,
      parameters: specs.length,
    });
  }
  decay?.forEach((one, index) => {
    const spec = sure(specs[index]);
    if (one?.towards !== undefined) checkParameters([one.towards], [spec], [sizeOf(spec.shape)]);
  });
}
