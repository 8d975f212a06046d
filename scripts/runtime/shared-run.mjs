// A cross-validation here and on a cluster's workers, for trials of what becomes of it there.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuilt, projectFolder } from "./build.mjs";
import { bundleForNode } from "./bundle.mjs";
import { nodePath } from "./node.mjs";
import { say } from "./say.mjs";
import { ensureDatabaseServer } from "./system.mjs";

/** The command line of a cross-validation of the sample study. */
const trainingOf =
  ({ folds, epochs }) =>
  (name, ...on) => [
    ...["train", "--label-set", "emg-gestures", "--window", "0.5", "--stride", "0.25"],
    ...["--folds", String(folds), "--epochs", epochs, "--members", "2"],
    ...["--name", name, "--json", "--quiet", ...on],
  ];

/** `KODO_CLI`: that of another build. */
export const cli = process.env.KODO_CLI ?? join(projectFolder, "out", "main", "cli.js");

/** A database server and a library of its own; `more`: in the environment of all that is run. `reached`: beside loopback. */
export async function openTrial({ folds, epochs, reached }, more = () => ({})) {
  await ensureDatabaseServer();
  ensureBuilt();
  const fixtures = await bundleForNode({ postgres: "main/cluster/postgres.fixtures.ts" }, "trial");
  const { postgresFolder, startPostgres, untilSo } = await import(
    pathToFileURL(join(fixtures, "postgres.js")).href
  );
  const bin = postgresFolder();
  if (bin === undefined) throw new Error("Debian's postgresql is not installed");
  const folder = mkdtempSync(join(tmpdir(), "kodo-trial-"));
  const library = join(folder, "trial.kodo");
  const server = await startPostgres(bin, reached);
  const env = { ...process.env, KODO_CLUSTER: server.address(), ...(await more(folder, server, untilSo)) };
  const run = (...args) => {
    const { status, stdout, stderr } = spawnSync(nodePath(), [cli, ...args, "--library", library], {
      ...{ env, encoding: "utf8", maxBuffer: 1 << 28 },
    });
    if (status !== 0) throw new Error(`kodo ${args[0]}: ${stderr}`);
    return stdout;
  };
  const training = trainingOf({ folds, epochs });
  return {
    ...{ folder, library, server, env, run },
    /** The report of the same run on this machine, and how long it took. */
    here: () => {
      say("preparing the library");
      run("sample", "--quiet");
      run("request", "settings.set", '{"author":"Trial"}');
      run("cluster", "init");
      say(`training ${folds} folds here`);
      const began = performance.now();
      const report = JSON.parse(run(...training("here")));
      return { report, seconds: (performance.now() - began) / 1000 };
    },
    /**
     * `submitter`: the process that asks and waits; `ended` resolves with its report and how long it took; `told`: what it
     * said on the way. `start`: as it is started elsewhere than here.
     */
    there: (name = "there", start = (command) => spawn(command[0], command.slice(1), { env })) => {
      const began = performance.now();
      const submitter = start([
        ...[nodePath(), cli, ...training(name, "--on", "cluster"), "--library", library],
      ]);
      let [out, problems] = ["", ""];
      submitter.stdout.on("data", (some) => (out += some));
      submitter.stderr.on("data", (some) => (problems += some));
      const ended = new Promise((resolve, reject) =>
        submitter.once("close", (code) =>
          code === 0
            ? resolve({ report: JSON.parse(out), seconds: (performance.now() - began) / 1000 })
            : reject(new Error(`kodo train --on cluster: ${problems}`)),
        ),
      );
      ended.catch(() => undefined); // told when it is waited for
      return { submitter, ended, told: () => problems };
    },
    close: async () => {
      await server.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
