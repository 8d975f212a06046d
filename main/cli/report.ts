import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { ReportFile, ReportRequest } from "../../preload/contract/report.ts";
import { answer, type Command, flag, textFlag, texts } from "./context.ts";
import { follow, jobLine } from "./exchange.ts";
import { findRecordings } from "./names.ts";
import type { Flags } from "./train-config.ts";
import { numberOf } from "./train-config.ts";
import { problemsOf, UsageError } from "./usage.ts";

const USAGE =
  "report RECORDING... --pdf FILE|FOLDER [--png] [--csv] [--speed 1|2|3] [--scale 20|30] [--apart] [--from S] [--to S] [--plain | --overlays --annotations] [--lang en|ja]";

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** A name that ends in .pdf is that of the file, anything else a folder. */
function placeOf(flags: Flags): Pick<ReportRequest, "directory" | "fileName"> {
  const given = textFlag(flags, "pdf") ?? textFlag(flags, "out");
  if (given === undefined) throw new UsageError(USAGE);
  const path = resolve(given);
  return textFlag(flags, "pdf") !== undefined && /\.pdf$/i.test(path) && !isFolder(path)
    ? { directory: dirname(path), fileName: basename(path) }
    : { directory: path };
}

const ranges: Readonly<Record<string, ReportRequest["fhrRange"]>> = { "20": "50-210", "30": "30-240" };

/** What of the recording, and what on it. Said nothing: with what is read by rule. */
function shownBy({
  plain,
  overlays,
  annotations,
}: Flags): Pick<ReportRequest, "withOverlays" | "withAnnotations"> {
  if (plain === true && (overlays === true || annotations === true))
    throw new UsageError("--plain is the strip alone: neither --overlays nor --annotations goes with it");
  return {
    withOverlays: plain !== true && (overlays === true || annotations !== true),
    withAnnotations: annotations === true,
  };
}

function spanOf(flags: Flags): Pick<ReportRequest, "span"> {
  const [from, to] = [textFlag(flags, "from"), textFlag(flags, "to")];
  if (from === undefined && to === undefined) return {};
  const fromS = from === undefined ? 0 : numberOf("from", from);
  const toS = to === undefined ? Number.MAX_SAFE_INTEGER : numberOf("to", to);
  if (toS <= fromS) throw new UsageError(`--to ${toS} lies not after --from ${fromS}`);
  return { span: { fromS, toS } };
}

/** What a flag says, of what there is. */
function oneOf(flags: Flags, name: string, allowed: readonly [string, ...string[]]): string {
  const given = textFlag(flags, name) ?? allowed[0];
  if (allowed.includes(given)) return given;
  throw new UsageError(`--${name} ${given}: there is ${allowed.join(", ")}`);
}

function requestOf(flags: Flags, recordingIds: readonly string[]): ReportRequest {
  const files = ReportFile.options.filter((file) =>
    file === "pdf" ? flags.pdf !== undefined : flags[file] === true,
  );
  const parsed = ReportRequest.safeParse({
    ...{ recordingIds, files, ...placeOf(flags), ...shownBy(flags), ...spanOf(flags) },
    paperSpeed: Number(oneOf(flags, "speed", ["1", "2", "3"])),
    fhrRange: ranges[oneOf(flags, "scale", ["20", "30"])],
    language: oneOf(flags, "lang", ["en", "ja"]),
    isApart: flags.apart === true,
    deidentify: flags.deidentify === true,
  });
  if (parsed.success) return parsed.data;
  throw new UsageError(problemsOf(parsed.error));
}

/** Recordings on paper. */
export const report: Command = {
  options: {
    ...texts("pdf", "out", "speed", "scale", "from", "to", "lang"),
    ...{
      png: flag,
      csv: flag,
      plain: flag,
      overlays: flag,
      annotations: flag,
      deidentify: flag,
      apart: flag,
    },
  },
  run: async (context) => {
    const { flags, positionals } = context;
    if (positionals.length === 0) throw new UsageError(USAGE);
    const asked = requestOf(flags, positionals);
    const service = await context.service();
    const recordingIds = (await findRecordings(service, positionals)).map(({ id }) => id);
    if (asked.fileName !== undefined && recordingIds.length > 1)
      throw new UsageError(
        `--pdf ${asked.fileName} is one file; of ${recordingIds.length} recordings name a folder`,
      );
    const { jobId } = await service.handlers["report.start"]({ ...asked, recordingIds });
    const { job, code } = await follow(context, service, jobId);
    await answer(context, "report", { state: job.state, files: job.files }, () => jobLine(job));
    return code;
  },
};
