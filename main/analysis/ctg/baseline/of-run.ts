import type { Anchor } from "../../../../preload/contract/ctg.ts";
import type { Series } from "../../../../preload/contract/finding.ts";
import { type Baseline, CTG_HZ } from "../trace.ts";
import { conditioned } from "./anchors.ts";
import { BAND_SDS } from "./posterior.ts";

/**
 * The baseline that a run says, a line between its values, with a person's anchors seen to as in a method's by rule. Where
 * it says none, or only one side of a sample is known, there is none.
 */
export function baselineOfRun(series: Series, count: number, anchors: readonly Anchor[]): Baseline {
  const { value, sampleRate, observed } = series;
  const [low, high] = [series.low ?? value, series.high ?? value];
  const level = Float64Array.from(value, (v, k) => (observed[k] === 1 ? v : 0));
  const sd = level.map((_, k) =>
    observed[k] === 1 ? Math.max(1e-3, ((high[k] ?? 0) - (low[k] ?? 0)) / 2 / BAND_SDS) : 1,
  );
  const { shift, narrowed } = conditioned({ level, sd }, known(anchors, series), {
    ...{ firstS: 0, everyS: 1 / sampleRate },
  });
  const found: Baseline = {
    ...{ value: new Float64Array(count), low: new Float64Array(count) },
    ...{ high: new Float64Array(count), observed: new Uint8Array(count) },
  };
  for (let i = 0; i < count; i += 1) {
    const at = (i / CTG_HZ) * sampleRate;
    const [k, part] = [Math.floor(at), at - Math.floor(at)];
    const next = part > 0 && k + 1 < value.length ? k + 1 : k;
    if (observed[k] !== 1 || observed[next] !== 1) continue;
    const between = (of: (knot: number) => number): number => of(k) + part * (of(next) - of(k));
    const middle = between((knot) => (level[knot] ?? 0) + (shift[knot] ?? 0));
    const half = BAND_SDS * between((knot) => (sd[knot] ?? 0) * (narrowed[knot] ?? 1));
    found.value[i] = middle;
    found.low[i] = middle - half;
    found.high[i] = middle + half;
    found.observed[i] = 1;
  }
  return found;
}

/** An anchor where the run says nothing has nothing to be joined to. */
const known = (anchors: readonly Anchor[], { observed, sampleRate }: Series): readonly Anchor[] =>
  anchors.filter(({ atS }) => observed[Math.round(atS * sampleRate)] === 1);
