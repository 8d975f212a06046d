import { randomUUID } from "node:crypto";
import { AppError } from "../../preload/contract/errors.ts";
import { MaskRule, type PassCounts, type PassOrder } from "../../preload/contract/pass.ts";
import type { Service } from "../service/service.ts";
import { binned } from "./care.ts";
import { answer, type Command, type CommandContext, flag, readEnum, textFlag, texts } from "./context.ts";
import { everyRecording, findRecordings } from "./names.ts";
import { exitCodes, UsageError } from "./usage.ts";

const USAGE =
  "masks lay|lift RECORDING... | --study NAME | --all [--rule flat-uc] [--dry-run], masks undo PASS";

interface Meant {
  readonly names: readonly string[];
  readonly study: string | undefined; // without it and names all of them
}

function meantBy({ flags, positionals }: CommandContext): Meant {
  const names = positionals.slice(1);
  const study = textFlag(flags, "study");
  const ways = [names.length > 0, study !== undefined, flags.all === true].filter(Boolean);
  if (ways.length !== 1) throw new UsageError(USAGE);
  return { names, study };
}

async function idsOf(service: Service, { names, study }: Meant): Promise<readonly string[]> {
  if (names.length > 0) return (await findRecordings(service, names)).map(({ id }) => id);
  const ids = await every(service, study);
  if (ids.length > 0 || study === undefined) return ids;
  const { recordings } = await service.handlers["recordings.counts"]({});
  throw new AppError(
    "data/recording-unknown",
    `No recording of the study ${study} in the library (it has ${recordings})`,
    { value: study, recordings },
  );
}

async function every(service: Service, study?: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of everyRecording(service, study)) ids.push(id);
  return ids;
}

interface Told {
  readonly what: "lay" | "lift" | "undo";
  readonly isDry: boolean;
  readonly pass: string;
}

const done = { lay: "taken out", lift: "observed again", undo: "as before" } as const;
const toDo = { lay: "to be taken out", lift: "to be observed again", undo: "as before" } as const;

function textOf({ what, isDry, pass }: Told, counts: PassCounts): string {
  const { looked, recordings, spans, seconds, unchanged, noChannel, kept, unfinished, failed } = counts;
  const rest = [
    unchanged > 0 ? `${unchanged} with nothing to be done` : "",
    noChannel > 0 ? `${noChannel} without a contraction channel` : "",
    kept > 0 ? `${kept} where a reader lifted the rule by hand, left so` : "",
    unfinished > 0 ? `${unfinished} being recorded or imported, left out` : "",
    failed > 0 ? `${failed} failed` : "",
  ].filter((one) => one !== "");
  const head = `${recordings} of ${looked} recording(s): ${spans} stretch(es), ${Number(seconds.toFixed(3))} s of UC ${(isDry ? toDo : done)[what]}`;
  const undo = isDry || recordings === 0 ? "" : `taken back by: kodo masks undo ${pass}\n`;
  return `${[head, ...rest].join("; ")}\n${undo}`;
}

/** One that is stopped or fails half way says what was done, and how it is taken back. */
async function toldOf(
  context: CommandContext,
  { told, of }: { readonly told: Told; readonly of: number },
  work: (onCounted: (counts: PassCounts) => void) => Promise<PassCounts>,
): Promise<number> {
  let counted: PassCounts | undefined; // as soon as there is something to tell
  let counts: PassCounts;
  try {
    counts = await work((now) => {
      if (now.recordings > 0) counted = now;
      const { looked, recordings } = now;
      const found = told.isDry ? "to change" : "changed";
      context.progress(`${looked} of ${of} recordings looked at, ${recordings} ${found}`, looked === of);
    });
  } catch (error) {
    if (!told.isDry && counted !== undefined)
      for (const line of textOf(told, counted).trim().split("\n")) context.note(line);
    throw error;
  }
  const { unfinishedNames, unfinished, failures } = counts;
  if (unfinished > 0)
    context.note(
      `left out, being recorded or imported: ${unfinishedNames.join(", ")}${unfinished > unfinishedNames.length ? ", ..." : ""}`,
    );
  for (const { recording, error } of failures)
    context.note(`${recording}: error ${error.code}: ${error.message}`);
  const { what, isDry, pass } = told;
  const document = {
    what,
    rule: MaskRule.enum["flat-uc"],
    dryRun: isDry,
    pass: isDry ? null : pass,
    ...counts,
  };
  await answer(context, "masks", document, () => textOf(told, counts));
  return counts.failed > 0 ? exitCodes.failed : exitCodes.ok;
}

async function change(context: CommandContext, what: "lay" | "lift"): Promise<number> {
  const { flags, signal } = context;
  const rule = readEnum(MaskRule, flags, "rule") ?? "flat-uc";
  const isDry = flags["dry-run"] === true;
  const meant = meantBy(context);
  const service = await context.service();
  const ids = await idsOf(service, meant);
  const order: PassOrder = { what, rule, selection: { kind: "these", ids: [...ids] } };
  const pass = randomUUID();
  return toldOf(context, { told: { what, isDry, pass }, of: ids.length }, (onCounted) =>
    isDry
      ? service.passes.look(order, { signal, onCounted })
      : service.passes.run(pass, order, { signal, onCounted }),
  );
}

async function undo(context: CommandContext): Promise<number> {
  const { flags, signal } = context;
  const [, undoes, ...more] = context.positionals;
  const isMore = more.length > 0 || ["rule", "study", "all", "dry-run"].some((name) => name in flags);
  if (undoes === undefined || isMore) throw new UsageError("masks undo PASS");
  const service = await context.service();
  const ids = [...(await every(service)), ...(await binned(service))];
  const told = { what: "undo", isDry: false, pass: randomUUID() } as const;
  return toldOf(context, { told, of: ids.length }, async (onCounted) => {
    const counts = await service.passes.takeBack({ pass: told.pass, undoes }, ids, { signal, onCounted });
    if (counts.recordings + counts.kept + counts.failed > 0) return counts;
    throw new AppError(
      "data/pass-unknown",
      `No recording of this library is as the pass ${undoes} left it: there is no such pass, or all of it is taken back`,
      { value: undoes },
    );
  });
}

export const masks: Command = {
  options: { ...texts("rule", "study"), all: flag, "dry-run": flag },
  run: async (context) => {
    const [verb] = context.positionals;
    if (verb === "undo") return undo(context);
    if (verb !== "lay" && verb !== "lift") throw new UsageError(USAGE);
    return change(context, verb);
  },
};
