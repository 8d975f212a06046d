import type { CtgContext, CtgSettings } from "../../../preload/contract/ctg.ts";
import type { CtgProgress } from "../../../preload/contract/ctg-reading.ts";
import type { Series } from "../../../preload/contract/finding.ts";
import { isScalpElectrode } from "../../signal/scalp.ts";
import { baselineOfRun } from "./baseline/of-run.ts";
import { baselineRules } from "./baseline/registry.ts";
import { type CtgSources, readTrace } from "./read.ts";
import { type SignalTrust, trustOf } from "./signal-trust.ts";
import type { Baseline, CtgTrace } from "./trace.ts";

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
}

/** Everything that is told of a cardiotocogram before it is classified. */
export interface CtgReading {
  readonly trace: CtgTrace; // as it is analysed
  readonly trust: SignalTrust;
  readonly baseline: Baseline;
}

export type CtgStep = Pick<CtgProgress, "step" | "done">;

/** Puts the parts together; yields how far it has come, so that whoever runs it can look whether it is still wanted. */
export function* readCtg({
  sources,
  over,
  context,
  settings,
  curves,
}: CtgInput): Generator<CtgStep, CtgReading> {
  const raw = readTrace(sources);
  yield { step: "signal", done: 0.1 };
  const trust = trustOf(raw, { run: curves.falseSignal, isScalp: isScalpElectrode(over) });
  const trace = { ...raw, fhr: trust.left };
  yield { step: "baseline", done: 0.2 };
  const baseline = baselineOf(trace, { context, settings, curves });
  yield { step: "events", done: 0.5 };
  return { trace, trust, baseline };
}

function baselineOf(
  { fhr, count }: CtgTrace,
  { context: { anchors }, settings, curves }: Omit<CtgInput, "sources" | "over">,
): Baseline {
  if (settings.baseline === "run" && curves.baseline !== undefined)
    return baselineOfRun(curves.baseline, count, anchors);
  const rule = baselineRules.find(({ name }) => name === settings.baseline);
  if (rule === undefined) throw new Error(`there is no baseline by ${settings.baseline}`);
  return rule.find(fhr, anchors);
}
