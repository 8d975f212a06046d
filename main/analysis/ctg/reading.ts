import type { CtgContext, CtgEngine, CtgSettings } from "../../../preload/contract/ctg.ts";
import type { CtgProgress } from "../../../preload/contract/ctg-reading.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Series } from "../../../preload/contract/finding.ts";
import type { Verdict } from "../../../preload/contract/verdict.ts";
import { isScalpElectrode } from "../../signal/scalp.ts";
import { baselineOfRun } from "./baseline/of-run.ts";
import { baselineRules } from "./baseline/registry.ts";
import { findContractions } from "./contractions.ts";
import { classProbabilities, drawEvidence } from "./draws.ts";
import { judge } from "./engines/engine.ts";
import { isShallow, shallowInFlat } from "./engines/flat-trace.ts";
import { engines } from "./engines/registry.ts";
import type { EventKind } from "./events/detect.ts";
import { findEvents, type FindOptions, type HeartRateEvents } from "./events/find.ts";
import {
  acceptedEvents,
  networkEvents,
  type NetworkProbabilities,
  weighedContractions,
} from "./events/hybrid.ts";
import { type CtgSources, readTrace } from "./read.ts";
import { type SignalTrust, type Trusted, trustOf } from "./signal-trust.ts";
import { sinusoidalStretches } from "./sinusoidal.ts";
import {
  type Baseline,
  type Contraction,
  CTG_HZ,
  type CtgTrace,
  type Deceleration,
  type Evidence,
  isLikely,
  type Minute,
} from "./trace.ts";
import { minutesOf } from "./variability.ts";

/** What runs say that a reading may rest upon, where the settings ask for it. */
export interface RunCurves {
  readonly baseline: Series | undefined;
  readonly falseSignal: Series | undefined;
  readonly events: readonly Series[]; // a probability a label, by its code
}

export interface CtgInput {
  readonly sources: CtgSources;
  readonly over: string; // label of the heart rate
  readonly context: CtgContext;
  readonly settings: CtgSettings;
  readonly curves: RunCurves;
  readonly movements: Evidence["movements"];
  readonly trusted: readonly Trusted[]; // what people say is the fetus's heart rate
  readonly fetuses: number;
}

/** Everything that is told of a cardiotocogram before it is classified. */
export interface CtgReading {
  readonly trace: CtgTrace; // as it is analysed
  readonly trust: SignalTrust;
  readonly baseline: Baseline;
  readonly evidence: Evidence;
}

export type CtgStep = Pick<CtgProgress, "step" | "done">;

/** Puts the parts together; yields how far it has come, so that whoever runs it can look whether it is still wanted. */
export function* readCtg({
  sources,
  over,
  context,
  settings,
  curves,
  movements,
  trusted,
  fetuses,
}: CtgInput): Generator<CtgStep, CtgReading> {
  const raw = readTrace(sources);
  yield { step: "signal", done: 0.1 };
  const sourceHz = Math.min(...sources.fhr.map(({ sampleRate }) => sampleRate));
  const beside = { run: curves.falseSignal, isScalp: isScalpElectrode(over), sourceHz, trusted };
  const trust = trustOf(raw, beside);
  const trace = { ...raw, fhr: trust.left };
  yield { step: "baseline", done: 0.2 };
  const baseline = baselineOf(trace, { context, settings, curves });
  yield { step: "events", done: 0.4 };
  const contractions = contractionsOf(trace, settings, curves.events);
  const { gestationDays } = context;
  const events = eventsOf({ trace, baseline, contractions, gestationDays }, settings, curves.events);
  const minutes = minutesBeside(events, (others) => minutesOf(trace, baseline, others, trust.leftOut));
  yield { step: "events", done: 0.5 };
  const sinusoidal = sinusoidalStretches(trace, baseline, events.accelerations);
  const durationS = trace.count / CTG_HZ;
  const seen = { durationS, minutes, ...events, contractions, sinusoidal };
  return { trace, trust, baseline, evidence: { ...seen, movements, fetuses } };
}

function baselineOf(
  { fhr, count }: CtgTrace,
  { context: { anchors }, settings, curves }: Pick<CtgInput, "context" | "settings" | "curves">,
): Baseline {
  if (settings.baseline === "run" && curves.baseline !== undefined)
    return baselineOfRun(curves.baseline, count, anchors);
  const rule = baselineRules.find(({ name }) => name === settings.baseline);
  if (rule === undefined) throw new Error(`there is no baseline by ${settings.baseline}`);
  return rule.find(fhr, anchors);
}

/** Minutes outside events, and where the trace is flat without its shallow decelerations outside these, too. */
function minutesBeside(
  events: HeartRateEvents,
  outside: (events: HeartRateEvents) => readonly Minute[],
): readonly Minute[] {
  const likely = events.decelerations.filter(isLikely);
  const without = (shallow: readonly Deceleration[]): readonly Minute[] =>
    outside({
      accelerations: events.accelerations.filter(isLikely),
      decelerations: [...likely, ...shallow],
    });
  const shallow = events.decelerations.filter(isShallow);
  return without(shallow.length === 0 ? [] : shallowInFlat({ ...events, minutes: without(shallow) }));
}

/** By rule; where rule and network say events together, as likely as both make them, if the network knows contractions. */
function contractionsOf(trace: CtgTrace, { events }: CtgSettings, curves: readonly Series[]): Contraction[] {
  const found = findContractions(trace);
  const said = curves.filter(({ name }) => name === "contraction");
  if (events !== "both" || said.length === 0) return found;
  const isKnown = Uint8Array.from({ length: Math.ceil(trace.count / CTG_HZ) }, (_, second) =>
    Number(said.some(({ observed, sampleRate }) => observed[Math.floor(second * sampleRate)] === 1)),
  );
  return weighedContractions(found, { probability: perSecond(said, trace.count), isKnown });
}

function eventsOf(
  { trace, baseline, ...options }: FindOptions & { readonly trace: CtgTrace; readonly baseline: Baseline },
  settings: CtgSettings,
  curves: readonly Series[],
): HeartRateEvents {
  switch (settings.events) {
    case "rule":
      return findEvents(trace, baseline, options);
    case "network":
      return networkEvents(trace, baseline, { ...options, network: networkOf(curves, trace) });
    case "both":
      return acceptedEvents(trace, baseline, { ...options, network: networkOf(curves, trace) });
  }
}

/**
 * A second each. A network that tells kinds of decelerations apart says one with the sum of what it says of them. One that
 * knows no such event is refused: its silence would read as if there were none.
 */
function networkOf(curves: readonly Series[], { count }: CtgTrace): NetworkProbabilities {
  const sumOf = (kind: EventKind, isOf: (code: string) => boolean): Float32Array => {
    const own = curves.filter(({ name }) => isOf(name));
    if (own.length === 0)
      throw new AppError("model/says-nothing", `The run that was chosen says no ${kind}`, { series: kind });
    return perSecond(own, count);
  };
  return {
    acceleration: sumOf("acceleration", (code) => code === "acceleration"),
    deceleration: sumOf("deceleration", (code) => code.endsWith("deceleration")),
  };
}

/** Sum of what series say; 0 where they say nothing. [seconds] of so many samples */
function perSecond(series: readonly Series[], count: number): Float32Array {
  return Float32Array.from({ length: Math.ceil(count / CTG_HZ) }, (_, second) => {
    const values = series.map(({ value, observed, sampleRate }) => {
      const at = Math.floor(second * sampleRate);
      return observed[at] === 1 ? (value[at] ?? 0) : 0;
    });
    return Math.min(
      1,
      values.reduce((sum, one) => sum + one, 0),
    );
  });
}

/** What each engine says of every minute. */
export type CtgVerdicts = ReadonlyMap<CtgEngine, readonly Verdict[]>;

/** Any number: what comes of the same reading is the same. */
const SEED = 20_261_129;

/** Judges a reading by the engines that are wanted, with the probability of each class where draws are asked for. */
export function* judgeCtg(
  { evidence, baseline }: Pick<CtgReading, "evidence" | "baseline">,
  {
    context,
    settings,
    wanted,
  }: Pick<CtgInput, "context" | "settings"> & { readonly wanted: readonly CtgEngine[] },
): Generator<CtgStep, CtgVerdicts> {
  const asked = engines.filter(({ name }) => wanted.includes(name));
  const said = new Map<CtgEngine, readonly Verdict[]>();
  for (const engine of asked) {
    yield { step: "verdicts", done: 0.55 };
    said.set(engine.name, judge(engine, evidence, context, settings));
  }
  if (settings.draws === 0 || asked.length === 0) return said;
  const steps = classProbabilities({
    evidenceOf: (uniform) => drawEvidence(evidence, baseline, uniform),
    ...{ engines: asked, context, settings, seed: SEED },
  });
  for (;;) {
    const step = steps.next();
    if (step.done !== true) {
      yield { step: "draws", done: 0.6 + (0.4 * step.value) / settings.draws };
      continue;
    }
    return new Map(
      [...said].map(([engine, verdicts]) => [
        engine,
        verdicts.map((verdict, minute) => ({
          ...verdict,
          probability: { ...step.value.get(engine)?.[minute] },
        })),
      ]),
    );
  }
}
