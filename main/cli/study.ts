import type { StudyOrder, StudyOutcome } from "../../preload/contract/study.ts";
import type { Service } from "../service/service.ts";
import { answer, type CommandContext, textFlag } from "./context.ts";
import { exitCodes, UsageError } from "./usage.ts";

/** Whether recordings of the archive are asked about; here they are named. */
export function isOnCluster({ flags }: CommandContext): boolean {
  const isThere = flags.on === "cluster";
  if (!isThere && (flags.study !== undefined || flags.search !== undefined))
    throw new UsageError("--study and --search choose recordings of the archive: --on cluster");
  return isThere;
}

/** Asks workers about recordings of the archive, and brings what they say into this library. */
export async function askStudy(
  context: CommandContext,
  service: Service,
  order: StudyOrder,
): Promise<number> {
  const { flags, signal, note, progress } = context;
  const outcome = await service.askStudy(
    process.env["KODO_CLUSTER"],
    {
      order,
      where: { study: textFlag(flags, "study"), text: textFlag(flags, "search") },
      version: service.codeVersion,
      priority: Number(textFlag(flags, "priority") ?? "0"),
    },
    {
      ...{ signal, note },
      onProgress: ({ done, of }) => progress(`${done} of ${of} jobs done`, done === of),
    },
  );
  for (const { recording, error } of outcome.failures)
    note(`${recording}: error ${error.code}: ${error.message}`);
  for (const name of outcome.differ)
    note(
      `${name}: other masks, or other facts, lie on it here than in the archive: what was said of it was not taken`,
    );
  await answer(context, "study", outcome, () => outcomeText(outcome));
  return outcome.failures.length + outcome.differ.length > 0 ? exitCodes.failed : exitCodes.ok;
}

function outcomeText({ recordings, taken, known, elsewhere, failures }: StudyOutcome): string {
  const there =
    elsewhere === 0
      ? ""
      : `; ${elsewhere} recording(s) are not in this library: archive pull brings them with what was said`;
  return `${recordings} recordings asked about, ${failures.length} could not be judged: ${taken} finding(s) new here, ${known} known${there}\n`;
}
