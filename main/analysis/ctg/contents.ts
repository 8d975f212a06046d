import type { CtgRule } from "../../../preload/contract/ctg-reading.ts";
import type { Content, FoundEvent, Series } from "../../../preload/contract/finding.ts";
import type { Baseline } from "./trace.ts";
import { CTG_HZ } from "./trace.ts";
import { baselineRules } from "./baseline/registry.ts";
import { engines } from "./engines/registry.ts";
import type { CtgReading } from "./reading.ts";
import { falseSpans, timesOf, type SignalTrust } from "./signal-trust.ts";

/** Codes of what is proposed about the signal: no label set has them. */
export const PROPOSALS = "ctg-proposals";

/** Of what is put together here; the versions of the parts count beside it, so that a new one of any makes a new one of all. */
const OWN_VERSION = 1;
export const readingVersion = String(
  [...baselineRules, ...engines].reduce((sum, { version }) => sum + Number(version), OWN_VERSION),
);

/** What each rule says, as findings keep it. `over`: the label of the heart rate. */
export const contentsOf = (reading: CtgReading, over: string): ReadonlyMap<CtgRule, readonly Content[]> =>
  new Map<CtgRule, readonly Content[]>([
    ["ctg/false-signal", falseSignalContents(reading, over)],
    ["ctg/baseline", [baselineContent(reading.baseline, over)]],
  ]);

function falseSignalContents({ trust }: CtgReading, over: string): Content[] {
  const { probability, band, observed } = trust;
  const series: Series = {
    ...{ name: "false-signal", unit: "probability", over, sampleRate: CTG_HZ },
    ...{ value: probability, observed },
    ...band,
  };
  const events = [...proposed(trust, over), ...judgedFalse(trust, over)];
  return [
    { kind: "curves", series: [series], forecasts: [] },
    {
      kind: "events",
      labelSet: PROPOSALS,
      events: events.sort((a, b) => a.onsetS - b.onsetS),
      notAssessable: [],
    },
  ];
}

const proposed = ({ proposals }: SignalTrust, channel: string): FoundEvent[] =>
  proposals.map(({ first, count, code, probability, rule }) => ({
    ...timesOf({ from: first, to: first + count }),
    ...{ code, channel, probability, facts: { rule } },
  }));

/** Stretches that are judged false, with the mean of their probabilities. */
const judgedFalse = (trust: SignalTrust, channel: string): FoundEvent[] =>
  falseSpans(trust).map((span) => {
    const said = trust.probability.subarray(span.from, span.to);
    const probability = Math.min(1, said.reduce((sum, one) => sum + one, 0) / said.length);
    const facts = { by: trust.isByRun ? "run" : "local features" };
    return { ...timesOf(span), ...{ code: "false-signal", channel, probability, facts } };
  });

function baselineContent({ value, low, high, observed }: Baseline, over: string): Content {
  const kept = (of: Float64Array): Float32Array =>
    Float32Array.from(of, (one, i) => (observed[i] === 1 ? one : 0));
  const middle = kept(value);
  const end = (of: Float64Array, sign: 1 | -1): Float32Array =>
    kept(of).map((one, i) => sign * Math.max(sign * one, sign * (middle[i] ?? 0))); // rounded, the band still holds its middle
  const series: Series = {
    ...{ name: "baseline", unit: "bpm", over, sampleRate: CTG_HZ },
    ...{ value: middle, low: end(low, -1), high: end(high, 1), observed },
  };
  return { kind: "curves", series: [series], forecasts: [] };
}
