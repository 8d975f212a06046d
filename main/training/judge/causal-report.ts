import { CausalPart, type CausalReport } from "../../../preload/contract/run.ts";
import type { CausalWindows, ScoredWindows } from "./scored.ts";
import { GUIDED_S } from "../predict/causal-stream.ts";
import { accuracyBySubject, evaluate } from "./evaluation.ts";

/** Seconds heard of a person at which accuracy is told. */
const MARKS_S = [0, 10, 30, 60, 120];

/** How a decoder does that adapts as it goes: altogether, and by how long it had heard the person. */
export function causalReport(causal: CausalWindows, guided: CausalWindows): CausalReport {
  const complete = completeRecordings(guided);
  const guidedRows = rowsWhere(guided, (n) => complete.has(guided.recordings[n] ?? ""));
  const hasGuided = guidedRows.length > 0;
  const present = MARKS_S.flatMap((fromS, at) => {
    const toS = MARKS_S[at + 1] ?? null;
    const isInside = (n: number, { sinceS }: CausalWindows): boolean =>
      (sinceS[n] ?? 0) >= fromS && (toS === null || (sinceS[n] ?? 0) < toS);
    const rows = rowsWhere(causal, (n) => isInside(n, causal));
    if (rows.length === 0) return [];
    const own = guidedRows.filter((n) => isInside(n, guided));
    return [
      {
        fromS,
        toS,
        windows: rows.length,
        accuracy: accuracyBySubject(picked(causal, rows)),
        guided: own.length > 0 ? accuracyBySubject(picked(guided, own)) : null,
      },
    ];
  });
  return {
    test: evaluate(causal),
    guided: hasGuided ? evaluate(picked(guided, guidedRows)) : null,
    after: present,
    parts: partShares(causal.parts),
  };
}

/** Recordings whose first minute holds every class. */
function completeRecordings({ classes, labels, recordings, sinceS }: CausalWindows): ReadonlySet<string> {
  const heard = new Map<string, Set<number>>();
  labels.forEach((label, n) => {
    if ((sinceS[n] ?? 0) >= GUIDED_S) return;
    const id = recordings[n] ?? "";
    heard.set(id, (heard.get(id) ?? new Set()).add(label));
  });
  return new Set([...heard].filter(([, found]) => found.size === classes).map(([id]) => id));
}

const rowsWhere = ({ labels }: ScoredWindows, is: (n: number) => boolean): number[] =>
  [...labels.keys()].filter(is);

/** Some rows of what was said. */
function picked(from: ScoredWindows, rows: readonly number[]): ScoredWindows {
  const { classes } = from;
  const probabilities = new Float64Array(rows.length * classes);
  rows.forEach((n, i) =>
    probabilities.set(from.probabilities.subarray(n * classes, (n + 1) * classes), i * classes),
  );
  return {
    classes,
    probabilities,
    labels: Int32Array.from(rows, (n) => from.labels[n] ?? 0),
    subjects: rows.map((n) => from.subjects[n] ?? ""),
    recordings: rows.map((n) => from.recordings[n] ?? ""),
  };
}

function partShares(parts: Uint8Array): CausalReport["parts"] {
  const shares: CausalReport["parts"] = {};
  CausalPart.options.forEach((part, at) => {
    const count = parts.reduce((sum, own) => sum + (own === at ? 1 : 0), 0);
    if (count > 0) shares[part] = count / parts.length;
  });
  return shares;
}
