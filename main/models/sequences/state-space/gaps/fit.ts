import { pause } from "../../../../compute/pause.ts";
import { seededRandom } from "../../../random.ts";
import type { Dynamics } from "../filter.ts";
import {
  calibrationOf,
  isTooLittle,
  learnMembers,
  type LessonRows,
  type NetOptions,
  type NetTools,
} from "../net/learn.ts";
import { standardise, standardOf } from "../net/rows.ts";
import { type BothWays, bothWays, type Gap, gapsOf, knownAt } from "./both-ways.ts";
import { dipsOf, hiddenBursts, hiddenInside } from "./hide.ts";
import { GAP_INPUTS, gapInputsAt } from "./inputs.ts";
import type { LearnedGaps } from "./learned.ts";

/** A recording whose values are hidden from the networks in stretches that they learn to fill. */
export interface GapRecording {
  readonly y: Float64Array;
  readonly observed: Uint8Array;
  readonly contractions: BothWays["contractions"];
  readonly part: "train" | "validation";
}

export const usualGaps: NetOptions = { components: 5, hidden: 96, members: 4, epochs: 5, leastSteps: 1500 };
const DRAWS = 3; // of each pattern a recording
const MOST_ROWS = 400_000;

/**
 * Learns to fill gaps from both sides: on bursts anywhere, and on stretches inside dips, which a line between the ends cuts off.
 * Undefined for too little to learn from or to set the width by. Deterministic as what corrects the forecasts. Throws cancelled/by-user.
 */
export async function fitGaps(
  recordings: readonly GapRecording[],
  dynamics: Dynamics,
  options: NetOptions,
  tools: NetTools,
): Promise<LearnedGaps | undefined> {
  const of = (part: GapRecording["part"]): Promise<LessonRows> =>
    gapRows(
      recordings.filter((one) => one.part === part),
      dynamics,
      tools,
    );
  const train = await of("train");
  const held = await of("validation");
  if (isTooLittle({ train, held })) return undefined;
  const standard = standardOf(train.x, GAP_INPUTS);
  for (const { x } of [train, held]) standardise(x, standard);
  const { hidden, components } = options;
  const shape = { inputs: GAP_INPUTS, hidden, horizons: 1, components };
  const members = await learnMembers({ train, held, shape, options }, tools);
  const calibration = await calibrationOf(held, shape, members, { signal: tools.signal });
  return { hidden, components, ...standard, members, calibration };
}

async function gapRows(
  recordings: readonly GapRecording[],
  dynamics: Dynamics,
  { seed, signal }: Pick<NetTools, "seed" | "signal">,
): Promise<LessonRows> {
  const random = seededRandom(seed, 31);
  const parts: Row[] = [];
  for (const recording of recordings) {
    await pause(signal);
    const { y, observed, contractions } = recording;
    const dips = dipsOf(y, observed);
    for (let draw = 0; draw < DRAWS; draw += 1)
      for (const left of [hiddenBursts(observed, random), hiddenInside(observed, dips, random)])
        for (const row of hiddenRows(bothWays({ y, observed: left }, contractions, dynamics), observed))
          parts.push(row);
  }
  const every = Math.max(1, Math.ceil(parts.length / MOST_ROWS));
  const kept = parts.filter((_, i) => i % every === 0);
  const x = new Float32Array(kept.length * GAP_INPUTS);
  kept.forEach((row, i) => {
    x.set(row.x, i * GAP_INPUTS);
  });
  return {
    ...{ count: kept.length, x, distance: Float32Array.from(kept, ({ distance }) => distance) },
    weight: new Float32Array(kept.length).fill(1),
  };
}

interface Row {
  readonly x: Float32Array;
  readonly distance: number;
}

/** Every second in a gap that was observed before it was hidden. */
function* hiddenRows(seen: BothWays, observed: Uint8Array): Generator<Row> {
  for (const gap of gapsOf(seen.observed))
    for (let t = gap.from; t < gap.to; t += 1) if (observed[t] === 1) yield rowOf(seen, gap, t);
}

function rowOf(seen: BothWays, gap: Gap, t: number): Row {
  const known = knownAt(seen, gap, t);
  const x = new Float32Array(GAP_INPUTS);
  gapInputsAt(seen, gap, { t, known }, x);
  return { x, distance: ((seen.y[t] ?? 0) - known.mean) / known.scale };
}
