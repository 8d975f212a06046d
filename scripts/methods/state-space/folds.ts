import { z } from "zod";
import { fitStateSpace, type StateSpaceRecording } from "../../../main/models/sequences/state-space/fit.ts";
import type { LearnedStateSpace } from "../../../main/models/sequences/state-space/learned.ts";
import { contractionLevel } from "../../../main/models/sequences/state-space/net/contractions.ts";
import { usualNet } from "../../../main/models/sequences/state-space/net/fit.ts";
import { BETWEEN } from "../../../main/models/sequences/state-space/net/rows.ts";
import { usualAdapting } from "../../../main/models/sequences/state-space/net/surprises.ts";
import { type CheckTools, figure, type MethodCheck, type Outcome } from "../check.ts";
import { type Fold, foldOf, FOLDS } from "../ctg/folds.ts";
import { withRuntime } from "../identity/networks.ts";
import { type CtuRecord, ctuFolds, ctuRecords } from "../sequences/ctu.ts";
import {
  calibrationRows,
  coverageRows,
  from,
  HORIZONS,
  limits,
  line,
  networkSays,
  pairedRows,
  simpleMethods,
  withY,
} from "./real.ts";
import { type Cards, crpsOf, joinedCards, KeptCards, keptOf, nllOf, scoreCards } from "./scores.ts";

const NUMBERED_WRONGLY = 1433; // its deceleration marks: left out of every figure
const METHOD = "filter + networks";
const plan = {
  ...{ isRate: true, unit: 1, regimes: false, contractions: false, fillsGaps: false, length: 1 },
  members: usualNet.members,
};

/** As it is fitted in the product, to the fold's training records; those for validation calibrate. */
function fitted(
  { train, validation }: Fold,
  seed: number,
  tell: (done: number) => void,
): Promise<LearnedStateSpace> {
  const recording =
    (part: StateSpaceRecording["part"]) =>
    ({ fhr: y, observed, uc, ucObserved }: CtuRecord): StateSpaceRecording => ({
      part,
      seen: { y, observed, uc: Float32Array.from(uc), contractions: contractionLevel(uc, ucObserved) },
    });
  return withRuntime((runtime) =>
    fitStateSpace([...train.map(recording("train")), ...validation.map(recording("validation"))], plan, {
      runtime: () => Promise.resolve(runtime),
      ...{ seed, signal: new AbortController().signal, resume: undefined },
      onProgress: tell,
      onCheckpoint: () => Promise.resolve(),
    }),
  );
}

const KeptFold = z.record(z.string(), KeptCards); // by method
type KeptFold = z.infer<typeof KeptFold>;

/** Scores of the records of one fold, by what was learned from the others. */
async function foldScores(fold: Fold, say: (line: string) => void): Promise<KeptFold> {
  const parts = `${fold.train.length} learned from, ${fold.validation.length} calibrate, ${fold.test.length} scored`;
  say(`fold ${fold.fold}: ${parts}`);
  let told = 0;
  const { network, dynamics } = await fitted(fold, fold.fold + 1, (done) => {
    if (done < told + 0.25) return;
    told = done;
    say(`fold ${fold.fold}: ${Math.round(100 * done)} % learned`);
  });
  if (network === null) throw new Error("too few moments to learn from");
  const [train, validation, test] = [fold.train, fold.validation, fold.test].map(withY);
  const methods = await simpleMethods({ fit: train ?? [], val: validation ?? [] }, dynamics);
  const all = [[METHOD, networkSays(network, dynamics)] as const, ...methods];
  return Object.fromEntries(
    all.map(([name, says]) => {
      const cards = scoreCards(test ?? [], says, HORIZONS);
      say(line(`fold ${fold.fold}, ${name}`, cards));
      return [name, keptOf(cards)];
    }),
  );
}

/** What each fold reached alone, beside all records together. */
function withFolds(row: Outcome, folds: readonly number[]): Outcome {
  const [low, high] = [Math.min(...folds), Math.max(...folds)];
  return { ...row, value: `${row.value} (folds ${figure(low)} to ${figure(high)})` };
}

function limitRows(own: Cards, folds: readonly Cards[]): Outcome[] {
  const rows = limits(METHOD, own, { nll: [2.04, 3.6, 3.82, 3.97], crps: [1.37, 6, 7.2, 8] }, from);
  return rows.map((row, i) => {
    const [h = 1, of] = [HORIZONS[i % HORIZONS.length], i < HORIZONS.length ? nllOf : crpsOf];
    return withFolds(
      row,
      folds.flatMap((cards) => {
        const card = cards.get(h);
        return card === undefined ? [] : [of(card)];
      }),
    );
  });
}

async function run({ data, say, cells }: CheckTools): Promise<readonly Outcome[]> {
  const folds = ctuFolds(data());
  const ids = [...folds.keys()].filter((id) => id !== NUMBERED_WRONGLY).sort((a, b) => a - b);
  const records = ctuRecords(data(), ids);
  const there: KeptFold[] = [];
  for (const number of FOLDS) {
    const fold = foldOf(records, folds, number);
    const made = {
      plan,
      net: usualNet,
      widths: { between: BETWEEN, adapts: usualAdapting },
      train: fold.train.map(({ id }) => id),
      test: fold.test.map(({ id }) => id),
    };
    const found = await cells.of(
      { table: "ssm-real-folds", method: METHOD, part: number, made },
      KeptFold,
      () => foldScores(fold, say),
    );
    if (found !== undefined) there.push(found);
  }
  const measured: Outcome = {
    what: "folds measured",
    value: `${there.length} of ${FOLDS.length}`,
    expected: "all of them",
    pass: there.length < FOLDS.length ? null : true,
    ...from,
  };
  if (there.length === 0) return [measured];
  const isWhole = there.length === FOLDS.length;
  const soFar = (row: Outcome): Outcome =>
    isWhole ? row : { ...row, value: `${row.value}, ${there.length} of ${FOLDS.length} folds`, pass: null };
  const joined = (name: string): Cards => joinedCards(there.map((fold) => fold[name] ?? []));
  const own = joined(METHOD);
  const others = Object.keys(there[0] ?? {}).filter((name) => name !== METHOD);
  const rows = [
    ...limitRows(
      own,
      there.map((fold) => joinedCards([fold[METHOD] ?? []])),
    ),
    ...coverageRows(METHOD, own),
    ...calibrationRows(METHOD, own),
    ...others.flatMap((name) => pairedRows(`${METHOD} less ${name}`, own, joined(name))),
  ];
  return [measured, ...rows.map(soFar)];
}

export const stateSpaceFolds: MethodCheck = {
  id: "ssm-real-folds",
  about:
    "All labour records of CTU-UHB here but 1433 looked ahead in, each by what was learned from the other four folds (clinical.csv), as the product fits it from the values of labour records on",
  isInPieces: true,
  run,
};
