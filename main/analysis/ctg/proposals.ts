import { sortedQuantile } from "../../signal/quantile.ts";
import type { Proposal } from "./cleaning.ts";
import { spansOf, type Span } from "./runs.ts";
import { CTG_HZ, type Samples } from "./trace.ts";

/** A heart rate this near the mother's is taken for hers (Pinto 2015 [V]). */
const COINCIDENCE_BPM = 5;
/** Coincidence of less than this is chance, and a pause of less does not end it [D]. */
const COINCIDENCE_S = 5;
/** On each side of a step its level is a median over so long (ctg.md §2 [D]). */
const SIDE_S = 5;
/** Ratios of a level to the one before that are a count of half, or of double, the beats. */
const HALF = [0.45, 0.55] as const;
const DOUBLE = [1.8, 2.2] as const;
/** A step begins with a jump beyond this ratio from one sample to the next [D]. */
const SUDDEN = 0.8;
/** A step across a longer gap is none [D]. */
const STEP_GAP_S = 30;
/** Half or double counting is told by the level of so long on each side and of the stretch itself [D]. */
const AROUND_S = 15 * 60;

/**
 * How likely a proposal is right, by how long it is: the share of false samples among those that experts marked at all, in the
 * Doppler records of ctg-fhrma-fs for training (1,924 coincidences, 63 counts) [M]. Of a scalp electrode hardly any is (0.003).
 * A bare threshold is weak: a learned detector belongs on top.
 */
const PROBABILITIES: Readonly<Record<Counted | "maternal", readonly Known[]>> = {
  maternal: [
    { belowS: 10, probability: 0.53 },
    { belowS: 20, probability: 0.62 },
    { belowS: 60, probability: 0.8 },
    { belowS: 180, probability: 0.92 },
    { belowS: Infinity, probability: 0.98 },
  ],
  halved: [{ belowS: Infinity, probability: 0.86 }],
  doubled: [
    { belowS: 60, probability: 0.95 },
    { belowS: Infinity, probability: 0.21 },
  ],
};
type Counted = "halved" | "doubled";
interface Known {
  readonly belowS: number;
  readonly probability: number;
}

const proposal = ({ from, to }: Span, code: Counted | "maternal", rule: string): Proposal => {
  const known = PROBABILITIES[code].find(({ belowS }) => to - from < belowS * CTG_HZ);
  return { first: from, count: to - from, code, probability: known?.probability ?? 0, rule, version: "1" };
};

/** Stretches where the heart rate is that of the mother. */
export function maternalProposals(fhr: Samples, mhr: Samples): readonly Proposal[] {
  const isAlike = fhr.observed.map((is, i) =>
    is === 1 &&
    mhr.observed[i] === 1 &&
    Math.abs((fhr.values[i] ?? 0) - (mhr.values[i] ?? 0)) <= COINCIDENCE_BPM
      ? 1
      : 0,
  );
  return joined(spansOf(isAlike), COINCIDENCE_S * CTG_HZ)
    .filter(({ from, to }) => to - from >= COINCIDENCE_S * CTG_HZ)
    .map((span) => proposal(span, "maternal", "ctg/coincidence"));
}

/** Neighbours with less than `least` samples between them as one. */
function joined(spans: readonly Span[], least: number): Span[] {
  const whole: Span[] = [];
  for (const span of spans) {
    const last = whole.at(-1);
    if (last === undefined || span.from - last.to >= least) whole.push(span);
    else whole[whole.length - 1] = { from: last.from, to: span.to };
  }
  return whole;
}

/** Stretches from or up to a sudden step by a factor of two, on the side of it that the heart rate around does not share. */
export function countingProposals(fhr: Samples): readonly Proposal[] {
  const { stretches, steps } = parts(fhr);
  return stretches.flatMap((span) => {
    if (!steps.has(span.from) && !steps.has(span.to)) return [];
    const level = median(fhr, span);
    const around = median(fhr, { from: span.from - AROUND_S * CTG_HZ, to: span.to + AROUND_S * CTG_HZ });
    const ratio = level / around;
    if (ratio < Math.SQRT1_2) return [proposal(span, "halved", "ctg/counting")];
    return ratio > Math.SQRT2 ? [proposal(span, "doubled", "ctg/counting")] : [];
  });
}

/** The heart rate cut at its steps and at its long gaps; `steps`: where a stretch ends or begins by one. */
function parts(fhr: Samples): { readonly stretches: readonly Span[]; readonly steps: ReadonlySet<number> } {
  const runs = spansOf(fhr.observed);
  const steps = new Set<number>();
  const stretches: Span[] = [];
  let from = runs[0]?.from ?? 0;
  const cut = (end: number, next: number): void => {
    if (end > from) stretches.push({ from, to: end });
    from = next;
  };
  const look = (before: number, after: number): void => {
    if (!isStep(fhr, before, after)) return;
    steps.add(before + 1).add(after);
    cut(before + 1, after);
  };
  runs.forEach((run, index) => {
    const before = runs[index - 1];
    if (before !== undefined && run.from - before.to > STEP_GAP_S * CTG_HZ) cut(before.to, run.from);
    else if (before !== undefined) look(before.to - 1, run.from);
    for (let i = run.from + 1; i < run.to; i += 1) look(i - 1, i);
  });
  cut(runs.at(-1)?.to ?? 0, 0);
  return { stretches, steps };
}

/** Whether the level changes between two samples that are neighbours, or the ends of a gap, by a factor of two. */
function isStep(fhr: Samples, before: number, after: number): boolean {
  const jump = (fhr.values[after] ?? 0) / (fhr.values[before] ?? 1);
  if (jump > SUDDEN && jump < 1 / SUDDEN) return false;
  const side = SIDE_S * CTG_HZ;
  const ratio =
    median(fhr, { from: after, to: after + side }) / median(fhr, { from: before - side + 1, to: before + 1 });
  return [HALF, DOUBLE].some(([low, high]) => ratio >= low && ratio <= high);
}

/** Median of what is observed in a span; NaN where nothing is. */
function median({ values, observed }: Samples, { from, to }: Span): number {
  const found: number[] = [];
  for (let i = Math.max(0, from); i < Math.min(values.length, to); i += 1) {
    if (observed[i] === 1) found.push(values[i] ?? 0);
  }
  return sortedQuantile(
    found.sort((a, b) => a - b),
    found.length,
    0.5,
  );
}
