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
import { readSequences, type SequenceRecording, type Sequences } from "../data/sequences.ts";
import { eventReport, type JudgedRecording } from "../judge/event-report.ts";
import { packSequenceModel } from "../model-file/sequence-file.ts";
import type { FitTools } from "../work.ts";
import { untilSettled } from "./rounds.ts";
import type { Report } from "./fit.ts";

/** How a run's time is shared out, for one progress bar. */
const TRAINING = [0.02, 0.9] as const;
const FLOOR = 0.97; // what the model is compared with is learned and judged from here

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
  refuseUnread(sequences);
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
    classes: [...config.data.labels],
    ...(engine === undefined ? {} : { engine }),
  });
  const learned: unknown = await learn(model, settings, data, {
    seed: config.seed,
    signal,
    runtime,
    resume: tools.resume === undefined ? undefined : placeIn(tools.resume, sequences.groups),
    onProgress: (done) => {
      const [from, to] = TRAINING;
      report("training", from + (to - from) * done);
    },
    onCheckpoint: (place) => tools.onCheckpoint(underway(), pack({ groups: sequences.groups, place })),
  });
  reached = TRAINING[1];
  report("evaluating", reached);
  const test = sequences.recordings.filter(({ part, marks }) => part === "test" && marks !== undefined);
  const judged = await judgeAll(test, await model.open(learned, runtime), {
    signal,
    onJudged: (share) => report("evaluating", reached + (FLOOR - reached) * share),
  });
  const floor =
    test.length === 0 ? undefined : await model.floor?.(settings, data, { seed: config.seed, signal });
  const floorJudged =
    floor &&
    (await judgeAll(test, floor, {
      signal,
      onJudged: (share) => report("evaluating", FLOOR + (1 - FLOOR) * share),
    }));
  const validation = sequences.recordings.filter(({ part }) => part === "validation");
  return {
    run: {
      ...underway(),
      events: eventReport(
        sequences.groups,
        judged,
        validation.map(({ subject }) => subject),
        floorJudged,
      ),
      phase: "done",
      finishedAt: new Date().toISOString(),
    },
    model: packSequenceModel({ kind: model.kind, learned }),
  };
}

const Kept = z.object({ groups: z.unknown(), place: z.unknown() });

/** Where a fit stood. Its stages are those of its groups: it does not go on with others. */
function placeIn(checkpoint: Uint8Array, groups: Sequences["groups"]): unknown {
  const kept = Kept.parse(unpack(checkpoint));
  if (JSON.stringify(kept.groups) === JSON.stringify(groups)) return kept.place;
  throw new AppError("model/data-changed", "The groups of the label set changed since the run began", {});
}

function refuseUnread({ recordings, groups }: Sequences): void {
  const read = recordings.filter(({ part, marks }) => part === "train" && marks !== undefined);
  if (groups.length > 0 && read.length > 0) return;
  throw new AppError(
    "model/too-few-labels",
    "No training recording was declared read completely for these labels: without that, a stretch without a mark teaches nothing",
    { recordings: recordings.length },
  );
}

const dataOf = ({ groups, recordings }: Sequences): SequenceData => ({
  groups,
  sequences: recordings.flatMap(({ id, subject, part, source, marks }): Sequence[] =>
    part === "test" ? [] : [{ id, subject, part, source, marks }],
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

/** What is said of each of the recordings, which people read. */
async function judgeAll(
  recordings: readonly SequenceRecording[],
  judge: SequenceJudge,
  { signal, onJudged }: { readonly signal: AbortSignal; readonly onJudged: (share: number) => void },
): Promise<JudgedRecording[]> {
  try {
    const judged: JudgedRecording[] = [];
    for (const { id, subject, source, marks } of recordings) {
      throwIfCancelled(signal);
      if (marks === undefined) continue;
      const content = await judge.judge(source, { signal });
      judged.push({ id, subject, durationS: source.durationS, marks, content });
      onJudged(judged.length / recordings.length);
    }
    return judged;
  } finally {
    await judge.dispose();
  }
}
