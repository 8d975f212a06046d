import type { CtgSettings } from "../../preload/contract/ctg.ts";
import { type CtgRunPart, ctgRunsOf } from "../../preload/contract/ctg-reading.ts";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { Series } from "../../preload/contract/finding.ts";
import type { Channel, ChannelRole, RecordingDetail } from "../../preload/contract/recording.ts";
import type { ChannelSamples } from "../analysis/ctg/read.ts";
import type { RunCurves } from "../analysis/ctg/reading.ts";
import type { AsyncLibrary } from "../storage/api.ts";

/** Samples asked for at a time, and the most that are held of one channel: a day at 500 Hz, three years at 4 Hz. */
const CHUNK = 1 << 18;
const MOST_SAMPLES = 50_000_000;
/** Two weeks: a year would not fit in memory, and nobody records it. */
const LONGEST_S = 14 * 86_400;

/**
 * A heart rate with fewer values a second is not read [own]: what lies between is not seen. Of 3,829 minutes of ctg-ctu-uhb those
 * of 5 bpm and more that would be called reduced are 2.4 % at 0.5 Hz, 4.5 % at 0.25, 12.9 % at 0.1, and all at a value a minute [M].
 */
const LEAST_FHR_HZ = 0.5;

/** A channel with why each of its samples is not observed; 0: it is. */
export interface StoredChannel extends ChannelSamples {
  readonly label: string;
  readonly position: number;
  readonly reasons: Uint8Array;
}

export interface StoredTrace {
  readonly durationS: number;
  readonly fhr: StoredChannel;
  readonly uc: StoredChannel | undefined;
  readonly mhr: StoredChannel | undefined;
}

/** The channels of a cardiotocogram. Throws where there is none to read. `channel`: of the heart rate, where one is meant. */
export async function storedTrace(
  library: Pick<AsyncLibrary, "samples">,
  detail: RecordingDetail,
  { channel, signal }: { readonly channel: number | undefined; readonly signal: AbortSignal },
): Promise<StoredTrace> {
  const fhr = refuseNothing(detail, channel);
  const read = (one: Channel): Promise<StoredChannel> => storedChannel(library, detail, one, signal);
  const [uc, mhr] = [mostSeen(detail, "uc"), mostSeen(detail, "mhr")];
  return {
    durationS: detail.durationS,
    fhr: await read(fhr),
    uc: uc && (await read(uc)),
    mhr: mhr && (await read(mhr)),
  };
}

/** Of several sensors the one that saw most: which of two fetuses it is nobody says, so the reading names the channel. */
const mostSeen = ({ channels }: RecordingDetail, role: ChannelRole): Channel | undefined =>
  channels
    .filter((one) => one.role === role && one.sampleCount > 0)
    .reduce<Channel | undefined>(
      (best, one) => (best === undefined || one.observedCount > best.observedCount ? one : best),
      undefined,
    );

function refuseNothing(detail: RecordingDetail, channel: number | undefined): Channel {
  const { name, kind, durationS } = detail;
  const refuse = (why: string): AppError =>
    new AppError("data/no-cardiotocogram", `${name} cannot be read by rule: ${why}`, {
      ...{ recording: name, kind, durationS },
    });
  if (kind !== "ctg") throw refuse("it is no cardiotocogram");
  if (durationS > LONGEST_S) throw refuse(`it lasts more than ${LONGEST_S / 86_400} days`);
  const fhr =
    channel === undefined
      ? mostSeen(detail, "fhr")
      : detail.channels.find(({ position, role }) => position === channel && role === "fhr");
  if (fhr === undefined) throw refuse("it has no fetal heart rate");
  if (fhr.sampleRate < LEAST_FHR_HZ)
    throw refuse(`${fhr.label} has ${fhr.sampleRate} values a second, ${LEAST_FHR_HZ} are needed`);
  return fhr;
}

async function storedChannel(
  library: Pick<AsyncLibrary, "samples">,
  { id, name }: RecordingDetail,
  { position, label, sampleCount, sampleRate }: Channel,
  signal: AbortSignal,
): Promise<StoredChannel> {
  if (sampleCount > MOST_SAMPLES)
    throw new AppError("data/too-long", `${label} of ${name} has ${sampleCount} samples`, {
      ...{ recording: name, channel: label, samples: sampleCount, allowed: MOST_SAMPLES },
    });
  const values = new Float32Array(sampleCount);
  const reasons = new Uint8Array(sampleCount);
  for (let first = 0; first < sampleCount; first += CHUNK) {
    throwIfCancelled(signal);
    const part = await library.samples(id, position, first, Math.min(CHUNK, sampleCount - first));
    values.set(part.values, first);
    reasons.set(part.reasons, first);
  }
  const observed = reasons.map((reason) => (reason === 0 ? 1 : 0));
  return { label, position, values, reasons, observed, sampleRate };
}

/** What runs say that the reading rests upon. A run that has nothing of the kind is named. */
export async function runCurves(
  library: Pick<AsyncLibrary, "listFindings" | "getFinding">,
  recordingId: string,
  { settings, over }: { readonly settings: CtgSettings; readonly over: string }, // label of the heart rate
): Promise<RunCurves> {
  const runs = ctgRunsOf(settings);
  const known = runs.size === 0 ? [] : await library.listFindings(recordingId);
  const saidFor = async (part: CtgRunPart): Promise<readonly Series[]> => {
    const all: Series[] = [];
    for (const { id, origin, content: summary } of known) {
      if (origin.kind !== "run" || origin.runId !== runs.get(part) || origin.step !== undefined) continue;
      if (summary.kind !== "curves") continue;
      const { content } = await library.getFinding(id);
      if (content.kind === "curves") all.push(...content.series);
    }
    return all;
  };
  const named = async (part: CtgRunPart, name: string): Promise<Series | undefined> => {
    if (!runs.has(part)) return undefined;
    const found = (await saidFor(part)).find((one) => one.name === name && (one.over ?? over) === over);
    if (found !== undefined) return found;
    throw new AppError("model/says-nothing", `The run that was chosen says no ${name} of ${over}`, {
      ...{ series: name, channel: over },
    });
  };
  return {
    baseline: await named("baseline", "baseline"),
    falseSignal: await named("falseSignal", "false-signal"),
    events: (await saidFor("events")).filter(({ unit }) => unit === "probability"),
  };
}
