import { basename } from "node:path";
import { TableOptions } from "../../preload/contract/exchange.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { Repair } from "../../preload/contract/recording.ts";
import { readWhole } from "../service/read-whole.ts";
import type { Service } from "../service/service.ts";
import { answer, textFlag } from "./context.ts";
import type { CommandContext } from "./context.ts";
import type { Flags } from "./train-config.ts";
import { someRecordings } from "./names.ts";
import { listOf, numberOf, parseConfigFile } from "./train-config.ts";
import { exitCodes, failureOf, problemsOf, UsageError } from "./usage.ts";

/** Configurations, label sets, what a table looks like: also from another program, as `<(…)`. */
const SETTINGS_FILE = { what: "a file of settings", most: 16 * 2 ** 20, streams: true } as const;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function progressOf(job: JobProgress): string {
  const left = job.secondsLeft === undefined ? "" : `, ${Math.ceil(job.secondsLeft)} s left`;
  return `${Math.round(job.done * 100)} %  ${basename(job.file)}  ${megabytes(job.bytesPerSecond)} MB/s${left}`;
}

/** What was mended, and in which file: most sentences leave that to the place they stand in. */
export function repairLine({ severity, code, message }: Repair, file: string): string {
  const name = basename(file);
  return `${severity} ${code}: ${message.includes(name.replace(/\.gz$/i, "")) ? "" : `${name}: `}${message}`;
}

/** A folder may hold ten thousand text files that are no recordings. */
const UNRECOGNISED_SHOWN = 8;

/** Follows a job to its end. Exit code 0 unless a file failed that should have gone well; what is in no format Kodo reads is named. */
export async function follow(
  context: CommandContext,
  service: Service,
  jobId: string,
): Promise<{ readonly job: JobProgress; readonly code: number }> {
  const stop = service.exchange.onProgress((job) => {
    if (job.jobId === jobId && job.state === "running" && job.file !== "") context.progress(progressOf(job));
  });
  const cancel = (): void => service.exchange.cancel(jobId);
  context.signal.addEventListener("abort", cancel);
  if (context.signal.aborted) cancel();
  try {
    const job = await service.exchange.finished(jobId);
    let unrecognised = 0;
    for (const { file, state, repairs, error } of job.files) {
      if (state === "failed")
        context.note(`error ${error?.code ?? "internal/unexpected"}: ${error?.message ?? file}`);
      else
        for (const repair of repairs)
          if (repair.code !== "NOT_RECOGNISED" || unrecognised++ < UNRECOGNISED_SHOWN)
            context.note(repairLine(repair, file));
    }
    if (unrecognised > UNRECOGNISED_SHOWN)
      context.note(
        `info NOT_RECOGNISED: ${unrecognised - UNRECOGNISED_SHOWN} more files are in no format Kodo reads; left out`,
      );
    if (job.state === "cancelled")
      context.note("error cancelled/by-user: Cancelled; nothing of the file under way was kept");
    const failed = job.files.some(({ state }) => state === "failed") || job.state === "failed";
    return {
      job,
      code: job.state === "cancelled" ? exitCodes.cancelled : failed ? exitCodes.failed : exitCodes.ok,
    };
  } finally {
    context.signal.removeEventListener("abort", cancel);
    stop();
  }
}

export const jobLine = ({ files }: JobProgress): string =>
  files
    .map(({ file, state, recordingIds, annotations, error }) =>
      state === "failed"
        ? ["failed", file, error?.code].filter((part) => part !== "").join("  ")
        : `${state}  ${file}  ${recordingIds.length} recordings, ${annotations} annotations`,
    )
    .join("\n") + "\n";

export async function importInto(
  context: CommandContext,
  name: "import" | "sample",
  start: (service: Service) => string,
): Promise<number> {
  const service = await context.service();
  const { job, code } = await follow(context, service, start(service));
  const ids = job.files.flatMap(({ state, recordingIds }) => (state === "done" ? recordingIds : []));
  const recordings = await someRecordings(service, [...new Set(ids)]).catch((error: unknown) => {
    context.note(failureOf(error).line); // what was imported is stored all the same
    return [];
  });
  await answer(context, name, { state: job.state, files: job.files, recordings }, () => jobLine(job));
  return code;
}

export async function tableOptions(flags: Flags): Promise<TableOptions | undefined> {
  const file = textFlag(flags, "table");
  const fromFile = file === undefined ? {} : parseConfigFile(await readText(file), basename(file));
  const timeColumn = textFlag(flags, "time-column");
  const given = {
    ...fromFile,
    ...(flags.encoding === undefined ? {} : { encoding: flags.encoding }),
    ...(flags.separator === undefined
      ? {}
      : { separator: flags.separator === "\\t" || flags.separator === "tab" ? "\t" : flags.separator }),
    ...(flags.decimal === undefined ? {} : { decimal: flags.decimal }),
    ...(flags["header-rows"] === undefined
      ? {}
      : { headerRows: numberOf("header-rows", String(flags["header-rows"])) }),
    ...(timeColumn === undefined
      ? {}
      : { timeColumn: timeColumn === "none" ? null : numberOf("time-column", timeColumn) }),
    ...(flags["sample-rate"] === undefined
      ? {}
      : { sampleRate: numberOf("sample-rate", String(flags["sample-rate"])) }),
    ...(flags.missing === undefined ? {} : { missing: listOf(String(flags.missing)) }),
  };
  if (Object.keys(given).length === 0) return undefined;
  const parsed = TableOptions.strict().safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `how to read the table: ${problemsOf(parsed.error)}; known are ${Object.keys(TableOptions.shape).join(", ")}`,
  );
}

export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readWhole(path, SETTINGS_FILE));
}
