// npm run cluster-trial -- [--folds 6] [--epochs 4] [--json] and one of
//   [--kills 8] [--seed 1]                                a cross-validation on two workers that are killed at random moments, and
//                                                         a database server that is killed once
//   --failover sync|async|unaware [--outage 12]           the server dies for good, and a standby takes over after so many seconds:
//                                                         each commit had waited for it, it had stopped to follow in the middle of
//                                                         the run, or before it was asked for
//   --machines [--only cut,silent,clocks,version,slow]    workers, and who asks, on machines of their own: a slow line, one that
//                                                         is cut, clocks that are wrong, another version (Linux, as root)
// each beside the same cross-validation here. Needs Debian's postgresql. How often each fold was kept, and whether the report is
// the same; ends with 1 where a fold is lacking or there twice, or a report differs.
import { parseArgs } from "node:util";
import { failoverTrial, followings } from "./cluster/failover.mjs";
import { killsTrial } from "./cluster/kills.mjs";
import { machinesTrial } from "./cluster/machines.mjs";
import { isWell } from "./cluster/workers.mjs";

const text = { type: "string" };
const { values } = parseArgs({
  options: {
    folds: { ...text, default: "6" },
    kills: { ...text, default: "8" },
    seed: { ...text, default: "1" },
    epochs: { ...text, default: "4" },
    failover: text,
    outage: { ...text, default: "12" },
    machines: { type: "boolean", default: false },
    only: text,
    json: { type: "boolean", default: false },
  },
});
const { failover: following, epochs } = values;
if (following !== undefined && !followings.includes(following))
  throw new Error(`--failover ${following}: there is ${followings.join(", ")}`);
const folds = Number(values.folds);

const results = values.machines
  ? await machinesTrial({ folds, epochs, only: values.only })
  : following === undefined
    ? [await killsTrial({ folds, epochs, kills: Number(values.kills), seed: Number(values.seed) })]
    : [await failoverTrial({ folds, epochs, following, outageS: Number(values.outage) })];
for (const result of results) {
  console.log(values.json ? JSON.stringify(result) : result);
  if (result.once !== undefined && !isWell(result)) process.exitCode = 1;
}
