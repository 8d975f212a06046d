import { setTimeout as delay } from "node:timers/promises";
import { say } from "../runtime/say.mjs";
import { openTrial } from "../runtime/shared-run.mjs";
import { countedOf, killed, startWorker } from "./workers.mjs";

const NAME = "there";

/** Mulberry32: the same seed kills at the same moments. */
function drawer(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A cross-validation on two workers that are killed at random moments, and a database server that is killed once. */
export async function killsTrial({ folds, epochs, kills, seed }) {
  const trial = await openTrial({ folds, epochs });
  const { env, run, server } = trial;
  const workers = new Set();
  let isOver = false;
  const start = () => {
    const { worker } = startWorker(env);
    workers.add(worker);
    worker.once("exit", () => {
      workers.delete(worker);
      if (!isOver) start(); // as systemd would
    });
  };
  try {
    const { report: here, seconds: secondsHere } = trial.here();
    say(`training them on two workers, of which ${kills} are killed`);
    for (let i = 0; i < 2; i += 1) start();
    const { submitter, ended } = trial.there(NAME);
    const draw = drawer(seed);
    let [done, serverKills] = [0, 0];
    const apart = (1.2 * secondsHere) / (kills + 1);
    while (done < kills && submitter.exitCode === null) {
      await Promise.race([delay(1000 * apart * (0.4 + 1.2 * draw())), ended]);
      if (submitter.exitCode !== null) break;
      const [victim] = [...workers].sort(() => draw() - 0.5);
      if (victim === undefined) continue;
      killed(victim);
      done += 1;
      if (done === Math.ceil(kills / 2) && serverKills === 0) {
        serverKills = 1;
        await server.kill();
        await delay(2000);
        await server.start();
      }
    }
    const { report: there, seconds: secondsThere } = await ended;
    const used = Number(await server.sql("SELECT sum(seconds) FROM kodo.result"));
    return {
      ...(await countedOf(server, { run, folds, name: NAME, there, here })),
      ...{ kills: done, serverKills },
      secondsHere: Math.round(secondsHere),
      secondsThere: Math.round(secondsThere),
      secondsOfFits: Math.round(used),
      secondsLost: Math.round(secondsThere - used / 2),
    };
  } finally {
    isOver = true;
    for (const worker of workers) killed(worker);
    await trial.close();
  }
}
