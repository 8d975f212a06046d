import { subtractSeconds } from "./decimal.ts";

/** Where a record's samples go: right after the last record's, or from `startS` on with a gap before it. */
export type Placement = { readonly kind: "next" } | { readonly kind: "jump"; readonly startS: number };

export type ClockProblem = "EDF_RECORD_ONSET" | "EDF_RECORD_ORDER" | "EDF_CONTINUOUS_ONSET";

const NEXT: Placement = { kind: "next" };
const LONGEST_GAP_S = 366 * 86400;

/**
 * Places the records of an EDF+ file in time. In EDF+D a record may start later than its forerunner ends: that is a
 * gap. In EDF+C the records follow each other by definition, whatever their stamps say.
 */
export class RecordClock {
  private readonly firstS: number;
  private readonly durationS: number;
  private readonly toleranceS: number;
  private readonly isDiscontinuous: boolean;
  private readonly problem: (code: ClockProblem, message: string) => void;
  private baseS = 0; // start of the current stretch of contiguous records
  private recordsSince = 0;

  /** `shortestPeriodS` is the sample period of the fastest channel: half of it is noise in a stamp, not a gap. */
  constructor(
    start: { firstS: number; durationS: number; shortestPeriodS: number; isDiscontinuous: boolean },
    problem: (code: ClockProblem, message: string) => void,
  ) {
    this.firstS = start.firstS;
    this.durationS = start.durationS;
    this.toleranceS = Math.max(start.shortestPeriodS / 2, 1e-9);
    this.isDiscontinuous = start.isDiscontinuous;
    this.problem = problem;
  }

  /** Right after the last record, as asked. */
  follow(): Placement {
    this.recordsSince++;
    return NEXT;
  }

  /** `onsetS` is the record's own stamp, undefined where it has none. Call once a record, in order. */
  place(record: number, onsetS: number | undefined): Placement {
    const expected = this.baseS + this.recordsSince * this.durationS;
    this.recordsSince++;
    if (onsetS === undefined) {
      this.problem(
        "EDF_RECORD_ONSET",
        `Record ${record} carries no start time: read as following the one before`,
      );
      return NEXT;
    }
    const startS = subtractSeconds(onsetS, this.firstS);
    const late = startS - expected;
    if (Math.abs(late) <= this.toleranceS) return NEXT;
    if (!this.isDiscontinuous) {
      this.problem(
        "EDF_CONTINUOUS_ONSET",
        `Record ${record} says it starts at ${startS} s, ${expected} s follows from the record duration: read as continuous, as the file is marked`,
      );
      return NEXT;
    }
    if (late < 0) {
      this.problem(
        "EDF_RECORD_ORDER",
        `Record ${record} starts at ${startS} s, before the one before ends (${expected} s): read as following it`,
      );
      return NEXT;
    }
    if (late > LONGEST_GAP_S) {
      this.problem(
        "EDF_RECORD_ONSET",
        `Record ${record} says it starts at ${startS} s, more than a year after the one before: read as following it`,
      );
      return NEXT;
    }
    this.baseS = startS;
    this.recordsSince = 1;
    return { kind: "jump", startS };
  }
}
