import { falseSignal } from "../../../main/analysis/ctg/false-signal.ts";
import * as weights from "../../../main/analysis/ctg/false-signal-weights.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { SignalTrustConfig } from "../../../main/models/sequences/signal-trust/config.ts";
import { hide } from "../../../main/models/sequences/signal-trust/crops.ts";
import { fitSignalTrust, type TrustRecording } from "../../../main/models/sequences/signal-trust/fit.ts";
import type { TrustInput } from "../../../main/models/sequences/signal-trust/input.ts";
import { trustJudge } from "../../../main/models/sequences/signal-trust/judge.ts";
import type {
  LearnedSignalTrust,
  TrustCalibration,
} from "../../../main/models/sequences/signal-trust/learned.ts";
import { targetsOf } from "../../../main/models/sequences/signal-trust/targets.ts";
import { atLeast, atMost, figure, type CheckTools, type MethodCheck, type Outcome } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";
import { trustRecords, type TrustRecord } from "./fhrma.ts";
import { judgedLive } from "./live.ts";
import { fitLocal, localSignal } from "./logistic.ts";
import {
  aucOf,
  type Card,
  cardOf,
  eceOf,
  type Figure,
  figureOf,
  gainOf,
  intervalOf,
  type Judged,
  nllOf,
  only,
  PPV,
  sensitivityOf,
} from "./scores.ts";

const goal = {
  evidence: "computed",
  source: "recipe-false-signal.md §8, and what it says to reach next",
} as const;
export const recipe = { evidence: "computed", source: "recipe-false-signal.md §5" } as const;
const published = { evidence: "verified", source: "ctg.md §9.3, other recordings" } as const;

export const isHeld = (number: number): boolean => number % 5 === 0;
const calibrates = (number: number): boolean => number % 20 === 1;

/** What is learned from: every file whose number is not divisible by 5; one in twenty of them sets the temperatures. */
export const taught = (records: readonly TrustRecord[]): TrustRecording[] =>
  records
    .filter(({ number }) => !isHeld(number))
    .map(({ input, marks, number }) => ({ input, marks, part: calibrates(number) ? "validation" : "train" }));

type Says = (input: TrustInput) => Promise<{ readonly probability: ArrayLike<number> }>;
type Tells = (input: TrustInput) => TrustInput;

export const asItIs: Tells = (input) => input;
const withoutMhr: Tells = (input) => ({
  ...input,
  mhr: { values: new Float32Array(input.count), observed: new Uint8Array(input.count) },
});
/** A fifth of both heart rates gone in bursts. */
const withHoles: Tells = (input) => {
  const random = seededRandom(input.count);
  const told = { ...input };
  for (const which of ["fhr", "mhr"] as const) {
    told[which] = { values: input[which].values.slice(), observed: input[which].observed.slice() };
    hide(told[which], { from: 0, to: input.count }, random, 0.2);
  }
  return told;
};

/** Every marked sample with a fetal heart rate, as it is told. */
export async function judged(records: readonly TrustRecord[], says: Says, tells: Tells): Promise<Judged[]> {
  const all: Judged[] = [];
  for (const { name, input: whole, marks } of records) {
    const input = tells(whole);
    const { known, y } = targetsOf(input, marks);
    const { probability } = await says(input);
    all.push({
      name,
      probability: Float32Array.from(known, (i) => probability[i] ?? 0),
      isFalse: Uint8Array.from(known, (i) => y[i] ?? 0),
      hasMhr: Uint8Array.from(known, (i) => input.mhr.observed[i] ?? 0),
    });
  }
  return all;
}

const rule: Says = ({ fhr, mhr }) =>
  Promise.resolve({
    probability: fhr.values.map((f, i) => {
      const isNear = mhr.observed[i] === 1 && Math.abs(f - (mhr.values[i] ?? 0)) <= 5;
      return fhr.observed[i] === 1 && isNear ? 1 : 0;
    }),
  });
const local: Says = (input) => Promise.resolve(falseSignal(localSignal({ input })));

export const line = ({ samples, auc, ap, sensitivity, atHalf, ece, nll }: Card): string =>
  `AUC ${auc.toFixed(4)}, AP ${ap.toFixed(3)}, Se ${sensitivity.toFixed(3)} at PPV ${PPV}, at 0.5 ${atHalf.sensitivity.toFixed(3)}/${atHalf.ppv.toFixed(3)}, ECE ${ece.toFixed(4)}, NLL ${nll.toFixed(3)} (${samples})`;

export interface Views {
  readonly all: readonly Judged[];
  readonly withMhr: readonly Judged[];
  readonly without: readonly Judged[];
  readonly hidden: readonly Judged[];
  readonly holes: readonly Judged[];
  readonly scalp: readonly Judged[];
}

export async function viewed(records: readonly TrustRecord[], says: Says): Promise<Views> {
  const [doppler, scalp] = (["doppler", "scalp"] as const).map((own) =>
    records.filter(({ sensor }) => sensor === own),
  ) as [TrustRecord[], TrustRecord[]];
  const all = await judged(doppler, says, asItIs);
  return {
    all,
    withMhr: only(all, (one, i) => one.hasMhr[i] === 1),
    without: only(all, (one, i) => one.hasMhr[i] !== 1),
    hidden: await judged(doppler, says, withoutMhr),
    holes: await judged(doppler, says, withHoles),
    scalp: await judged(scalp, says, asItIs),
  };
}

export const told = (
  what: string,
  value: string,
  expected: string,
  from: typeof recipe | typeof published,
): Outcome => ({
  ...{ what, value, expected, pass: true },
  ...from,
});

export const calibrationTold = ({ withMhr, withoutMhr, biases }: TrustCalibration): string =>
  `temperatures ${figure(withMhr)} with MHR, ${figure(withoutMhr)} without; shifts ${figure(biases.withMhr)} and ${figure(biases.withoutMhr)}`;

/** What is said without a maternal heart rate, where it is said at all. */
function unknownRow(name: string, own: readonly Judged[]): Outcome {
  const known = only(own, (one, i) => (one.probability[i] ?? 0) < 0.2 || (one.probability[i] ?? 0) > 0.8);
  const count = (all: readonly Judged[]): number => all.reduce((sum, { isFalse }) => sum + isFalse.length, 0);
  const { atHalf } = cardOf(known);
  const share = 1 - count(known) / count(own);
  return told(
    `${name}: unknown (0.2 to 0.8)`,
    `${figure(100 * share, 1)} % of samples; of the others sensitivity ${figure(atHalf.sensitivity)}, PPV ${figure(atHalf.ppv)}`,
    "told",
    recipe,
  );
}

export async function measured(
  learned: LearnedSignalTrust,
  records: readonly TrustRecord[],
  { runtime, say }: { readonly runtime: Runtime; readonly say: CheckTools["say"] },
): Promise<Outcome[]> {
  const held = records.filter(({ number }) => isHeld(number));
  const network = await saidBy(learned, held, runtime);
  const unshifted = await saidBy(
    { ...learned, calibration: { ...learned.calibration, biases: { withMhr: 0, withoutMhr: 0 } } },
    held,
    runtime,
  );
  const cards = mapped(network, cardOf);
  for (const [view, card] of Object.entries(cards)) say(`network, ${view}: ${line(card)}`);
  const simpler = await viewed(held, local);
  const logistic = mapped(simpler, cardOf);
  const rules = cardOf((await viewed(held, rule)).all);
  const [low, high] = intervalOf(network.all, aucOf);
  const { all, withMhr, without, hidden, holes, scalp } = cards;
  const live = await liveRows(learned, held, runtime);
  return [
    atLeast(`network: AUC [95 % ${figure(low)}, ${figure(high)}]`, all.auc, 0.99, goal, 4),
    atLeast("network: AP", all.ap, 0.95, goal),
    atMost("network: ECE", all.ece, 0.01, goal, 4),
    atLeast("network, MHR observed: AUC", withMhr.auc, 0.998, goal, 4),
    atLeast(`network, MHR observed: sensitivity at PPV ${PPV}`, withMhr.sensitivity, 0.96, goal),
    atMost("network, MHR observed: ECE", withMhr.ece, 0.01, goal, 4),
    told("network, no MHR in the sample", line(without), "AUC .958, ECE .025", recipe),
    atLeast("network, MHR hidden everywhere: AUC", hidden.auc, 0.915, goal),
    told("network, MHR hidden everywhere", line(hidden), "AUC .916, ECE .034", recipe),
    unknownRow("network, no MHR in the sample", network.without),
    unknownRow("network, MHR hidden everywhere", network.hidden),
    atMost("network, 20 % of both hidden: AUC lost", all.auc - holes.auc, 0.006, goal, 4),
    told("network, scalp electrode", line(scalp), "AUC .989, AP .803, ECE .002", recipe),
    ...live,
    ...besideUnshifted(network, unshifted),
    told("network, all of it", line(all), "AUC .988, AP .957, Se .76", recipe),
    ...views.map((view) =>
      told(`logistic, ${names[view]}`, line(logistic[view]), view === "all" ? "AUC .967" : "told", recipe),
    ),
    ...besideSimpler(network, simpler),
    told("rule, both within 5 bpm", line(rules), "AUC .709", recipe),
    told(
      "how the network was learned",
      `${learned.members.length} sets of parameters, ends of cycles; ${calibrationTold(learned.calibration)}`,
      "two networks of 5,100 steps, three ends each",
      recipe,
    ),
    told(
      "published network",
      "AUC .9983, Se .964 at PPV .945, ECE .004; MHR hidden .9928",
      "other recordings: not compared",
      published,
    ),
  ];
}

const saidBy = async (
  learned: LearnedSignalTrust,
  records: readonly TrustRecord[],
  runtime: Runtime,
): Promise<Views> => {
  const judge = await trustJudge(learned, runtime);
  return viewed(records, (input) => judge.judge(input)).finally(() => judge.dispose());
};

/** The network beside itself without the shifts of its calibration, which order nothing anew within a kind. */
function besideUnshifted(network: Views, unshifted: Views): readonly Outcome[] {
  return [
    ...views.map((view) =>
      told(`network without shifts, ${names[view]}`, line(cardOf(unshifted[view])), "told", recipe),
    ),
    ...(
      [
        ["AUC", aucOf],
        [`sensitivity at PPV ${PPV}`, sensitivityOf],
        ["ECE", eceOf],
        ["NLL", nllOf],
      ] as const
    ).flatMap(([what, of]) => [
      intervalRow(`network: ${what}`, network.all, of),
      differenceRow(`network − without shifts, all: ${what}`, [network.all, unshifted.all], of),
    ]),
  ];
}

/** The network beside the logistic regression, in pairs. */
function besideSimpler(network: Views, simpler: Views): readonly Outcome[] {
  return views.map((view) =>
    differenceRow(`network − logistic, ${names[view]}: AUC`, [network[view], simpler[view]], aucOf),
  );
}

function intervalRow(what: string, own: readonly Judged[], of: Figure): Outcome {
  const [low, high] = intervalOf(own, of).map((end) => figure(end, 4));
  return told(`${what} [95 %]`, `${figure(figureOf(own, of), 4)} [${low}, ${high}]`, "told", recipe);
}

/** In pairs, over recordings drawn again. */
export function differenceRow(
  what: string,
  [own, other]: readonly [readonly Judged[], readonly Judged[]],
  of: Figure,
): Outcome {
  const { gain, interval } = gainOf(own, other, of);
  const [low, high] = interval.map(signed);
  return told(what, `${signed(gain)} [95 % ${low}, ${high}]`, "not measured before", recipe);
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;

const DELAYS_S = [0, 30] as const;

/** The same network in use while a recording comes: one marked sample in two minutes, by what had come alone. */
async function liveRows(
  learned: LearnedSignalTrust,
  records: readonly TrustRecord[],
  runtime: Runtime,
): Promise<Outcome[]> {
  const doppler = records.filter(({ sensor }) => sensor === "doppler");
  const rows: Outcome[] = [];
  for (const delayS of DELAYS_S) {
    const said = await judgedLive(learned, doppler, delayS, runtime);
    const withMhr = cardOf(only(said, (one, i) => one.hasMhr[i] === 1));
    const what = `network, past alone, ${delayS} s after a sample came`;
    rows.push(told(what, line(cardOf(said)), "not measured before", recipe));
    rows.push(told(`${what}, MHR observed`, line(withMhr), "not measured before", recipe));
  }
  return rows;
}

export const views = ["all", "withMhr", "without", "hidden", "holes", "scalp"] as const;
export const names: Readonly<Record<keyof Views, string>> = {
  all: "all",
  withMhr: "MHR observed",
  without: "no MHR in the sample",
  hidden: "MHR hidden everywhere",
  holes: "20 % of both hidden",
  scalp: "scalp electrode",
};

const mapped = (views: Views, of: (judged: readonly Judged[]) => Card): Record<keyof Views, Card> => ({
  all: of(views.all),
  withMhr: of(views.withMhr),
  without: of(views.without),
  hidden: of(views.hidden),
  holes: of(views.holes),
  scalp: of(views.scalp),
});

/** Two networks of 5,100 steps: about twenty minutes of one thread that has a core to itself. */
export const falseSignalCheck: MethodCheck = {
  id: "false-signal",
  about:
    "What is not the fetus, FHRMA: 97 ultrasound and 34 scalp recordings (numbers divisible by 5) that nothing was learned from",
  run: async ({ data, say }) => {
    const records = trustRecords(data());
    return withRuntime(async (runtime) => {
      const learned = await fitSignalTrust(taught(records), SignalTrustConfig.parse({}), { runtime });
      return measured(learned, records, { runtime, say });
    });
  },
};

/** The numbers that the application carries are those that its features give on the files that teach. */
export const falseSignalWeightsCheck: MethodCheck = {
  id: "false-signal-weights",
  about: "The logistic regression of local features, fitted again on the files it was fitted on",
  run: ({ data }) => {
    const again = fitLocal(trustRecords(data(), (number) => !isHeld(number)));
    const off = (own: readonly number[], fresh: readonly number[]): number =>
      Math.max(...own.map((one, k) => Math.abs(one - (fresh[k] ?? NaN))));
    const most = Math.max(off(weights.withMhr, again.withMhr), off(weights.withoutMhr, again.withoutMhr));
    return [atMost("largest difference of a weight", most, 0.01, goal)];
  },
};
