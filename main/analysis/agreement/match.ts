import type { MatchRule } from "../../../preload/contract/agreement.ts";

/** What one reader marked: a label from `fromS` to `toS`, in seconds from the recording's start; a point where they are equal. */
export interface Marked {
  readonly label: string;
  readonly fromS: number;
  readonly toS: number;
  readonly channel?: number | undefined; // absent: of the whole recording
}

type Placed = Pick<Marked, "fromS" | "toS" | "channel">;

/** FHRMA's protocol: over 5 s at both ends for heart rate [V S1], over 10 s for contractions [R]. */
const FHR_RULE: MatchRule = { kind: "ends", overlapS: 5, pointS: 5 };
const UC_RULE: MatchRule = { kind: "ends", overlapS: 10, pointS: 10 };
/** Gestures may be shorter than any fixed overlap: our own choice [D]. */
const OTHER_RULE: MatchRule = { kind: "share", share: 0.5, pointS: 0.5 };

/** The rule for a label, by the channels it speaks about. A deceleration that is timed by contractions is one of heart rate. */
export function matchRuleFor(kind: "ctg" | "emg" | "other", about: readonly string[] = []): MatchRule {
  if (kind !== "ctg") return OTHER_RULE;
  return about.includes("uc") && !about.includes("fhr") ? UC_RULE : FHR_RULE;
}

/** Seconds that both cover; of points, how much nearer they are than they may be. Nothing where they are two events. */
export function commonPart(a: Placed, b: Placed, rule: MatchRule): number | undefined {
  if (a.channel !== undefined && b.channel !== undefined && a.channel !== b.channel) return undefined; // of two twins
  const [lengthA, lengthB] = [a.toS - a.fromS, b.toS - b.fromS];
  if (lengthA === 0 || lengthB === 0) {
    const apartS = Math.abs(a.fromS - b.fromS);
    return lengthA === lengthB && apartS <= rule.pointS ? rule.pointS - apartS : undefined;
  }
  const commonS = Math.min(a.toS, b.toS) - Math.max(a.fromS, b.fromS);
  const isOne =
    rule.kind === "ends"
      ? a.toS - b.fromS > rule.overlapS && b.toS - a.fromS > rule.overlapS
      : commonS > rule.share * Math.max(lengthA, lengthB);
  return isOne ? commonS : undefined;
}

/** Positions of marks that are one event, and of those that the other reader does not have. */
export interface Matched {
  readonly pairs: readonly (readonly [a: number, b: number])[]; // by a
  readonly onlyA: readonly number[];
  readonly onlyB: readonly number[];
}

/** One to one, those with the most in common first; a second partner stays alone, so that an event marked twice counts as an error. */
export function matchEvents(a: readonly Placed[], b: readonly Placed[], rule: MatchRule): Matched {
  const possible = a.flatMap((one, i) =>
    b.flatMap((other, j) => {
      const common = commonPart(one, other, rule);
      return common === undefined ? [] : [{ i, j, common }];
    }),
  );
  possible.sort((one, other) => other.common - one.common || one.i - other.i || one.j - other.j);
  const [takenA, takenB] = [new Set<number>(), new Set<number>()];
  const pairs: [number, number][] = [];
  for (const { i, j } of possible) {
    if (takenA.has(i) || takenB.has(j)) continue;
    takenA.add(i);
    takenB.add(j);
    pairs.push([i, j]);
  }
  return {
    pairs: pairs.sort(([i], [j]) => i - j),
    onlyA: [...a.keys()].filter((i) => !takenA.has(i)),
    onlyB: [...b.keys()].filter((j) => !takenB.has(j)),
  };
}
