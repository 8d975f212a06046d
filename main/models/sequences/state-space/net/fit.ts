import { pause } from "../../../../compute/pause.ts";
import { horizons } from "../ahead.ts";
import type { Dynamics } from "../filter.ts";
import { speaker } from "./ahead.ts";
import { mixtureAt } from "./between.ts";
import { INPUTS, type Seen } from "./inputs.ts";
import { calibrationOf, isTooLittle, learnMembers, type NetOptions, type NetTools } from "./learn.ts";
import type { LearnedNet } from "./learned.ts";
import type { NetShape } from "./network.ts";
import {
  ANCHORS,
  BETWEEN,
  cameAfter,
  FURTHEST,
  netMoments,
  netRows,
  type NetRecording,
  type NetRows,
  standardise,
  standardOf,
} from "./rows.ts";
import { momentsLookedBackAt, type Said, Surprises, usualAdapting } from "./surprises.ts";

export const usualNet: NetOptions = { components: 6, hidden: 96, members: 4, epochs: 4, leastSteps: 1500 };
/** Seconds from one moment to the next: neighbours say much the same. */
const EVERY_S = { train: 2, validation: 5 };

/**
 * Learns networks that correct a filter, one after the other, and sets the width of what they say right by recordings they
 * never learned from. The same recordings and seed give the same bits on the processor. Undefined for too few moments to
 * learn from or to set the width by: the filter is better left alone. Throws cancelled/by-user.
 */
export async function fitNetwork(
  recordings: readonly NetRecording[],
  dynamics: Dynamics,
  options: NetOptions,
  tools: NetTools,
): Promise<LearnedNet | undefined> {
  const of = (part: NetRecording["part"]): readonly Seen[] =>
    recordings.filter((one) => one.part === part).map(({ seen }) => seen);
  const rows = (part: NetRecording["part"]): NetRows => netRows(of(part), dynamics, EVERY_S[part]);
  const [train, held] = [rows("train"), rows("validation")];
  if (isTooLittle({ train, held })) return undefined;
  const standard = standardOf(train.x, INPUTS);
  for (const { x } of [train, held]) standardise(x, standard);
  const { hidden, components } = options;
  const shape: NetShape = { inputs: INPUTS, hidden, horizons: ANCHORS.length, components };
  const members = await learnMembers({ train, held, shape, options }, tools);
  const wanted = [...ANCHORS, ...BETWEEN];
  const came = cameAfter(netMoments(of("validation"), EVERY_S.validation), dynamics, wanted);
  const widths = await calibrationOf({ ...held, ...came }, shape, members, {
    signal: tools.signal,
    read: (own, horizon) => mixtureAt(own, wanted[horizon] ?? 1),
  });
  const [calibration, between] = [widths.slice(0, ANCHORS.length), widths.slice(ANCHORS.length)];
  const learned = { hidden, components, ...standard, members, calibration, between };
  return await adapting(learned, of("validation"), dynamics, tools.signal);
}

/** Fewer recordings settle it by chance: what it brings is small beside how much recordings differ. */
const COMPARED = 60;
const COMPARED_S = [15, 30, 60];

/** Widths follow a recording's own past where that makes what came more likely in recordings that nothing was learned from. */
async function adapting(
  learned: LearnedNet,
  held: readonly Seen[],
  dynamics: Dynamics,
  signal: AbortSignal,
): Promise<LearnedNet> {
  const speak = speaker(learned, horizons(dynamics, FURTHEST));
  const every = Math.max(1, Math.ceil(held.length / COMPARED));
  let gain = 0;
  for (const seen of held.filter((_, i) => i % every === 0)) {
    await pause(signal);
    const past = new Surprises();
    const make = (t: number): Said => speak(seen, t);
    for (const t of momentsLookedBackAt(seen.observed.length)) {
      const came = COMPARED_S.filter((h) => seen.observed[t + h] === 1);
      if (came.length === 0) continue;
      const widerBy = past.wideningAt(t, seen, make, usualAdapting);
      const said = past.said(t, make);
      for (const h of came) {
        const value = seen.y[t + h] ?? 0;
        gain += said(h, widerBy(h)).logDensity(value) - said(h).logDensity(value);
      }
    }
  }
  return gain > 0 ? { ...learned, adapts: usualAdapting } : learned;
}
