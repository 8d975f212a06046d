import { z } from "zod";
import { pairedSentence } from "../../../preload/contract/paired.ts";
import type { TestReport } from "../../../preload/contract/run.ts";
import { emgAmplitude } from "../../../main/models/fronts/emg-amplitude.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { frontNameOf, models } from "../../../main/models/registry.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import type { Cells } from "../cells.ts";
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
  type Loss,
} from "./windows.ts";
import { goals, integratesGaps, named, semiSupervised } from "./variants.ts";

const RECIPE = "recipe-emg-mixtures.md §7";

/** Registered methods that read an electrode's levels, as they come and in the forms worth telling apart. */
function variants(only: (variant: Variant) => boolean = () => true): Variant[] {
  const known = models()
    .filter(({ over, kinds }) => over === "windows" && kinds.includes("emg"))
    .map(({ kind }) => kind)
    .filter((kind) => frontNameOf({ kind }) === "auto");
  const usual = known
    .filter((kind) => !named.some(({ settings }) => settings.kind === kind))
    .map((kind): Variant => ({ name: kind, settings: { kind } }));
  return [...named.filter(({ settings }) => known.includes(settings.kind)), ...usual].filter(only);
}

const withEveryLabel = ({ settings }: Variant): boolean => !semiSupervised.includes(settings.kind);

interface Judged {
  readonly report: TestReport;
  readonly smooth: number; // accuracy after five windows of the same segment are taken together
  readonly seconds: number;
}

/** A split of windows: what is learned from, the labels that are known, and what is judged, as often as it was changed. */
export interface Split {
  readonly train: EmgWindows;
  readonly tests: readonly EmgWindows[];
  readonly known?: (n: number) => boolean;
}

/** What a method said of the windows of a split's tests, as a cell keeps it: float32 in base64, a test each. */
const Said = z.object({ seconds: z.number(), tests: z.array(z.string()) });
type Said = z.infer<typeof Said>;

const packed = (values: Float64Array): string =>
  Buffer.from(Float32Array.from(values).buffer).toString("base64");

function unpacked(text: string): Float64Array {
  const bytes = Buffer.from(text, "base64");
  return Float64Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

async function said(
  { train, tests, known = () => true }: Split,
  variant: Variant,
  classes: number,
  seed: number,
): Promise<Said> {
  const scaling = scalingOf(train);
  const method = await fitted(variant, rowsOf(scaled(train, scaling), classes, known), seed);
  const answers: string[] = [];
  for (const test of tests) answers.push(packed(await method.judge(scaled(test, scaling))));
  return { seconds: method.seconds, tests: answers };
}

/** What makes a cell: settings, and how many windows were learned from, with a label, and judged. */
const madeOf = ({ train, tests, known = () => true }: Split, { settings }: Variant): unknown => ({
  settings,
  train: [train.count, Array.from({ length: train.count }, (_, n) => n).filter(known).length],
  tests: tests.map(({ count }) => count),
});

/** Where a table keeps its cells; without, nothing is kept. */
interface Kept {
  readonly table: string;
  readonly tools: Pick<CheckTools, "cells" | "say">;
}

const nowhere: Kept = {
  table: "",
  tools: { cells: { of: (_key, _value, measure) => measure() } satisfies Cells, say: () => undefined },
};

/**
 * The same splits for every method; windows of all splits are judged together, person by person. One answer a test. How many
 * of the splits are there, where the time was over before all of them were.
 */
async function overTests(
  splits: readonly Split[],
  variant: Variant,
  classes: number,
  { table, tools }: Kept,
): Promise<readonly Judged[] | number> {
  const parts: Said[] = [];
  for (const [part, split] of splits.entries()) {
    const key = { table, method: variant.name, part, made: madeOf(split, variant) };
    const found = await tools.cells.of(key, Said, async () => {
      const own = await said(split, variant, classes, part);
      tools.say(
        `${table}, ${variant.name}: ${part + 1} of ${splits.length} learned in ${own.seconds.toFixed(1)} s`,
      );
      return own;
    });
    if (found !== undefined) parts.push(found);
  }
  if (parts.length < splits.length) return parts.length;
  const seconds = parts.reduce((sum, part) => sum + part.seconds / splits.length, 0);
  return (splits[0]?.tests ?? []).map((_, test) => {
    const probabilities = parts.map(({ tests }) => unpacked(tests[test] ?? ""));
    const windows = splits.flatMap(({ tests }) => tests[test] ?? []);
    const all = joinedWindows(windows);
    const report = reportOf(all, joined(probabilities), classes);
    const smooth = joined(
      windows.map((own, i) => smoothed(probabilities[i] ?? new Float64Array(0), own, classes)),
    );
    return { report, smooth: reportOf(all, smooth, classes).subjectAccuracy, seconds };
  });
}

/** The first test of each split, measured now. */
export async function over(splits: readonly Split[], variant: Variant, classes: number): Promise<Judged> {
  const first = await overInPieces(splits, variant, classes, nowhere);
  if (first === undefined) throw new Error("a split without a test");
  return first;
}

/** The first test of each split, in cells of a table; undefined while some of them are not there. */
export async function overInPieces(
  splits: readonly Split[],
  variant: Variant,
  classes: number,
  kept: Kept,
): Promise<Judged | undefined> {
  const firsts = splits.map((split) => ({ ...split, tests: split.tests.slice(0, 1) }));
  const found = await overTests(firsts, variant, classes, kept);
  return typeof found === "number" ? undefined : found[0];
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

const notMeasured = (what: string, there: number, splits: number, source: string): Outcome => ({
  ...{ what, value: `not measured (${there} of ${splits} parts are there)`, expected: "–", pass: null },
  ...{ evidence: "computed", source },
});

/** What was lost where samples or electrodes were taken from the tested windows. */
const withLess = ([whole, ...less]: readonly Judged[]): readonly string[] =>
  less.map(({ report }, i) => {
    const lost = 100 * ((whole?.report.subjectAccuracy ?? Number.NaN) - report.subjectAccuracy);
    return `${LESS[i]}: ${percent(report.subjectAccuracy)} (${lost.toFixed(1)} lost)`;
  });

/** Every method on the same splits: its figures, its goal where there is one, and the paired difference to LDA and QDA. */
async function table(
  about: string,
  splits: readonly Split[],
  classes: number,
  tools: CheckTools,
  {
    goal,
    only = withEveryLabel,
  }: { readonly goal: keyof typeof goals; readonly only?: typeof withEveryLabel },
): Promise<Outcome[]> {
  const references = new Map<string, ReadonlyMap<string, number>>();
  const outcomes: Outcome[] = [];
  for (const variant of variants(only)) {
    const what = `${about}: ${variant.name}`;
    const judged = await overTests(splits, variant, classes, { table: about, tools });
    const first = typeof judged === "number" ? undefined : judged[0];
    if (typeof judged === "number" || first === undefined) {
      outcomes.push(notMeasured(what, typeof judged === "number" ? judged : 0, splits.length, RECIPE));
      continue;
    }
    const { report, smooth, seconds } = first;
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
      ...withLess(judged),
      ...beside,
    ];
    tools.say(`${variant.name}: ${figures.join("; ")}`);
    outcomes.push({
      what,
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

const LESS = ["20 % of the samples missing", "each electrode absent, p = 0.2"] as const;

/** What is tested, as it is and with a fifth taken away: single samples, then electrodes. */
function alsoWithLess(recordings: readonly EmgRecording[], cut: Cut): EmgWindows[] {
  const whole = windowsOf(recordings, emgAmplitude, cut);
  return [
    whole,
    windowsOf(recordings, emgAmplitude, cut, { loss: singleSamples(0.2, seededRandom(2, 71)) }),
    withoutElectrodes(whole, whole.width / 2, 0.2, seededRandom(2, 73)),
  ];
}

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
      tests: alsoWithLess(
        own.filter(({ block }) => block !== from),
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

export function unseen(recordings: readonly EmgRecording[]): Split[] {
  return unseenFolds(recordings).map((held) => {
    const of = (isHeld: boolean): readonly EmgRecording[] =>
      recordings.filter(({ person }) => held.includes(person) === isHeld);
    return {
      train: windowsOf(of(false), emgAmplitude, MYO_CUT, { every: EVERY }),
      tests: alsoWithLess(of(true), MYO_CUT),
    };
  });
}

export const emgUnseen: MethodCheck = {
  id: "emg-unseen",
  about: "Gestures of people never seen (Myo, 26 people, five folds, every eighth training window)",
  run: (tools) => table("Myo, unseen people", unseen(myo(tools.data())), 7, tools, { goal: "unseen" }),
};

const SHARES = [0, 0.1, 0.2, 0.3, 0.5];
const WAYS = ["single samples", "bursts", "electrodes"] as const;

/** The tested block as it is, then with each share taken away in each way. */
function damaged(recordings: readonly EmgRecording[]): EmgWindows[] {
  const cut = (loss?: Loss): EmgWindows => windowsOf(recordings, emgAmplitude, MYO_CUT, { loss });
  const whole = cut();
  return SHARES.flatMap((share) =>
    share === 0
      ? [whole]
      : [
          cut(singleSamples(share, seededRandom(1, 71))),
          cut(bursts(share, MYO_CUT, seededRandom(1, 72))),
          withoutElectrodes(whole, 8, share, seededRandom(1, 73)),
        ],
  );
}

export const emgMissing: MethodCheck = {
  id: "emg-missing",
  about: "Missing samples and electrodes in the test block, training complete (Myo, 13 people, test0)",
  run: async (tools) => {
    const { data, say } = tools;
    const people = grouped(
      myo(data()).filter(({ block }) => block === "training0" || block === "test0"),
      ({ person }) => person,
    );
    const splits = [...people.values()]
      .filter((own) => own.length === 2)
      .map((own) => ({
        train: windowsOf(
          own.filter(({ block }) => block === "training0"),
          emgAmplitude,
          MYO_CUT,
        ),
        tests: damaged(own.filter(({ block }) => block === "test0")),
      }));
    const outcomes: Outcome[] = [];
    for (const variant of variants(withEveryLabel)) {
      const judged = await overTests(splits, variant, 7, { table: "Myo, missing", tools });
      const of =
        typeof judged === "number"
          ? WAYS.map((way) =>
              notMeasured(`${variant.name}, ${way}`, judged, splits.length, MISSING_SOURCE.source),
            )
          : missingRows(variant.name, judged);
      for (const { what, value } of of) say(`${what}: ${value}`);
      outcomes.push(...of);
    }
    return outcomes;
  },
};

const MISSING_SOURCE = { evidence: "computed", source: "recipe-emg-mixtures.md §4, §7" } as const;

function missingRows(name: string, [whole, ...rest]: readonly Judged[]): Outcome[] {
  const from = whole?.report.subjectAccuracy ?? Number.NaN;
  return WAYS.flatMap((way, at) => {
    const own = rest.filter((_, i) => i % WAYS.length === at).map(({ report }) => report);
    const told = own.map(
      ({ subjectAccuracy, ece }, i) =>
        `${SHARES[i + 1]}: ${percent(subjectAccuracy)} (ECE ${ece.toFixed(3)})`,
    );
    const lost = 100 * (from - (own[1]?.subjectAccuracy ?? Number.NaN)); // at 0.2
    const isAsked = integratesGaps.includes(name) && way !== "bursts";
    return [
      {
        what: `${name}, ${way}`,
        value: `0: ${percent(from)}; ${told.join("; ")}; points lost at 0.2: ${lost.toFixed(1)}`,
        expected: isAsked ? "at most 3 points lost at 0.2" : "no goal",
        pass: !isAsked || lost <= 3,
        ...MISSING_SOURCE,
      },
    ];
  });
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

/** Within a person, `count` windows of each gesture in one run with their label, the rest of the block without. */
export const fewLabelsOfMyo = (data: string, count: number): Split[] =>
  within(myo(data), "training0", MYO_CUT).map((split, i) => ({
    ...{ train: split.train, tests: split.tests.slice(0, 1) },
    known: runOfEach(split.train, 7, count, i),
  }));

export const emgFewLabels: MethodCheck = {
  id: "emg-few-labels",
  about:
    "One short run of labelled windows of each gesture, the rest of the block unlabelled (Myo, 13 people)",
  run: async (tools) => {
    const outcomes: Outcome[] = [];
    for (const [name, count] of Object.entries({ "1 %": 2, "5 %": 7, "10 %": 15 })) {
      const splits = fewLabelsOfMyo(tools.data(), count);
      outcomes.push(
        ...(await table(`Myo, ${name} of the labels`, splits, 7, tools, {
          goal: name === "1 %" ? "one-percent" : "none",
          only: () => true,
        })),
      );
    }
    return outcomes;
  },
};
