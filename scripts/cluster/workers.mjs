// Workers of a trial, and what became of a run that they did.
import { spawn } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import { nodePath } from "../runtime/node.mjs";
import { cli } from "../runtime/shared-run.mjs";

/** What a process said, a line each. */
export function linesOf(child) {
  let text = "";
  child.stderr.on("data", (some) => (text += some));
  return () => text.split("\n").filter((line) => line !== "");
}

/** The whole group: the trainer's process dies with its worker, as on a machine that loses its power. */
export function killed(worker) {
  try {
    process.kill(-worker.pid, "SIGKILL");
  } catch {
    // ended just now
  }
}

export function startWorker(env) {
  const worker = spawn(nodePath(), [cli, "worker"], {
    ...{ env, stdio: ["ignore", "ignore", "pipe"], detached: true },
  });
  return { worker, lines: linesOf(worker) };
}

/** How often each fit of a run was kept, and whether the report is that of this machine. `server`: where it ended. */
export async function countedOf(server, { run, folds, name, there, here }) {
  const made = (
    await server.sql(
      `SELECT fit, count(r.key), coalesce(max(starts), 0) FROM kodo.work w JOIN kodo.asked a ON a.work = w.id
       LEFT JOIN kodo.result r USING (key) WHERE w.run #>> '{config,name}' = '${name}' GROUP BY fit ORDER BY fit`,
    )
  )
    .split("\n")
    .map((line) => line.split("|").map(Number));
  const reports = JSON.parse(run("list", "--json")).runs.filter(({ config }) => config.name === name);
  return {
    folds,
    once: made.filter(([, count]) => count === 1).length - 1, // the first fit learns from everybody
    twice: made.filter(([, count]) => count > 1).length,
    lost: folds + 1 - made.filter(([, count]) => count > 0).length,
    begunAgain: made.reduce((sum, [, , starts]) => sum + Math.max(0, starts - 1), 0),
    reports: reports.filter(({ phase }) => phase === "done").length,
    equalToHere: isDeepStrictEqual(there.metrics, here.metrics),
  };
}

export const isWell = ({ folds, once, twice, lost, reports, equalToHere }) =>
  once === folds && twice + lost === 0 && reports === 1 && equalToHere;
