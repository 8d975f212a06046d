import fc from "fast-check";
import { expect, test } from "vitest";
import type { DecelerationType, Evidence } from "../trace.ts";
import { evidenceOf, labour, typesOf, verdictsOf } from "./evidence.fixtures.ts";
import { figo } from "./figo.ts";
import { jsog } from "./jsog.ts";
import { nichd } from "./nichd.ts";

const MINUTES = 50;

interface Labour {
  readonly everyS: number;
  readonly isFree: readonly boolean[]; // contractions without a deceleration
  readonly type: DecelerationType;
  readonly fromS: number;
  readonly lastsS: number;
}

const labours = fc.record<Labour>({
  everyS: fc.integer({ min: 120, max: 900 }),
  isFree: fc.array(
    fc.nat(9).map((n) => n > 7),
    { minLength: 25, maxLength: 25 },
  ),
  type: fc.constantFrom("variable", "late", "early", "prolonged"),
  fromS: fc.nat(60 * MINUTES),
  lastsS: fc.nat(2400),
});

/** What calmed a class once: a hidden contraction began before its deceleration; recurrence had come with those that were hidden. */
const free = (...which: number[]): boolean[] => Array.from({ length: 25 }, (_, i) => which.includes(i));
const found: readonly Labour[] = [
  { everyS: 200, isFree: free(0), type: "late", fromS: 0, lastsS: 231 },
  { everyS: 630, isFree: free(0), type: "prolonged", fromS: 0, lastsS: 661 },
  { everyS: 120, isFree: free(16, 17, 18), type: "variable", fromS: 0, lastsS: 1471 },
  { everyS: 120, isFree: free(4, 5, 6), type: "variable", fromS: 751, lastsS: 360 },
  { everyS: 480, isFree: free(3, 4), type: "late", fromS: 1133, lastsS: 998 },
];

type Seen = Pick<Evidence, "contractions" | "decelerations">;

/** As if the channel of contractions had been hidden: without one a deceleration is neither late nor early. */
function hidden({ contractions, decelerations }: Seen, isHidden: (s: number) => boolean): Seen {
  return {
    contractions: contractions.map((one) => (isHidden(one.peakS) ? { ...one, probability: 0 } : one)),
    decelerations: decelerations.map((one) => {
      const { peakS } = contractions[one.contraction ?? -1] ?? { peakS: NaN };
      if (!isHidden(peakS)) return one;
      const isTold = one.types.figo.variable + one.types.figo.prolonged > 0;
      const types = isTold ? one.types : typesOf("unknown");
      return { ...one, contraction: undefined, isContractionKnown: false, types };
    }),
  };
}

const levels = [12, 3, 1].flatMap((bandwidthBpm) =>
  [140, 105].map((baselineBpm) => ({ minutes: MINUTES, bandwidthBpm, baselineBpm })),
);

test.each([figo, nichd, jsog])(
  "hiding contractions never makes a class of $name more reassuring",
  (engine) => {
    const rank = (code: string): number => engine.codes.indexOf(code);
    const law = fc.property(
      fc.constantFrom(...levels),
      labours,
      (level, { everyS, isFree, type, fromS, lastsS }) => {
        const seen = labour(60 * MINUTES, everyS, (i) => isFree[i] === false, type);
        const isHidden = (s: number): boolean => s >= fromS && s < fromS + lastsS;
        const ucSupport = (minute: number): number => (isHidden(60 * minute + 30) ? 0 : 1);
        const whole = verdictsOf(engine, evidenceOf({ ...level, ...seen }));
        const less = verdictsOf(engine, evidenceOf({ ...level, ucSupport, ...hidden(seen, isHidden) }));
        less.forEach(({ code }, minute) => {
          const before = whole[minute]?.code;
          if (code !== null && before) expect(rank(code)).toBeGreaterThanOrEqual(rank(before));
        });
      },
    );
    fc.assert(law, {
      numRuns: 300,
      examples: levels.flatMap((level) => found.map((one): [typeof level, Labour] => [level, one])),
    });
  },
);
