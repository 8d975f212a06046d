import { AppError } from "../../../preload/contract/errors.ts";
import {
  ChannelRole,
  GAIN_MAX,
  OFFSET_MAX,
  type RecordingState,
  SAMPLE_RATE_MAX,
  SAMPLE_RATE_MIN,
  SampleType,
} from "../../../preload/contract/recording.ts";
import { type ClockPiece, piecesOf } from "../../../preload/contract/channel-clock.ts";
import type { Database, Row } from "../file/database.ts";
import { isWhole } from "../file/row-crc.ts";
import { clocksIn } from "./channel-clocks.ts";

/** A channel as stored. */
export interface ChannelRow {
  readonly key: number;
  readonly recording: number;
  readonly position: number;
  readonly label: string;
  readonly unit: string;
  readonly sampleRate: number;
  readonly role: ChannelRole;
  readonly sampleType: SampleType;
  readonly gain: number;
  readonly offset: number;
  readonly sampleCount: number;
  readonly sourceObserved: number; // of the samples as they came
  readonly observedCount: number; // after all layers
  readonly maskRevision: number; // of its recording
  /** Where its samples lie in the recording's time; undefined: at its nominal rate. */
  readonly clock: readonly ClockPiece[] | undefined;
  readonly origin: string | undefined; // id of the finding it was derived by; undefined: recorded
  /** What of the row is damaged; the rest is then a stand-in that can be listed, and no sample of it can be read. */
  readonly fault: string | undefined;
}

export interface RecordingKey {
  readonly key: number;
  readonly state: RecordingState;
  readonly owner: string | null;
}

const columns = `SELECT c.*, r.mask_revision FROM channel c JOIN recording r ON r.key = c.recording`;

/** Throws storage/not-found for an id that is not in the library. */
export function recordingKey(database: Database, id: string): RecordingKey {
  const row = database.get("SELECT key, state, owner FROM recording WHERE id = ? AND purging = 0", id);
  if (row === undefined)
    throw new AppError("storage/not-found", `There is no recording ${id} in this library`, { recording: id });
  return {
    key: Number(row["key"]),
    state: String(row["state"]) as RecordingState,
    owner: row["owner"] as string | null,
  };
}

export function channelOf(database: Database, recordingId: string, position: number): ChannelRow {
  const recording = recordingKey(database, recordingId);
  const row = database.get(`${columns} WHERE c.recording = ? AND c.position = ?`, recording.key, position);
  if (row !== undefined) return sound(clocked(database, channelFrom(row)), recordingId);
  const count = channelsOf(database, recording.key).length;
  throw new AppError(
    "storage/not-found",
    `Recording ${recordingId} has no channel ${position}; it has ${count}, counted from 0`,
    {
      recording: recordingId,
      channel: position,
      channels: count,
    },
  );
}

/** Those that were recorded, each at the index that is its position. */
export function channelsOf(database: Database, recording: number): ChannelRow[] {
  const channels = recordedIn(database, recording);
  const clocks = clocksIn(database, recording, () => channels);
  if (clocks.length === 0) return channels;
  return channels.map((one) => ({ ...one, clock: piecesOf(clocks, one.position) }));
}

const recordedIn = (database: Database, recording: number): ChannelRow[] =>
  database
    .all(`${columns} WHERE c.recording = ? AND c.origin IS NULL ORDER BY c.position`, recording)
    .map(channelFrom);

/** What was derived is derived of samples in the recording's time. */
function clocked(database: Database, channel: ChannelRow): ChannelRow {
  if (channel.origin !== undefined) return channel;
  const clocks = clocksIn(database, channel.recording, () => recordedIn(database, channel.recording));
  return clocks.length === 0 ? channel : { ...channel, clock: piecesOf(clocks, channel.position) };
}

/** Keys of recordings with channels that may have a clock of their own. */
export const clockedRecordings = (database: Database): number[] =>
  database
    .all(
      "SELECT key FROM recording r WHERE EXISTS (SELECT 1 FROM clock_fit f WHERE f.recording = r.key AND f.channel > 0)",
    )
    .map((row) => Number(row["key"]));

/** Of every recording, those that were recorded, without their clocks. */
export const allChannels = (database: Database): ChannelRow[] =>
  database.all(`${columns} WHERE c.origin IS NULL ORDER BY c.recording, c.position`).map(channelFrom);

/** Those that the findings of a recording derived, in the order they were made. */
export const derivedChannelsOf = (database: Database, recording: number): ChannelRow[] =>
  database
    .all(`${columns} WHERE c.recording = ? AND c.origin IS NOT NULL ORDER BY c.position`, recording)
    .map(channelFrom);

/** Throws for a channel whose row is damaged: its gain or rate would make wrong values of right samples. */
export function sound(channel: ChannelRow, recordingId: string): ChannelRow {
  if (channel.fault === undefined) return channel;
  throw new AppError(
    "storage/corrupt",
    `Channel ${channel.position} of recording ${recordingId} cannot be read: ${channel.fault}`,
    { recording: recordingId, channel: channel.position },
  );
}

function channelFrom(row: Row): ChannelRow {
  const fault = faultOf(row);
  const sampleCount = Number(row["sample_count"]);
  const sourceObserved = Number(row["source_observed"]);
  const observedCount = sourceObserved - Number(row["layer_masked"]);
  const kept = {
    key: Number(row["key"]),
    recording: Number(row["recording"]),
    position: Number(row["position"]),
    label: String(row["label"]),
    unit: String(row["unit"]),
    maskRevision: Number(row["mask_revision"]),
    clock: undefined,
    origin: typeof row["origin"] === "string" ? row["origin"] : undefined,
    fault,
  };
  if (fault !== undefined) return { ...kept, ...standIn, ...readable(row) };
  return {
    ...kept,
    sampleRate: Number(row["sample_rate"]),
    role: String(row["role"]) as ChannelRole,
    sampleType: String(row["sample_type"]) as SampleType,
    gain: Number(row["gain"]),
    offset: Number(row["offset"]),
    sampleCount,
    sourceObserved,
    observedCount,
  };
}

function faultOf(row: Row): string | undefined {
  const rate = Number(row["sample_rate"]);
  if (!(rate >= SAMPLE_RATE_MIN && rate <= SAMPLE_RATE_MAX))
    return `its sample rate is ${rate} Hz, ${SAMPLE_RATE_MIN} to ${SAMPLE_RATE_MAX} are possible`;
  if (!isWhole("channel", row)) return "its row is not what was written";
  const isScaled = Math.abs(Number(row["gain"])) <= GAIN_MAX && Math.abs(Number(row["offset"])) <= OFFSET_MAX;
  if (!isScaled) return `its gain is ${Number(row["gain"])} and its offset ${Number(row["offset"])}`;
  const observed = Number(row["source_observed"]) - Number(row["layer_masked"]);
  if (observed < 0 || observed > Number(row["sample_count"]))
    return `${observed} of its ${Number(row["sample_count"])} samples are observed`;
  return undefined;
}

/** Of a channel that cannot be believed. */
const standIn = {
  sampleRate: 1,
  role: "other",
  sampleType: "float64",
  gain: 1,
  offset: 0,
  sampleCount: 0,
  sourceObserved: 0,
  observedCount: 0,
} as const;

/** What is still possible of a damaged row, for a person to see. */
function readable(row: Row): { role?: ChannelRole; sampleType?: SampleType } {
  const role = ChannelRole.safeParse(row["role"]).data;
  const sampleType = SampleType.safeParse(row["sample_type"]).data;
  return { ...(role === undefined ? {} : { role }), ...(sampleType === undefined ? {} : { sampleType }) };
}
