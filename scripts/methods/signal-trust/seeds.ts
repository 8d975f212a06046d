import type { Runtime } from "../../../main/compute/runtime.ts";
import { SignalTrustConfig } from "../../../main/models/sequences/signal-trust/config.ts";
import { fitSignalTrust } from "../../../main/models/sequences/signal-trust/fit.ts";
import { trustJudge } from "../../../main/models/sequences/signal-trust/judge.ts";
import type { LearnedSignalTrust } from "../../../main/models/sequences/signal-trust/learned.ts";
import { figure, type MethodCheck, type Outcome } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";
import {
  asItIs,
  calibrationTold,
  differenceRow,
  isHeld,
  judged,
  line,
  recipe,
  taught,
  told,
} from "./false-signal.ts";
import { trustRecords, type TrustRecord } from "./fhrma.ts";
import { aucOf, cardOf, eceOf, intervalOf, type Judged, only, PPV, sensitivityOf } from "./scores.ts";

const figures = [
  ["AUC", aucOf],
  [`sensitivity at PPV ${PPV}`, sensitivityOf],
  ["ECE", eceOf],
] as const;

/** Two networks of different seeds, each alone and both averaged, under the temperatures of both. */
export async function seedsMeasured(
  learned: LearnedSignalTrust,
  records: readonly TrustRecord[],
  runtime: Runtime,
): Promise<Outcome[]> {
  const doppler = records.filter(({ sensor, number }) => sensor === "doppler" && isHeld(number));
  const { config, members, calibration } = learned;
  const saidBy = async (own: LearnedSignalTrust): Promise<readonly Judged[]> => {
    const judge = await trustJudge(own, runtime);
    return judged(doppler, (input) => judge.judge(input), asItIs).finally(() => judge.dispose());
  };
  const alone = (seed: number): LearnedSignalTrust => ({
    ...{ calibration, config: { ...config, members: 1 } },
    members: members.filter((_, at) => Math.floor((at * config.members) / members.length) === seed),
  });
  const both = await saidBy(learned);
  const each = [await saidBy(alone(0)), await saidBy(alone(1))];
  const rowsOf = (name: string, own: readonly Judged[]): readonly Outcome[] => {
    const [low, high] = intervalOf(own, eceOf).map((end) => figure(end, 4));
    const hasMhr = (is: boolean): readonly Judged[] => only(own, (one, i) => (one.hasMhr[i] === 1) === is);
    return [
      told(`${name} [ECE 95 % ${low}, ${high}]`, line(cardOf(own)), "not measured before", recipe),
      told(`${name}, MHR observed`, line(cardOf(hasMhr(true))), "not measured before", recipe),
      told(`${name}, no MHR in the sample`, line(cardOf(hasMhr(false))), "not measured before", recipe),
    ];
  };
  return [
    ...rowsOf("both", both),
    ...each.flatMap((own, seed) => rowsOf(`seed ${seed}`, own)),
    ...each.flatMap((own, seed) =>
      figures.map(([what, of]) => differenceRow(`both − seed ${seed}: ${what}`, [both, own], of)),
    ),
    told("calibration", calibrationTold(calibration), "temperatures at least 1", recipe),
  ];
}

/** Of the usual cycles so many: the usual four would take nearly four times as long. */
const CYCLES = 1;

export const falseSignalSeedsCheck: MethodCheck = {
  id: "false-signal-seeds",
  about:
    "The same 97 ultrasound recordings by two networks of different seeds, alone and averaged; each of 1,500 steps, where 5,100 are usual",
  run: async ({ data }) => {
    const records = trustRecords(data());
    const usual = SignalTrustConfig.parse({});
    const config = { ...usual, members: 2, cycles: usual.cycles.slice(0, CYCLES) };
    return withRuntime(async (runtime) =>
      seedsMeasured(await fitSignalTrust(taught(records), config, { runtime }), records, runtime),
    );
  },
};
