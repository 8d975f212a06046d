/** Seconds that lie in any of them. */
export function coveredS(spans: readonly { readonly onsetS: number; readonly durationS: number }[]): number {
  let [covered, until] = [0, -Infinity];
  for (const { onsetS, durationS } of [...spans].sort((a, b) => a.onsetS - b.onsetS)) {
    const end = onsetS + durationS;
    covered += Math.max(0, end - Math.max(until, onsetS));
    until = Math.max(until, end);
  }
  return covered;
}
