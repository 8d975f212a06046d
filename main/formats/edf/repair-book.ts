import type { ReportRepair } from "../../signal/block.ts";
import type { Repair } from "../../../preload/contract/recording.ts";

interface Entry {
  readonly severity: Repair["severity"];
  readonly message: string;
  readonly offset: number | undefined;
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
  note(code: string, severity: Repair["severity"], message: string, offset?: number): void {
    this.report({ code, severity, message, file: this.file, ...(offset === undefined ? {} : { offset }) });
  }

  /** Something that may recur: the first message is kept, the rest are counted under `code` and `about`. */
  count(code: string, about: string, message: string, offset: number | undefined, times = 1): void {
    const key = `${code} ${about}`;
    const entry = this.entries.get(key);
    if (entry === undefined) this.entries.set(key, { severity: "warning", message, offset, count: times });
    else entry.count += times;
  }

  /** Reports what was counted, and starts again at nought. */
  flush(): void {
    for (const [key, { severity, message, offset, count }] of this.entries) {
      const times = count === 1 ? message : `${message} (${count} in all)`;
      this.note(key.slice(0, key.indexOf(" ")), severity, times, offset);
    }
    this.entries.clear();
  }
}
