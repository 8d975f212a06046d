import { mixturePredictive } from "../../../main/models/distributions/predictive.ts";
import { ahead, horizons } from "../../../main/models/sequences/state-space/ahead.ts";
import {
  calibrationAt,
  calibrationFrom,
  calibrationKnots,
} from "../../../main/models/sequences/state-space/calibration.ts";
import { cropsOf, type Foreseer } from "../../../main/models/sequences/state-space/composite.ts";
import {
  ctgDynamics,
  type Dynamics,
  filter,
  MEMORY,
} from "../../../main/models/sequences/state-space/filter.ts";
import { fitFloor, floorForeseer } from "../../../main/models/sequences/state-space/floors.ts";
import { openNetwork } from "../../../main/models/sequences/state-space/net/ahead.ts";
import { contractionLevel } from "../../../main/models/sequences/state-space/net/contractions.ts";
import { fitNetwork, usualNet } from "../../../main/models/sequences/state-space/net/fit.ts";
import type { Seen } from "../../../main/models/sequences/state-space/net/inputs.ts";
import type { LearnedNet } from "../../../main/models/sequences/state-space/net/learned.ts";
import { FURTHEST } from "../../../main/models/sequences/state-space/net/rows.ts";
import { Surprises } from "../../../main/models/sequences/state-space/net/surprises.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { atLeast, atMost, type CheckTools, figure, type MethodCheck, type Outcome } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";
import { type CtuRecord, ctuRecords, ctuSplit } from "../sequences/ctu.ts";
import {
  type Card,
  type Cards,
  coverageOf,
  coverageRange,
  crpsByRecord,
  crpsOf,
  natsByRecord,
  nllOf,
  pitMost,
  type Says,
  scoreCards,
  SHARES,
} from "./scores.ts";

export const HORIZONS = [1, 15, 30, 60] as const;
const BETWEEN = [5, 10, 20, 45] as const; // no anchors of the network
export const TRAINED_REST = 120; // records of the rest that networks learn from; the others confirm
const CROP_S = 900;
export const from = { evidence: "computed", source: "recipe-ssm.md §9" } as const;
const forked = { evidence: "computed", source: "recipe-forks.md §9" } as const;

export type Record = CtuRecord & { readonly y: Float64Array };
export const withY = (records: readonly CtuRecord[]): Record[] =>
  records.map((one) => ({ ...one, y: one.fhr }));

export function seenOf(record: CtuRecord, dynamics = ctgDynamics): Seen {
  const { fhr: y, observed, uc, ucObserved } = record;
  const { after } = filter({ y, observed }, dynamics);
  return { y, observed, after, contractions: contractionLevel(uc, ucObserved) };
}

/** The filter itself. */
export const plainFilter =
  (dynamics: Dynamics): Foreseer =>
  (series) => {
    const { after, logDensity } = filter(series, dynamics);
    const table = horizons(dynamics, FURTHEST);
    return { logDensity, at: (t, h) => ahead(after, h, table, 0, t * MEMORY) };
  };

/** A method that says a middle and a width, its widths set right by the validation records. */
export function widened(
  foreseer: Foreseer,
  validation: readonly Pick<Record, "y" | "observed">[],
): (one: Pick<Record, "y" | "observed">) => Says {
  const gone = validation.map((one) => ({ one, foreseen: foreseer(one) }));
  const calibration = calibrationFrom(calibrationKnots, (h) =>
    Float64Array.from(
      gone.flatMap(({ one, foreseen }) => {
        const errors: number[] = [];
        for (let t = 120; t + h < one.y.length; t += 5) {
          if (one.observed[t + h] !== 1) continue;
          const { mean, variance } = foreseen.at(t, h);
          errors.push(((one.y[t + h] ?? 0) - mean) / Math.sqrt(variance));
        }
        return errors;
      }),
    ),
  );
  return (one) => {
    const foreseen = foreseer({ y: one.y, observed: one.observed });
    return (t) => (h) => {
      const { mean, variance } = foreseen.at(t, h);
      const { scale, tails } = calibrationAt(calibration, h);
      return mixturePredictive([{ weight: 1, mean, scale: scale * Math.sqrt(variance), nu: tails }]);
    };
  };
}

export function networkSays(learned: LearnedNet, dynamics = ctgDynamics): (one: Record) => Says {
  const open = openNetwork(learned, horizons(dynamics, FURTHEST));
  return (one) => {
    const seen = seenOf(one, dynamics);
    const past = new Surprises();
    return (t) => {
      const said = open(seen, t, past);
      return (h) => said.at(h);
    };
  };
}

/** Networks learned from some records and calibrated by others. */
export async function learnNetwork(
  train: readonly CtuRecord[],
  validation: readonly CtuRecord[],
  say: (line: string) => void,
): Promise<LearnedNet> {
  let told = -1;
  const learned = await withRuntime((runtime) =>
    fitNetwork(
      [
        ...train.map((one) => ({ seen: seenOf(one), part: "train" as const })),
        ...validation.map((one) => ({ seen: seenOf(one), part: "validation" as const })),
      ],
      ctgDynamics,
      usualNet,
      {
        runtime: () => Promise.resolve(runtime),
        seed: 1,
        signal: new AbortController().signal,
        onProgress: (done, loss) => {
          if (Math.floor(done * 6) === told) return;
          told = Math.floor(done * 6);
          say(`networks: ${Math.round(done * 100)} %, loss ${loss?.toFixed(4) ?? ""}`);
        },
      },
    ),
  );
  if (learned === undefined) throw new Error("too few moments to learn from");
  return learned;
}

const at = (cards: Cards, h: number): Card => {
  const card = cards.get(h);
  if (card === undefined) throw new Error(`nothing was scored at ${h} s`);
  return card;
};

export const line = (name: string, cards: Cards): string =>
  `${name}: NLL ${HORIZONS.map((h) => nllOf(at(cards, h)).toFixed(3)).join(" ")}, CRPS ${HORIZONS.map((h) => crpsOf(at(cards, h)).toFixed(2)).join(" ")}`;

export function limits(
  what: string,
  cards: Cards,
  wanted: { nll: readonly number[]; crps?: readonly number[] },
  source: Pick<Outcome, "evidence" | "source">,
): Outcome[] {
  const rows = (unit: string, of: (card: Card) => number, values: readonly number[] = []): Outcome[] =>
    values.map((limit, i) => {
      const h = HORIZONS[i] ?? 0;
      return atMost(`${what}, ${unit} at ${h} s`, of(at(cards, h)), limit, source);
    });
  return [...rows("NLL", nllOf, wanted.nll), ...rows("CRPS", crpsOf, wanted.crps)];
}

/** Every band, overall and by how much of the minute before is missing: the largest distance from what it promises. */
export function coverageRows(what: string, cards: Cards): Outcome[] {
  const off = (card: Card, which: "whole" | number): number => {
    const tally = which === "whole" ? card.whole : card.byMissing[which];
    if (tally === undefined || tally.count === 0) return 0;
    return Math.max(...coverageOf(tally).map((reached, i) => Math.abs(reached - (SHARES[i] ?? 0))));
  };
  const rows = [...cards].map(([h, card]) =>
    atMost(`${what}, 50/80/90/95 % bands at ${h} s, largest error`, off(card, "whole"), 0.02, from),
  );
  const missing = ["under 5 %", "5 to 30 %", "over 30 %"].map((name, i) =>
    atMost(
      `${what}, the same with ${name} of the last minute missing, any horizon`,
      Math.max(...HORIZONS.map((h) => off(at(cards, h), i))),
      0.02,
      from,
    ),
  );
  return [...rows, ...missing];
}

export function calibrationRows(what: string, cards: Cards): Outcome[] {
  return HORIZONS.flatMap((h) => {
    const card = at(cards, h);
    const [low, high] = coverageRange(card);
    return [
      atMost(`${what}, PIT at ${h} s, largest of 20 bins`, pitMost(card), 0.15, from),
      atLeast(`${what}, 90 % band at ${h} s, a tenth of the records below`, low, 0.85, from),
      atMost(`${what}, 90 % band at ${h} s, a tenth of the records above`, high, 0.93, from),
    ];
  });
}

export function pairedRows(what: string, own: Cards, other: Cards): Outcome[] {
  return HORIZONS.flatMap((h) =>
    [
      { name: "NLL", of: natsByRecord },
      { name: "CRPS", of: crpsByRecord },
    ].map(({ name, of }) => {
      const { difference, interval } = pairedOverGroups(of(at(own, h)), of(at(other, h)));
      const [low, high] = [interval?.low ?? Number.NaN, interval?.high ?? Number.NaN];
      return {
        what: `${what}, ${name} at ${h} s, over records`,
        value: `${figure(difference)} [${figure(low)}, ${figure(high)}]`,
        expected: "interval below 0",
        pass: high < 0,
        ...from,
      };
    }),
  );
}

interface Parts {
  readonly fit: readonly Record[];
  readonly train: readonly Record[]; // of the networks, those of the fit among them
  readonly val: readonly Record[];
  readonly test: readonly Record[];
  readonly kept: readonly Record[]; // for the end
}

export function realParts(data: string): Parts {
  const split = ctuSplit(data);
  const load = (ids: readonly number[]): Record[] => withY(ctuRecords(data, ids));
  const fit = load(split.fit);
  return {
    ...{ fit, val: load(split.val), test: load(split.test), kept: load(split.rest.slice(TRAINED_REST)) },
    train: [...fit, ...load(split.rest.slice(0, TRAINED_REST))],
  };
}

/** Methods that learn in seconds, their widths set right by the validation records. */
export async function simpleMethods(
  { fit, val }: Pick<Parts, "fit" | "val">,
  dynamics = ctgDynamics,
): Promise<ReadonlyMap<string, (one: Record) => Says>> {
  const crops = cropsOf(
    fit.map(({ y, observed }) => ({ y, observed })),
    CROP_S,
    60,
  );
  const signal = new AbortController().signal;
  const methods = new Map<string, (one: Record) => Says>();
  for (const name of ["local-level", "ar5"] as const)
    methods.set(name, widened(floorForeseer(name, await fitFloor(name, crops, signal)), val));
  return methods.set("filter", widened(plainFilter(dynamics), val));
}

export async function judgedReal(
  learned: LearnedNet,
  parts: Parts,
  say: (line: string) => void,
): Promise<readonly Outcome[]> {
  const simple = await simpleMethods(parts);
  const says = networkSays(learned);
  const [what, last] = ["filter + networks", "records kept for the end"];
  const compared = (records: readonly Record[], where: string): { own: Cards; paired: Outcome[] } => {
    const own = scoreCards(records, says, HORIZONS);
    say(line(`${what}${where}`, own));
    const paired = [...simple].flatMap(([name, method]) => {
      const cards = scoreCards(records, method, HORIZONS);
      say(line(`${name}${where}`, cards));
      return pairedRows(`${what} less ${name}${where}`, own, cards);
    });
    return { own, paired };
  };
  const { own, paired } = compared(parts.test, "");
  const between = scoreCards(parts.test, says, BETWEEN, { isCrps: false });
  const kept = compared(parts.kept, `, ${last}`);
  return [
    ...limits(what, own, { nll: [2.04, 3.6, 3.82, 3.97], crps: [1.37, 6, 7.2, 8] }, from),
    ...limits(`${what}, as forks have to`, own, { nll: [2.04, 3.57, 3.78, 3.93] }, forked),
    ...limits(`${what}, ambitious`, own, { nll: [2, 3.53, 3.74, 3.89] }, from),
    ...coverageRows(what, new Map([...own, ...between])),
    ...calibrationRows(what, own),
    ...paired,
    ...limits(`${what}, ${last}`, kept.own, { nll: [2.04, 3.57, 3.78, 3.93] }, forked),
    ...coverageRows(`${what}, ${last}`, kept.own),
    ...kept.paired,
  ];
}

async function run({ data, say }: CheckTools): Promise<readonly Outcome[]> {
  const parts = realParts(data());
  return judgedReal(await learnNetwork(parts.train, parts.val, say), parts, say);
}

export const stateSpaceReal: MethodCheck = {
  id: "ssm-real",
  about:
    "60 labour records of CTU-UHB looked ahead in: simple methods, the filter, and the networks that correct it",
  run,
};
