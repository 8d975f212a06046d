import type { LayerReport } from "../../../preload/contract/run.ts";
import { clock, fixed, percent } from "../../ui/format.ts";
import type { KeyOf, Translate } from "../../ui/words.ts";
import type { layersWords } from "./words.ts";

type Key = KeyOf<typeof layersWords>;

export const modes = ["contribution", "relevance"] as const;
export type Mode = (typeof modes)[number];

const leadingOf = (likelihood: readonly number[]): number => likelihood.indexOf(Math.max(...likelihood));

/** Evidence one layer added for the leading class against the runner-up. */
export const evidenceOf = (relevance: Float32Array): number =>
  relevance.reduce((sum, one) => sum + (Number.isNaN(one) ? 0 : one), 0);

export interface Strongest {
  readonly layer: number;
  readonly row: number;
  readonly column: number;
}
/** The layer that added most evidence for the leading class, and the cell of it that weighs most. */
export function strongestOf({ layers }: Pick<LayerReport, "layers">, columns: number): Strongest | undefined {
  let best: { layer: number; total: number } | undefined;
  layers.forEach(({ relevance }, layer) => {
    const total = evidenceOf(relevance);
    if (best === undefined || total > best.total) best = { layer, total };
  });
  if (!best || best.total <= 0) return undefined;
  const relevance = layers[best.layer]?.relevance ?? new Float32Array(0);
  let cell = -1;
  relevance.forEach((value, i) => {
    if (value > (cell < 0 ? 0 : (relevance[cell] ?? 0))) cell = i;
  });
  return cell < 0
    ? undefined
    : { layer: best.layer, row: Math.floor(cell / columns), column: cell % columns };
}

/** What changed between the layers, in sentences made from the report alone. */
export function sentencesOf(
  report: LayerReport,
  nameOf: (classIndex: number) => string,
  t: Translate<Key>,
): string[] {
  const { layers, decidedAt, leading, runnerUp, probabilities } = report;
  const columns = report.columnOnsetS.length;
  const share = percent(probabilities[leading] ?? Number.NaN, 0);
  const sentences: string[] = [];
  const before = layers[decidedAt - 1];
  if (decidedAt === 0 || !before) sentences.push(t("say.fromStart", { leading: nameOf(leading), share }));
  else
    sentences.push(
      t("say.decided", {
        layer: decidedAt + 1,
        leading: nameOf(leading),
        share,
        before: nameOf(leadingOf(before.likelihood)),
      }),
    );
  const strongest = strongestOf(report, columns);
  if (strongest) {
    const values = {
      layer: strongest.layer + 1,
      runnerUp: nameOf(runnerUp),
      input: report.rows[strongest.row] ?? "",
    };
    const time = clock(report.columnOnsetS[strongest.column] ?? report.onsetS, report.columnS < 1 ? 2 : 0);
    sentences.push(columns > 1 ? t("say.strongestAt", { ...values, time }) : t("say.strongest", values));
  }
  const distances = layers.map((one) => one.distanceFromIdentity);
  const farthest = distances.indexOf(Math.max(...distances));
  if (farthest >= 0)
    sentences.push(t("say.farthest", { layer: farthest + 1, distance: fixed(distances[farthest] ?? 0, 3) }));
  const second = probabilities[runnerUp] ?? 0;
  if ((probabilities[leading] ?? 0) - second < 0.1)
    sentences.push(t("say.close", { runnerUp: nameOf(runnerUp), share: percent(second, 0) }));
  return sentences;
}

/**
 * The value that gets the full tint: the 98th percentile of all layers' magnitudes, so that layers can be compared and
 * one outlier does not fade the rest. Never 0.
 */
export function tintScale({ layers }: Pick<LayerReport, "layers">, mode: Mode): number {
  const magnitudes = layers
    .flatMap((one) => Array.from(one[mode], Math.abs))
    .filter((value) => Number.isFinite(value));
  if (magnitudes.length === 0) return 1;
  magnitudes.sort((a, b) => a - b);
  return magnitudes[Math.floor((magnitudes.length - 1) * 0.98)] || magnitudes.at(-1) || 1;
}

/** Inputs of a layer by how much they weigh in the tint on screen. */
export function strongestInputs(
  report: LayerReport,
  layer: number,
  mode: Mode,
  count: number,
): { row: number; value: number }[] {
  const columns = report.columnOnsetS.length;
  const values = report.layers[layer]?.[mode];
  if (!values) return [];
  return report.rows
    .map((_, row) => {
      const own = values.subarray(row * columns, (row + 1) * columns);
      const seen = own.filter((one) => Number.isFinite(one));
      const sum = seen.reduce((total, one) => total + one, 0);
      return { row, value: mode === "relevance" ? sum : sum / Math.max(1, seen.length) };
    })
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, count);
}

export const isObserved = (report: LayerReport, row: number, column: number): boolean =>
  !Number.isNaN(report.input[row * report.columnOnsetS.length + column] ?? Number.NaN);
