import { clusterWork } from "../service/cluster-work.ts";
import { answer, type Command, flag, textFlag, texts } from "./context.ts";
import { exitCodes, UsageError } from "./usage.ts";

const MOST_LANES = 64;
const LISTED = 100;

const worker: Command = {
  options: { ...texts("lanes"), "until-idle": flag },
  run: async (context) => {
    const lanes = Number(textFlag(context.flags, "lanes") ?? "1");
    if (context.positionals.length > 0 || !Number.isInteger(lanes) || lanes < 1 || lanes > MOST_LANES)
      throw new UsageError(`worker [--lanes 1-${MOST_LANES}] [--until-idle]`);
    const { signal, note } = context;
    const fits = await context.worker({
      lanes,
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
          ({ id, name, state, done, fits, submittedBy, submittedAt, seconds }) =>
            `${id}  ${name}  ${state}  ${done}/${fits} fits  ${Math.round(seconds)} s  ${submittedBy}, ${submittedAt}\n`,
        ),
        ...workers.map(
          ({ host, processor, lanes, doing }) =>
            `worker on ${host} (${processor}): ${doing.length} of ${lanes} lane(s) busy\n`,
        ),
        ...(works.length + workers.length === 0 ? ["no job and no worker\n"] : []),
      ].join(""),
    );
    return exitCodes.ok;
  },
};

export const cluster: Readonly<Record<string, Command>> = { worker, jobs };
