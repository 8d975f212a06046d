import { z } from "zod";
import type { ScoredPredictive } from "../../../main/models/distributions/predictive.ts";
import { sortedQuantile } from "../../../main/signal/quantile.ts";

/** A recording at one value a second, as it is scored. */
export interface Scored {
  readonly id: number;
  readonly y: Float64Array;
  readonly observed: Uint8Array;
}

/** What a method says of the value `h` seconds after second `t`, by what was seen up to it. */
export type Says = (t: number) => (h: number) => ScoredPredictive | undefined;

export const SHARES = [0.5, 0.8, 0.9, 0.95] as const;
const BINS = 20;
/** Share missing in the last minute: below the first, below the second, and the rest. */
const MISSING = [0.05, 0.3] as const;
const [FIRST_S, EVERY_S, MINUTE] = [120, 5, 60];
const CRPS_EVERY = 5; // moments: it is the slow one

interface Tally {
  nats: number;
  count: number;
  crps: number;
  scored: number;
  readonly inside: number[]; // a share
}
const emptyTally = (): Tally => ({ nats: 0, count: 0, crps: 0, scored: 0, inside: SHARES.map(() => 0) });

/** All of a method at one horizon. */
export interface Card {
  readonly whole: Tally;
  readonly records: ReadonlyMap<string, Tally>;
  readonly byMissing: readonly Tally[];
  readonly bins: readonly number[];
}
export type Cards = ReadonlyMap<number, Card>; // by horizon

const KeptTally = z.array(z.number()).length(4 + SHARES.length);
/** Cards as they are kept in a file, a thousandth of a score being fine enough. */
export const KeptCards = z.array(
  z.object({
    ...{ h: z.number(), bins: z.array(z.number()), byMissing: z.array(KeptTally) },
    records: z.array(z.tuple([z.string(), KeptTally])),
  }),
);
export type KeptCards = z.infer<typeof KeptCards>;

const kept = ({ nats, count, crps, scored, inside }: Tally): number[] => {
  const rounded = (value: number): number => Math.round(1000 * value) / 1000;
  return [rounded(nats), count, rounded(crps), scored, ...inside];
};
const tallyOf = ([nats = 0, count = 0, crps = 0, scored = 0, ...inside]: readonly number[]): Tally => ({
  ...{ nats, count, crps, scored, inside },
});

export const keptOf = (cards: Cards): KeptCards =>
  [...cards].map(([h, { records, byMissing, bins }]) => ({
    ...{ h, bins: [...bins], byMissing: byMissing.map(kept) },
    records: [...records].map(([id, own]) => [id, kept(own)]),
  }));

/** Of recordings that are each in one part: all of them together. */
export function joinedCards(parts: readonly KeptCards[]): Cards {
  const horizons = [...new Set(parts.flatMap((part) => part.map(({ h }) => h)))];
  return new Map(
    horizons.map((h) => {
      const own = parts.flatMap((part) => part.filter((card) => card.h === h));
      const records = own.flatMap((card) => card.records.map(([id, one]) => [id, tallyOf(one)] as const));
      return [
        h,
        {
          whole: records.reduce((sum, [, one]) => added(sum, one), emptyTally()),
          records: new Map(records),
          byMissing: [0, 1, 2].map((i) =>
            own.reduce((sum, { byMissing }) => added(sum, tallyOf(byMissing[i] ?? [])), emptyTally()),
          ),
          bins: Array.from({ length: BINS }, (_, i) =>
            own.reduce((all, { bins }) => all + (bins[i] ?? 0), 0),
          ),
        },
      ];
    }),
  );
}

const added = (a: Tally, b: Tally): Tally => ({
  ...{ nats: a.nats + b.nats, count: a.count + b.count },
  ...{ crps: a.crps + b.crps, scored: a.scored + b.scored },
  inside: a.inside.map((n, i) => n + (b.inside[i] ?? 0)),
});

/** Scores of every fifth second from 120 s on after which something was seen. */
export function scoreCards<Recording extends Scored>(
  recordings: readonly Recording[],
  says: (one: Recording) => Says,
  horizons: readonly number[],
  wanted = { isCrps: true },
): Cards {
  const cards = new Map(
    horizons.map((h) => [
      h,
      {
        ...{ whole: emptyTally(), records: new Map<string, Tally>() },
        ...{ byMissing: [0, 1, 2].map(emptyTally), bins: new Array<number>(BINS).fill(0) },
      },
    ]),
  );
  for (const one of recordings) {
    const said = says(one);
    for (const card of cards.values()) card.records.set(String(one.id), emptyTally());
    for (let t = FIRST_S; t < one.y.length; t += EVERY_S) {
      if (!horizons.some((h) => one.observed[t + h] === 1)) continue;
      const ahead = said(t);
      const isCrps = wanted.isCrps && ((t - FIRST_S) / EVERY_S) % CRPS_EVERY === 0;
      for (const [h, card] of cards) {
        if (one.observed[t + h] !== 1) continue;
        const tallies = [card.whole, card.records.get(String(one.id)), card.byMissing[missingAt(one, t)]];
        addTo(tallies, card.bins, ahead(h), { value: one.y[t + h] ?? 0, isCrps });
      }
    }
  }
  return cards;
}

function missingAt({ observed }: Scored, t: number): number {
  let missing = 0;
  for (let i = t - MINUTE + 1; i <= t; i += 1) missing += observed[i] === 1 ? 0 : 1;
  const found = MISSING.findIndex((limit) => missing / MINUTE < limit);
  return found < 0 ? MISSING.length : found;
}

function addTo(
  tallies: readonly (Tally | undefined)[],
  bins: number[],
  predictive: ScoredPredictive | undefined,
  { value, isCrps }: { readonly value: number; readonly isCrps: boolean },
): void {
  if (predictive === undefined) return;
  const nats = -predictive.logDensity(value);
  const share = predictive.cdf(value);
  const crps = isCrps ? predictive.crps(value) : 0;
  const bin = Math.min(BINS - 1, Math.floor(share * BINS));
  bins[bin] = (bins[bin] ?? 0) + 1;
  for (const tally of tallies) {
    if (tally === undefined) continue;
    tally.nats += nats;
    tally.count += 1;
    tally.crps += crps;
    tally.scored += isCrps ? 1 : 0;
    SHARES.forEach((wide, i) => {
      if (Math.abs(share - 0.5) <= wide / 2) tally.inside[i] = (tally.inside[i] ?? 0) + 1;
    });
  }
}

export const nllOf = ({ whole }: Card): number => whole.nats / whole.count;
export const crpsOf = ({ whole }: Card): number => whole.crps / whole.scored;
export const coverageOf = (tally: Tally): number[] => tally.inside.map((n) => n / tally.count);

/** Largest distance of a twentieth of the distribution from what should have fallen into it, relative. */
export const pitMost = ({ bins, whole }: Card): number =>
  Math.max(...bins.map((n) => Math.abs((BINS * n) / whole.count - 1)));

const FEWEST = 50; // values of a recording

/** Mean a recording, of those with enough values. */
export const natsByRecord = ({ records }: Card): ReadonlyMap<string, number> =>
  new Map([...records].flatMap(([id, one]) => (one.count < FEWEST ? [] : [[id, one.nats / one.count]])));
export const crpsByRecord = ({ records }: Card): ReadonlyMap<string, number> =>
  new Map([...records].flatMap(([id, one]) => (one.count < FEWEST ? [] : [[id, one.crps / one.scored]])));

/** Coverage of the 90 % band that a tenth of the recordings lies below, and a tenth above. */
export function coverageRange({ records }: Card): readonly [number, number] {
  const all = [...records.values()]
    .filter(({ count }) => count >= FEWEST)
    .map((one) => (one.inside[2] ?? 0) / one.count)
    .sort((a, b) => a - b);
  return [sortedQuantile(all, all.length, 0.1), sortedQuantile(all, all.length, 0.9)];
}
