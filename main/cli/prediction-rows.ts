import { CausalPart, isCausal, type Prediction } from "../../preload/contract/run.ts";
import { csvLine, finiteOrNull } from "./json.ts";
import type { PredictionRow, PredictionRows } from "./schemas.ts";

/** A prediction as one row a window. */
export function rowsOf(prediction: Prediction, recording: string): PredictionRows {
  const { classes } = prediction;
  const at = (matrix: Float32Array, row: number): (number | null)[] =>
    Array.from(matrix.subarray(row * classes.length, (row + 1) * classes.length), finiteOrNull);
  const rows = Array.from(prediction.onsetS, (onsetS, row): PredictionRow => ({
    onsetS,
    probabilities: at(prediction.probabilities, row),
    low: at(prediction.low, row),
    high: at(prediction.high, row),
    aleatoric: finiteOrNull(prediction.aleatoric[row] ?? Number.NaN),
    epistemic: finiteOrNull(prediction.epistemic[row] ?? Number.NaN),
    typicality: finiteOrNull(prediction.typicality[row] ?? Number.NaN),
    assessable: prediction.assessable[row] === 1,
    ...partOf(prediction, row),
  }));
  const { runId, recordingId, adaptation, windowS } = prediction;
  return { runId, recordingId, recording, adaptation, classes, windowS, rows };
}

/** Only of a window that was answered: by which part of a causal adaptation, or as which sub-class. */
function partOf(
  { part, assessable, adaptation }: Prediction,
  row: number,
): Pick<PredictionRow, "part" | "subclass"> {
  const subclass = part?.[row] ?? 0;
  if (!isCausal(adaptation)) return subclass > 0 && assessable[row] === 1 ? { subclass } : {};
  const own = CausalPart.options[part?.[row] ?? -1];
  return own !== undefined && assessable[row] === 1 ? { part: own } : {};
}

/** The same as CSV: three columns a class (p, low, high). */
export function csvOf(predictions: readonly PredictionRows[]): string {
  const classes = predictions[0]?.classes ?? [];
  const hasParts = predictions.some(({ rows }) => rows.some(({ part }) => part !== undefined));
  const hasSubclasses = predictions.some(({ rows }) => rows.some(({ subclass }) => subclass !== undefined));
  const perClass = classes.flatMap((name) => [`p_${name}`, `low_${name}`, `high_${name}`]);
  const head = [
    "recording",
    "onset_s",
    "duration_s",
    ...perClass,
    "aleatoric_nats",
    "epistemic_nats",
    "typicality",
    "assessable",
    ...(hasParts ? ["part"] : []),
    ...(hasSubclasses ? ["subclass"] : []),
  ];
  const lines = [csvLine(head)];
  for (const { recording, windowS, rows } of predictions) {
    for (const row of rows) {
      const scores = classes.flatMap((_, k) => [
        row.probabilities[k] ?? null,
        row.low[k] ?? null,
        row.high[k] ?? null,
      ]);
      lines.push(
        csvLine([
          recording,
          row.onsetS,
          windowS,
          ...scores,
          row.aleatoric,
          row.epistemic,
          row.typicality,
          row.assessable ? 1 : 0,
          ...(hasParts ? [row.part ?? null] : []),
          ...(hasSubclasses ? [row.subclass ?? null] : []),
        ]),
      );
    }
  }
  return lines.join("");
}
