import { resolve } from "node:path";
import type { VerifyProgress, VerifyReport } from "../../preload/contract/care.ts";
import { errorFrom, throwIfCancelled } from "../../preload/contract/errors.ts";
import { purgeInSlices } from "../service/purging.ts";
import type { Service } from "../service/service.ts";
import { answer, flag } from "./context.ts";
import type { Command, CommandContext } from "./context.ts";
import { notOne, pagesOf } from "./names.ts";
import { exitCodes, UsageError } from "./usage.ts";

const progressOf = ({ part, done }: VerifyProgress): string => `${Math.round(100 * done)} %  ${part}`;

function reportText({ count, problems, rows, blocks, overviews, entries, logHead }: VerifyReport): string {
  const named = problems.map(({ message, recording }) =>
    recording === undefined ? `${message}\n` : `${recording}: ${message}\n`,
  );
  const more = count > problems.length ? `... and ${count - problems.length} more\n` : "";
  const seen = `${rows} rows, ${blocks} blocks, ${overviews} overview pages, ${entries} log entries`;
  const verdict = count === 0 ? "everything is as it was written" : `${count} problem(s)`;
  return `${named.join("")}${more}${seen}: ${verdict}\nthe log ends in ${logHead}\n`;
}

const verify: Command = {
  options: {},
  run: async (context) => {
    const service = await context.service();
    throwIfCancelled(context.signal); // while a large library was being opened
    const stop = service.on((name, payload) => {
      if (name === "library.verifying") context.progress(progressOf(payload as VerifyProgress));
    });
    const cancel = (): void => service.care.cancel();
    context.signal.addEventListener("abort", cancel);
    try {
      const report = await service.care.verify();
      await answer(context, "verify", report, () => reportText(report));
      return report.count === 0 ? exitCodes.ok : exitCodes.failed;
    } finally {
      context.signal.removeEventListener("abort", cancel);
      stop();
    }
  },
};

const backup: Command = {
  options: { replace: flag },
  run: async (context) => {
    const [file] = context.positionals;
    if (file === undefined || context.positionals.length > 1) throw new UsageError("backup FILE [--replace]");
    const { care } = await context.service();
    const made = await care.backUp(resolve(file), { replace: context.flags.replace === true });
    if (made.problems > 0)
      context.note(
        `warning: the library has ${made.problems} problem(s), and so has its copy; see kodo verify`,
      );
    await answer(context, "backup", made, () => `${made.path}: ${made.bytes} bytes, checked\n`);
    return exitCodes.ok;
  },
};

const restore: Command = {
  options: { anyway: flag },
  run: async (context) => {
    const [file] = context.positionals;
    if (file === undefined || context.positionals.length > 1) throw new UsageError("restore FILE [--anyway]");
    const { aside, report } = await context.restore({
      from: resolve(file),
      anyway: context.flags.anyway === true,
      signal: context.signal,
      progress: (progress) => context.progress(progressOf(progress)),
    });
    const document = { library: context.libraryPath, aside: aside ?? null, problems: report.count };
    await answer(
      context,
      "restore",
      document,
      () =>
        `${context.libraryPath} is restored${aside === undefined ? "" : `; the library of before lies at ${aside}`}\n`,
    );
    return exitCodes.ok;
  },
};

const purge: Command = {
  options: { bin: flag },
  run: async (context) => {
    const { positionals, flags } = context;
    if (positionals.length > 0 === (flags.bin === true))
      throw new UsageError("purge RECORDING... or purge --bin");
    const service = await context.service();
    const ids = flags.bin === true ? await binned(service) : await named(service, positionals);
    const {
      ids: gone,
      copies,
      problem,
    } = await purgeInSlices(service.library, ids, {
      signal: context.signal,
      progress: (done) => context.progress(`deleted ${done} of ${ids.length}`),
    });
    const count = gone.length;
    if (count < ids.length || problem !== undefined)
      context.note(`${count} of ${ids.length} recording(s) deleted for good`);
    noteCopies(context, copies);
    if (problem !== undefined) throw errorFrom(problem);
    throwIfCancelled(context.signal);
    await answer(context, "purge", { count, copies }, () => `${count} recording(s) deleted for good\n`);
    return exitCodes.ok;
  },
};

const noteCopies = (context: CommandContext, copies: readonly string[]): void => {
  if (copies.length > 0)
    context.note(`warning: copies beside the library may still hold what was deleted: ${copies.join(", ")}`);
};

export async function binned({ library }: Service): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pagesOf((after) => library.binIds(after))) ids.push(...page.ids);
  return ids;
}

/** By name or id, in the library or in its bin. */
async function named({ library }: Service, names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const wanted of names) {
    const found = await library.recordingsNamed(wanted, "library and bin");
    const [only] = found;
    if (only === undefined || found.length > 1) throw notOne(wanted, found, "in the library or its bin");
    ids.push(only);
  }
  return ids;
}

export const care: Readonly<Record<string, Command>> = { verify, backup, restore, purge };
