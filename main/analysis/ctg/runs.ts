/** Samples [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Longest spans whose samples are all 1. */
export function spansOf(flags: Uint8Array): Span[] {
  const spans: Span[] = [];
  for (let from = flags.indexOf(1); from >= 0;) {
    const end = flags.indexOf(0, from);
    const to = end < 0 ? flags.length : end;
    spans.push({ from, to });
    from = flags.indexOf(1, to);
  }
  return spans;
}
