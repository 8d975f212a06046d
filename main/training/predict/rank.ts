import { matchChannels } from "../../../preload/contract/match-channels.ts";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import type { RankedWindow, Run, RunConfig } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { windowGrid } from "../../signal/window.ts";
import type { Library } from "../../storage/api.ts";
import { labelWindows, marksOf, soundRecording, UNLABELLED } from "../data/dataset.ts";
import { spread, type Pool } from "./spread.ts";
import { predictRecording } from "./predict.ts";
import type { Tools, Trained, TrainingWork } from "../work.ts";

/** What ranking needs of a prediction, a window each. */
interface Opinions {
  readonly classes: readonly string[];
  readonly onsetS: Float64Array;
  readonly windowS: number;
  readonly epistemic: Float32Array;
  readonly typicality: Float32Array;
  readonly assessable: Uint8Array;
  readonly leading: Uint8Array; // class index
  readonly probability: Float32Array; // of the leading class
}

/** Recordings of one model are remembered up to this many; the least recently asked is forgotten first. */
const REMEMBERED = 1000;

/**
 * "Label this next": unlabelled, assessable windows by epistemic uncertainty, spread over recordings and time, since
 * neighbours of one doubtful second teach little more than that second. What a model says of a recording is remembered
 * while its samples and masks stay, so that the list is there at once after every label.
 */
export function windowRanking(): TrainingWork["rankWindows"] {
  const known = new Map<string, Opinions>();
  const opinionsOn = async (request: Trained, recordingId: string, tools: Tools): Promise<Opinions> => {
    const key = keyOf(request, recordingId, tools.library);
    const opinions = known.get(key) ?? (await judge(request, recordingId, tools));
    known.delete(key);
    known.set(key, opinions); // the newest last
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return opinions;
  };
  return async (request, tools) => {
    const { run, limit } = request;
    const config = askingConfig(run.config);
    const pools: (Pool & { readonly opinions: Opinions; readonly id: string; readonly name: string })[] = [];
    for (const id of request.recordingIds ?? recordingsOf(run, tools.library)) {
      const { name, durationS } = soundRecording(tools.library, id); // also where its opinions are remembered
      const opinions = await opinionsOn(request, id, tools);
      const grid = windowGrid(durationS, config.data.windows.windowS, config.data.windows.strideS);
      const marks = marksOf(config.data, tools.library, id);
      const { label } = labelWindows(config, marks, grid);
      const { onsetS, epistemic, assessable } = opinions;
      pools.push({
        ...{ opinions, id, name, durationS, windowS: config.data.windows.windowS },
        open: [...onsetS.keys()]
          .filter((n) => assessable[n] === 1 && label[n] === UNLABELLED)
          .map((n) => ({ n, onsetS: sure(onsetS[n]), epistemic: sure(epistemic[n]) })),
        answered: answeredSince(run, marks.annotations),
      });
    }
    return spread(pools, limit).map(({ pool, n }) => ranked(pool.opinions, n, pool.id, pool.name));
  };
}

/** Whatever rule a run learned by: what nobody declared read is open. */
const askingConfig = (config: RunConfig): RunConfig =>
  config.data.background === "annotated-recordings"
    ? { ...config, data: { ...config.data, background: "read-completely" } }
    : config;

/** Where people have labelled since the model was trained: it does not know of these answers yet. */
const answeredSince = ({ config, finishedAt }: Run, annotations: readonly Annotation[]): readonly number[] =>
  annotations
    .filter(
      ({ labelSet, source, createdAt }) =>
        labelSet === config.data.labelSet &&
        source !== "model" &&
        finishedAt !== undefined &&
        createdAt > finishedAt,
    )
    .map(({ onsetS, durationS }) => onsetS + durationS / 2 - config.data.windows.windowS / 2);

/**
 * Those of its recordings that are still here. A model that was trained elsewhere knows none of this library's: all with
 * its channels are its own.
 */
const recordingsOf = ({ imported, config }: Run, library: Library): readonly string[] =>
  library
    .listRecordings()
    .filter(({ id, channels }) =>
      imported === undefined
        ? config.data.recordingIds.includes(id)
        : matchChannels(imported.channels, channels).every(({ channel }) => channel !== undefined),
    )
    .map(({ id }) => id);

const keyOf = ({ run }: Trained, recordingId: string, library: Library): string => {
  const { channels } = library.getRecording(recordingId);
  return JSON.stringify([
    run.id,
    run.finishedAt,
    recordingId,
    channels.map(({ sampleCount }) => sampleCount),
    library.listMasks(recordingId),
  ]);
};

async function judge(request: Trained, recordingId: string, tools: Tools): Promise<Opinions> {
  const prediction = await predictRecording({ ...request, recordingId, adaptation: "none" }, tools);
  const { classes, onsetS, windowS, epistemic, typicality, assessable } = prediction;
  const count = onsetS.length;
  const leading = new Uint8Array(count);
  const probability = new Float32Array(count);
  for (let n = 0; n < count; n += 1) {
    const row = prediction.probabilities.subarray(n * classes.length, (n + 1) * classes.length);
    if (assessable[n] !== 1) continue;
    probability[n] = Math.max(...row);
    leading[n] = row.indexOf(sure(probability[n]));
  }
  return { classes, onsetS, windowS, epistemic, typicality, assessable, leading, probability };
}

const ranked = (opinions: Opinions, n: number, recordingId: string, recording: string): RankedWindow => ({
  recordingId,
  recording,
  onsetS: sure(opinions.onsetS[n]),
  windowS: opinions.windowS,
  epistemic: sure(opinions.epistemic[n]),
  leading: opinions.classes[sure(opinions.leading[n])] as string,
  probability: sure(opinions.probability[n]),
  typicality: sure(opinions.typicality[n]),
});
