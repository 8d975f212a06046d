import { setTimeout as delay } from "node:timers/promises";
import { say } from "../runtime/say.mjs";
import { openTrial } from "../runtime/shared-run.mjs";
import { ensurePrograms } from "../runtime/system.mjs";
import { sharedAddress } from "./shared-address.mjs";
import { countedOf, killed, startWorker } from "./workers.mjs";

const NAME = "there";

/** How a standby follows: each commit waits for it; it stops in the middle of the run; or before the run was asked for. */
export const followings = ["sync", "async", "unaware"];

/**
 * A cross-validation on two workers whose server dies half way, all of its processes at once; a standby takes over after so
 * many seconds, by the same address.
 */
export async function failoverTrial({ folds, epochs, following, outageS }) {
  await ensurePrograms([{ program: "socat", packages: ["socat"] }]);
  let [standby, address] = [];
  const trial = await openTrial({ folds, epochs }, async (_, server, untilSo) => {
    standby = await server.standby();
    address = await sharedAddress();
    await address.leadTo(server.port);
    if (following === "sync") {
      await server.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
      await server.sql("SELECT pg_reload_conf()");
      await untilSo(server, "SELECT bool_or(sync_state = 'sync') FROM pg_stat_replication");
    }
    return { KODO_CLUSTER: server.address().replace(`:${server.port}/`, `:${address.port}/`) };
  });
  const { env, run, server } = trial;
  const workers = [];
  const kept = async (at) => Number(await at.sql("SELECT count(*) FROM kodo.result"));
  try {
    const { report: here, seconds: secondsHere } = trial.here();
    if (following === "unaware") await standby.stopFollowing();
    say(`training them on two workers; the server dies, and a standby (${following}) takes over`);
    for (let i = 0; i < 2; i += 1) workers.push(startWorker(env));
    const { submitter, ended, told } = trial.there(NAME);
    const until = async (isSo) => {
      while (submitter.exitCode === null && !(await isSo())) await delay(100);
    };
    if (following === "async") {
      await until(async () => (await kept(server)) >= 2);
      await standby.stopFollowing();
    }
    await until(async () => (await kept(server)) >= Math.min(folds, 4));
    const toldDone = await kept(server);
    await server.loseMachine();
    const died = performance.now();
    await delay(1000 * outageS);
    await standby.promote();
    const keptThere = await kept(standby);
    await address.leadTo(standby.port);
    const back = performance.now();
    await until(async () => (await kept(standby)) > keptThere);
    const resumed = performance.now();
    const { report: there, seconds: secondsThere } = await ended;
    return {
      following,
      ...{ toldDone, keptThere, forgotten: toldDone - keptThere },
      ...(await countedOf(standby, { run, folds, name: NAME, there, here })),
      secondsWithout: Math.round((back - died) / 1000),
      secondsUntilNextFit: Math.round((resumed - back) / 1000),
      secondsHere: Math.round(secondsHere),
      secondsThere: Math.round(secondsThere),
      said: [told().split("\n"), ...workers.map(({ lines }) => lines())].map((lines) =>
        lines.filter((line) => line !== "").slice(0, 12),
      ),
    };
  } finally {
    for (const { worker } of workers) killed(worker);
    await address?.end();
    await standby?.remove();
    await trial.close();
  }
}
