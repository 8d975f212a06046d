import { AppError, asAppError, reportOf } from "../../preload/contract/errors.ts";
import { ArchiveManifest, type ArchivedRecording, endsTransfer, setUpArchive } from "../service/archive.ts";
import { readWhole } from "../service/read-whole.ts";
import type { Service } from "../service/service.ts";
import { answer, type Command, type CommandContext, flag, textFlag, texts } from "./context.ts";
import { everyRecording, findRecordings, findRun } from "./names.ts";
import { exitCodes, failureOf, problemsOf, UsageError } from "./usage.ts";

const USAGE =
  "archive push RECORDING... [--all] [--study NAME] [--run RUN], archive pull [RECORDING...] [--study NAME] [--search TEXT] [--manifest FILE] [--run RUN], archive list [--study NAME] [--search TEXT] [--limit N]";

type Archive = Awaited<ReturnType<Service["openArchive"]>>;

/** The archive for as long as `work` takes. */
async function inArchive(
  context: CommandContext,
  work: (archive: Archive, service: Service) => Promise<number>,
): Promise<number> {
  const service = await context.service();
  const archive = await service.openArchive(process.env["KODO_CLUSTER"]);
  try {
    return await work(archive, service);
  } finally {
    await archive.close();
  }
}

interface Moved {
  readonly name: string;
  readonly id: string;
  readonly state: "new" | "merged" | "failed";
  readonly bytes: number;
  readonly papers: number | null; // null: it is read blind
  readonly beside: number | null;
  readonly otherwise: string[] | null;
  readonly subject: string | null;
  readonly error: { code: string; message: string } | null;
}

/** One after the other; one that fails is told of and leaves the others alone. */
async function eachMoved(
  context: CommandContext,
  names: readonly { readonly id: string; readonly name: string }[],
  move: (id: string) => Promise<Omit<Moved, "name" | "error">>,
): Promise<Moved[]> {
  const moved: Moved[] = [];
  const left = (error: AppError): AppError => {
    const whole = moved.filter(({ state }) => state !== "failed").length;
    if (whole < names.length)
      context.note(
        `${whole} of ${names.length} recordings are done; the same command goes on with the others`,
      );
    return error;
  };
  for (const [at, { id, name }] of names.entries()) {
    if (context.signal.aborted) throw left(new AppError("cancelled/by-user", "Cancelled"));
    context.progress(`${at + 1} of ${names.length}: ${name}`, at + 1 === names.length);
    try {
      const one = { name, error: null, ...(await move(id)) };
      moved.push(one);
      if (one.otherwise !== null && one.otherwise.length > 0)
        context.note(
          `${name}: what is known for reading it is said otherwise there by ${one.otherwise.join(", ")}; both are kept`,
        );
      if (one.subject !== null)
        context.note(`${name}: the archive keeps it under another subject, ${one.subject || "none"}`);
    } catch (error) {
      const { code, message } = reportOf(error);
      if (code.startsWith("cancelled/") || endsTransfer(code)) throw left(asAppError(error));
      context.note(`${name}: ${failureOf(error).line}`);
      moved.push({
        id,
        name,
        state: "failed",
        bytes: 0,
        papers: 0,
        beside: 0,
        otherwise: [],
        subject: null,
        error: { code, message },
      });
    }
  }
  return moved;
}

async function tell(
  context: CommandContext,
  name: "archive push" | "archive pull",
  { archive, moved, runs }: { readonly archive: Archive; readonly moved: Moved[]; readonly runs: number },
): Promise<number> {
  const document = { archive: archive.shown, recordings: moved, runs };
  await answer(context, name, document, () => {
    const of = (state: Moved["state"]): number => moved.filter((one) => one.state === state).length;
    const beside = moved.reduce((sum, one) => sum + (one.beside ?? 0), 0);
    const lanes =
      beside === 0
        ? ""
        : `, ${beside} label(s), mask(s) or reading(s) stand beside others that read differently`;
    return `${of("new")} new, ${of("merged")} known, ${of("failed")} failed, ${runs} run(s)${lanes}\n`;
  });
  return moved.some(({ state }) => state === "failed") ? exitCodes.failed : exitCodes.ok;
}

const push: Command["run"] = (context) =>
  inArchive(context, async (archive, service) => {
    const { flags } = context;
    const names = context.positionals.slice(1);
    const [study, run] = [textFlag(flags, "study"), textFlag(flags, "run")];
    if (names.length === 0 && flags.all !== true && study === undefined && run === undefined)
      throw new UsageError(USAGE);
    const chosen = new Map((await findRecordings(service, names)).map(({ id, name }) => [id, { id, name }]));
    const named = chosen.size;
    if (flags.all === true || study !== undefined)
      for await (const { id, name } of everyRecording(service, flags.all === true ? undefined : study))
        chosen.set(id, { id, name });
    if (study !== undefined && flags.all !== true && chosen.size === named)
      throw noneOf("library", { study });
    const runs = run === undefined ? 0 : Number(await archive.pushRun((await findRun(service, run)).id));
    const moved = await eachMoved(context, [...chosen.values()], async (id) => {
      const { isNew, ...rest } = await archive.push(id, context.signal);
      return { ...rest, state: isNew ? "new" : "merged" };
    });
    return tell(context, "archive push", { archive, moved, runs });
  });

/** What was asked for and matched nothing is more likely a slip than meant so. */
function noneOf(where: "library" | "archive", asked: Readonly<Record<string, string | undefined>>): AppError {
  const said = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} "${value}"`],
  );
  return new AppError("data/recording-unknown", `No recording of the ${where} has ${said.join(" and ")}`, {
    value: said.join(" "),
  });
}

const MOST = 1_000_000;

const pull: Command["run"] = (context) =>
  inArchive(context, async (archive) => {
    const { flags } = context;
    const names = context.positionals.slice(1);
    const [study, text, file] = (["study", "search", "manifest"] as const).map((name) =>
      textFlag(flags, name),
    );
    const run = textFlag(flags, "run");
    const isSearched = study !== undefined || text !== undefined;
    if (names.length === 0 && file === undefined && !isSearched && run === undefined)
      throw new UsageError(USAGE);
    const found = isSearched ? await archive.list({ study, text, limit: MOST }) : [];
    if (isSearched && found.length === 0) throw noneOf("archive", { study, search: text });
    const ids = [
      ...(await archive.idsOf(names)),
      ...(file === undefined ? [] : await archive.idsIn(await manifestIn(file))),
      ...found.map(({ id }) => id),
    ];
    const nameOf = new Map(found.map(({ id, name }) => [id, name]));
    const wanted = [...new Set(ids)].map((id) => ({ id, name: nameOf.get(id) ?? id }));
    const runs = run === undefined ? 0 : Number(await archive.pullRun(await runIn(archive, run)));
    const moved = await eachMoved(context, wanted, async (id) => {
      const { isNew, ...rest } = await archive.pull(id, context.signal);
      return { ...rest, state: isNew ? "new" : "merged" };
    });
    return tell(context, "archive pull", { archive, moved, runs });
  });

async function runIn(archive: Archive, wanted: string): Promise<string> {
  const found = (await archive.runs()).filter(({ id, name }) => id === wanted || name === wanted);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.id;
  const is = found.length === 0 ? "unknown" : "ambiguous";
  throw new AppError(`data/run-${is}`, `${found.length} runs of the archive are named ${wanted}`, {
    value: wanted,
  });
}

const MOST_MANIFEST = 1 << 28; // bytes: a million recordings

async function manifestIn(file: string): Promise<ArchiveManifest> {
  const told = (why: string): AppError =>
    new AppError("data/bad-json", `${file} is no list of recordings: ${why}`, { file });
  const bytes = await readWhole(file, { what: "a list of recordings", most: MOST_MANIFEST, streams: true });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw told(error instanceof Error ? error.message : String(error));
  }
  const parsed = ArchiveManifest.safeParse(value);
  if (!parsed.success) throw told(problemsOf(parsed.error));
  return parsed.data;
}

const DEFAULT_LIMIT = 1000;

const list: Command["run"] = (context) =>
  inArchive(context, async (archive) => {
    if (context.positionals.length > 1) throw new UsageError(USAGE); // a name that would be passed over
    const limit = Number(textFlag(context.flags, "limit") ?? DEFAULT_LIMIT);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
      throw new UsageError(`--limit is a whole number from 1 to ${MOST}`);
    const [study, text] = [textFlag(context.flags, "study"), textFlag(context.flags, "search")];
    const recordings = await archive.list({ study, text, limit });
    const line = ({ name, study: of, kind, durationS, pushedBy, pushedAt, id }: ArchivedRecording): string =>
      `${name}  ${of}  ${kind}  ${Math.round(durationS / 60)} min  ${pushedBy}, ${pushedAt}  ${id}\n`;
    await answer(context, "archive list", { archive: archive.shown, recordings }, () =>
      recordings.length === 0 ? "no recording\n" : recordings.map(line).join(""),
    );
    return exitCodes.ok;
  });

export const archive: Readonly<Record<string, Command>> = {
  archive: {
    options: { ...texts("study", "search", "manifest", "run", "limit"), all: flag },
    run: (context) => {
      const verbs = { push, pull, list };
      const [verb = ""] = context.positionals;
      if (verb !== "push" && verb !== "pull" && verb !== "list") throw new UsageError(USAGE);
      return verbs[verb](context);
    },
  },
  cluster: {
    options: {},
    run: async (context) => {
      if (context.positionals.join(" ") !== "init") throw new UsageError("cluster init");
      const { shown, from, to } = await setUpArchive(process.env["KODO_CLUSTER"]);
      await answer(context, "cluster init", { archive: shown, from, to }, () =>
        from === to ? `${shown} is up to date\n` : `${shown} is set up\n`,
      );
      return exitCodes.ok;
    },
  },
};
