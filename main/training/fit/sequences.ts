import { z } from "zod";
import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { EngineFacts, Run } from "../../../preload/contract/run.ts";
import { pack, unpack } from "../../compute/packed.ts";
import type { Runtime } from "../../compute/runtime.ts";
import type {
  Sequence,
  SequenceData,
  SequenceJudge,
  SequenceModel,
  SequenceTools,
} from "../../models/model.ts";
import { configured, sequenceModelOf } from "../../models/registry.ts";
import { labelsOf, readSequences, type SequenceRecording, type Sequences } from "../data/sequences.ts";
import { eventReport, type JudgedRecording } from "../judge/event-report.ts";
import { judgeForecasts } from "../judge/judge-forecasts.ts";
import { packSequenceModel } from "../model-file/sequence-file.ts";
import type { FitTools } from "../work.ts";
import { untilSettled } from "./rounds.ts";
import type { Report } from "./fit.ts";

/** How a run's time is shared out, for one progress bar. */
const TRAINING = [0.02, 0.9] as const;
const FLOOR = 0.93; // what the model is compared with is learned and judged from here
const LOOKING = 0.95; // what it looks ahead is judged from here

/**
 * Trains a model that follows whole recordings and judges it on people it never saw. Same configuration, data and seed:
 * same numbers on a CPU. Throws model/too-few-labels, model/diverged, cancelled/by-user.
 */
export async function fitSequences(
  started: Run,
  tools: FitTools & { readonly report: Report },
): Promise<{ readonly run: Run; readonly model: Uint8Array }> {
  const { config } = started;
  const { settings } = configured(config.model);
  const model = sequenceModelOf(config.model.kind);
  const { report, signal } = tools;
  const sequences = readSequences(config, tools.library);
  if (model.labels === "needed") refuseUnread(sequences, model);
  const data = dataOf(sequences);
  let engine: EngineFacts | undefined;
  let opened: Promise<Runtime> | undefined;
  let reached: number = TRAINING[0];
  const open = async (): Promise<Runtime> => {
    report("engine", reached);
    const chosen = await tools.runtimeFor(started.engine?.engine ?? config.engine, undefined, {
      threads: started.engine?.threads,
    });
    engine = { ...chosen.facts };
    return chosen.runtime;
  };
  const runtime = (): Promise<Runtime> => (opened ??= open());
  const underway = (): Run => ({
    ...started,
    classes: [...labelsOf(config)],
    ...(engine === undefined ? {} : { engine }),
  });
  const learned: unknown = await learn(model, settings, data, {
    seed: config.seed,
    signal,
    runtime,
    resume: tools.resume === undefined ? undefined : placeIn(tools.resume, sequences),
    onProgress: (done) => {
      const [from, to] = TRAINING;
      reached = from + (to - from) * done; // an engine may be opened long after: it does not set progress back
      report("training", reached);
    },
    onCheckpoint: (place) =>
      tools.onCheckpoint(underway(), pack({ groups: sequences.groups, inTurn: sequences.inTurn, place })),
  });
  refuseUnreadable(model, learned);
  reached = TRAINING[1];
  report("evaluating", reached);
  const judge = await model.open(learned, runtime);
  const judging = { model, settings, data, judge, sequences, tools };
  const { events, forecast } = await judged(judging, config.seed).finally(() => judge.dispose());
  return {
    run: {
      ...underway(),
      ...(events === undefined ? {} : { events }),
      ...(forecast === undefined ? {} : { forecast }),
      phase: "done",
      finishedAt: new Date().toISOString(),
    },
    model: packSequenceModel({ kind: model.kind, learned }),
  };
}

interface Judging {
  readonly model: SequenceModel<unknown, unknown>;
  readonly settings: unknown;
  readonly data: SequenceData;
  readonly judge: SequenceJudge;
  readonly sequences: Sequences;
  readonly tools: FitTools & { readonly report: Report };
}

/** On people it never saw: how it finds what readers marked, and how what it looks ahead came true. */
async function judged(
  { model, settings, data, judge, sequences, tools }: Judging,
  seed: number,
): Promise<Pick<Run, "events" | "forecast">> {
  const { signal, report } = tools;
  const { groups, recordings, inTurn } = sequences;
  const test = recordings.filter(({ part }) => part === "test");
  const validation = recordings.flatMap(({ part, leftOutBy, marks, subject }) =>
    part === "validation" || (leftOutBy !== undefined && marks !== undefined) ? [subject] : [],
  );
  const read = test.filter(({ marks }) => marks !== undefined);
  const onJudged =
    (from: number, to: number) =>
    (share: number): void =>
      report("evaluating", from + (to - from) * share);
  let events: Run["events"];
  if (model.labels === "needed" || (read.length > 0 && model.can.includes("events"))) {
    const said = await judgeAll(read, judge, { signal, onJudged: onJudged(TRAINING[1], FLOOR) });
    const floor = read.length === 0 ? undefined : await model.floor?.(settings, data, { seed, signal });
    const floorSaid =
      floor &&
      (await judgeAll(read, floor, { signal, onJudged: onJudged(FLOOR, LOOKING) }).finally(() =>
        floor.dispose(),
      ));
    events = { ...eventReport(groups, said, validation, floorSaid), ...(inTurn ? { inTurn } : {}) };
  }
  if (judge.forecaster === undefined) return { events };
  const floors = (await model.forecastFloors?.(data, { signal })) ?? [];
  const hooks = { signal, onJudged: onJudged(LOOKING, 1) };
  const forecast = await judgeForecasts(test, { judge, floors, validation }, hooks);
  return { events, forecast };
}

/** A model that its own file does not take could be judged now and never opened again. */
function refuseUnreadable({ kind, file }: SequenceModel<unknown, unknown>, learned: unknown): void {
  const [issue] = file.safeParse(learned).error?.issues ?? [];
  if (issue === undefined) return;
  const where = issue.path.map(String).join(".");
  throw new AppError(
    "model/diverged",
    `What ${kind} learned is out of its bounds: ${where}: ${issue.message}`,
    {
      kind,
      where,
    },
  );
}

const Kept = z.object({ groups: z.unknown(), inTurn: z.boolean().default(false), place: z.unknown() });

/**
 * Where a fit stood. Its stages are those of its groups: it does not go on with others. One of a version in which nobody was
 * left out in turn begins again: its networks have learned from whom they are to be calibrated by now.
 */
function placeIn(checkpoint: Uint8Array, { groups, inTurn }: Sequences): unknown {
  const kept = Kept.parse(unpack(checkpoint));
  if (kept.inTurn !== inTurn) return undefined;
  if (JSON.stringify(kept.groups) === JSON.stringify(groups)) return kept.place;
  throw new AppError("model/data-changed", "The groups of the label set changed since the run began", {});
}

function refuseUnread(
  { recordings, groups }: Sequences,
  { unmarked }: Pick<SequenceModel<unknown, unknown>, "unmarked">,
): void {
  const read = recordings.filter(({ part, marks }) => part === "train" && marks !== undefined);
  if (groups.length > 0 && read.length > 0) return;
  throw new AppError(
    "model/too-few-labels",
    unmarked === "unknown"
      ? "No training recording has a mark of the chosen labels: this model learns from marked stretches alone"
      : "No training recording was declared read completely for these labels: without that, a stretch without a mark teaches nothing",
    { recordings: recordings.length },
  );
}

const dataOf = ({ groups, recordings }: Sequences): SequenceData => ({
  groups,
  sequences: recordings.flatMap(({ id, subject, part, leftOutBy, source, marks }): Sequence[] =>
    part === "test"
      ? []
      : [{ id, subject, part, ...(leftOutBy === undefined ? {} : { leftOutBy }), source, marks }],
  ),
});

/** By the model's own stages, or in rounds. */
async function learn<Config, Learned>(
  { learning, file }: SequenceModel<Config, Learned>,
  settings: Config,
  data: SequenceData,
  tools: SequenceTools,
): Promise<Learned> {
  if (learning.kind === "descent") return learning.fit(settings, data, tools);
  const Place = z.object({ learned: file, rounds: z.number().int().nonnegative() });
  const from = Place.safeParse(tools.resume).data ?? {
    learned: learning.begin(settings, data, tools.seed),
    rounds: 0,
  };
  const { signal, onCheckpoint } = tools;
  const onRound = (round: number): void => tools.onProgress(round / learning.mostRounds);
  const learned = await untilSettled(learning, settings, data, from, { signal, onRound, onCheckpoint });
  throwIfCancelled(signal);
  return learned;
}

interface JudgeHooks {
  readonly signal: AbortSignal;
  readonly onJudged: (share: number) => void;
}

/** What is said of each of the recordings, which people read. */
async function judgeAll(
  recordings: readonly SequenceRecording[],
  judge: SequenceJudge,
  { signal, onJudged }: JudgeHooks,
): Promise<JudgedRecording[]> {
  const said: JudgedRecording[] = [];
  for (const { id, subject, source, marks } of recordings) {
    throwIfCancelled(signal);
    if (marks === undefined) continue;
    const content = await judge.judge(source, { signal });
    said.push({ id, subject, durationS: source.durationS, marks, content });
    onJudged(said.length / recordings.length);
  }
  return said;
}
