import { CtgEngine } from "../../../preload/contract/ctg.ts";
import type { CtgRule } from "../../../preload/contract/ctg-reading.ts";
import type { Content, Events, FoundEvent, Series } from "../../../preload/contract/finding.ts";
import type { Verdict, Verdicts } from "../../../preload/contract/verdict.ts";
import { RANGE_BPM } from "./cleaning.ts";
import { baselineRules } from "./baseline/registry.ts";
import { reasonOf } from "./engines/engine.ts";
import { engines } from "./engines/registry.ts";
import { decelerationCodes, foundEvents, type ReadChannels, rounded } from "./found-events.ts";
import type { CtgReading, CtgVerdicts } from "./reading.ts";
import { type Span, spansOf } from "./runs.ts";
import { falseSpans, type SignalTrust, timesOf } from "./signal-trust.ts";
import { type Baseline, CTG_HZ, type Minute } from "./trace.ts";

/** Of what is put together here; the versions of the parts count beside it, so that a new one of any makes a new one of all. */
const OWN_VERSION = 5;
export const readingVersion = String(
  [...baselineRules, ...engines].reduce((sum, { version }) => sum + Number(version), OWN_VERSION),
);

/** What each rule says, as findings keep it. */
export const contentsOf = (
  reading: CtgReading,
  verdicts: CtgVerdicts,
  channels: ReadChannels,
): ReadonlyMap<CtgRule, readonly Content[]> =>
  new Map<CtgRule, readonly Content[]>([
    [
      "ctg/false-signal",
      [falseSignalContent(reading.trust, channels.fhr), proposalsContent(reading.trust, channels.fhr)],
    ],
    ["ctg/baseline", [baselineContent(reading.baseline, channels.fhr)]],
    ["ctg/events", [eventsContent(reading, channels)]],
    ["ctg/variability", [variabilityContent(reading.evidence.minutes)]],
    ...engines.map(({ name, codes }): [CtgRule, readonly Content[]] => [
      `ctg/${name}`,
      [{ kind: "verdicts", scheme: name, codes: [...codes], verdicts: [...(verdicts.get(name) ?? [])] }],
    ]),
  ]);

/** The engines whose verdicts are wanted. */
export const enginesOf = (rules: readonly CtgRule[]): readonly CtgEngine[] =>
  CtgEngine.options.filter((engine) => rules.includes(`ctg/${engine}`));

function falseSignalContent({ probability, band, observed }: SignalTrust, over: string): Content {
  const series: Series = {
    ...{ name: "false-signal", unit: "probability", over, sampleRate: CTG_HZ },
    ...{ value: probability, observed, ...band },
  };
  return { kind: "curves", series: [series], forecasts: [] };
}

/** Codes of what is proposed about the signal: no label set has them. */
const PROPOSALS = "ctg-proposals";

/** What rules propose, with their reasons, and what is judged false. A person accepts or overrules. */
function proposalsContent(trust: SignalTrust, channel: string): Content {
  const proposed = trust.proposals.map(({ first, count, code, probability, rule }): FoundEvent => ({
    ...timesOf({ from: first, to: first + count }),
    ...{ code, channel, facts: { rule } },
    ...(probability === undefined ? {} : { probability }),
  }));
  const judged = falseSpans(trust).map((span): FoundEvent => {
    const said = trust.probability.subarray(span.from, span.to);
    const probability = Math.min(1, said.reduce((sum, one) => sum + one, 0) / said.length);
    const facts = { rule: trust.isByRun ? "run" : "ctg/local-features" };
    return { ...timesOf(span), ...{ code: "false-signal", channel, probability, facts } };
  });
  const events = [...proposed, ...judged].sort((a, b) => a.onsetS - b.onsetS);
  return { kind: "events", labelSet: PROPOSALS, events, notAssessable: [] };
}

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

/** 1 where events of the heart rate could be seen. */
export const eventsSeen = ({ trace, baseline }: Pick<CtgReading, "trace" | "baseline">): Uint8Array =>
  trace.fhr.observed.map((is, i) => (is === 1 && baseline.observed[i] === 1 ? 1 : 0));

function eventsContent(reading: CtgReading, channels: ReadChannels): Content {
  const { evidence, trace } = reading;
  const isTold = eventsSeen(reading);
  return {
    ...{ kind: "events", labelSet: "ctg-events", events: foundEvents(evidence, channels) },
    notAssessable: [
      ...gaps(isTold, ["acceleration", ...decelerationCodes]),
      ...(trace.uc === undefined ? [] : gaps(contractionsSeen(trace.uc.observed), ["contraction"])),
    ].sort((a, b) => a.onsetS - b.onsetS),
  };
}

/** Nothing of a recording shorter than a contraction. */
const contractionsSeen = (observed: Uint8Array): Uint8Array =>
  observed.length < LEAST_CONTRACTIONS_S * CTG_HZ ? new Uint8Array(observed.length) : observed;
const LEAST_CONTRACTIONS_S = 60;

/** Events bridge a gap of so long; across a longer one nothing is said. */
const BRIDGED_S = 15;

const gaps = (observed: Uint8Array, codes: readonly string[]): Events["notAssessable"] =>
  spansOf(observed.map((is) => 1 - is))
    .filter(({ from, to }: Span) => to - from > BRIDGED_S * CTG_HZ || to - from === observed.length)
    .map((span) => ({ ...timesOf(span), codes: [...codes] }));

const VARIABILITY = "variability";
const HALF = 0.5;
/** Below it there is none: 0.25 bpm is the finest step of published records ([own], ctg.md §5.1). */
const ABSENT_BPM = 2;
const [REDUCED_BPM, INCREASED_BPM] = [5, 25] as const;

function variabilityContent(minutes: readonly Minute[]): Verdicts {
  return {
    ...{ kind: "verdicts", scheme: VARIABILITY, unit: "bpm" },
    codes: ["normal", "reduced", "increased", "absent"],
    verdicts: minutes.map(variabilityOf),
  };
}

function variabilityOf({ fromS, support, frozenShare, outsideShare, bandwidthBpm }: Minute): Verdict {
  const place = { onsetS: fromS, durationS: 60, probability: {}, assessable: support };
  if (bandwidthBpm === undefined && frozenShare > 0)
    return { ...place, code: null, reasons: [], missing: [reasonOf("FROZEN_MINUTE", {}, "", "own")] };
  if (bandwidthBpm === undefined && outsideShare >= HALF)
    return { ...place, code: null, reasons: [], missing: [reasonOf("OUTSIDE_MINUTE", RANGE_BPM, "", "own")] };
  if (bandwidthBpm === undefined) {
    const values = { assessable: 0, minutes: 1, least: 1 };
    return { ...place, code: null, reasons: [], missing: [reasonOf("NEEDS_VARIABILITY", values, "", "own")] };
  }
  const code =
    bandwidthBpm < ABSENT_BPM
      ? "absent"
      : bandwidthBpm < REDUCED_BPM
        ? "reduced"
        : bandwidthBpm > INCREASED_BPM
          ? "increased"
          : "normal";
  const values = {
    bpm: rounded(bandwidthBpm, 1),
    variability: `variability-${code === "reduced" ? "decreased" : code}`,
  };
  const reason = reasonOf("VARIABILITY_IS", values, "FIGO 2015, Table 2: variability", "verified");
  return { ...place, code, value: rounded(bandwidthBpm), reasons: [reason], missing: [] };
}
