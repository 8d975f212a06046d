import { z } from "zod";
import { ErrorReport } from "./errors.ts";
import { ChannelRole, RecordingKind, Repair } from "./recording.ts";
import { PassProgress } from "./pass.ts";
import { StudyProgress } from "./study.ts";

/** How to read a text table. Everything absent is detected and shown before anything is imported. */
export const TableOptions = z.object({
  encoding: z.enum(["utf-8", "utf-16le", "utf-16be", "shift_jis", "euc-jp", "latin1"]).optional(),
  separator: z.enum([",", ";", "\t", " "]).optional(),
  decimal: z.enum([".", ","]).optional(),
  headerRows: z.number().int().min(0).max(50).optional(), // rows above the values
  namesRow: z.number().int().min(0).max(49).optional(), // the one of them that names the columns, from 0
  timeColumn: z.number().int().nonnegative().nullable().optional(), // null: no time column
  dateColumn: z.number().int().nonnegative().nullable().optional(), // the day of the times, in a column of its own
  dateOrder: z.enum(["dmy", "mdy"]).optional(), // of dates whose year does not come first
  sampleRate: z.number().positive().optional(),
  missing: z.array(z.string()).optional(), // extra tokens that mean "not observed"
  labelColumns: z.array(z.number().int().nonnegative()).optional(), // their runs of equal values become annotations
  columns: z
    .array(
      z.object({
        index: z.number().int().nonnegative(),
        label: z.string(),
        unit: z.string(),
        role: ChannelRole,
        timeColumn: z.number().int().nonnegative().nullable().optional(), // where columns have times of their own
        sampleRate: z.number().positive().optional(), // of a column without times
      }),
    )
    .optional(),
});
export type TableOptions = z.infer<typeof TableOptions>;

export const ImportOptions = z.object({
  study: z.string().optional(),
  subject: z.string().optional(), // else what the file says, else its name
  kind: RecordingKind.optional(), // else guessed from the channels
  synthetic: z.boolean().optional(),
  headerEncoding: z.enum(["ascii", "utf-8", "shift_jis", "euc-jp", "latin1"]).optional(),
  table: TableOptions.optional(),
  readComplete: z.boolean().optional(), // whoever labelled the files read them completely: where no label lies, there was none to give
  attachTo: z.string().optional(), // recording id: where a file of annotations without signals belongs
});
export type ImportOptions = z.infer<typeof ImportOptions>;

export const TablePreview = z.object({
  isOwn: z.boolean().optional(), // Kodo wrote it: nothing needs to be set
  options: TableOptions.required({ encoding: true, separator: true, decimal: true, headerRows: true }),
  rows: z.array(z.array(z.string())), // the first 20 rows as text cells, long ones cut
  columns: z
    .array(
      z.object({
        index: z.number().int().nonnegative(),
        label: z.string(),
        unit: z.string(),
        content: z.enum(["numbers", "text", "moments", "days", "empty"]),
      }),
    )
    .optional(), // what every column holds; absent for tables that need no guidance
  problems: z.array(Repair),
});
export type TablePreview = z.infer<typeof TablePreview>;

export const JobState = z.enum(["waiting", "running", "done", "failed", "cancelled"]);

export const FileOutcome = z.object({
  file: z.string(),
  state: JobState,
  recordingIds: z.array(z.string()), // for an annotation file: the recordings it touched
  annotations: z.number().int().nonnegative(),
  repairs: z.array(Repair),
  error: ErrorReport.optional(),
});
export type FileOutcome = z.infer<typeof FileOutcome>;

export const JobProgress = z.object({
  jobId: z.string(),
  kind: z.enum(["import", "export", "sample", "predict", "analyse", "masks"]),
  state: JobState,
  file: z.string(), // being read or written now
  done: z.number().min(0).max(1),
  bytesPerSecond: z.number().nonnegative(),
  secondsLeft: z.number().nonnegative().optional(),
  files: z.array(FileOutcome), // of a study those that failed, by the recording's name
  study: StudyProgress.optional(),
  pass: PassProgress.optional(), // of a rule over many recordings
});
export type JobProgress = z.infer<typeof JobProgress>;

export const ExportFormat = z.enum(["edf", "wfdb", "csv", "json"]);
export type ExportFormat = z.infer<typeof ExportFormat>;

export const ExportRequest = z.object({
  recordingIds: z.array(z.string()).min(1),
  format: ExportFormat,
  directory: z.string(),
  withAnnotations: z.boolean(),
  withMask: z.boolean(), // CSV: a mask column a channel; EDF+: reason annotations; JSON: runs
  withFindings: z.boolean().optional(), // findings that are not outdated: curves as further channels (filled gaps are none of them), the rest in files beside
  withFilled: z.boolean().optional(), // what was put where samples are missing, as further channels named "filled ..."
  deidentify: z.boolean(),
});
export type ExportRequest = z.infer<typeof ExportRequest>;
