import { matchChannels } from "../../preload/contract/match-channels.ts";
import type { RankedWindow, Run } from "../../preload/contract/run.ts";
import { windowGrid } from "../signal/window.ts";
import type { Library } from "../storage/api.ts";
import { labelWindows, marksOf, UNLABELLED } from "./dataset.ts";
import { predictRecording } from "./predict.ts";
import type { Tools, Trained, TrainingWork } from "./work.ts";

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
 * "Label this next": unlabelled, assessable windows by epistemic uncertainty. Of windows that overlap only the most
 * uncertain is kept, so that the list does not show one doubtful second ten times. What a model says of a recording is
 * remembered while its samples and masks stay, so that the list is there at once after every label.
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
    const found: RankedWindow[] = [];
    for (const recordingId of request.recordingIds ?? recordingsOf(run, tools.library)) {
      const opinions = await opinionsOn(request, recordingId, tools);
      const { name, durationS } = tools.library.getRecording(recordingId);
      const grid = windowGrid(durationS, run.config.windowS, run.config.strideS);
      const { label } = labelWindows(run.config, marksOf(run.config, tools.library, recordingId), grid);
      const isOpen = (n: number): boolean => opinions.assessable[n] === 1 && label[n] === UNLABELLED;
      for (const n of mostUncertain(opinions, isOpen, limit))
        found.push(ranked(opinions, n, recordingId, name));
    }
    return found.sort((a, b) => b.epistemic - a.epistemic).slice(0, limit);
  };
}

/** A model that was trained elsewhere knows none of this library's recordings: all with its channels are its own. */
const recordingsOf = ({ imported, config }: Run, library: Library): readonly string[] =>
  imported === undefined
    ? config.recordingIds
    : library
        .listRecordings()
        .filter(({ channels }) =>
          matchChannels(imported.channels, channels).every(({ channel }) => channel !== undefined),
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
    leading[n] = row.indexOf(probability[n] as number);
  }
  return { classes, onsetS, windowS, epistemic, typicality, assessable, leading, probability };
}

/** The most uncertain of the open windows, none overlapping another. */
function mostUncertain(
  { onsetS, windowS, epistemic }: Opinions,
  isOpen: (n: number) => boolean,
  limit: number,
): number[] {
  const order = [...onsetS.keys()]
    .filter(isOpen)
    .sort((a, b) => (epistemic[b] as number) - (epistemic[a] as number));
  const taken: number[] = [];
  for (const n of order) {
    if (taken.length >= limit) break;
    const isApart = taken.every(
      (other) => Math.abs((onsetS[other] as number) - (onsetS[n] as number)) >= windowS,
    );
    if (isApart) taken.push(n);
  }
  return taken;
}

const ranked = (opinions: Opinions, n: number, recordingId: string, recording: string): RankedWindow => ({
  recordingId,
  recording,
  onsetS: opinions.onsetS[n] as number,
  windowS: opinions.windowS,
  epistemic: opinions.epistemic[n] as number,
  leading: opinions.classes[opinions.leading[n] as number] as string,
  probability: opinions.probability[n] as number,
  typicality: opinions.typicality[n] as number,
});
