import type { Anchor, CtgSettings } from "../../preload/contract/ctg.ts";
import { ctgConfigOf, type CtgNumbers, type CtgRule } from "../../preload/contract/ctg-reading.ts";
import type { FoundEvent, NewFinding, Series } from "../../preload/contract/finding.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { Reason, Verdict, Verdicts } from "../../preload/contract/verdict.ts";
import type { FakeRecording, Samples } from "./study.ts";

/** What the rules say of the fake's cardiotocograms: worked out of their signals in a plain way, not by the rules. */

const HZ = 4;
const MINUTE = 60 * HZ;
const REACH_S = 300; // of the median that stands for a baseline
const STEP_S = 5;
const SILENT_MINUTES = 10; // nothing is classed before

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const inUnit = (value: number): number => Math.min(1, Math.max(0, value));
const round = (value: number, step = 0.01): number => Math.round(value / step) * step;

export function toyReading(
  recording: FakeRecording,
  settings: CtgSettings,
  anchors: readonly Anchor[],
): NewFinding[] {
  const { detail, signal } = recording;
  if (detail.kind !== "ctg" || detail.channels.length < 2) return [];
  const fhr = signal(0);
  const baseline = through(medianOf(fhr), anchors);
  const events = eventsOf(recording, fhr, baseline);
  const minutes = minutesOf(fhr, events);
  const silent = silentUc(signal(1));
  const rule = (name: CtgRule, content: NewFinding["content"]): NewFinding => ({
    recordingId: detail.id,
    origin: { kind: "rule", rule: name, version: "1", config: ctgConfigOf(name, settings) },
    content,
  });
  const curves = (series: Series): NewFinding["content"] => ({
    kind: "curves",
    series: [series],
    forecasts: [],
  });
  return [
    rule("ctg/false-signal", curves(falseSignal(fhr))),
    rule("ctg/baseline", curves(baselineSeries(fhr, baseline))),
    rule("ctg/events", { kind: "events", labelSet: "ctg-events", events, notAssessable: silent }),
    rule("ctg/variability", variabilityOf(minutes)),
    rule("ctg/figo-2015", classed("figo-2015", ["normal", "suspicious", "pathological"], minutes, events)),
    rule("ctg/nichd-2008", classed("nichd-2008", ["I", "II", "III"], minutes, events)),
    rule("ctg/jsog-2010", classed("jsog-2010", ["1", "2", "3", "4", "5"], minutes, events)),
  ];
}

/** Median of the observed samples around, a value every few seconds. */
function medianOf({ values, reasons }: Samples): Float32Array {
  const count = Math.ceil(values.length / (STEP_S * HZ));
  return Float32Array.from({ length: count }, (_, k) => {
    const [from, to] = [(k * STEP_S - REACH_S) * HZ, (k * STEP_S + REACH_S) * HZ];
    const near: number[] = [];
    for (let i = Math.max(0, from); i < Math.min(values.length, to); i += 6)
      if (reasons[i] === 0) near.push(values[i] ?? 0);
    near.sort((a, b) => a - b);
    return near[near.length >> 1] ?? Number.NaN;
  });
}

/** Drawn to a person's points, the nearer the more. */
const through = (baseline: Float32Array, anchors: readonly Anchor[]): Float32Array =>
  baseline.map((level, k) =>
    anchors.reduce(
      (sum, { atS, bpm }) => sum + (bpm - level) * Math.exp(-(((k * STEP_S - atS) / 240) ** 2)),
      level,
    ),
  );

const levelAt = (baseline: Float32Array, i: number): number => {
  const at = i / (STEP_S * HZ);
  const [low, high] = [
    baseline[Math.floor(at)] ?? 0,
    baseline[Math.ceil(at)] ?? baseline[Math.floor(at)] ?? 0,
  ];
  return low + (high - low) * (at - Math.floor(at));
};

function baselineSeries({ values }: Samples, baseline: Float32Array): Series {
  const value = Float32Array.from(values, (_, i) => levelAt(baseline, i));
  const half = (i: number): number => 3 + 1.5 * Math.sin(i / 3000);
  return {
    ...{ name: "baseline", unit: "bpm", over: "FHR", sampleRate: HZ, value },
    low: value.map((one, i) => one - half(i)),
    high: value.map((one, i) => one + half(i)),
    observed: new Uint8Array(values.length).fill(1),
  };
}

/** Two stretches in which another heart may have been heard. */
function falseSignal({ values, reasons }: Samples): Series {
  const centres = [1515, 2840];
  const value = Float32Array.from(values, (_, i) =>
    Math.max(0.02, ...centres.map((at) => 0.86 * Math.exp(-(((i / HZ - at) / 26) ** 4)))),
  );
  return {
    ...{ name: "false-signal", unit: "probability", over: "FHR", sampleRate: HZ, value },
    observed: Uint8Array.from(reasons, (reason) => (reason === 0 ? 1 : 0)),
  };
}

function eventsOf({ events }: FakeRecording, fhr: Samples, baseline: Float32Array): FoundEvent[] {
  const peaks = events
    .filter(({ label }) => label === "contraction")
    .map(({ onsetS, durationS }) => onsetS + durationS / 2);
  return events.map(({ label, onsetS, durationS }): FoundEvent => {
    if (label === "contraction")
      return { code: label, channel: "UC", onsetS, durationS, probability: 0.93, facts: {} };
    return heartRateEvent({ label, onsetS, durationS }, { fhr, baseline, peaks });
  });
}

function heartRateEvent(
  {
    label,
    onsetS,
    durationS,
  }: { readonly label: string; readonly onsetS: number; readonly durationS: number },
  {
    fhr,
    baseline,
    peaks,
  }: { readonly fhr: Samples; readonly baseline: Float32Array; readonly peaks: readonly number[] },
): FoundEvent {
  const sign = label === "acceleration" ? 1 : -1;
  let [best, seen, lost] = [-1, 0, 0];
  const [first, last] = [Math.round(onsetS * HZ), Math.round((onsetS + durationS) * HZ)];
  for (let i = first; i < last; i += 1) {
    if (fhr.reasons[i] !== 0) continue;
    seen += 1;
    lost += Math.max(0, levelAt(baseline, i) - (fhr.values[i] ?? 0)) / 60 / HZ;
    if (best < 0 || sign * ((fhr.values[i] ?? 0) - (fhr.values[best] ?? 0)) > 0) best = i;
  }
  const at = best < 0 ? (first + last) >> 1 : best;
  const bpm = fhr.values[at] ?? 0;
  const depthBpm = Math.abs(levelAt(baseline, at) - bpm);
  const support = seen / Math.max(1, last - first);
  const common = {
    ...{ extremumS: at / HZ, extremumBpm: round(bpm, 0.25), depthBpm: round(depthBpm, 0.1) },
    ...{ support: round(support), areaBpmS: Math.round(depthBpm * durationS * 0.5), by: "rule" },
  };
  const probability = round(inUnit(sigmoid((depthBpm - 15) / 4) * (0.5 + support / 2)));
  const place = { onsetS, durationS, channel: "FHR", probability };
  const readerProbability = round(probability * 0.9);
  if (sign > 0)
    return {
      ...place,
      code: label,
      facts: { ...common, readerProbability },
      clause: "FIGO 2015: accelerations",
    };
  const descentS = at / HZ - onsetS;
  const peak = [...peaks].sort((a, b) => Math.abs(at / HZ - a) - Math.abs(at / HZ - b))[0] ?? 0;
  const nadirLagS = at / HZ - peak;
  const [type, shares] = toyTypes(descentS, nadirLagS);
  return {
    ...place,
    code: `${type}-deceleration`,
    facts: {
      ...{ ...common, readerProbability, descentS: round(descentS, 0.25), nadirLagS: round(nadirLagS, 0.25) },
      ...{ recoveryS: round(durationS - descentS, 0.25), lostBeats: round(lost, 0.1), ...shares },
    },
    clause: "FIGO 2015: decelerations",
  };
}

function toyTypes(descentS: number, lagS: number): readonly [string, Readonly<Record<string, number>>] {
  const variable = sigmoid((28 - descentS) / 4);
  const late = (1 - variable) * sigmoid((lagS - 10) / 4);
  const shares = { variable, late, early: 1 - variable - late };
  const [type = "variable"] = Object.entries(shares).sort(([, a], [, b]) => b - a)[0] ?? [];
  const tilt = { figo: 1, nichd: 0.9, jsog: 0.85 };
  const facts = Object.entries(tilt).flatMap(([guideline, share]) => [
    [`${guideline}-late`, round(shares.late * share)] as const,
    [`${guideline}-early`, round(shares.early * share)] as const,
    [`${guideline}-variable`, round(1 - (shares.late + shares.early) * share)] as const,
  ]);
  return [type, Object.fromEntries(facts)];
}

interface ToyMinute {
  readonly onsetS: number;
  readonly support: number;
  readonly bandwidth: number | undefined;
}

function minutesOf({ values, reasons }: Samples, events: readonly FoundEvent[]): ToyMinute[] {
  const away = events.filter(({ channel }) => channel === "FHR");
  return Array.from({ length: Math.floor(values.length / MINUTE) }, (_, m): ToyMinute => {
    let [seen, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let still = 0;
    for (let i = m * MINUTE; i < (m + 1) * MINUTE; i += 1) {
      if (reasons[i] !== 0) continue;
      seen += 1;
      const s = i / HZ;
      if (away.some(({ onsetS, durationS }) => s >= onsetS && s < onsetS + durationS)) continue;
      still += 1;
      low = Math.min(low, values[i] ?? 0);
      high = Math.max(high, values[i] ?? 0);
    }
    const support = seen / MINUTE;
    return { onsetS: m * 60, support, bandwidth: still >= MINUTE / 2 ? high - low : undefined };
  });
}

const BAND: Readonly<Record<string, (bpm: number) => boolean>> = {
  reduced: (bpm) => bpm < 5,
  normal: (bpm) => bpm >= 5 && bpm <= 25,
  increased: (bpm) => bpm > 25,
};

const variabilityOf = (minutes: readonly ToyMinute[]): Verdicts => ({
  ...{ kind: "verdicts", scheme: "variability", unit: "bpm", codes: Object.keys(BAND) },
  verdicts: minutes.map(({ onsetS, support, bandwidth }): Verdict => ({
    ...{ onsetS, durationS: 60, probability: {}, reasons: [], missing: [], assessable: round(support) },
    code:
      bandwidth === undefined ? null : (Object.keys(BAND).find((code) => BAND[code]?.(bandwidth)) ?? null),
    ...(bandwidth === undefined ? {} : { value: round(bandwidth, 0.25) }),
  })),
});

const clauses: Readonly<Record<string, string>> = {
  "figo-2015": "FIGO 2015, table 3: decelerations",
  "nichd-2008": "NICHD 2008, category I: no late or variable decelerations",
  "jsog-2010": "JSOG 2010, table of 82 patterns, row 1",
};

/** The more lost beats behind a minute, the less reassuring. */
function classed(
  scheme: string,
  codes: string[],
  minutes: readonly ToyMinute[],
  events: readonly FoundEvent[],
): Verdicts {
  const dips = events.filter(({ code }) => code.endsWith("deceleration"));
  const waves = events.filter(({ code }) => code === "contraction");
  const within = (list: readonly FoundEvent[], toS: number): FoundEvent[] =>
    list.filter(({ onsetS }) => onsetS > toS - 1200 && onsetS < toS);
  const verdict = ({ onsetS }: ToyMinute, m: number): Verdict => {
    const toS = onsetS + 60;
    const behind = minutes.slice(Math.max(0, m - 29), m + 1);
    const assessable = behind.reduce((sum, one) => sum + one.support, 0) / behind.length;
    const place = { onsetS, durationS: 60, assessable: round(assessable) };
    const reason = (code: string, values: Reason["values"]): Reason => ({
      ...{ code, values, clause: clauses[scheme] ?? scheme, evidence: "verified" },
    });
    if (m < SILENT_MINUTES || (minutes[m]?.support ?? 0) < 0.5) {
      const missing = [reason("NEEDS_MINUTES", { minutes: m, least: SILENT_MINUTES })];
      return { ...place, code: null, probability: {}, reasons: [], missing };
    }
    const counts = { count: within(dips, toS).length, contractions: within(waves, toS).length };
    const burden = Math.min(0.999, counts.count / 7);
    const at = Math.min(codes.length - 1, Math.floor(burden * codes.length));
    const p = round(0.55 + 0.4 * Math.abs(Math.sin(m / 5)));
    const next = codes[at + 1] ?? codes[at - 1] ?? "";
    return {
      ...{ ...place, code: codes[at] ?? null, missing: [] },
      probability: { [codes[at] ?? ""]: p, [next]: round(1 - p) },
      reasons: [
        reason("DECELERATIONS_NOT_REPETITIVE", { ...counts, minutes: 30, recent: 20, least: 3 }),
        reason("BASELINE_NORMAL", { bpm: 138 }),
      ],
    };
  };
  return { kind: "verdicts", scheme, codes, verdicts: minutes.map(verdict) };
}

/** Where the contraction belt lies unplugged. */
function silentUc({ values }: Samples): { onsetS: number; durationS: number; codes: string[] }[] {
  const found: { onsetS: number; durationS: number; codes: string[] }[] = [];
  for (let from = 0, i = 1; i <= values.length; i += 1) {
    if (i < values.length && values[i] === values[from]) continue;
    if (i - from >= MINUTE)
      found.push({ onsetS: from / HZ, durationS: (i - from) / HZ, codes: ["contraction"] });
    from = i;
  }
  return found;
}

/** Numbers of any stretch: all there but the contractions, which cannot be assessed. */
export const toyNumbers = (fromS: number, toS: number): CtgNumbers => ({
  ...{ fromS, toS },
  fhr: { missing: 0.08, longestGapS: 14, masked: [{ reason: maskReasons.missingInSource, share: 0.08 }] },
  uc: { missing: 0.4, longestGapS: 150, masked: [{ reason: maskReasons.flatSignal, share: 0.4 }] },
  baseline: { figo: { value: 138.4, support: 0.97 }, nichd: { value: 140, support: 0.71 } },
  bandwidth: { value: 12.6, support: 0.8 },
  stvMs: { value: 6.1, support: 0.8 },
  rangeMs: { value: 41.5, support: 0.8 },
  abnormalStv: { value: 0.62, support: 0.9 },
  abnormalLtv: { value: 0.04, support: 0.9 },
  events: [
    { code: "acceleration", count: 2 },
    { code: "late-deceleration", count: 1 },
  ],
  eventSupport: 0.95,
  contractionRate: { value: null, support: 0.6 },
});
