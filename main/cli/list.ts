import type { z } from "zod";
import { BinRequest, PAGE_MOST } from "../../preload/contract/listing.ts";
import type { BinnedRecording } from "../../preload/contract/recording.ts";
import { throwIfCancelled } from "../../preload/contract/errors.ts";
import type { Service } from "../service/service.ts";
import { flag, textFlag, texts } from "./context.ts";
import type { Command, CommandContext } from "./context.ts";
import { toJson } from "./json.ts";
import { everyRecording, pagesOf } from "./names.ts";
import { outputs, withShares } from "./schemas.ts";
import { recordingLine } from "./text.ts";
import { exitCodes } from "./usage.ts";

/** Rows that are written at once: a list of any length is never held whole. */
const TOGETHER = 200;

async function write<T>(
  context: CommandContext,
  rows: AsyncIterable<T>,
  textOf: (row: T, isFirst: boolean) => string,
): Promise<void> {
  let [held, count, isFirst] = ["", 0, true];
  for await (const row of rows) {
    held += textOf(row, isFirst);
    isFirst = false;
    count += 1;
    if (count % TOGETHER > 0) continue;
    await context.out(held);
    held = "";
    throwIfCancelled(context.signal);
  }
  if (held !== "") await context.out(held);
}

/** Items of a document's list, as they are written one behind the other. */
const itemOf =
  <T>(shape: z.ZodType<T>) =>
  (row: unknown, isFirst: boolean): string =>
    `${isFirst ? "" : ","}${toJson(shape.parse(row))}`;

async function* inLibrary(service: Service, study: string | undefined) {
  for await (const one of everyRecording(service, study)) yield withShares(one);
}

async function* inBin({ handlers }: Service, study: string | undefined) {
  const ask = (after: string | undefined) =>
    handlers["recordings.bin"](BinRequest.parse({ after, limit: PAGE_MOST }));
  for await (const { rows } of pagesOf(ask))
    for (const one of rows) if (study === undefined || one.study === study) yield withShares(one);
}

const binLine = (one: BinnedRecording): string => `${recordingLine(one)}, in the bin since ${one.binnedAt}\n`;

export const list: Command = {
  options: { ...texts("study"), bin: flag },
  run: async (context) => {
    const service = await context.service();
    const study = textFlag(context.flags, "study");
    const library = toJson(context.libraryPath);
    if (context.flags.bin === true) {
      const rows = inBin(service, study);
      if (!context.json) await write(context, rows, binLine);
      else {
        await context.out(`{"library":${library},"recordings":[`);
        await write(context, rows, itemOf(outputs["list bin"].shape.recordings.element));
        await context.out("]}\n");
      }
      return exitCodes.ok;
    }
    const rows = inLibrary(service, study);
    const runs = await service.library.listRuns();
    if (!context.json) {
      await write(context, rows, (one) => `${recordingLine(one)}\n`);
      for (const run of runs) await context.out(`run ${run.config.name} (${run.id}): ${run.phase}\n`);
    } else {
      const { recordings, runs: trained } = outputs.list.shape;
      await context.out(`{"library":${library},"recordings":[`);
      await write(context, rows, itemOf(recordings.element));
      await context.out(`],"runs":${toJson(trained.parse(runs))}}\n`);
    }
    return exitCodes.ok;
  },
};
