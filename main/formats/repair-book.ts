import { repairOf, type Repair } from "../../preload/contract/recording.ts";
import type { RepairCode, repairSentences, ValuesIn } from "../../preload/contract/sentences.ts";
import type { ReportRepair } from "../signal/block.ts";

export type ValuesOf<Code extends RepairCode> = ValuesIn<(typeof repairSentences)[Code]>;

interface Entry {
  readonly make: (times: number) => Repair;
  count: number;
}

/** Collects what was mended. What recurs record after record becomes one line that says how often. */
export class RepairBook {
  private readonly file: string;
  private readonly report: ReportRepair;
  private readonly entries = new Map<string, Entry>();

  constructor(file: string, report: ReportRepair) {
    this.file = file;
    this.report = report;
  }

  /** Something found once. */
  note<Code extends RepairCode>(
    code: Code,
    severity: Repair["severity"],
    values: ValuesOf<Code>,
    offset?: number,
  ): void {
    this.report(repairOf(code, severity, values, this.place(offset)));
  }

  /** Something that may recur: the first values are kept, the rest are counted under `code`. */
  count<Code extends RepairCode>(code: Code, values: ValuesOf<Code>, offset?: number, times = 1): void {
    const entry = this.entries.get(code);
    if (entry !== undefined) {
      entry.count += times;
      return;
    }
    const make = (count: number): Repair =>
      repairOf(code, "warning", values, { ...this.place(offset), ...(count > 1 ? { times: count } : {}) });
    this.entries.set(code, { make, count: times });
  }

  /** Reports what was counted, and starts again at nought. */
  flush(): void {
    for (const { make, count } of this.entries.values()) this.report(make(count));
    this.entries.clear();
  }

  private place(offset: number | undefined): Pick<Repair, "file" | "offset"> {
    return { file: this.file, ...(offset === undefined ? {} : { offset }) };
  }
}
