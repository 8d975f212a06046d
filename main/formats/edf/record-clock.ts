import { subtractSeconds } from "./decimal.ts";
import type { RepairBook } from "../repair-book.ts";

/** Where a record's samples go: right after the last record's, or from `startS` on with a gap before it. */
export type Placement = { readonly kind: "next" } | { readonly kind: "jump"; readonly startS: number };

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
  private readonly book: Pick<RepairBook, "count">;
  private baseS = 0; // start of the current stretch of contiguous records
  private recordsSince = 0;

  /** `shortestPeriodS` is the sample period of the fastest channel: half of it is noise in a stamp, not a gap. */
  constructor(
    start: { firstS: number; durationS: number; shortestPeriodS: number; isDiscontinuous: boolean },
    book: Pick<RepairBook, "count">,
  ) {
    this.firstS = start.firstS;
    this.durationS = start.durationS;
    this.toleranceS = Math.max(start.shortestPeriodS / 2, 1e-9);
    this.isDiscontinuous = start.isDiscontinuous;
    this.book = book;
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
      this.book.count("EDF_RECORD_ONSET", { record });
      return NEXT;
    }
    const startS = subtractSeconds(onsetS, this.firstS);
    const late = startS - expected;
    if (Math.abs(late) <= this.toleranceS) return NEXT;
    if (!this.isDiscontinuous) {
      this.book.count("EDF_CONTINUOUS_ONSET", { record, startS, expected });
      return NEXT;
    }
    if (late < 0) {
      this.book.count("EDF_RECORD_ORDER", { record, startS, expected });
      return NEXT;
    }
    if (late > LONGEST_GAP_S) {
      this.book.count("EDF_RECORD_FAR", { record, startS });
      return NEXT;
    }
    this.baseS = startS;
    this.recordsSince = 1;
    return { kind: "jump", startS };
  }
}
