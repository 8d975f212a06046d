import type { Tensor } from "@tensorflow/tfjs-core";
import type { z } from "zod";
import type { Words } from "../../preload/contract/label-set.ts";
import type { AboutMethod, Picture } from "../../preload/contract/method.ts";
import type { Capability } from "../../preload/contract/model.ts";
import type { RecordingKind } from "../../preload/contract/recording.ts";
import type { Estimator } from "./estimator.ts";
import type { Ring, SignalSource, SourceChannel } from "./fronts/front.ts";
import type { Runtime } from "../compute/runtime.ts";
import type { NamedArray, NamedArrays } from "../compute/parameters.ts";
import type { Params } from "../compute/tensors.ts";
import type { ChannelRole } from "../../preload/contract/recording.ts";
import type { Content, Curves, Forecast } from "../../preload/contract/finding.ts";
import type { Interval } from "../signal/window.ts";

/** What a network for windows is made for. */
export interface WindowShape {
  readonly features: number; // inputs a window
  readonly columns: number; // of them in a row over time: features / columns rows
  readonly classes: number;
  readonly maskInputs: boolean; // the mask goes to the network as further inputs
  readonly ring: Ring | undefined; // the inputs are profiles around a bracelet
  readonly labelledCount: number; // labelled windows in training
}

/** Windows to learn from: standardised, 0 where unobserved. A row of y sums to 1, or is all zero where unlabelled. */
export interface WindowRows {
  readonly count: number;
  readonly width: number;
  readonly classes: number;
  readonly x: Float32Array; // [n x width]
  readonly observed: Uint8Array; // [n x width]
  readonly y: Float32Array; // [n x k]
}

/** What one member says of windows. */
export interface WindowScores {
  readonly logits: Float32Array; // [n x k]: log probabilities up to a constant a row
  readonly logDensity: Float32Array; // [n]; 0 where the model has no density
}

/**
 * Learning by descent: a network's initial parameters and its loss, recorded once and run whole (compute/). `network` is
 * everything the estimator is made of, as plain values that a model file keeps.
 */
export interface Descent<Config> {
  readonly kind: "descent";
  network(config: Config, shape: WindowShape): Readonly<Record<string, unknown>>;
  /** Throws for values that make no network. */
  estimator(network: unknown): Estimator<unknown>;
  /** Numbers in it, without making it: what a file asks for is known before memory is taken for it. */
  size(network: unknown): number;
  rate(config: Config, shape: WindowShape): number; // peak learning rate where the configuration names none
  /** The same without what the model learns from unlabelled windows, to be compared with; absent: there is no such thing. */
  withoutUnlabelled?(config: Config): Config;
}

/** Learning in rounds: EM, closed forms, Newton; float64, any shape, may prune. Plain values come out. */
export interface Rounds<Config, Data, Learned> {
  readonly kind: "rounds";
  begin(config: Config, data: Data, seed: number): Learned;
  /** score: the objective, higher is better. Cancelled between rounds, nothing of it stays. */
  round(
    learned: Learned,
    config: Config,
    data: Data,
    signal: AbortSignal,
  ): Promise<{ readonly learned: Learned; readonly score: number; readonly isSettled: boolean }>;
  readonly mostRounds: number;
}

interface Told<Config> {
  readonly kind: string;
  readonly name: Words;
  readonly sentence: Words;
  /** Settings with their ranges and defaults. The training page is drawn from it (form.ts). */
  readonly config: z.ZodType<Config>;
  readonly kinds: readonly RecordingKind[]; // of recordings it can learn from
  readonly usualFor: readonly RecordingKind[]; // it is the first choice of
  readonly can: readonly Capability[];
  readonly about: AboutMethod;
}

/** What the inputs and the classes of a run are called. */
export interface PictureNames {
  readonly inputs: readonly string[];
  readonly classes: readonly string[];
}

/** A classifier of windows that learns by descent. */
export interface DescentModel<Config> extends Told<Config> {
  readonly over: "windows";
  readonly learning: Descent<Config>;
  /** What one member learned. */
  pictures?(network: unknown, member: NamedArrays, names: PictureNames): Picture[];
}

/** A classifier of windows that learns in rounds. */
export interface RoundsModel<Config, Learned> extends Told<Config> {
  readonly over: "windows";
  readonly learning: Rounds<Config, WindowRows, Learned>;
  readonly file: z.ZodType<Learned>; // what is saved, checked when it is read
  score(learned: Learned, rows: Pick<WindowRows, "count" | "x" | "observed">): WindowScores;
  /** Which way of its class, from 1, each row looks most like, given the class of each [n]; 0: the class has none. */
  subclasses?(
    learned: Learned,
    rows: Pick<WindowRows, "count" | "x" | "observed">,
    classOf: ArrayLike<number>,
  ): Uint8Array;
  /** What one member learned. */
  pictures?(learned: Learned, names: PictureNames): Picture[];
}

/** A recording to learn from, whole. */
export interface Sequence {
  readonly id: string;
  readonly subject: string;
  readonly part: "train" | "validation";
  readonly leftOutBy?: number; // the network that takes no step on it, and for which it is validation
  readonly source: SignalSource;
  readonly marks: Marked | undefined; // absent: unlabelled
}

/** What people said about a recording: events, where absence of one means there was none, and marks that teach neither. */
export interface Marked {
  readonly events: readonly MarkedInterval[];
  readonly read: readonly Interval[];
  readonly unclear: readonly MarkedInterval[];
}
interface MarkedInterval extends Interval {
  readonly code: string;
}

/** Labels that exclude each other, and the role of the channel that they speak about. */
export interface SequenceGroup {
  readonly name: string;
  readonly role: ChannelRole;
  readonly codes: readonly string[];
}

export interface SequenceData {
  readonly groups: readonly SequenceGroup[];
  readonly sequences: readonly Sequence[];
}

export interface SequenceTools {
  readonly runtime: () => Promise<Runtime>; // chosen when it is first asked for
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, loss?: number) => void; // share, 0 to 1
  readonly onCheckpoint: (place: unknown) => Promise<void>; // plain values and typed arrays
  readonly resume: unknown;
}

/** Learning by descent in stages of the method's own, written with compute's step and loop. */
export interface Stages<Config, Learned> {
  readonly kind: "descent";
  fit(config: Config, data: SequenceData, tools: SequenceTools): Promise<Learned>;
}

/** What may come at one moment, as a distribution over the values of a channel. */
export interface Predictive {
  readonly mean: number;
  logDensity(value: number): number; // nats
  cdf(value: number): number;
  quantile(share: number): number;
}

/** What comes, seen from one moment. */
export interface Future {
  readonly forecast: Forecast;
  /** `aheadS` seconds later; undefined beyond the horizon. */
  at(aheadS: number): Predictive | undefined;
}

/** Looks ahead from any moment of a recording, by what was observed up to it alone. */
export interface Forecaster {
  readonly channel: number; // of the source: whose values are looked ahead
  /** Undefined where too little is known to say anything. */
  at(timeS: number): Future | undefined;
}

/** Hears a recording as it comes. What it says at a moment is what a forecaster of the whole recording says there. */
export interface Follower {
  /** The next samples of a channel of those it was opened for, with their mask, in pieces of any size. */
  hear(channel: number, values: Float32Array, observed: Uint8Array): void;
  readonly timeS: number; // up to which every channel has been heard
  /** From timeS on. */
  future(): Future | undefined;
}

/** What is said of a second of a recording that is under way. */
export interface SaidOfSecond extends Interval {
  /** By code; absent where nothing was observed. */
  readonly classes?: { label: string; mean: number; low: number; high: number }[];
  readonly decision?: string; // code
  readonly why?: "unobserved" | "unsure"; // there is none
}

/** Judges a recording as it comes, by what came before alone: as its judge will once it is whole. */
export interface SecondsJudge {
  readonly pastS: number; // so far back of a second it looks
  /** Whole seconds that have come; `source` need not hold what lies further back. */
  judge(source: SignalSource, span: Interval): Promise<readonly SaidOfSecond[]>;
  dispose(): Promise<void>;
}

export interface SequenceJudge {
  judge(source: SignalSource, options: { readonly signal: AbortSignal }): Promise<readonly Content[]>;
  forecaster?(source: SignalSource, options: { readonly signal: AbortSignal }): Promise<Forecaster>;
  /** What may have been in the gaps of a recording, with its band: series that are `filled`. */
  fill?(source: SignalSource, options: { readonly signal: AbortSignal }): Promise<Curves>;
  follower?(channels: readonly SourceChannel[]): Promise<Follower>;
  seconds?(): Promise<SecondsJudge>;
  dispose(): Promise<void>;
}

/** Of float32. */
export interface StepPart {
  readonly name: string;
  readonly shape: readonly number[];
  readonly text: string;
}

/** One step of a model that follows recordings, so that others can run it. The last output is the last input of the next step. */
export interface ModelStep {
  readonly classes: readonly string[]; // codes
  readonly members: number;
  readonly parameters: readonly (NamedArray & { readonly name: string })[];
  readonly inputs: readonly StepPart[];
  readonly outputs: readonly StepPart[];
  /** Recorded, and run by anybody. */
  readonly predict: (params: Params, feeds: readonly Tensor[]) => readonly Tensor[];
  /** The same by what this program itself runs. */
  readonly own: (feeds: readonly Float32Array[]) => readonly Float32Array[];
}

/** Follows a whole recording and says events, curves or both. */
export interface SequenceModel<Config, Learned> extends Told<Config> {
  readonly over: "sequences";
  readonly labels: "needed" | "used" | "unused"; // used: it learns from unlabelled recordings alone too
  /** What is not marked is unknown, though somebody read it: marks teach where they lie. Absent: what is read and not marked is none. */
  readonly unmarked?: "unknown";
  /** Roles of the channels that it looks at. Absent: those that its kinds of recordings are about. */
  readonly hears?: readonly ChannelRole[];
  /** Channels of these roles may be missing in a recording: its source leaves them out. Absent: none may. */
  readonly mayLack?: readonly ChannelRole[];
  readonly learning: Stages<Config, Learned> | Rounds<Config, SequenceData, Learned>;
  /**
   * How many networks leave training people out in turn, where a run names nobody for validation. Absent, or fewer than
   * two: some of the training people are for validation alone then.
   */
  leavingOut?(config: Config): number;
  readonly file: z.ZodType<Learned>;
  /** The most it learns at once; absent: as many as there are. */
  readonly most?: { readonly groups: number; readonly labels: number }; // labels of one group
  open(learned: Learned, runtime: () => Promise<Runtime>): Promise<SequenceJudge>;
  /** What it learned. */
  pictures?(learned: Learned): Picture[];
  /** For those that can export. */
  step?(learned: Learned): ModelStep;
  /** The simplest method that says the same, learned from the same recordings in seconds: what the model has to beat. */
  floor?(
    config: Config,
    data: SequenceData,
    tools: Pick<SequenceTools, "seed" | "signal">,
  ): Promise<SequenceJudge>;
  /** Simple methods that look ahead too, each learned from the same recordings. */
  forecastFloors?(
    data: SequenceData,
    tools: Pick<SequenceTools, "signal">,
  ): Promise<readonly { readonly name: string; readonly judge: SequenceJudge }[]>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list of models with a configuration of its own each
export type WindowModel = DescentModel<any> | RoundsModel<any, any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- likewise
export type Model = WindowModel | SequenceModel<any, any>;
