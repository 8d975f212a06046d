import { z } from "zod";
import { FindingSpan } from "./finding.ts";
import { Settings } from "./settings.ts";

export const ReportFile = z.enum(["pdf", "png", "csv"]);
export type ReportFile = z.infer<typeof ReportFile>;

/** How recordings are put on paper. */
export const ReportOptions = Settings.pick({ paperSpeed: true, fhrRange: true }).extend({
  span: FindingSpan.optional(), // absent: the whole recording
  withOverlays: z.boolean(), // what is read by rule and by models; without: the strip alone
  withAnnotations: z.boolean(), // what people labelled
  isApart: z.boolean().optional(), // twins are drawn apart; absent: on one scale
  language: z.enum(["en", "ja"]),
});
export type ReportOptions = z.infer<typeof ReportOptions>;

export const ReportRequest = ReportOptions.extend({
  recordingIds: z.array(z.string()).min(1),
  directory: z.string(),
  fileName: z.string().min(1).optional(), // of the PDF of one recording; absent: after the recording
  files: z.array(ReportFile).min(1),
  deidentify: z.boolean(), // codes in place of names
});
export type ReportRequest = z.infer<typeof ReportRequest>;
