/** Whole seconds [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const lengthOf = ({ from, to }: Span): number => to - from;
export const overlapOf = (a: Span, b: Span): number =>
  Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));

/** Maximal stretches in which it holds. */
export function spansWhere(count: number, holds: (second: number) => boolean): Span[] {
  const spans: Span[] = [];
  let from = -1;
  for (let second = 0; second <= count; second += 1) {
    const is = second < count && holds(second);
    if (is && from < 0) from = second;
    if (is || from < 0) continue;
    spans.push({ from, to: second });
    from = -1;
  }
  return spans;
}

/** Ascending spans with gaps shorter than `gapS` closed. */
export function merged(spans: readonly Span[], gapS: number): Span[] {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (last !== undefined && span.from - last.to < gapS)
      out[out.length - 1] = { from: last.from, to: span.to };
    else out.push(span);
  }
  return out;
}
