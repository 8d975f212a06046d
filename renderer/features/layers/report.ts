import type { LayerReport } from "../../../preload/contract/run.ts";
import { clock, fixed, percent } from "../../ui/format.ts";
import type { KeyOf, Translate } from "../../ui/words.ts";
import type { layersWords } from "./words.ts";

type Key = KeyOf<typeof layersWords>;

export const modes = ["contribution", "relevance"] as const;
export type Mode = (typeof modes)[number];

const leadingOf = (likelihood: readonly number[]): number => likelihood.indexOf(Math.max(...likelihood));

export interface Span {
  readonly fromS: number;
  readonly lengthS: number;
}

/** The stretch of time the columns cover. A window without columns of its own is shown among its neighbours. */
export function spanOf({
  columnOnsetS,
  columnS,
  onsetS,
  windowS,
}: Pick<LayerReport, "columnOnsetS" | "columnS" | "onsetS" | "windowS">): Span {
  const first = columnOnsetS[0];
  const last = columnOnsetS.at(-1);
  if (columnOnsetS.length < 2 || first === undefined || last === undefined)
    return { fromS: onsetS, lengthS: windowS };
  return { fromS: first, lengthS: last + columnS - first };
}

/** The column at a time; -1 where none stands, between windows that were left out. */
export const columnAt = (
  { columnOnsetS, columnS }: Pick<LayerReport, "columnOnsetS" | "columnS">,
  timeS: number,
): number => columnOnsetS.findLastIndex((onset) => onset <= timeS && timeS < onset + columnS);

/** Columns that belong to the window asked about: all of them, or the one among its neighbours. */
export function ownColumns(
  report: Pick<LayerReport, "columnOnsetS" | "columnS" | "onsetS" | "windowS">,
): readonly number[] {
  const { columnOnsetS, onsetS, windowS } = report;
  const all = [...columnOnsetS.keys()];
  const inside = all.filter((c) => {
    const at = columnOnsetS[c] ?? Number.NaN;
    return at >= onsetS - 1e-6 && at < onsetS + windowS - 1e-6;
  });
  if (inside.length === all.length) return all;
  // Neighbours overlap the window; only the one that begins with it is the window itself.
  return all.filter((c) => Math.abs((columnOnsetS[c] ?? Number.NaN) - onsetS) < 1e-6);
}

const cellsOf = (
  report: LayerReport,
  values: Float32Array,
): readonly { readonly row: number; readonly column: number; readonly value: number }[] => {
  const columns = report.columnOnsetS.length;
  const own = ownColumns(report);
  return report.rows.flatMap((_, row) =>
    own.flatMap((column) => {
      const value = values[row * columns + column] ?? Number.NaN;
      return Number.isNaN(value) ? [] : [{ row, column, value }];
    }),
  );
};

/** Evidence one layer added, in the window asked about, for the leading class against the runner-up. Biases apart. */
export const evidenceOf = (report: LayerReport, layer: number): number =>
  cellsOf(report, report.layers[layer]?.relevance ?? new Float32Array(0)).reduce(
    (sum, { value }) => sum + value,
    0,
  );

/** The first layer, counted from 0, from which the final class stays in front. */
export function decidedLayer({ layers, leading }: Pick<LayerReport, "layers" | "leading">): number {
  let first = layers.length - 1;
  while (first > 0 && leadingOf(layers[first - 1]?.likelihood ?? []) === leading) first -= 1;
  return Math.max(0, first);
}

export interface Strongest {
  readonly layer: number;
  readonly row: number;
  readonly column: number;
}
/** The layer that added most evidence for the leading class, and the cell of it that weighs most. */
export function strongestOf(report: LayerReport): Strongest | undefined {
  let best: { layer: number; total: number } | undefined;
  for (const layer of report.layers.keys()) {
    const total = evidenceOf(report, layer);
    if (best === undefined || total > best.total) best = { layer, total };
  }
  if (!best || best.total <= 0) return undefined;
  const { layer } = best;
  const cells = cellsOf(report, report.layers[layer]?.relevance ?? new Float32Array(0));
  const top = [...cells].sort((a, b) => b.value - a.value)[0];
  return top === undefined ? undefined : { layer, row: top.row, column: top.column };
}

/** What changed between the layers, in sentences made from the report alone. */
export function sentencesOf(
  report: LayerReport,
  nameOf: (classIndex: number) => string,
  t: Translate<Key>,
): string[] {
  const { layers, leading, runnerUp, probabilities } = report;
  const decidedAt = decidedLayer(report);
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
  const strongest = strongestOf(report);
  if (strongest) {
    const values = {
      layer: strongest.layer + 1,
      runnerUp: nameOf(runnerUp),
      input: report.rows[strongest.row] ?? "",
    };
    const time = clock(report.columnOnsetS[strongest.column] ?? report.onsetS, report.columnS < 1 ? 2 : 0);
    sentences.push(
      ownColumns(report).length > 1 ? t("say.strongestAt", { ...values, time }) : t("say.strongest", values),
    );
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

/** Inputs of a layer by how much they weigh, in the window asked about, in the tint on screen. */
export function strongestInputs(
  report: LayerReport,
  layer: number,
  mode: Mode,
  count: number,
): { row: number; value: number }[] {
  const values = report.layers[layer]?.[mode];
  if (!values) return [];
  const cells = cellsOf(report, values);
  return report.rows
    .map((_, row) => {
      const own = cells.filter((cell) => cell.row === row);
      const sum = own.reduce((total, cell) => total + cell.value, 0);
      return { row, value: mode === "relevance" ? sum : sum / Math.max(1, own.length) };
    })
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, count);
}

export const isObserved = (report: LayerReport, row: number, column: number): boolean =>
  !Number.isNaN(report.input[row * report.columnOnsetS.length + column] ?? Number.NaN);
