import { CausalPart } from "../../../preload/contract/run.ts";
import { logSumExp } from "../linear-algebra.ts";
import type { Template } from "./adaptation.ts";
import { LastWindows, RecentMass } from "./stream-memory.ts";
import { Whitener } from "./whitening.ts";

/**
 * What may honestly be known of a person while they move: the past of their own unlabelled stream. From the windows
 * before it only, each window is centred (the stream's running mean is taken out), read in every way a bracelet can be
 * worn (weighed by how well the past is explained so) and, once every gesture was made, judged by class means moved
 * towards the person. float64 on standardised inputs, no random number, memory bounded by the settings.
 *
 * With x_j the windows before window i, π_g the share of training people who wore the bracelet in way g:
 *   centre    c_i = (n0 m0 + Σ x_j) / (n0 + i)
 *   evidence  e_g = Σ ln Σ_c N(x_j − c_j; μ_c, Σ) in way g,   w_g ∝ π_g exp(evidenceWeight e_g)
 *   means     meansSteps × { R = posterior, μ_c = (n μ_c⁰ + Σ R x) / (n + Σ R) } in the likeliest way
 */
export interface CausalSettings {
  readonly centreWindows: number; // n0: how many windows the training people's mean m0 is worth
  readonly evidenceWeight: number; // of a window's log likelihood, beside the prior over ways of wearing
  readonly meansWindows: number; // n: how many windows the template's mean of a class is worth
  readonly meansSteps: number; // of expectation maximisation, each time from the template
  readonly meansEvery: number; // windows between two movements of the means
  readonly pastWindows: number; // that the means are moved by: the last ones
  readonly massWindows: number; // the last ones, in which every class must have occurred
  readonly leastMass: number; // posterior mass of the rarest class in them, in windows, from which the means are moved
  readonly doubtAfter: number; // windows; a class with next to no mass by then is taken to be absent from the stream
}

/** Below this share of `leastMass` a class has next to no mass. */
const NEXT_TO_NONE = 1 / 3;

/**
 * Which part answers: `static` nothing was heard yet; `causal` centred and oriented by the past; `cautious` likewise,
 * but some class never seems to occur, which shifts the centre, so what knows nothing of the person counts for more;
 * `means` class means moved as well.
 */
export const causalParts = CausalPart.options;

/** A window as it is in one way of wearing. */
export interface Way {
  readonly way: number; // index into the template's symmetries
  readonly weight: number; // those of a view sum to 1
  readonly inputs: Float64Array; // [width] centred, oriented; 0 where unobserved
  readonly observed: Uint8Array; // [width]
  readonly logTemplate: Float64Array; // [classes] log posterior of the template
}

/** What the windows before it say of a window. */
export interface CausalView {
  readonly part: CausalPart;
  readonly ways: readonly Way[]; // the likely ones, the likeliest first
  readonly logMeans: Float64Array | undefined; // [classes] log posterior by the moved means; with part "means" only
}

/** Ways of wearing less likely than this share of the likeliest are not looked at: each costs a network a row. */
const LEAST_SHARE = 0.01;

interface Weighed extends Way {
  readonly logEvidence: number;
}

/** Fed window by window: each is viewed by what those before it left, then learned from. */
export class CausalAdaptation {
  readonly #template: Template;
  readonly #settings: CausalSettings;
  readonly #guidedWindows: number;
  readonly #whitener: Whitener;
  readonly #templateCentres = new Map<string, Float64Array>();
  readonly #sum: Float64Array; // [width] of what was observed, as worn
  readonly #seen: Float64Array; // [width] how often
  readonly #evidence: Float64Array; // [ways]
  readonly #past: LastWindows;
  readonly #mass: RecentMass;
  #heard = 0;
  #moved: { readonly at: number; readonly means: Float64Array } | undefined;

  /** guidedWindows: so many windows from the first on hold every class, as somebody saw to; 0: nobody did. */
  constructor(template: Template, settings: CausalSettings, guidedWindows = 0) {
    const { width, classes } = template.gaussian;
    this.#template = template;
    this.#settings = settings;
    this.#guidedWindows = guidedWindows;
    this.#whitener = new Whitener(template.gaussian);
    this.#sum = new Float64Array(width);
    this.#seen = new Float64Array(width);
    this.#evidence = new Float64Array(template.symmetries.length);
    this.#past = new LastWindows(settings.pastWindows, width);
    this.#mass = new RecentMass(settings.massWindows, classes);
  }

  /** Posterior mass of the rarest class lately, in windows. */
  get leastMass(): number {
    return this.#mass.least();
  }

  /** Views a window, x and observed [width], by those before it; then learns from it. */
  next(x: ArrayLike<number>, observed: ArrayLike<number>): CausalView {
    const all = this.#weighed(x, observed);
    const part = this.#part();
    const ways = likely(all);
    const [best] = ways;
    const logMeans = part === "means" && best ? this.#byMovedMeans(best) : undefined;
    this.#learn(x, observed, all);
    return { part, ways, logMeans };
  }

  /**
   * What the next window needs and the past alone tells, computed before it comes: class means that are due to be moved.
   * Without it they are moved when it is there; nothing else differs.
   */
  prepare(): void {
    if (this.#part() !== "means") return;
    const weights = this.#weights();
    this.#moveMeans(weights.indexOf(Math.max(...weights)));
  }

  #part(): CausalPart {
    const { leastMass, doubtAfter } = this.#settings;
    if (this.#heard === 0) return "static";
    const least = this.#mass.least();
    const isGuided = this.#guidedWindows > 0;
    if (least > leastMass || (isGuided && this.#heard >= this.#guidedWindows)) return "means";
    if (isGuided) return "causal"; // what was not heard yet is still to come
    return this.#heard >= doubtAfter && least < NEXT_TO_NONE * leastMass ? "cautious" : "causal";
  }

  /** How likely each way of wearing is, by the past. */
  #weights(): Float64Array {
    const log = this.#template.logOrientation.map((prior, way) => {
      return prior + this.#settings.evidenceWeight * (this.#evidence[way] ?? 0);
    });
    const total = logSumExp(log, 0, log.length);
    return log.map((value) => Math.exp(value - total));
  }

  #weighed(x: ArrayLike<number>, observed: ArrayLike<number>): Weighed[] {
    const { symmetries, gaussian } = this.#template;
    const weights = this.#weights();
    return symmetries.map((order, way) => {
      const own = this.#centred(x, observed, order);
      const row = this.#whitener.row(own.inputs, own.observed);
      const joint = this.#whitener.logJoint(row, gaussian.means, this.#templateCentres);
      const logEvidence = logSumExp(joint, 0, joint.length);
      const weight = weights[way] ?? 0;
      return { way, weight, ...own, logEvidence, logTemplate: joint.map((value) => value - logEvidence) };
    });
  }

  /** A window worn in that way, less what the past and, at first, the training people say lies in its middle. */
  #centred(
    x: ArrayLike<number>,
    observed: ArrayLike<number>,
    order: Int32Array,
  ): Pick<Way, "inputs" | "observed"> {
    const { centre } = this.#template;
    const { centreWindows } = this.#settings;
    const inputs = new Float64Array(order.length);
    const seen = new Uint8Array(order.length);
    for (let i = 0; i < order.length; i += 1) {
      const from = order[i] ?? 0;
      if (observed[from] !== 1) continue;
      const middle =
        (centreWindows * (centre[i] ?? 0) + (this.#sum[from] ?? 0)) /
        (centreWindows + (this.#seen[from] ?? 0));
      seen[i] = 1;
      inputs[i] = (x[from] ?? 0) - middle;
    }
    return { inputs, observed: seen };
  }

  #byMovedMeans({ inputs, observed, way }: Way): Float64Array {
    const means = this.#moveMeans(way);
    const row = this.#whitener.row(inputs, observed);
    const joint = this.#whitener.logJoint(row, means, new Map());
    const total = logSumExp(joint, 0, joint.length);
    return joint.map((value) => value - total);
  }

  /** Where that is due. */
  #moveMeans(way: number): Float64Array {
    if (this.#moved === undefined || this.#heard - this.#moved.at >= this.#settings.meansEvery)
      this.#moved = { at: this.#heard, means: this.#movedMeans(way) };
    return this.#moved.means;
  }

  /** [classes x width] the template's means, moved by the last windows as they are now centred. */
  #movedMeans(way: number): Float64Array {
    const { gaussian, symmetries } = this.#template;
    const { meansWindows, meansSteps } = this.#settings;
    const { width: d, classes: k } = gaussian;
    const order = symmetries[way] ?? new Int32Array(0);
    const rows = [...this.#past.rows()].map(({ x, observed }) => {
      const own = this.#centred(x, observed, order);
      return { ...own, white: this.#whitener.row(own.inputs, own.observed) };
    });
    let means = gaussian.means;
    const joint = new Float64Array(k);
    for (let step = 0; step < meansSteps; step += 1) {
      const sum = gaussian.means.map((value) => meansWindows * value);
      const mass = new Float64Array(k * d).fill(meansWindows);
      const centres = new Map<string, Float64Array>();
      for (const { inputs, observed, white } of rows) {
        this.#whitener.logJoint(white, means, centres, joint);
        const total = logSumExp(joint, 0, k);
        for (let c = 0; c < k; c += 1) {
          const share = Math.exp((joint[c] ?? 0) - total);
          if (share < 1e-8) continue;
          for (let i = 0; i < d; i += 1) {
            if (observed[i] !== 1) continue;
            const at = c * d + i;
            sum[at] = (sum[at] ?? 0) + share * (inputs[i] ?? 0);
            mass[at] = (mass[at] ?? 0) + share;
          }
        }
      }
      means = sum.map((value, at) => value / (mass[at] ?? 1));
    }
    return means;
  }

  #learn(x: ArrayLike<number>, observed: ArrayLike<number>, ways: readonly Weighed[]): void {
    const posterior = new Float64Array(this.#template.gaussian.classes);
    for (const { way, weight, logEvidence, logTemplate } of ways) {
      this.#evidence[way] = (this.#evidence[way] ?? 0) + logEvidence;
      for (let c = 0; c < posterior.length; c += 1)
        posterior[c] = (posterior[c] ?? 0) + weight * Math.exp(logTemplate[c] ?? 0);
    }
    this.#mass.add(posterior);
    for (let i = 0; i < this.#sum.length; i += 1) {
      if (observed[i] !== 1) continue;
      this.#sum[i] = (this.#sum[i] ?? 0) + (x[i] ?? 0);
      this.#seen[i] = (this.#seen[i] ?? 0) + 1;
    }
    this.#past.add(x, observed);
    this.#heard += 1;
  }
}

function likely(ways: readonly Way[]): Way[] {
  const most = Math.max(...ways.map(({ weight }) => weight));
  const kept = ways.filter(({ weight }) => weight >= LEAST_SHARE * most);
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  return kept
    .map(({ way, weight, inputs, observed, logTemplate }) => ({
      way,
      weight: weight / total,
      inputs,
      observed,
      logTemplate,
    }))
    .sort((a, b) => b.weight - a.weight || a.way - b.way);
}
