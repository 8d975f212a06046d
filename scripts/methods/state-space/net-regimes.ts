import { z } from "zod";
import type { NamedArrays } from "../../../main/compute/parameters.ts";
import { mixturePredictive } from "../../../main/models/distributions/predictive.ts";
import { ahead, horizons } from "../../../main/models/sequences/state-space/ahead.ts";
import { ctgDynamics, MEMORY } from "../../../main/models/sequences/state-space/filter.ts";
import { usualNet } from "../../../main/models/sequences/state-space/net/fit.ts";
import { INPUTS, inputsAt, type Seen } from "../../../main/models/sequences/state-space/net/inputs.ts";
import { calibrationOf, learnMembers } from "../../../main/models/sequences/state-space/net/learn.ts";
import type { NetCalibration } from "../../../main/models/sequences/state-space/net/learned.ts";
import {
  mixtureOf,
  netOutputs,
  type NetShape,
} from "../../../main/models/sequences/state-space/net/network.ts";
import {
  ANCHORS,
  FURTHEST,
  netMoments,
  type NetRows,
  netRows,
  type Standard,
  standardise,
  standardOf,
} from "../../../main/models/sequences/state-space/net/rows.ts";
import {
  filterRegimes,
  livelinessAhead,
  switchingOf,
  variabilityRegimes,
} from "../../../main/models/sequences/state-space/regimes.ts";
import type { CheckTools, MethodCheck, Outcome } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";
import { ctuRecords, ctuSplit } from "../sequences/ctu.ts";
import { HORIZONS, limits, line, pairedRows, type Record, seenOf, TRAINED_REST, withY } from "./real.ts";
import { type Cards, joinedCards, KeptCards, keptOf, type Says, scoreCards } from "./scores.ts";

const from = { evidence: "computed", source: "recipe-ssm.md §6, §9" } as const;
const switching = switchingOf(ctgDynamics, variabilityRegimes);
const REGIMES = variabilityRegimes.length;
const AHEAD_S = [15, 60] as const;
const EVERY_S = { train: 2, validation: 5 } as const;
const SEED = 1;
const table = horizons(ctgDynamics, FURTHEST);

/** What networks may be told of regimes: nothing, or how probable each is and how lively that makes what comes. */
const ways = { without: 0, with: REGIMES + AHEAD_S.length } as const;
type Way = keyof typeof ways;

interface Told {
  readonly seen: Seen;
  readonly shares: Float64Array; // [seconds x regimes]
}

const toldOf = (record: Record): Told => ({
  seen: seenOf(record),
  shares: filterRegimes({ y: record.y, observed: record.observed }, switching).shares,
});

function regimesAt({ shares }: Told, t: number): readonly number[] {
  const at = t * REGIMES;
  return [
    ...shares.subarray(at, at + REGIMES),
    ...AHEAD_S.map((h) => Math.log(livelinessAhead(shares, variabilityRegimes, h, { at }).fast)),
  ];
}

/** Rows of the networks, with the regimes of each moment behind. */
function rowsOf(records: readonly Told[], everyS: number, way: Way): NetRows {
  const seen = records.map((one) => one.seen);
  const rows = netRows(seen, ctgDynamics, everyS);
  if (ways[way] === 0) return rows;
  const width = INPUTS + ways[way];
  const x = new Float32Array(rows.count * width);
  const by = new Map(records.map((one) => [one.seen, one]));
  netMoments(seen, everyS).forEach(({ seen: own, t }, row) => {
    const told = by.get(own);
    x.set(rows.x.subarray(row * INPUTS, (row + 1) * INPUTS), row * width);
    if (told !== undefined) x.set(regimesAt(told, t), row * width + INPUTS);
  });
  return { ...rows, x };
}

interface Learned {
  readonly shape: NetShape;
  readonly standard: Standard;
  readonly members: readonly NamedArrays[];
  readonly calibration: readonly NetCalibration[];
}

async function learned(
  train: readonly Told[],
  validation: readonly Told[],
  { way, say }: { readonly way: Way; readonly say: (line: string) => void },
): Promise<Learned> {
  const inputs = INPUTS + ways[way];
  const [lessons, held] = [rowsOf(train, EVERY_S.train, way), rowsOf(validation, EVERY_S.validation, way)];
  const standard = standardOf(lessons.x, inputs);
  for (const { x } of [lessons, held]) standardise(x, standard);
  const { hidden, components } = usualNet;
  const shape: NetShape = { inputs, hidden, horizons: ANCHORS.length, components };
  const { signal } = new AbortController();
  let told = 0;
  const members = await withRuntime((runtime) =>
    learnMembers(
      { train: lessons, held, shape, options: usualNet },
      {
        ...{ runtime: () => Promise.resolve(runtime), seed: SEED, signal },
        onProgress: (done) => {
          if (done < told + 0.25) return;
          told = done;
          say(`${way} regimes: ${Math.round(100 * done)} %`);
        },
      },
    ),
  );
  return { shape, standard, members, calibration: await calibrationOf(held, shape, members, { signal }) };
}

/** What networks say at the horizons they were made for. */
function saysOf({ shape, standard, members, calibration }: Learned, way: Way): (one: Record) => Says {
  const width = shape.components * members.length;
  return (record) => {
    const told = toldOf(record);
    return (t) => {
      const x = new Float32Array(shape.inputs);
      inputsAt(told.seen, t, x);
      if (ways[way] > 0) x.set(regimesAt(told, t), INPUTS);
      standardise(x, standard);
      const mixture = mixtureOf(
        shape,
        members.map((member) => netOutputs(shape, member, x)),
      );
      return (h) => {
        const anchor = ANCHORS.findIndex((one) => one === h);
        const own = calibration[anchor];
        if (own === undefined) return undefined;
        const { mean, variance } = ahead(told.seen.after, h, table, 0, t * MEMORY);
        const scale = Math.sqrt(variance);
        const parts = Array.from({ length: width }, (_, k) => {
          const at = anchor * width + k;
          return {
            weight: Math.exp(mixture.logWeight[at] ?? 0),
            mean: mean + scale * (mixture.centre[at] ?? 0),
            scale: scale * own.scale * Math.exp(mixture.logScale[at] ?? 0),
            nu: own.tails ?? Infinity,
          };
        });
        return mixturePredictive(parts, own.map ?? undefined);
      };
    };
  };
}

const Kept = z.object({ cards: KeptCards });

async function run({ data, say, cells }: CheckTools): Promise<readonly Outcome[]> {
  const split = ctuSplit(data());
  const load = (ids: readonly number[]): Record[] => withY(ctuRecords(data(), ids));
  const trained = [...split.fit, ...split.rest.slice(0, TRAINED_REST)];
  const measured = async (way: Way): Promise<Cards | undefined> => {
    const key = {
      table: "ssm-net-regimes",
      method: way,
      part: SEED,
      made: { net: usualNet, more: ways[way] },
    };
    const found = await cells.of(key, Kept, async () => {
      const told = (ids: readonly number[]): Told[] => load(ids).map(toldOf);
      const own = await learned(told(trained), told(split.val), { way, say });
      const cards = scoreCards(load(split.test), saysOf(own, way), HORIZONS);
      say(line(`${way} regimes`, cards));
      return { cards: keptOf(cards) };
    });
    return found && joinedCards([found.cards]);
  };
  const [without, having] = [await measured("without"), await measured("with")];
  if (without === undefined || having === undefined)
    return [{ what: "both ways", value: "not measured", expected: "measured", pass: null, ...from }];
  return [
    ...limits("with regimes, ambitious", having, { nll: [2.01, 3.55, 3.78, 3.93] }, from),
    ...pairedRows("networks told of regimes less those that are not", having, without),
  ];
}

export const stateSpaceNetRegimes: MethodCheck = {
  id: "ssm-net-regimes",
  about:
    "Networks that correct the filter, told how probable each regime of variability is and how lively that makes what comes, beside the same that are not (60 labour records of CTU-UHB)",
  isInPieces: true,
  run,
};
