import { pairedSentence } from "../../../preload/contract/paired.ts";
import type { TestReport } from "../../../preload/contract/run.ts";
import { emgAmplitude } from "../../../main/models/fronts/emg-amplitude.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { frontNameOf, models } from "../../../main/models/registry.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import type { CheckTools, MethodCheck, Outcome } from "../check.ts";
import { fitted, peopleOf, reportOf, rowsOf, scaled, scalingOf, smoothed, type Variant } from "./fitted.ts";
import {
  bursts,
  grouped,
  myo,
  singleSamples,
  threeDc,
  uci,
  windowsOf,
  withoutElectrodes,
  type Cut,
  type EmgRecording,
  type EmgWindows,
} from "./windows.ts";
import { goals, named } from "./variants.ts";

const RECIPE = "recipe-emg-mixtures.md §7";

/** Registered methods that read an electrode's levels, as they come and in the forms worth telling apart. */
function variants(only?: (variant: Variant) => boolean): Variant[] {
  const kinds = models().filter(
    ({ kind, over, kinds }) =>
      over === "windows" && kinds.includes("emg") && frontNameOf({ kind }) === "auto",
  );
  const known = kinds.map(({ kind }) => kind);
  const usual = known
    .filter((kind) => !named.some(({ settings }) => settings.kind === kind))
    .map((kind): Variant => ({ name: kind, settings: { kind } }));
  const all = [...named.filter(({ settings }) => known.includes(settings.kind)), ...usual];
  return only ? all.filter(only) : all;
}

interface Judged {
  readonly report: TestReport;
  readonly smooth: number; // accuracy after five windows of the same segment are taken together
  readonly seconds: number;
}

/** A split of windows: what is learned from, what is judged, and the labels that are known. */
export interface Split {
  readonly train: EmgWindows;
  readonly test: EmgWindows;
  readonly known?: (n: number) => boolean;
}

/** The same splits for every method; windows of all splits are judged together, person by person. */
export async function over(splits: readonly Split[], variant: Variant, classes: number): Promise<Judged> {
  const tests: EmgWindows[] = [];
  const said: Float64Array[] = [];
  const smooth: Float64Array[] = [];
  let seconds = 0;
  for (const [seed, { train, test, known = () => true }] of splits.entries()) {
    const scaling = scalingOf(train);
    const method = await fitted(variant, rowsOf(scaled(train, scaling), classes, known), seed);
    const probabilities = await method.judge(scaled(test, scaling));
    tests.push(test);
    said.push(probabilities);
    smooth.push(smoothed(probabilities, test, classes));
    seconds += method.seconds;
  }
  const all = joinedWindows(tests);
  return {
    report: reportOf(all, joined(said), classes),
    smooth: reportOf(all, joined(smooth), classes).subjectAccuracy,
    seconds: seconds / splits.length,
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** For a report: labels, people and recordings one after the other. Inputs are not joined. */
function joinedWindows(tests: readonly EmgWindows[]): EmgWindows {
  const flat = (of: (windows: EmgWindows) => Int32Array): Int32Array =>
    Int32Array.from(tests.flatMap((windows) => [...of(windows)]));
  return {
    ...{ x: new Float32Array(0), observed: new Uint8Array(0), width: tests[0]?.width ?? 0 },
    count: tests.reduce((sum, { count }) => sum + count, 0),
    labels: flat(({ labels }) => labels),
    segments: flat(({ segments }) => segments),
    recordings: tests.flatMap(({ recordings }) => recordings),
    people: tests.flatMap(({ people }) => people),
  };
}

const percent = (share: number): string => (100 * share).toFixed(1);

/** Every method on the same splits: its figures, its goal where there is one, and the paired difference to LDA and QDA. */
async function table(
  about: string,
  splits: readonly Split[],
  classes: number,
  { say }: CheckTools,
  { goal, only }: { readonly goal: keyof typeof goals; readonly only?: (variant: Variant) => boolean },
): Promise<Outcome[]> {
  const references = new Map<string, ReadonlyMap<string, number>>();
  const outcomes: Outcome[] = [];
  for (const variant of variants(only)) {
    const { report, smooth, seconds } = await over(splits, variant, classes);
    const people = peopleOf(report);
    if (variant.name === "lda" || variant.name === "qda") references.set(variant.name, people);
    const must = goals[goal][variant.name];
    const beside = [...references]
      .filter(([name]) => name !== variant.name)
      .map(([name, others]) => `− ${name} ${pairedSentence(pairedOverGroups(people, others))}`);
    const lowest = Math.min(...people.values());
    const figures = [
      `${percent(report.subjectAccuracy)} %`,
      `(lowest ${percent(lowest)}, five windows ${percent(smooth)})`,
      `NLL ${report.nll.toFixed(3)}, ECE ${report.ece.toFixed(3)}, ${seconds.toFixed(1)} s`,
      ...beside,
    ];
    say(`${variant.name}: ${figures.join("; ")}`);
    outcomes.push({
      what: `${about}: ${variant.name}`,
      value: figures.join("; "),
      expected: must === undefined ? "no goal" : `≥ ${must} %`,
      pass: must === undefined || 100 * report.subjectAccuracy >= must,
      evidence: "computed",
      source: RECIPE,
    });
  }
  return outcomes;
}

const MYO_CUT = { size: 52, step: 26 }; // 260 ms
const UCI_CUT = { size: 24, step: 12 };
const THREE_DC_CUT = { size: 250, step: 125 };

/** One split a person: learned from `from`, judged on all other blocks. */
function within(recordings: readonly EmgRecording[], from: string, cut: Cut): Split[] {
  const people = grouped(recordings, ({ person }) => person);
  return [...people.values()]
    .filter((own) => own.some(({ block }) => block === from) && own.some(({ block }) => block !== from))
    .map((own) => ({
      train: windowsOf(
        own.filter(({ block }) => block === from),
        emgAmplitude,
        cut,
      ),
      test: windowsOf(
        own.filter(({ block }) => block !== from),
        emgAmplitude,
        cut,
      ),
    }));
}

export const emgWithin: MethodCheck = {
  id: "emg-within",
  about: "Gestures within a person, another block tested (Myo, 13 people; UCI, 22; 3DC, 3)",
  run: async (tools) => {
    const data = tools.data();
    return [
      ...(await table("Myo", within(myo(data), "training0", MYO_CUT), 7, tools, { goal: "myo" })),
      ...(await table("UCI", within(uci(data), "1", UCI_CUT), 6, tools, { goal: "uci" })),
      ...(await table("3DC", within(threeDc(data), "train", THREE_DC_CUT), 11, tools, { goal: "none" })),
    ];
  },
};

/** Order of the people's names in which every fifth is tested: NumPy's default_rng(0).permutation(26). */
const ORDER = [19, 4, 10, 11, 25, 2, 24, 6, 16, 23, 3, 21, 8, 0, 20, 12, 18, 13, 7, 5, 17, 14, 22, 9, 1, 15];
const FOLDS = 5;

function unseenFolds(recordings: readonly EmgRecording[]): (readonly string[])[] {
  const names = [...new Set(recordings.map(({ person }) => person))].sort();
  return Array.from({ length: FOLDS }, (_, fold) =>
    ORDER.filter((_person, place) => place % FOLDS === fold).map((index) => names[index] ?? ""),
  );
}

const EVERY = 8; // training windows

export function unseen(
  recordings: readonly EmgRecording[],
  judged: (of: EmgWindows) => EmgWindows = (of) => of,
): Split[] {
  return unseenFolds(recordings).map((held) => ({
    train: windowsOf(
      recordings.filter(({ person }) => !held.includes(person)),
      emgAmplitude,
      MYO_CUT,
      {
        every: EVERY,
      },
    ),
    test: judged(
      windowsOf(
        recordings.filter(({ person }) => held.includes(person)),
        emgAmplitude,
        MYO_CUT,
      ),
    ),
  }));
}

export const emgUnseen: MethodCheck = {
  id: "emg-unseen",
  about: "Gestures of people never seen (Myo, 26 people, five folds, every eighth training window)",
  run: (tools) => table("Myo, unseen people", unseen(myo(tools.data())), 7, tools, { goal: "unseen" }),
};

/** What is taken away of the test block, each by its share. */
const losses = {
  "single samples": (share: number) => singleSamples(share, seededRandom(1, 71)),
  bursts: (share: number) => bursts(share, MYO_CUT, seededRandom(1, 72)),
};

export const emgMissing: MethodCheck = {
  id: "emg-missing",
  about: "Missing samples and electrodes in the test block, training complete (Myo, 13 people, test0)",
  run: async ({ data, say }) => {
    const recordings = myo(data()).filter(({ block }) => block !== "test1");
    const own = within(recordings, "training0", MYO_CUT);
    const outcomes: Outcome[] = [];
    for (const variant of variants(({ name }) => name !== "qda")) {
      const whole = await over(own, variant, 7);
      const points = (report: TestReport): string =>
        `${percent(report.subjectAccuracy)} (ECE ${report.ece.toFixed(3)})`;
      const columns: string[] = [`0: ${points(whole.report)}`];
      let [samples, electrodes] = [0, 0];
      for (const share of [0.1, 0.2, 0.3, 0.5]) {
        for (const [name, loss] of Object.entries(losses)) {
          const { report } = await over(damaged(recordings, own, loss(share)), variant, 7);
          columns.push(`${name} ${share}: ${points(report)}`);
          if (share === 0.2 && name === "single samples")
            samples = whole.report.subjectAccuracy - report.subjectAccuracy;
        }
        const random = seededRandom(1, 73);
        const absent = own.map(({ train, test }) => ({
          train,
          test: withoutElectrodes(test, 8, share, random),
        }));
        const { report } = await over(absent, variant, 7);
        columns.push(`electrodes ${share}: ${points(report)}`);
        if (share === 0.2) electrodes = whole.report.subjectAccuracy - report.subjectAccuracy;
      }
      say(`${variant.name}: ${columns.join("; ")}`);
      outcomes.push(
        {
          what: `${variant.name}: accuracy %, by share missing`,
          ...{ value: columns.join("; "), expected: "no goal", pass: true },
          ...{ evidence: "computed", source: "recipe-emg-mixtures.md §4" },
        },
        lost(`${variant.name}: points lost at 20 % of single samples`, samples),
        lost(`${variant.name}: points lost with each electrode absent with probability 0.2`, electrodes),
      );
    }
    return outcomes;
  },
};

const lost = (what: string, points: number): Outcome => ({
  ...{ what, value: Number((100 * points).toFixed(1)), expected: "≤ 3", pass: 100 * points <= 3 },
  ...{ evidence: "computed", source: RECIPE },
});

/** The same splits with samples of the tested block taken away. */
function damaged(
  recordings: readonly EmgRecording[],
  splits: readonly Split[],
  loss: ReturnType<typeof singleSamples>,
): Split[] {
  const people = [...grouped(recordings, ({ person }) => person).values()].filter((own) =>
    own.some(({ block }) => block === "training0"),
  );
  return splits.map(({ train }, i) => ({
    train,
    test: windowsOf(
      (people[i] ?? []).filter(({ block }) => block !== "training0"),
      emgAmplitude,
      MYO_CUT,
      {
        loss,
      },
    ),
  }));
}

/** About so many windows of each gesture keep their label: one run of them each. */
function runOfEach(of: EmgWindows, classes: number, count: number, seed: number): (n: number) => boolean {
  const random = seededRandom(seed, 74);
  const known = new Set<number>();
  for (let c = 0; c < classes; c += 1) {
    const own = Array.from({ length: of.count }, (_, n) => n).filter((n) => of.labels[n] === c);
    const from = random.below(Math.max(1, own.length - count));
    for (const n of own.slice(from, from + count)) known.add(n);
  }
  return (n) => known.has(n);
}

export const emgFewLabels: MethodCheck = {
  id: "emg-few-labels",
  about:
    "One short run of labelled windows of each gesture, the rest of the block unlabelled (Myo, 13 people)",
  run: async (tools) => {
    const own = within(myo(tools.data()), "training0", MYO_CUT);
    const outcomes: Outcome[] = [];
    for (const [name, count] of Object.entries({ "1 %": 2, "5 %": 7, "10 %": 15 })) {
      const splits = own.map((split, i) => ({ ...split, known: runOfEach(split.train, 7, count, i) }));
      outcomes.push(
        ...(await table(`Myo, ${name} of the labels`, splits, 7, tools, {
          goal: name === "1 %" ? "one-percent" : "none",
        })),
      );
    }
    return outcomes;
  },
};
