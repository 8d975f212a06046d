/**
 * How one signal drives another: a small network says how deep a value of the driving signal pulls, always downwards, and a
 * second-order filter how this comes about, after a delay.
 *
 * g(u) = −depth · softplus(w₂ᵀ tanh(w₁ u + b₁) + b₂);   r̈ = −2ζω ṙ − ω² r + ω² g(u(t − τ))
 */
export interface NeuralInput {
  readonly units: number;
  readonly weights: Float64Array; // [3 units + 1]: w₁, b₁, w₂, b₂
  readonly delay: number; // τ, seconds
  readonly omega: number; // radians a second
  readonly zeta: number;
}

const DEPTH = 10;

/** As four steps along the driving signal: at 20, 50, 80 and 110 % of its span (recipe-ssm.md §2). */
export function startWeights(units = 4, slope = 4): Float64Array {
  const weights = new Float64Array(3 * units + 1);
  for (let i = 0; i < units; i += 1) {
    weights[i] = slope;
    weights[units + i] = -slope * (0.2 + (0.9 * i) / Math.max(1, units - 1));
    weights[2 * units + i] = 0.5;
  }
  weights[3 * units] = -1.5;
  return weights;
}

const softplus = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)));

/** g(u), and what it changes by: with u, and with each weight into `slopes` [3 units + 1]. */
export function pull(
  { units, weights }: Pick<NeuralInput, "units" | "weights">,
  u: number,
  slopes?: Float64Array,
): { readonly value: number; readonly slope: number } {
  let sum = weights[3 * units] ?? 0;
  let slope = 0;
  for (let i = 0; i < units; i += 1) {
    const [w1, w2] = [weights[i] ?? 0, weights[2 * units + i] ?? 0];
    const bent = Math.tanh(w1 * u + (weights[units + i] ?? 0));
    const turn = w2 * (1 - bent * bent);
    sum += w2 * bent;
    slope += turn * w1;
    if (slopes === undefined) continue;
    slopes[i] = turn * u;
    slopes[units + i] = turn;
    slopes[2 * units + i] = bent;
  }
  const share = -DEPTH / (1 + Math.exp(-sum));
  if (slopes !== undefined) {
    slopes[3 * units] = 1;
    for (let i = 0; i < slopes.length; i += 1) slopes[i] = (slopes[i] ?? 0) * share;
  }
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

/** What a change of each pull by `upstream` means for the weights and for the delay (the chain rule). */
export function pullGradient(
  input: NeuralInput,
  u: Float64Array,
  upstream: Float64Array,
  stepS = 1,
): { readonly weights: Float64Array; readonly delay: number } {
  const weights = new Float64Array(input.weights.length);
  const slopes = new Float64Array(input.weights.length);
  let delay = 0;
  for (let t = 0; t < u.length; t += 1) {
    const own = upstream[t] ?? 0;
    const then = delayed(u, t, input.delay / stepS);
    const { slope } = pull(input, then.value, slopes);
    for (let i = 0; i < weights.length; i += 1) weights[i] = (weights[i] ?? 0) + own * (slopes[i] ?? 0);
    delay += (own * slope * then.slope) / stepS;
  }
  return { weights, delay };
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
