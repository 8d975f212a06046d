import { z } from "zod";
import { ChannelClock } from "./channel-clock.ts";
import { ErrorReport } from "./errors.ts";
import { fillIn, repairSentences, type RepairCode, type ValuesIn } from "./sentences.ts";

export const RecordingKind = z.enum(["ctg", "emg", "other"]);
export type RecordingKind = z.infer<typeof RecordingKind>;

/** What a channel measures, as far as Kodo draws or models it differently. */
export const ChannelRole = z.enum(["fhr", "mhr", "uc", "emg", "other"]);
export type ChannelRole = z.infer<typeof ChannelRole>;

export const SampleType = z.enum(["int8", "uint8", "int16", "int32", "float32", "float64"]);
export type SampleType = z.infer<typeof SampleType>;

/**
 * What a recording may be made of. Wider than any device, and narrow enough that no time, duration or physical value
 * computed from it leaves the finite numbers.
 */
export const SAMPLE_RATE_MIN = 1e-5; // Hz: a sample a day
export const SAMPLE_RATE_MAX = 1e8;
export const GAIN_MIN = 1e-30; // size, either sign: SI prefixes reach from 1e-30 to 1e30
export const GAIN_MAX = 1e27; // 2^31 counts of it are still a 32-bit float, which the tiles are made of
export const OFFSET_MAX = 1e37;
export const DURATION_MAX_S = 3.2e9; // a hundred years
export const CHANNELS_MAX = 10_000;
/** Characters of a channel's label, a recording's name, a subject code, a study. */
export const NAME_MAX = 200;
export const UNIT_MAX = 64;

/** Control characters, those that turn the direction of what follows, and halves of pairs, as blanks: what stays is one line that shows what it says. */
export const plainText = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, " ");

/** A name, a subject code or a study as a person typed or pasted it. */
export const TypedName = z.string().overwrite(plainText).max(NAME_MAX);

export const FACTS_MAX = 2000;
export const FACT_TEXT_MAX = 10_000;

/** physical = digital * gain + offset, in `unit`. */
export const ChannelHeader = z.object({
  label: z.string(),
  unit: z.string(),
  sampleRate: z.number().min(SAMPLE_RATE_MIN).max(SAMPLE_RATE_MAX),
  role: ChannelRole,
  sampleType: SampleType,
  gain: z.number().min(-GAIN_MAX).max(GAIN_MAX),
  offset: z.number().min(-OFFSET_MAX).max(OFFSET_MAX),
});
export type ChannelHeader = z.infer<typeof ChannelHeader>;

export const Channel = ChannelHeader.extend({
  position: z.number().int().nonnegative(),
  sampleCount: z.number().int().nonnegative(),
  observedCount: z.number().int().nonnegative(),
});
export type Channel = z.infer<typeof Channel>;

/** Share of a channel's samples that is not observed, all layers of the mask taken together. */
export const missingShareOf = ({
  sampleCount,
  observedCount,
}: Pick<Channel, "sampleCount" | "observedCount">): number =>
  sampleCount === 0 ? 0 : Math.min(1, Math.max(0, 1 - observedCount / sampleCount));

/** What the channel that misses most lacks. */
export const mostMissing = (channels: readonly Pick<Channel, "sampleCount" | "observedCount">[]): number => {
  const most = missesMost(channels);
  return most === undefined ? 0 : missingShareOf(most);
};

/** The channel that misses most, the first of equals. A mean over channels would hide what one of them lacks. */
export const missesMost = <C extends Pick<Channel, "sampleCount" | "observedCount">>(
  channels: readonly C[],
): C | undefined =>
  channels.reduce<C | undefined>(
    (worst, one) => (worst === undefined || missingShareOf(one) > missingShareOf(worst) ? one : worst),
    undefined,
  );

/** The recording with so many observed samples in each of its channels. */
export const withObserved = <R extends Pick<RecordingSummary, "channels" | "missingShare">>(
  one: R,
  counts: readonly number[],
): R => {
  const channels = one.channels.map((channel, i) => ({
    ...channel,
    observedCount: counts[i] ?? channel.observedCount,
  }));
  return { ...one, channels, missingShare: mostMissing(channels) };
};

/** Something a reader had to mend or leave out. Listed with the import, never silent. */
export const Repair = z.object({
  code: z.string(), // stable, such as EDF_RECORD_COUNT
  severity: z.enum(["info", "warning"]),
  message: z.string(),
  file: z.string().optional(),
  offset: z.number().optional(), // byte offset (or line number for text, said in the message)
  values: z.record(z.string(), z.union([z.string(), z.number()])).optional(), // what the message names
  times: z.number().int().min(2).optional(), // how often, where it recurred
});
export type Repair = z.infer<typeof Repair>;

/** A repair with its English sentence; `place` says where in which file. */
export function repairOf<Code extends RepairCode>(
  code: Code,
  severity: Repair["severity"],
  values: ValuesIn<(typeof repairSentences)[Code]>,
  place: Pick<Repair, "file" | "offset" | "times"> = {},
): Repair {
  const message = fillIn(repairSentences[code], values);
  const { times } = place;
  const whole = times === undefined ? message : `${message} (${times} in all)`;
  return { code, severity, message: whole, values, ...place };
}

export const RecordingState = z.enum([
  "importing",
  "recording",
  "complete",
  "interrupted", // its process ended before it did; everything acknowledged is here
]);
export type RecordingState = z.infer<typeof RecordingState>;

export const RecordingSource = z.object({
  format: z.string(), // reader id, or "sensor"
  file: z.string(), // base name, not a path
  sha256: z.string(), // of the main file's bytes
});

export const RecordingSummary = z.object({
  id: z.string(),
  name: z.string(),
  kind: RecordingKind,
  subject: z.string(), // subject code
  study: z.string(),
  synthetic: z.boolean(),
  startedAt: z.string().optional(), // ISO 8601, local time at the patient, no zone unless the source gave one
  importedAt: z.string(),
  durationS: z.number().nonnegative(),
  state: RecordingState,
  channels: z.array(Channel),
  missingShare: z.number().min(0).max(1), // of the channel that misses most
  annotationCount: z.number().int().nonnegative(),
  labelledS: z.number().nonnegative(), // length of the union of interval annotations
  repairCount: z.number().int().nonnegative(),
  /** Only of a recording whose own row, or a row of a channel or annotation, is damaged: what of it. The rest is a stand-in. */
  fault: z.string().optional(),
});
export type RecordingSummary = z.infer<typeof RecordingSummary>;

/** A recording in the bin: it can be brought back, or purged for good. */
export const BinnedRecording = RecordingSummary.extend({ binnedAt: z.string() });
export type BinnedRecording = z.infer<typeof BinnedRecording>;

/**
 * What came of deleting for good. Copies of the library that lie beside it (set aside by a restore) are named, not
 * touched: they may still hold what was deleted.
 */
export const Purged = z.object({ count: z.number().int().nonnegative(), copies: z.array(z.string()) });
export type Purged = z.infer<typeof Purged>;

/** The same by name: which of what was asked for is gone. Those that were no longer in the bin are not among them. */
export const PurgeOutcome = Purged.omit({ count: true }).extend({
  ids: z.array(z.string()),
  problem: ErrorReport.optional(), // what kept the others, or why bytes of what is gone wait to be overwritten
});
export type PurgeOutcome = z.infer<typeof PurgeOutcome>;

/** A block whose bytes are no longer what was written: its samples count as missing, the rest stays readable. */
export const DamagedStretch = z.object({
  channel: z.number().int().nonnegative(),
  onsetS: z.number(),
  durationS: z.number(),
});
export type DamagedStretch = z.infer<typeof DamagedStretch>;

export const RecordingDetail = RecordingSummary.extend({
  source: RecordingSource,
  note: z.string(),
  facts: z.record(z.string(), z.string()), // further header fields of the source, as text
  repairs: z.array(Repair),
  damaged: z.array(DamagedStretch), // found so far, in order of time
  /** Of channels of a device whose clock is not the recording's; absent where there are none. */
  clocks: z.array(ChannelClock).optional(),
});
export type RecordingDetail = z.infer<typeof RecordingDetail>;

/** Buckets a tile always has, except the last of a channel, which may be shorter. */
export const BUCKETS_PER_TILE = 512;
/** Bucket sizes in samples: powers of four. Up to 16 computed from samples on request, from 64 kept in the pyramid. */
export const bucketSizes = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576] as const;

const floats = z.instanceof(Float32Array<ArrayBufferLike>);
const bytes = z.instanceof(Uint8Array<ArrayBufferLike>);

/** Min and max of the observed samples of each bucket, physical units; NaN where none is observed. */
export const Tile = z.object({
  index: z.number().int().nonnegative(), // first bucket = index * BUCKETS_PER_TILE
  samplesPerBucket: z.number().int().positive(),
  min: floats,
  max: floats,
  reason: bytes, // for a bucket with unobserved samples the commonest reason, else 0
  /** Min and max of what the source observed, in buckets that a layer above it touches; NaN elsewhere. */
  beneath: z.object({ min: floats, max: floats }).optional(), // where the tile has such buckets
});
export type Tile = z.infer<typeof Tile>;
