import type { Evidence } from "../../preload/contract/method.ts";
import type { Cells } from "./cells.ts";

/** One figure reached beside the figure expected. */
export interface Outcome {
  readonly what: string;
  readonly value: number | string;
  readonly expected: string;
  readonly pass: boolean | null; // null: not measured yet
  readonly evidence: Evidence; // of the figure expected
  readonly source: string; // where the figure expected stands
}

export interface CheckTools {
  /** Folder of the development recordings. Throws where this machine has none: what needs them cannot be checked. */
  readonly data: () => string;
  /** A line for who waits. */
  readonly say: (line: string) => void;
  /** What is measured in pieces is kept here. */
  readonly cells: Cells;
}

/** Part of `npm run methods`: the acceptance checks or headline numbers of one method on one thing. */
export interface MethodCheck {
  readonly id: string;
  readonly about: string; // one line
  readonly isInPieces?: true; // kept cell by cell, in as many sittings as one likes
  run(tools: CheckTools): Promise<readonly Outcome[]> | readonly Outcome[];
}

export const figure = (value: number, digits = 3): number => Number(value.toFixed(digits));

/** At most so much. */
export const atMost = (
  what: string,
  value: number,
  limit: number,
  from: Pick<Outcome, "evidence" | "source">,
  digits = 3,
): Outcome => ({
  ...{ what, value: figure(value, digits), expected: `≤ ${limit}`, pass: value <= limit },
  ...from,
});

/** At least so much. */
export const atLeast = (
  what: string,
  value: number,
  limit: number,
  from: Pick<Outcome, "evidence" | "source">,
  digits = 3,
): Outcome => ({
  ...{ what, value: figure(value, digits), expected: `≥ ${limit}`, pass: value >= limit },
  ...from,
});
