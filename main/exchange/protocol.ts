import type { Outcome } from "../../preload/contract/errors.ts";
import type { Repair } from "../../preload/contract/recording.ts";
import type {
  ExportRequest,
  ImportOptions,
  JobProgress,
  TableOptions,
  TablePreview,
} from "../../preload/contract/exchange.ts";

/** What main asks of the exchange thread. */
export type JobOrder =
  | {
      readonly kind: "import";
      readonly paths: readonly string[];
      readonly options: ImportOptions;
      readonly only: "annotations" | undefined; // refuse everything but tables of annotations
    }
  | { readonly kind: "export"; readonly request: ExportRequest }
  | { readonly kind: "sample" };

/** Questions have one answer and no progress. */
export interface Questions {
  preview: {
    readonly ask: { readonly path: string; readonly table: TableOptions | undefined };
    readonly answer: TablePreview;
  };
  /** All annotations of some recordings as one table; written to `file` where that is given, else returned. */
  annotationTable: {
    readonly ask: {
      readonly recordingIds: readonly string[];
      readonly file: string | undefined;
      readonly deidentify: boolean;
    };
    readonly answer: {
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
export type QuestionName = keyof Questions;

export type Order =
  | { readonly kind: "start"; readonly jobId: string; readonly job: JobOrder }
  | { readonly kind: "cancel"; readonly jobId: string }
  | {
      readonly [Q in QuestionName]: {
        readonly kind: "ask";
        readonly id: number;
        readonly name: Q;
        readonly ask: Questions[Q]["ask"];
      };
    }[QuestionName];

/** What a job did to the library, for whoever shows it. */
export type LibraryChange =
  | { readonly kind: "recordings"; readonly ids: readonly string[] }
  | { readonly kind: "annotations"; readonly recordingId: string }
  | { readonly kind: "label-sets" };

export type Report =
  | { readonly kind: "progress"; readonly progress: JobProgress }
  /** The job was told to stop, and is cleaning up: a thread that does not say so hears nothing. */
  | { readonly kind: "heard"; readonly jobId: string }
  | { readonly kind: "changed"; readonly change: LibraryChange }
  /** A recording being written: to be purged by main should this thread die before it lets go of it. */
  | { readonly kind: "holding"; readonly recordingId: string; readonly held: boolean }
  | { readonly kind: "answer"; readonly id: number; readonly outcome: Outcome<unknown> };
