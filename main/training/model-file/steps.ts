import { AppError } from "../../../preload/contract/errors.ts";
import { MODEL_FORMAT, StepCard } from "../../../preload/contract/model-file.ts";
import type { Run } from "../../../preload/contract/run.ts";
import type { Graph } from "../../compute/graph.ts";
import { openModelFile } from "../../compute/onnx/file-session.ts";
import { onnxBytes } from "../../compute/onnx/graph.ts";
import { onnx } from "../../compute/onnx/protobuf.ts";
import { recordPredict } from "../../compute/recorder.ts";
import type { TensorSpec } from "../../compute/tensors.ts";
import type { ModelStep } from "../../models/model.ts";
import { seededRandom } from "../../models/random.ts";
import { sequenceModelOf } from "../../models/registry.ts";
import { LICENCE } from "./card.ts";
import { renamed, withConstants } from "./predict-graph.ts";
import type { ExportedModel } from "./results.ts";
import type { SequenceFile } from "./sequence-file.ts";

const NOTICE = {
  en: "Research use only. This model makes no diagnosis and is not a medical device. Its probabilities hold for people like those it was calibrated on, if it was.",
  ja: "研究用です。診断を行うものではなく、医療機器ではありません。確率は、較正に用いた対象者と同様の人に限って当てはまります（較正していない場合は当てはまるとは限りません）。",
};

/** Metadata of a file that holds a step. Kodo writes such files and does not take them back. */
export const STEP_KEY = "kodo.step";

/** A step of a trained model of whole recordings as an `.onnx` file, its numbers compared with the model's own. */
export async function exportStep(
  run: Run,
  { kind, learned }: SequenceFile,
): Promise<Omit<ExportedModel, "card"> & { readonly card: StepCard }> {
  const step = sequenceModelOf(kind).step?.(learned);
  if (step === undefined)
    throw new AppError("model/no-export", `${run.config.name} has no graph that can be exported`, { kind });
  const card = cardOf(run, kind, step);
  const props = [{ key: STEP_KEY, value: JSON.stringify(card) }];
  const bytes = new Uint8Array(
    Buffer.concat([
      onnxBytes(stepGraph(step), "kodo"),
      onnx.ModelProto.encode({
        producerVersion: run.codeVersion,
        docString: `${card.name}. ${card.notice.en} ${card.notice.ja}`,
        metadataProps: props,
      }).finish(),
    ]),
  );
  return { bytes, card, check: await checked(bytes, step) };
}

const cardOf = (run: Run, model: string, { classes, members, inputs, outputs }: ModelStep): StepCard =>
  StepCard.parse({
    ...{ format: MODEL_FORMAT, name: run.config.name, runId: run.id, codeVersion: run.codeVersion },
    ...{ trainedAt: run.finishedAt ?? run.createdAt, notice: NOTICE, licence: LICENCE },
    ...{ model, classes, members, inputs, outputs },
  });

function stepGraph({ predict, parameters, inputs, outputs }: ModelStep): Graph {
  const spec = ({ shape }: { readonly shape: readonly number[] }): TensorSpec => ({
    shape,
    dtype: "float32",
  });
  const graph = recordPredict(predict, parameters.map(spec), inputs.map(spec));
  const names = new Map<string, string>([
    ...parameters.map(({ name }, i): [string, string] => [`param${i}`, name]),
    ...inputs.map(({ name }, i): [string, string] => [`feed${i}`, name]),
    ...outputs.map(({ name }, i): [string, string] => [`output${i}`, name]),
  ]);
  return withConstants(
    renamed(graph, names),
    parameters.map((own) => [own.name, { ...spec(own), values: own.values }] as const),
  );
}

const CHECKED_STEPS = 48;

/** Steps of noise one after the other, the memory carried along by each of the two for itself. */
async function checked(
  bytes: Uint8Array,
  { inputs, outputs, own }: ModelStep,
): Promise<ExportedModel["check"]> {
  const session = await openModelFile(bytes);
  const random = seededRandom(20260101);
  const empty = (): Float32Array => new Float32Array(sizeOf(inputs.at(-1)?.shape ?? []));
  let [theirs, ours] = [empty(), empty()];
  let largest = 0;
  try {
    for (let n = 0; n < CHECKED_STEPS; n += 1) {
      const fed = inputs
        .slice(0, -1)
        .map(({ shape }) => Float32Array.from({ length: sizeOf(shape) }, () => random.normal()));
      const feeds = inputs.map(({ name, shape }, i) => [name, { shape, values: fed[i] ?? theirs }] as const);
      const said = await session.run(Object.fromEntries(feeds));
      const expected = own([...fed, ours]);
      outputs.forEach(({ name }, i) => (largest = Math.max(largest, apart(said[name], expected[i]))));
      theirs = said[outputs.at(-1)?.name ?? ""] ?? theirs;
      ours = expected.at(-1) ?? ours;
    }
  } finally {
    await session.dispose();
  }
  return { windows: CHECKED_STEPS, largestDifference: largest };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The largest difference, of values beyond 1 as a share of them; without end where there is nothing to compare. */
function apart(said: Float32Array | undefined, expected: Float32Array | undefined): number {
  if (said === undefined || expected === undefined || said.length !== expected.length) return Infinity;
  let largest = 0;
  said.forEach((value, i) => {
    const wanted = expected[i] ?? NaN;
    const own = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
    largest = Math.max(largest, Number.isNaN(own) ? Infinity : own);
  });
  return largest;
}
