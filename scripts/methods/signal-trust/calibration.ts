import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack, unpack } from "../../../main/compute/packed.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { SignalTrustConfig } from "../../../main/models/sequences/signal-trust/config.ts";
import {
  fitSignalTrust,
  type TrustPlace,
  type TrustRecording,
} from "../../../main/models/sequences/signal-trust/fit.ts";
import { trustJudge } from "../../../main/models/sequences/signal-trust/judge.ts";
import type {
  LearnedSignalTrust,
  TrustCalibration,
} from "../../../main/models/sequences/signal-trust/learned.ts";
import { placeWith } from "../../../main/models/sequences/settings.ts";
import type { MethodCheck, Outcome } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";
import {
  asItIs,
  calibrationTold,
  differenceRow,
  isHeld,
  judged,
  line,
  recipe,
  told,
} from "./false-signal.ts";
import { trustRecords, type TrustRecord } from "./fhrma.ts";
import { cardOf, eceOf, type Judged, nllOf, only } from "./scores.ts";

const FOLDS = 4;
/** Of the usual cycles so many: the usual four would take nearly twice as long. */
const CYCLES = 2;

/** The last digits of files that teach, dealt out to the folds. */
const PLACES = [1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19];
const placeOf = (number: number): number => PLACES.indexOf(number % 20);
const foldOf = (number: number): number => placeOf(number) % FOLDS;
/** Of a fold: they set temperatures, all others are judged. One in sixteen, as of those that the network itself is calibrated by. */
const calibrates = (number: number): boolean => placeOf(number) < FOLDS;

/** What a fold's network learns from and is calibrated by. */
export const taughtIn = (records: readonly TrustRecord[], fold: number): TrustRecording[] =>
  records.flatMap(({ number, input, marks }): TrustRecording[] => {
    if (isHeld(number)) return [];
    if (foldOf(number) !== fold) return [{ input, marks, part: "train" }];
    return calibrates(number) ? [{ input, marks, part: "validation" }] : [];
  });

const biases = { withMhr: 0, withoutMhr: 0 };
const ways: Readonly<Record<string, (fitted: TrustCalibration) => TrustCalibration>> = {
  "as the networks say it": () => ({ withMhr: 1, withoutMhr: 1, biases }),
  temperatures: (fitted) => ({ ...fitted, biases }),
  "temperatures and shifts": (fitted) => fitted,
};

/** A network a fold, each judged on recordings of its fold that neither taught nor calibrated it. */
export async function foldsMeasured(
  networks: readonly LearnedSignalTrust[],
  records: readonly TrustRecord[],
  runtime: Runtime,
): Promise<Outcome[]> {
  const said = new Map<string, readonly Judged[]>();
  for (const [way, of] of Object.entries(ways)) {
    const all: Judged[] = [];
    for (const [fold, learned] of networks.entries()) {
      const own = records.filter(
        ({ number, sensor }) =>
          sensor === "doppler" && !isHeld(number) && foldOf(number) === fold && !calibrates(number),
      );
      const judge = await trustJudge({ ...learned, calibration: of(learned.calibration) }, runtime);
      all.push(...(await judged(own, (input) => judge.judge(input), asItIs).finally(() => judge.dispose())));
    }
    said.set(way, all);
  }
  const of = (way: string): readonly Judged[] => said.get(way) ?? [];
  return [
    ...[...said].flatMap(([way, own]) => [
      told(way, line(cardOf(own)), "not measured before", recipe),
      ...[true, false].map((has) =>
        told(
          `${way}, ${has ? "MHR observed" : "no MHR in the sample"}`,
          line(cardOf(only(own, (one, i) => (one.hasMhr[i] === 1) === has))),
          "not measured before",
          recipe,
        ),
      ),
    ]),
    ...(["as the networks say it", "temperatures"] as const).flatMap((other) =>
      (
        [
          ["ECE", eceOf],
          ["NLL", nllOf],
        ] as const
      ).map(([what, figure]) =>
        differenceRow(
          `temperatures and shifts − ${other}: ${what}`,
          [of("temperatures and shifts"), of(other)],
          figure,
        ),
      ),
    ),
    ...networks.map(({ calibration }, fold) =>
      told(`fold ${fold}`, calibrationTold(calibration), "told", recipe),
    ),
  ];
}

const Place = placeWith<TrustPlace>("done", "under");

/** A fold's network, from where the folder of networks that were learned before has it, if one is named; calibrated anew. */
async function learnedIn(
  fold: number,
  records: readonly TrustRecord[],
  { config, runtime, folder }: { config: SignalTrustConfig; runtime: Runtime; folder: string | undefined },
): Promise<LearnedSignalTrust> {
  const file = folder === undefined ? undefined : join(folder, `trust-fold-${fold}.kodo`);
  const isThere = file !== undefined && existsSync(file);
  return fitSignalTrust(taughtIn(records, fold), config, {
    runtime,
    resume: Place.parse(isThere ? unpack(readFileSync(file)) : undefined),
    onCheckpoint: (place) => {
      if (file !== undefined) writeFileSync(file, pack(place));
    },
  });
}

export const falseSignalCalibrationCheck: MethodCheck = {
  id: "false-signal-calibration",
  about: `How the probability of false signal is calibrated, in ${FOLDS} folds of the ultrasound recordings that teach (none of the 97): a network of 2,700 steps each, temperatures by a quarter of its fold, judged on the rest (kept in the folder that KODO_TRUST_NETWORKS names, and not learned again where it has them)`,
  run: async ({ data, say }) => {
    const records = trustRecords(data(), (number) => !isHeld(number));
    const usual = SignalTrustConfig.parse({ members: 1 });
    const config = { ...usual, cycles: usual.cycles.slice(0, CYCLES) };
    const folder = process.env["KODO_TRUST_NETWORKS"];
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    return withRuntime(async (runtime) => {
      const networks: LearnedSignalTrust[] = [];
      for (let fold = 0; fold < FOLDS; fold += 1) {
        say(`fold ${fold}`);
        networks.push(await learnedIn(fold, records, { config, runtime, folder }));
      }
      return foldsMeasured(networks, records, runtime);
    });
  },
};
