import type { RecordingRows, Template } from "../../models/adaptation/adaptation.ts";
import {
  answerOf,
  partNumber,
  type CausalTemperatures,
  type Voice,
} from "../../models/adaptation/causal-answer.ts";
import { CausalAdaptation, type CausalSettings, type CausalView } from "../../models/adaptation/causal.ts";
import type { NamedArrays } from "../../compute/parameters.ts";
import type { GaussianMixture } from "../../models/distributions/gaussian-mixture.ts";
import { softmaxRows } from "../../models/linear-algebra.ts";
import type { Scores } from "./score.ts";

/** What a model needs beside its template to adapt to the past of a stream. */
export interface CausalModel {
  readonly network: Readonly<Record<string, unknown>>;
  readonly members: readonly NamedArrays[]; // of the network for centred, oriented windows
  readonly density?: GaussianMixture | undefined; // of such windows
  readonly settings: CausalSettings;
  readonly temperatures: CausalTemperatures;
}

/** Seconds from the start of a stream that hold every gesture where somebody saw to it. */
export const GUIDED_S = 60;

export const guidedWindowsOf = (strideS: number): number => Math.round(GUIDED_S / strideS);

/** By what a stream is adapted to. */
export interface StreamModel {
  readonly template: Template;
  readonly settings: CausalSettings;
  readonly guidedWindows: number;
}

/** Windows of one stream, in the order in which they came; those that could not be judged are not among them. */
interface StreamWindows {
  readonly rows: RecordingRows;
  readonly asItIs: readonly Float32Array[]; // logits of the network that knows nothing of the person, a member each
}

export interface Stream extends StreamModel, StreamWindows {}

export interface StreamAnswers {
  readonly voices: readonly Float64Array[]; // a member, [n x classes] probabilities
  readonly parts: Uint8Array; // [n] index into causalParts
}

export type ScoreAligned = (x: Float32Array, observed: Uint8Array) => Promise<Scores>;

/** Windows viewed before they are scored together: bounds memory for streams of any length. */
const CHUNK_WINDOWS = 2048;

/**
 * Answers each window of a stream from those before it, stretch by stretch. What is learned does not depend on what the
 * networks say, so a stretch of windows is viewed first, in every likely way of wearing, and then scored in one go.
 */
export class CausalStream {
  readonly #adaptation: CausalAdaptation;
  readonly #temperatures: CausalTemperatures;
  readonly #shape: { readonly width: number; readonly classes: number };

  constructor({ template, settings, guidedWindows }: StreamModel, temperatures: CausalTemperatures) {
    this.#adaptation = new CausalAdaptation(template, settings, guidedWindows);
    this.#temperatures = temperatures;
    this.#shape = template.gaussian;
  }

  /** Between two calls: so that the next one has less to do. */
  prepare(): void {
    this.#adaptation.prepare();
  }

  /** The windows that follow those of the last call. */
  async next({ rows, asItIs }: StreamWindows, score: ScoreAligned): Promise<StreamAnswers> {
    const { width } = this.#shape;
    const views = Array.from({ length: rows.count }, (_, n) => {
      const [begin, end] = [n * width, (n + 1) * width];
      return this.#adaptation.next(rows.x.subarray(begin, end), rows.observed.subarray(begin, end));
    });
    const inputs = inputsOf(views, width);
    const { logits } = await score(inputs.x, inputs.observed);
    return {
      voices: asItIs.map((plain, member) =>
        answersOf(views, plain, logits[member] ?? new Float32Array(0), this.#temperatures),
      ),
      parts: Uint8Array.from(views, ({ part }) => partNumber(part)),
    };
  }
}

/** A whole stream at once. */
export async function answerStream(
  { rows, asItIs, ...model }: Stream,
  score: ScoreAligned,
  temperatures: CausalTemperatures,
): Promise<StreamAnswers> {
  const { width, classes } = model.template.gaussian;
  const stream = new CausalStream(model, temperatures);
  const voices = asItIs.map(() => new Float64Array(rows.count * classes));
  const parts = new Uint8Array(rows.count);
  for (let from = 0; from < rows.count; from += CHUNK_WINDOWS) {
    const to = Math.min(rows.count, from + CHUNK_WINDOWS);
    const stretch = {
      rows: {
        count: to - from,
        x: rows.x.subarray(from * width, to * width),
        observed: rows.observed.subarray(from * width, to * width),
      },
      asItIs: asItIs.map((plain) => plain.subarray(from * classes, to * classes)),
    };
    const answers = await stream.next(stretch, score);
    answers.voices.forEach((voice, member) => voices[member]?.set(voice, from * classes));
    parts.set(answers.parts, from);
  }
  return { voices, parts };
}

/** Every window in every way of its view, one below the other. */
function inputsOf(views: readonly CausalView[], width: number): { x: Float32Array; observed: Uint8Array } {
  const ways = views.flatMap((view) => view.ways);
  const x = new Float32Array(ways.length * width);
  const observed = new Uint8Array(ways.length * width);
  ways.forEach((way, i) => {
    x.set(way.inputs, i * width);
    observed.set(way.observed, i * width);
  });
  return { x, observed };
}

/** What one member says of some windows: logits as they are [n x k], and a row for each way of each view. */
function answersOf(
  views: readonly CausalView[],
  plain: Float32Array,
  aligned: Float32Array,
  temperatures: CausalTemperatures,
): Float64Array {
  const k = plain.length / Math.max(1, views.length);
  const asItIs = logSoftmaxRows(plain, k);
  const byWay = logSoftmaxRows(aligned, k);
  const out = new Float64Array(plain.length);
  let row = 0;
  views.forEach((view, n) => {
    const voice: Voice = {
      asItIs: asItIs.subarray(n * k, (n + 1) * k),
      byWay: view.ways.map((_, i) => byWay.subarray((row + i) * k, (row + i + 1) * k)),
    };
    row += view.ways.length;
    out.set(answerOf(view, voice, temperatures), n * k);
  });
  return out;
}

const logSoftmaxRows = (logits: Float32Array, classes: number): Float64Array =>
  softmaxRows(logits, classes).map((p) => Math.log(Math.max(1e-12, p)));
