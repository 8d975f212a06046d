import { AppError } from "../../preload/contract/errors.ts";
import { isAnotherReader } from "../../preload/contract/annotation.ts";
import type { Reading } from "../../preload/contract/reading.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { Service } from "../service/service.ts";
import { answer, textFlag, type CommandContext } from "./context.ts";
import { findRecordings } from "./names.ts";
import { numberOf } from "./train-config.ts";
import { exitCodes, UsageError } from "./usage.ts";

const USAGE =
  "annotations complete RECORDING... --label-set ID [--group CODE] [--from S] [--to S] [--reader NAME] [--undo]";

interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/** Declares recordings, or a stretch of them, read completely for a label set; `--undo` takes such declarations back. */
export async function declareReadings(context: CommandContext, names: readonly string[]): Promise<number> {
  const { flags } = context;
  const labelSetId = textFlag(flags, "label-set");
  if (names.length === 0 || labelSetId === undefined) throw new UsageError(USAGE);
  const service = await context.service();
  const labelSet = await service.library.getLabelSet(labelSetId);
  const group = textFlag(flags, "group"); // of labels; the library refuses one that the set does not have
  const recordings = await findRecordings(service, names);
  const stretches = recordings.map((recording) => stretchOf(context, recording));
  const readings: Reading[] = [];
  if (flags.undo === true) {
    const reader = textFlag(flags, "reader");
    for (const [i, recording] of recordings.entries())
      readings.push(
        ...(await takeBack(service, recording, {
          labelSet: labelSet.id,
          group,
          reader,
          ...sure(stretches[i]),
        })),
      );
  } else {
    const author = textFlag(flags, "reader") ?? (await service.library.getSettings()).author;
    if (author.trim() === "") throw new UsageError(`${USAGE}: say who read with --reader NAME`);
    for (const [i, { id }] of recordings.entries()) {
      const { fromS, toS } = sure(stretches[i]);
      readings.push(
        await service.handlers["readings.add"]({
          ...{ recordingId: id, labelSet: labelSet.id, labelSetVersion: labelSet.version, author },
          ...{ onsetS: fromS, durationS: toS - fromS },
          ...(group === undefined ? {} : { group }),
        }),
      );
    }
  }
  const nameOf = new Map(recordings.map(({ id, name }) => [id, name]));
  const did = flags.undo === true ? "no longer declared read" : "declared read";
  await answer(context, "annotations complete", { isUndone: flags.undo === true, readings }, () =>
    readings
      .map(
        ({ recordingId, labelSet: set, group: part, onsetS, durationS, author }) =>
          `${nameOf.get(recordingId) ?? recordingId}: ${onsetS} to ${onsetS + durationS} s ${did} for ${part === undefined ? set : `${part} of ${set}`} (${author})\n`,
      )
      .join(""),
  );
  return exitCodes.ok;
}

function stretchOf({ flags }: CommandContext, { name, durationS }: RecordingSummary): Stretch {
  const at = (flag: "from" | "to", otherwise: number): number => {
    const given = textFlag(flags, flag);
    return given === undefined ? otherwise : numberOf(flag, given);
  };
  const [fromS, toS] = [at("from", 0), at("to", durationS)];
  if (fromS >= 0 && fromS < toS && toS <= durationS) return { fromS, toS };
  throw new AppError(
    "data/bad-stretch",
    `From ${fromS} to ${toS} s is no stretch of ${name}, which goes from 0 to ${durationS} s`,
    { recording: name, value: `${fromS} to ${toS}`, allowed: `0 to ${durationS}` },
  );
}

interface TakenBack extends Stretch {
  readonly labelSet: string;
  readonly group: string | undefined; // undefined: any of them
  readonly reader: string | undefined; // undefined: anybody's
}

/** Declarations that lie in the stretch. */
async function takeBack(
  service: Service,
  { id, name, durationS }: RecordingSummary,
  { labelSet, group, reader, fromS, toS }: TakenBack,
): Promise<readonly Reading[]> {
  const isWhole = fromS === 0 && toS === durationS; // a recording may have ended earlier than was declared
  const found = (await service.library.listReadings(id)).filter(
    (one) =>
      one.labelSet === labelSet &&
      (group === undefined || one.group === group) &&
      (reader === undefined || one.author === reader) &&
      (isWhole || (one.onsetS >= fromS && one.onsetS + one.durationS <= toS)),
  );
  if (found.length === 0) {
    const whose = reader === undefined ? "" : ` by ${reader}`;
    const message = `Nothing of ${name} between ${fromS} and ${toS} s is declared read for ${labelSet}${whose}`;
    throw new AppError("data/not-read", message, { recording: name, labelSet, reader: reader ?? null });
  }
  const me = (await service.library.getSettings()).author;
  const other = found.find(({ author }) => reader === undefined && isAnotherReader(author, me));
  if (other !== undefined)
    throw new AppError(
      "data/other-reader",
      `${other.author} declared ${name} read; to take that back say so with --reader ${JSON.stringify(other.author)}`,
      { recording: name, reader: other.author },
    );
  for (const { id: readingId } of found)
    await service.handlers["readings.remove"]({ id: readingId, evenOfOthers: true });
  return found;
}
