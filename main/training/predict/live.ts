import { type JudgedWindow, liveLimits, type LiveOrder } from "../../../preload/contract/acquisition.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { ownNames, type OwnNames } from "../../../preload/contract/own-names.ts";
import type { Run } from "../../../preload/contract/run.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { softmaxRows } from "../../models/linear-algebra.ts";
import type { Front, SignalSource } from "../../models/fronts/front.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { modelOf, sequenceModelOf } from "../../models/registry.ts";
import { sampleAt, windowEnd, windowOnsetS, type WindowGrid } from "../../signal/window.ts";
import { assess, type AssessRule } from "../data/assess.ts";
import { channelsOf, needsOfRun, wantedOf } from "../data/dataset.ts";
import { unpackModel, type TrainedModel } from "../model-file/model-file.ts";
import { unpackSequenceModel } from "../model-file/sequence-file.ts";
import type { LiveStream, Tools, Trained } from "../work.ts";
import { CausalStream } from "./causal-stream.ts";
import { LiveFollowing } from "./live-following.ts";
import { liveSeconds } from "./live-seconds.ts";
import { lastArrivalS, type LiveChannel, LiveTail, sourceOf } from "./live-tail.ts";
import { LiveWork } from "./live-work.ts";
import {
  alignedVoices,
  keptRows,
  opinionOf,
  typicalityOf,
  type Opinion,
  type ReadWindows,
} from "./predict.ts";
import type { Scores } from "./score.ts";
import { voicesOf, type Voices } from "./voices.ts";

/** Windows judged in one call: seldom is there more than one. */
const ROWS = 16;
/** Of a gap that is told when it is over, as after a night's sleep of the computer, windows so far back are told. */
const GAP_TOLD_S = 60;

/** Throws model/not-live or model/wrong-channels where this run cannot judge these channels as they come. */
export async function openLive(
  { run, model: bytes, ...order }: Trained & LiveOrder,
  { library, runtimeFor }: Pick<Tools, "library" | "runtimeFor">,
  tell: (judged: readonly JudgedWindow[]) => void,
): Promise<LiveStream> {
  const connected = (): readonly LiveChannel[] =>
    channelsOf(run, library, {
      name: "What is connected",
      channels: order.channels.map((header, position) => ({
        ...header,
        ...{ position, sampleCount: Number.MAX_SAFE_INTEGER, observedCount: 0 },
      })),
    });
  const runtime = async (): Promise<Runtime> => (await runtimeFor(run.config.engine)).runtime;
  if (modelOf(run.config.model.kind).over === "sequences") {
    const names = ownNames(wantedOf(run, library), order.channels);
    return openFollowing({ run, bytes, names, runtime, tell }, connected);
  }
  const model = unpackModel(bytes);
  const front = chooseFront(model.front, [order.kind]);
  if (front.looksBeyond)
    throw notLive(run, "it looks at the minutes before and after a window, which have not come yet");
  const channels = connected();
  const judge = await openJudge(model, adaptationOf(run, model, order), runtime);
  const rule = { ...run.config.data.windows, needs: needsOfRun(run.config.data, library, front, channels) };
  return new LiveWindows(
    { model, front, rule, judge, tell },
    channels.map((one) => new LiveTail(one)),
  ).stream;
}

const notLive = ({ config }: Run, why: string): AppError =>
  new AppError("model/not-live", `${config.name} cannot decide while something is recorded: ${why}`, {
    run: config.name,
  });

interface FollowingOrder {
  readonly run: Run;
  readonly bytes: Uint8Array;
  readonly names: OwnNames;
  readonly runtime: () => Promise<Runtime>;
  readonly tell: (judged: readonly JudgedWindow[]) => void;
}

/** A model of whole recordings that can follow one as it comes looks ahead from its end, or says what each second is. */
async function openFollowing(
  { run, bytes, names, runtime, tell }: FollowingOrder,
  connected: () => readonly LiveChannel[],
): Promise<LiveStream> {
  const { kind, learned } = unpackSequenceModel(bytes);
  const judge = await sequenceModelOf(kind).open(learned, runtime);
  try {
    const tailsOf = (channels: readonly LiveChannel[]) => channels.map((one) => new LiveTail(one));
    if (judge.seconds !== undefined) {
      const tails = tailsOf(connected());
      return liveSeconds({ judge, seconds: await judge.seconds(), tails, tell });
    }
    if (judge.follower === undefined)
      throw notLive(run, "it follows whole recordings, and cannot follow one that is still coming");
    const channels = connected();
    const follower = await judge.follower(channels);
    return new LiveFollowing({ judge, follower, tails: tailsOf(channels), names, tell });
  } catch (error) {
    await judge.dispose();
    throw error;
  }
}

function adaptationOf(
  run: Run,
  { template, causal }: TrainedModel,
  { adaptation }: LiveOrder,
): LiveAdaptation {
  const isThere = template !== null && causal !== undefined;
  if (adaptation === "causal" && !isThere)
    throw new AppError(
      "model/no-causal-adaptation",
      `${run.config.name} was trained without what adapting to the past of a stream needs`,
      { run: run.config.name },
    );
  return isThere && adaptation !== "none" ? { template, causal } : undefined;
}

type LiveAdaptation =
  | {
      readonly template: NonNullable<TrainedModel["template"]>;
      readonly causal: NonNullable<TrainedModel["causal"]>;
    }
  | undefined;

type Rows = ReadWindows["rows"];

/** What the members say of windows that follow each other. */
interface Judge {
  /** While nothing waits. */
  prepare(): void;
  opinion(rows: Rows): Promise<{ readonly opinion: Opinion; readonly scores: Scores }>;
  dispose(): Promise<void>;
}

async function openJudge(
  model: TrainedModel,
  adaptation: LiveAdaptation,
  runtime: () => Promise<Runtime>,
): Promise<Judge> {
  const width = model.standardisation.mean.length;
  const voices = await voicesOf(model, width, runtime, ROWS);
  const k = model.classes.length;
  if (adaptation === undefined) {
    await warm(voices, width);
    return {
      prepare: () => undefined,
      opinion: async ({ x, observed }) => {
        const scores = await voices.score(x, observed);
        const each = scores.logits.map((logits) => softmaxRows(logits, k, model.temperature));
        return { opinion: opinionOf(each, k), scores };
      },
      dispose: () => voices.dispose(),
    };
  }
  const { template, causal } = adaptation;
  const aligned = await alignedVoices(model, causal, runtime, ROWS);
  await warm(voices, width);
  await warm(aligned, width);
  const { settings, temperatures } = causal;
  const stream = new CausalStream({ template, settings, guidedWindows: 0 }, temperatures);
  return {
    prepare: () => stream.prepare(),
    opinion: async (rows) => {
      const scores = await voices.score(rows.x, rows.observed);
      const answers = await stream.next({ rows, asItIs: scores.logits }, (x, o) => aligned.score(x, o));
      return { opinion: opinionOf(answers.voices, k), scores };
    },
    dispose: async () => {
      await voices.dispose();
      await aligned.dispose();
    },
  };
}

/** The first call is the slowest: it is over before anything is recorded. */
const warm = (voices: Voices, width: number): Promise<unknown> =>
  voices.score(new Float32Array(width), new Uint8Array(width));

interface LiveParts {
  readonly model: TrainedModel;
  readonly front: Front;
  readonly rule: AssessRule & Pick<WindowGrid, "windowS" | "strideS">;
  readonly judge: Judge;
  readonly tell: (judged: readonly JudgedWindow[]) => void;
}

class LiveWindows {
  readonly stream: LiveStream;
  readonly #parts: LiveParts;
  readonly #tails: readonly LiveTail[];
  readonly #source: SignalSource;
  #next: number | undefined; // window of the recording

  constructor(parts: LiveParts, tails: readonly LiveTail[]) {
    this.#parts = parts;
    this.#tails = tails;
    this.#source = sourceOf(tails);
    const { judge, tell, front } = parts;
    const { pastS = 0 } = front;
    this.stream = new LiveWork<WindowGrid>({
      tails,
      next: () => {
        const grid = this.#complete();
        return grid.count > 0 ? grid : undefined;
      },
      judge: async (grid) => {
        tell(await this.#judge(grid));
        this.#next = (grid.first ?? 0) + grid.count;
        for (const tail of tails)
          tail.drop(sampleAt(this.#next * grid.strideS - pastS, tail.channel.sampleRate));
      },
      idle: () => judge.prepare(),
      dispose: () => judge.dispose(),
    });
  }

  /** The next windows of which everything has been told, at most ROWS. */
  #complete(): WindowGrid {
    const { windowS, strideS } = this.#parts.rule;
    const first = this.#first(strideS);
    const grid = { windowS, strideS, first: first ?? 0 };
    let count = 0;
    const isComplete = (n: number): boolean =>
      this.#tails.every(
        ({ channel, reached }) => windowEnd({ ...grid, count: 0 }, n, channel.sampleRate) <= reached,
      );
    while (first !== undefined && count < ROWS && isComplete(count)) count += 1;
    return { ...grid, count };
  }

  /** The next window: of one that is entered later the first whole one, of a long gap one near its end. */
  #first(strideS: number): number | undefined {
    const beginS = this.#tails.map(({ begin, channel }) => (begin ?? NaN) / channel.sampleRate);
    if (beginS.some(Number.isNaN)) return undefined;
    this.#next ??= Math.ceil(Math.max(...beginS) / strideS - 1e-9);
    const earliestS = Math.min(...this.#tails.map(({ earliest, channel }) => earliest / channel.sampleRate));
    this.#next = Math.max(this.#next, Math.floor((earliestS - GAP_TOLD_S) / strideS));
    return this.#next;
  }

  async #judge(grid: WindowGrid): Promise<JudgedWindow[]> {
    const { model, front, rule, judge } = this.#parts;
    const { isAssessable } = assess(this.#source, grid, rule);
    const extraction = front.extract(this.#source, grid);
    let step = extraction.next();
    while (step.done !== true) step = extraction.next();
    const { kept, rows } = keptRows(model, { isAssessable, table: step.value });
    const judged = Array.from({ length: grid.count }, (_, n) => this.#unobserved(grid, n));
    if (rows.count === 0) return judged;
    const { opinion, scores } = await judge.opinion(rows);
    const typicality = typicalityOf(model, scores);
    for (const [row, n] of kept.entries()) {
      const { said, arrivedS } = this.#unobserved(grid, n);
      const { onsetS, durationS } = said;
      const what = decided(model.classes, opinion, row, typicality[row] ?? 0);
      judged[n] = { said: { onsetS, durationS, ...what }, arrivedS };
    }
    return judged;
  }

  #unobserved(grid: WindowGrid, n: number): JudgedWindow {
    return {
      said: { onsetS: windowOnsetS(grid, n), durationS: grid.windowS, why: "unobserved" },
      arrivedS: lastArrivalS(this.#tails, (rate) => windowEnd(grid, n, rate)),
    };
  }
}

function decided(
  codes: readonly string[],
  { mean, low, high }: Opinion,
  row: number,
  typicality: number,
): Pick<JudgedWindow["said"], "classes" | "decision" | "why"> {
  const classes = codes.map((label, c) => {
    const at = row * codes.length + c;
    return { label, mean: mean[at] ?? NaN, low: low[at] ?? NaN, high: high[at] ?? NaN };
  });
  const best = classes.reduce((most, one) => (one.mean > most.mean ? one : most));
  if (typicality < liveLimits.typicality) return { classes, why: "untypical" };
  return best.mean < liveLimits.probability ? { classes, why: "unsure" } : { classes, decision: best.label };
}
