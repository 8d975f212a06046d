import { clusterWork } from "../service/cluster-work.ts";
import { answer, type Command, flag, textFlag, texts } from "./context.ts";
import type { Flags } from "./train-config.ts";
import { exitCodes, UsageError } from "./usage.ts";

const MOST_LANES = 64;
const LISTED = 100;
const CACHE_MB = 4096;
const MOST_CACHE_MB = 100_000_000;

/** Undefined where it is none from 1 to `most`. */
function wholeNumber(flags: Flags, name: string, otherwise: number, most: number): number | undefined {
  const value = Number(textFlag(flags, name) ?? otherwise);
  return Number.isInteger(value) && value >= 1 && value <= most ? value : undefined;
}

const worker: Command = {
  options: { ...texts("lanes", "cache-mb"), "until-idle": flag },
  run: async (context) => {
    const lanes = wholeNumber(context.flags, "lanes", 1, MOST_LANES);
    const cacheMb = wholeNumber(context.flags, "cache-mb", CACHE_MB, MOST_CACHE_MB);
    if (context.positionals.length > 0 || lanes === undefined || cacheMb === undefined)
      throw new UsageError(`worker [--lanes 1-${MOST_LANES}] [--cache-mb 1-${MOST_CACHE_MB}] [--until-idle]`);
    const { signal, note } = context;
    const fits = await context.worker({
      lanes,
      cacheBytes: cacheMb * 1e6,
      untilIdle: context.flags["until-idle"] === true,
      signal,
      note,
    });
    await answer(context, "worker", { fits }, () => `${fits} fit(s) done\n`);
    return exitCodes.ok;
  },
};

const jobs: Command = {
  options: texts("cancel"),
  run: async (context) => {
    if (context.positionals.length > 0) throw new UsageError("jobs [--cancel ID]");
    const cancel = textFlag(context.flags, "cancel");
    const { works, workers, shown } = await clusterWork(process.env["KODO_CLUSTER"], {
      cancel,
      limit: LISTED,
    });
    await answer(context, "jobs", { cluster: shown, jobs: works, workers }, () =>
      [
        ...works.map(
          ({ id, kind, name, state, done, fits, submittedBy, submittedAt, seconds, version }) =>
            `${id}  ${kind === "fit" ? name : kind}  ${state === "waiting" ? `waiting (Kodo ${version})` : state}  ${done}/${fits} ${kind === "fit" ? "fits" : "jobs"}  ${Math.round(seconds)} s  ${submittedBy}, ${submittedAt}\n`,
        ),
        ...workers.map(
          ({ host, processor, version, lanes, doing }) =>
            `worker of Kodo ${version} on ${host} (${processor}): ${doing.length} of ${lanes} lane(s) busy\n`,
        ),
        ...(works.length + workers.length === 0 ? ["no job and no worker\n"] : []),
      ].join(""),
    );
    return exitCodes.ok;
  },
};

export const cluster: Readonly<Record<string, Command>> = { worker, jobs };
