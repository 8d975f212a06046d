import type { CausalPart } from "../../../preload/contract/run.ts";
import { fitGaussianClasses } from "../../models/distributions/gaussian-classes.ts";
import type { RecordingRows, Template, TemplateFit } from "../../models/adaptation/adaptation.ts";
import { untempered, type CausalTemperatures } from "../../models/adaptation/causal-answer.ts";
import { CausalAdaptation, causalParts, type CausalSettings } from "../../models/adaptation/causal.ts";
import { pickedInputs } from "../../models/window-rows.ts";
import { UNLABELLED, type Dataset, type DatasetRecording } from "../data/dataset.ts";
import { fitTemperature } from "../judge/calibration.ts";
import {
  answerStream,
  guidedWindowsOf,
  type ScoreAligned,
  type Stream,
  type StreamAnswers,
} from "../predict/causal-stream.ts";
import type { AlignedInputs } from "./aligned.ts";

/** A recording of somebody that whoever judges it was not trained on. */
export interface CausalCase {
  readonly subject: string;
  readonly rows: RecordingRows;
  readonly labels: Int16Array; // [n] class, or UNLABELLED
  readonly asItIs: readonly Float32Array[]; // logits of the members that never saw the person
  readonly members: readonly number[]; // which those are
  readonly template: Template; // that the person is not in
}

/**
 * The counts of the recipe, which were seconds there: windows of half a second every quarter (26 people, five folds).
 * A centre worth 5 s instead of 15 was as good, 30 s lost a point; weights of the evidence from 0.02 to 0.4 a window
 * were within 0.3 points.
 */
export function causalSettings(strideS: number, leastMass: number): CausalSettings {
  const windows = (seconds: number): number => Math.max(1, Math.round(seconds / strideS));
  return {
    centreWindows: windows(15),
    evidenceWeight: Math.min(1, 0.2 * strideS),
    meansWindows: windows(2.5),
    meansSteps: 3,
    meansEvery: windows(1),
    pastWindows: Math.min(MOST_PAST, windows(180)),
    massWindows: windows(120),
    leastMass,
    doubtAfter: windows(30),
  };
}

/** Windows that the class means are moved by: three minutes, and no more than can be gone through every second. */
const MOST_PAST = 2000;

/** The template of everybody but some, with the orientations that all of them together told. */
export function templateWithout(
  left: ReadonlySet<string>,
  { template, orientations, softLabels, shrink }: TemplateFit,
  dataset: Dataset,
  aligned: AlignedInputs,
): Template {
  const { width } = dataset.layout;
  const classes = dataset.classes.length;
  const training = dataset.recordings.filter(({ part }) => part === "train");
  const kept = training.flatMap((recording, i) => {
    const weights = softLabels[i];
    return left.has(recording.subject) || !weights ? [] : [{ recording, weights }];
  });
  const count = kept.reduce((sum, { recording: { from, to } }) => sum + to - from, 0);
  const rows = {
    count,
    x: new Float32Array(count * width),
    observed: new Uint8Array(count * width),
    weights: new Float64Array(count * classes),
  };
  let at = 0;
  for (const { recording, weights } of kept) {
    const [from, to] = [recording.from * width, recording.to * width];
    rows.x.set(aligned.x.subarray(from, to), at * width);
    rows.observed.set(aligned.observed.subarray(from, to), at * width);
    rows.weights.set(weights, at * classes);
    at += recording.to - recording.from;
  }
  const gaussian = fitGaussianClasses(rows, { width, classes, shrink, prior: "uniform" });
  return {
    ...template,
    gaussian,
    ...wornBy(
      kept.map(({ recording }) => recording),
      template,
      orientations,
      aligned,
    ),
  };
}

/** How those people wore it: the share of each way, and the mean of their own means. */
function wornBy(
  recordings: readonly DatasetRecording[],
  { symmetries, centre: { length: width } }: Template,
  orientations: ReadonlyMap<string, number>,
  { centres }: AlignedInputs,
): Pick<Template, "logOrientation" | "centre"> {
  const people = [...new Set(recordings.map(({ subject }) => subject))];
  const counts = new Float64Array(symmetries.length).fill(0.5);
  const centre = new Float64Array(width);
  for (const person of people) {
    const way = orientations.get(person) ?? 0;
    counts[way] = (counts[way] ?? 0) + 1;
    const own = recordings.filter(({ subject }) => subject === person);
    for (const { id } of own) {
      const mean = centres.get(id);
      symmetries[way]?.forEach((from, i) => {
        centre[i] = (centre[i] ?? 0) + (mean?.[from] ?? 0) / own.length / people.length;
      });
    }
  }
  const total = counts.reduce((a, b) => a + b, 0);
  return { logOrientation: counts.map((count) => Math.log(count / total)), centre };
}

/** The windows of a case for which `keeps` holds, as a stream of their own. */
function streamOf(
  { rows, asItIs, template, labels }: CausalCase,
  {
    settings,
    guidedWindows,
    keeps,
  }: {
    readonly settings: CausalSettings;
    readonly guidedWindows: number;
    readonly keeps: (label: number) => boolean;
  },
): { readonly stream: Stream; readonly labels: Int16Array } {
  const kept = [...labels.keys()].filter((n) => keeps(labels[n] ?? UNLABELLED));
  const { width, classes } = template.gaussian;
  const own = pickedInputs({ ...rows, width }, kept);
  const logits = asItIs.map((all) => {
    const out = new Float32Array(kept.length * classes);
    kept.forEach((n, i) => out.set(all.subarray(n * classes, (n + 1) * classes), i * classes));
    return out;
  });
  return {
    stream: { rows: own, asItIs: logits, template, settings, guidedWindows },
    labels: Int16Array.from(kept, (n) => labels[n] ?? UNLABELLED),
  };
}

/** A posterior mass that is never taken for a class that occurs: half a second of windows at least. */
const LEAST_MASS_S = 0.5;
/** Where there is nobody to choose it on. */
const USUAL_MASS_S = 2;
/** Of streams in which classes are absent, the share whose false mass may be taken for theirs. */
const FALSE_SHARE = 0.05;

/** Classes that are left in a stream to see what is made of those that are absent: every other one. */
const isLeft = (label: number, parity: number): boolean => label === UNLABELLED || label % 2 === parity;

/**
 * The posterior mass from which every class is taken to occur: what the rarest still gets in streams from which every
 * other class was taken out, but for one stream in twenty, from people that the template was not made of. [windows]
 */
export function leastMassOf(cases: readonly CausalCase[], strideS: number): number {
  const settings = causalSettings(strideS, Infinity); // the means stay: only the mass is looked at
  const found: number[] = [];
  for (const one of cases) {
    const { width } = one.template.gaussian;
    for (const parity of [0, 1]) {
      const { stream } = streamOf(one, {
        settings,
        guidedWindows: 0,
        keeps: (label) => isLeft(label, parity),
      });
      const adaptation = new CausalAdaptation(one.template, settings);
      let most = 0;
      for (let n = 0; n < stream.rows.count; n += 1) {
        const [from, to] = [n * width, (n + 1) * width];
        adaptation.next(stream.rows.x.subarray(from, to), stream.rows.observed.subarray(from, to));
        most = Math.max(most, adaptation.leastMass);
      }
      if (stream.rows.count > 0) found.push(most);
    }
  }
  found.sort((a, b) => a - b);
  const high = found[Math.ceil((1 - FALSE_SHARE) * (found.length - 1))];
  return Math.max(LEAST_MASS_S / strideS, high ?? USUAL_MASS_S / strideS);
}

/** Fewer labelled windows than that tell no temperature. */
const FEWEST_WINDOWS = 200;

/**
 * A temperature for each part, on people that nothing was learned from, their recordings run causally: as they are, as
 * if somebody had guided their first minute, and with every other class left out, where `cautious` is at work.
 */
export async function causalTemperatures(
  cases: readonly CausalCase[],
  settings: CausalSettings,
  {
    score,
    strideS,
    asItIs,
  }: { readonly score: ScoreAligned; readonly strideS: number; readonly asItIs: number },
): Promise<CausalTemperatures> {
  const guidedWindows = guidedWindowsOf(strideS);
  const all: { answers: StreamAnswers; labels: Int16Array; subject: string }[] = [];
  for (const [at, one] of cases.entries()) {
    const ways = [
      { guidedWindows: 0, keeps: () => true },
      { guidedWindows, keeps: () => true },
      { guidedWindows: 0, keeps: (label: number) => isLeft(label, at % 2) },
    ];
    const own: ScoreAligned = async (x, observed) => {
      const { logits, logDensity } = await score(x, observed);
      const pick = (from: readonly Float32Array[]): Float32Array[] =>
        one.members.map((member) => from[member] ?? new Float32Array(0));
      return { logits: pick(logits), logDensity: pick(logDensity) };
    };
    for (const way of ways) {
      const { stream, labels } = streamOf(one, { settings, ...way });
      const answers = await answerStream(stream, own, { ...untempered, static: asItIs });
      all.push({ answers, labels, subject: one.subject });
    }
  }
  const fitted = (part: CausalPart): number | undefined => temperatureOf(all, causalParts.indexOf(part));
  const causal = fitted("causal") ?? 1;
  return {
    static: asItIs,
    causal,
    cautious: fitted("cautious") ?? causal,
    means: fitted("means") ?? causal,
  };
}

function temperatureOf(
  all: readonly { readonly answers: StreamAnswers; readonly labels: Int16Array; readonly subject: string }[],
  part: number,
): number | undefined {
  const voices: number[][] = [];
  const labels: number[] = [];
  const subjects: string[] = [];
  let classes = 0;
  for (const { answers, labels: own, subject } of all) {
    own.forEach((label, n) => {
      if (label === UNLABELLED || answers.parts[n] !== part) return;
      labels.push(label);
      subjects.push(subject);
      answers.voices.forEach((voice, member) => {
        classes = voice.length / own.length;
        const into = (voices[member] ??= []);
        for (let c = 0; c < classes; c += 1)
          into.push(Math.log(Math.max(1e-12, voice[n * classes + c] ?? 0)));
      });
    });
  }
  return labels.length < FEWEST_WINDOWS
    ? undefined
    : fitTemperature({ members: voices, labels, subjects, classes });
}

/** Rows of one recording as the model's inputs. */
export function recordingRows(
  { observed, layout: { width } }: Dataset,
  x: Float32Array,
  { from, to }: DatasetRecording,
): RecordingRows {
  return {
    count: to - from,
    x: x.subarray(from * width, to * width),
    observed: observed.subarray(from * width, to * width),
  };
}

export interface CausalInputs {
  readonly dataset: Dataset;
  readonly x: Float32Array; // standardised, of every window
  readonly groups: ReadonlyMap<string, number>; // training people by the member that leaves them out
  readonly labels: Int16Array; // of every window, estimated ones among them
  readonly fit: TemplateFit;
  readonly aligned: AlignedInputs;
  readonly score: ScoreAligned; // by the network that knows nothing of a person
  readonly members: number;
}

/** Recordings to choose thresholds and temperatures on: of validation people, else of training people left out. */
export async function causalCases(inputs: CausalInputs): Promise<readonly CausalCase[]> {
  const { dataset, x, groups, labels, fit, aligned, score, members } = inputs;
  const everyone = Array.from({ length: members }, (_, member) => member);
  const hasValidation = dataset.recordings.some(({ part }) => part === "validation");
  const templates = new Map<number, Template>();
  const without = (group: number): Template => {
    const known = templates.get(group);
    if (known) return known;
    const left = new Set([...groups].filter(([, own]) => own === group).map(([subject]) => subject));
    const found = templateWithout(left, fit, dataset, aligned);
    templates.set(group, found);
    return found;
  };
  const cases: CausalCase[] = [];
  for (const recording of dataset.recordings) {
    const { part, subject, from, to } = recording;
    const own = labels.subarray(from, to);
    const group = groups.get(subject) ?? -1;
    const isWanted = hasValidation ? part === "validation" : part === "train" && group >= 0;
    if (!isWanted || own.every((label) => label === UNLABELLED)) continue;
    const rows = recordingRows(dataset, x, recording);
    const { logits } = await score(rows.x, rows.observed);
    const chosen = hasValidation ? everyone : [group];
    cases.push({
      subject,
      rows,
      labels: own,
      asItIs: chosen.map((member) => logits[member] ?? new Float32Array(0)),
      members: chosen,
      template: hasValidation ? fit.template : without(group),
    });
  }
  return cases;
}
