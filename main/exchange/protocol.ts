import type { ReportRequest } from "../../preload/contract/report.ts";
import type { Repair } from "../../preload/contract/recording.ts";
import type {
  ExportRequest,
  ImportOptions,
  JobProgress,
  TableOptions,
  TablePreview,
} from "../../preload/contract/exchange.ts";

/** What a job is to do. Plain data. */
export type JobOrder =
  | {
      readonly kind: "import";
      readonly paths: readonly string[];
      readonly options: ImportOptions;
      readonly only: "annotations" | undefined; // refuse everything but tables of annotations
    }
  | { readonly kind: "export"; readonly request: ExportRequest }
  | {
      readonly kind: "report";
      readonly request: ReportRequest;
      readonly software: string; // program and version, as the paper says it
    }
  | { readonly kind: "sample" };

/** What is put on paper is told, and kept, as what it is to everyone else: files that leave. */
export const jobKindOf = ({ kind }: Pick<JobOrder, "kind">): Exclude<JobOrder["kind"], "report"> =>
  kind === "report" ? "export" : kind;

/** What the exchange thread answers. */
export interface ExchangeCalls {
  /** Does one job, and answers how it ended. */
  job: {
    ask: { readonly jobId: string; readonly order: JobOrder };
    answer: JobProgress;
    back: {
      progress: { ask: JobProgress; answer: undefined };
      changed: { ask: LibraryChange; answer: undefined };
      /** A recording being written: to be purged by main should this thread die before it lets go of it. */
      holding: { ask: { readonly recordingId: string; readonly held: boolean }; answer: undefined };
    };
  };
  preview: {
    ask: { readonly path: string; readonly table: TableOptions | undefined };
    answer: TablePreview;
  };
  /** All annotations of some recordings as one table; written to `file` where that is given, else returned. */
  annotationTable: {
    ask: {
      readonly recordingIds: readonly string[];
      readonly file: string | undefined;
      readonly deidentify: boolean;
    };
    answer: {
      readonly rows: readonly TableRow[];
      readonly text: string;
      readonly repairs: readonly Repair[];
    };
  };
}
/** A row of a table of annotations: `label` is the text, `code` ours; `channel` is absent for the whole recording. */
export interface TableRow {
  readonly recording: string;
  readonly label: string;
  readonly code?: string;
  readonly onset_s: number;
  readonly duration_s: number;
  readonly channel?: string;
}

/** What a job did to the library, for whoever shows it. */
export type LibraryChange =
  | { readonly kind: "recordings"; readonly ids: readonly string[] }
  | { readonly kind: "annotations"; readonly recordingId: string }
  | { readonly kind: "label-sets" };
