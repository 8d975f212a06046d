import type { Series } from "../../preload/contract/finding.ts";
import { gapsIn, type TimeSpan } from "./gaps.ts";
import { CONTRACTION, type PaperReading } from "./reading.ts";
import type { PaperChannel } from "./report.ts";

/** Below this share of values a figure of a stretch is not told. */
export const LEAST_SUPPORT = 0.5;
export const BLOCK_S = 600;

export interface Quality {
  readonly missing: number; // share of the samples
  readonly longestGapS: number;
  readonly worst: TimeSpan & { readonly missing: number }; // of the blocks of ten minutes
  readonly reasons: readonly { readonly reason: number; readonly share: number }[]; // most frequent first
}

export const blocksOf = ({ fromS, toS }: TimeSpan): readonly TimeSpan[] => {
  const first = Math.floor(fromS / BLOCK_S);
  const count = Math.max(1, Math.ceil(toS / BLOCK_S - 1e-9) - first);
  return Array.from({ length: count }, (_, i) => ({
    fromS: Math.max(fromS, (first + i) * BLOCK_S),
    toS: Math.min(toS, (first + i + 1) * BLOCK_S),
  }));
};

/** Share of a channel's samples in a span that is not observed. What lies beyond its end is missing. */
export function missingIn({ reasons, sampleRate }: PaperChannel, { fromS, toS }: TimeSpan): number {
  const [first, end] = [Math.round(fromS * sampleRate), Math.round(toS * sampleRate)];
  let observed = 0;
  for (let i = first; i < Math.min(end, reasons.length); i++) if (reasons[i] === 0) observed++;
  return end > first ? 1 - observed / (end - first) : 1;
}

export function qualityOf(channel: PaperChannel, span: TimeSpan): Quality {
  const counts = new Map<number, number>();
  const [first, end] = [
    Math.round(span.fromS * channel.sampleRate),
    Math.round(span.toS * channel.sampleRate),
  ];
  for (let i = first; i < Math.min(end, channel.reasons.length); i++) {
    const reason = channel.reasons[i] ?? 0;
    if (reason !== 0) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const blocks = blocksOf(span).map((block) => ({ ...block, missing: missingIn(channel, block) }));
  return {
    missing: missingIn(channel, span),
    longestGapS: gapsIn(channel, span).reduce((most, { fromS, toS }) => Math.max(most, toS - fromS), 0),
    worst: blocks.reduce((worst, one) => (one.missing > worst.missing ? one : worst)),
    reasons: [...counts]
      .map(([reason, count]) => ({ reason, share: count / Math.max(1, end - first) }))
      .sort((a, b) => b.share - a.share),
  };
}

export interface BlockFigures extends TimeSpan {
  readonly baseline:
    { readonly bpm: number; readonly low: number | undefined; readonly high: number | undefined } | undefined;
  readonly bandwidthBpm: number | undefined; // mean of its minutes
  readonly missing: number | undefined; // of the first fetal heart rate
  readonly contractions: number | undefined; // that begin in it
}

/** What is told of every ten minutes. Undefined: cannot be assessed. */
export function figuresOf(
  span: TimeSpan,
  reading: PaperReading,
  { fetal, uc }: { readonly fetal: PaperChannel | undefined; readonly uc: PaperChannel | undefined },
): readonly BlockFigures[] {
  return blocksOf(span).map((block) => {
    const isIn = ({ onsetS }: { readonly onsetS: number }): boolean =>
      onsetS >= block.fromS - 1e-6 && onsetS < block.toS - 1e-6;
    const minutes = (reading.variability?.verdicts ?? []).filter(isIn);
    const values = minutes.flatMap(({ code, value }) =>
      code === null || value === undefined ? [] : [value],
    );
    return {
      ...block,
      baseline: reading.baseline && meanOf(reading.baseline, block),
      bandwidthBpm:
        values.length > 0 && values.length >= LEAST_SUPPORT * minutes.length ? mean(values) : undefined,
      missing: fetal && missingIn(fetal, block),
      contractions:
        uc === undefined || !reading.hasEvents || withoutContractions(block, reading, uc) > 1 - LEAST_SUPPORT
          ? undefined
          : reading.contractions.filter(isIn).length,
    };
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function meanOf(series: Series, { fromS, toS }: TimeSpan): BlockFigures["baseline"] {
  const at = (timeS: number): number => Math.round((timeS - (series.startS ?? 0)) * series.sampleRate);
  const seen: number[] = [];
  for (let i = Math.max(0, at(fromS)); i < at(toS); i++) if (series.observed[i] === 1) seen.push(i);
  if (seen.length === 0 || seen.length < LEAST_SUPPORT * (at(toS) - at(fromS))) return undefined;
  const of = (values: Float32Array | undefined): number | undefined =>
    values && mean(seen.map((i) => values[i] ?? 0));
  return { bpm: of(series.value) ?? 0, low: of(series.low), high: of(series.high) };
}

/** Share of a span in which rules could not have seen an event of this code. */
export function unseenShare(
  { fromS, toS }: TimeSpan,
  { eventGaps }: Pick<PaperReading, "eventGaps">,
  code: string,
): number {
  const unseenS = eventGaps
    .filter(({ codes }) => codes.includes(code))
    .reduce(
      (sum, gap) =>
        sum + Math.max(0, Math.min(toS, gap.onsetS + gap.durationS) - Math.max(fromS, gap.onsetS)),
      0,
    );
  return toS > fromS ? Math.min(1, unseenS / (toS - fromS)) : 1;
}

/** Missing, or seen and still nothing in which a contraction could be found. */
const withoutContractions = (span: TimeSpan, reading: PaperReading, uc: PaperChannel): number =>
  Math.max(missingIn(uc, span), unseenShare(span, reading, CONTRACTION));

/** Contractions a span: how many, on average in ten minutes, and at most in any ten. */
export function contractionRate(
  span: TimeSpan,
  reading: PaperReading,
  uc: PaperChannel | undefined,
):
  { readonly count: number; readonly rate: number; readonly most: number; readonly atS: number } | undefined {
  if (uc === undefined || !reading.hasEvents) return undefined;
  const missing = withoutContractions(span, reading, uc);
  if (missing > 1 - LEAST_SUPPORT) return undefined;
  const onsets = reading.contractions
    .map(({ onsetS }) => onsetS)
    .filter((onsetS) => onsetS >= span.fromS && onsetS < span.toS);
  const observedS = (span.toS - span.fromS) * (1 - missing);
  let [most, atS] = [0, span.fromS];
  for (const from of onsets) {
    const within = onsets.filter((onsetS) => onsetS >= from && onsetS < from + BLOCK_S).length;
    if (within > most) [most, atS] = [within, from];
  }
  return { count: onsets.length, rate: (onsets.length / observedS) * BLOCK_S, most, atS };
}
