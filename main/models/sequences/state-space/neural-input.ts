import { concatenated } from "../../linear-algebra.ts";

/**
 * How one signal drives another: a small network says how deep a value of the driving signal pulls, always downwards, and a
 * second-order filter how this comes about, after a delay.
 *
 * g(u) = −depth · softplus(w₂ᵀ tanh(w₁ u + b₁) + b₂);   r̈ = −2ζω ṙ − ω² r + ω² g(u(t − τ))
 */
export interface NeuralInput {
  readonly layers: PullLayers;
  readonly delay: number; // τ, seconds
  readonly omega: number; // radians a second
  readonly zeta: number;
}

interface PullLayer {
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

export interface PullLayers {
  readonly layer1: PullLayer; // w₁, b₁ [units]
  readonly layer2: PullLayer; // w₂ [units], b₂ [1]
}

/** The layers in one vector [3 units + 1], of which they are parts: w₁, b₁, w₂, b₂. */
export function pullLayers(flat: Float64Array): PullLayers {
  const units = (flat.length - 1) / 3;
  return {
    layer1: { weights: flat.subarray(0, units), biases: flat.subarray(units, 2 * units) },
    layer2: { weights: flat.subarray(2 * units, 3 * units), biases: flat.subarray(3 * units) },
  };
}

/** All numbers of the layers, as they lie in one vector. */
export const flatPull = ({ layer1, layer2 }: PullLayers): Float64Array =>
  concatenated([layer1.weights, layer1.biases, layer2.weights, layer2.biases]);

const DEPTH = 10;

/** As four steps along the driving signal: at 20, 50, 80 and 110 % of its span (recipe-ssm.md §2). */
export function startLayers(units = 4, slope = 4): PullLayers {
  const along = Float64Array.from({ length: units }, (_, i) => 0.2 + (0.9 * i) / Math.max(1, units - 1));
  return {
    layer1: { weights: new Float64Array(units).fill(slope), biases: along.map((at) => -slope * at) },
    layer2: { weights: new Float64Array(units).fill(0.5), biases: Float64Array.of(-1.5) },
  };
}

const softplus = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)));

function scale({ layer1, layer2 }: PullLayers, by: number): void {
  for (const part of [layer1.weights, layer1.biases, layer2.weights, layer2.biases])
    part.forEach((own, i) => (part[i] = own * by));
}

/** g(u), and what it changes by: with u, and with each weight into `slopes`. */
export function pull(
  { layers: { layer1, layer2 } }: Pick<NeuralInput, "layers">,
  u: number,
  slopes?: PullLayers,
): { readonly value: number; readonly slope: number } {
  let sum = layer2.biases[0] ?? 0;
  let slope = 0;
  for (let i = 0; i < layer1.weights.length; i += 1) {
    const [w1, w2] = [layer1.weights[i] ?? 0, layer2.weights[i] ?? 0];
    const bent = Math.tanh(w1 * u + (layer1.biases[i] ?? 0));
    const turn = w2 * (1 - bent * bent);
    sum += w2 * bent;
    slope += turn * w1;
    if (slopes === undefined) continue;
    slopes.layer1.weights[i] = turn * u;
    slopes.layer1.biases[i] = turn;
    slopes.layer2.weights[i] = bent;
  }
  const share = -DEPTH / (1 + Math.exp(-sum));
  slopes?.layer2.biases.fill(1);
  if (slopes !== undefined) scale(slopes, share);
  return { value: -DEPTH * softplus(sum), slope: share * slope };
}

/** u(t − τ) by a straight line between values; before the first it is as then. */
const delayed = (u: ArrayLike<number>, t: number, delay: number): { value: number; slope: number } => {
  const at = Math.max(0, t - delay);
  const left = Math.floor(at);
  const [from, to] = [u[left] ?? 0, u[Math.min(u.length - 1, left + 1)] ?? 0];
  return { value: from + (at - left) * (to - from), slope: at > 0 ? from - to : 0 }; // with τ
};

/** g(u(t − τ)) at one step. */
export const pullAt = (input: NeuralInput, u: ArrayLike<number>, t: number, stepS = 1): number =>
  pull(input, delayed(u, t, input.delay / stepS).value).value;

/** The same at every step. u [steps] */
export function pulls(input: NeuralInput, u: Float64Array, stepS = 1): Float64Array {
  return u.map((_, t) => pullAt(input, u, t, stepS));
}

/** What a change of each pull by `upstream` means for the layers and for the delay (the chain rule). */
export function pullGradient(
  input: NeuralInput,
  u: Float64Array,
  upstream: Float64Array,
  stepS = 1,
): { readonly layers: PullLayers; readonly delay: number } {
  const { length } = flatPull(input.layers);
  const [all, slopes] = [new Float64Array(length), new Float64Array(length)];
  const parts = pullLayers(slopes);
  let delay = 0;
  for (let t = 0; t < u.length; t += 1) {
    const own = upstream[t] ?? 0;
    const then = delayed(u, t, input.delay / stepS);
    const { slope } = pull(input, then.value, parts);
    for (let i = 0; i < length; i += 1) all[i] = (all[i] ?? 0) + own * (slopes[i] ?? 0);
    delay += (own * slope * then.slope) / stepS;
  }
  return { layers: pullLayers(all), delay };
}

/** The second-order filter over one step in which its input stays: [r, ṙ]' = F [r, ṙ] + B g. F [2 x 2]. */
export function secondOrder(
  { omega, zeta }: Pick<NeuralInput, "omega" | "zeta">,
  stepS = 1,
): { readonly F: Float64Array; readonly B: Float64Array } {
  const [stiffness, damping] = [omega * omega, 2 * zeta * omega];
  const whole = exponential(
    Float64Array.of(0, 1, 0, -stiffness, -damping, stiffness, 0, 0, 0).map((v) => v * stepS),
    3,
  );
  const at = (i: number): number => whole[i] ?? 0;
  return { F: Float64Array.of(at(0), at(1), at(3), at(4)), B: Float64Array.of(at(2), at(5)) };
}

const [HALVINGS, TERMS] = [10, 12];

/** exp(A) of a small matrix [n x n]: of A / 2¹⁰ by its series, then squared ten times. */
function exponential(A: Float64Array, n: number): Float64Array {
  const small = A.map((v) => v / 2 ** HALVINGS);
  const times = (a: Float64Array, b: Float64Array): Float64Array =>
    Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let k = 0; k < n; k += 1) sum += (a[i * n + k] ?? 0) * (b[k * n + j] ?? 0);
      return sum;
    });
  const one = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
  let sum: Float64Array = one;
  let term: Float64Array = one;
  for (let k = 1; k <= TERMS; k += 1) {
    term = times(term, small).map((v) => v / k);
    sum = sum.map((v, i) => v + (term[i] ?? 0));
  }
  for (let halving = 0; halving < HALVINGS; halving += 1) sum = times(sum, sum);
  return sum;
}
