import { AppError } from "../../preload/contract/errors.ts";
import type { ChannelRole, RecordingState, SampleType } from "../../preload/contract/recording.ts";
import type { Database, Row } from "./database.ts";

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
  readonly observedCount: number; // after all layers
  readonly maskRevision: number; // of its recording
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
  if (row !== undefined) return channelFrom(row);
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

export const channelsOf = (database: Database, recording: number): ChannelRow[] =>
  database.all(`${columns} WHERE c.recording = ? ORDER BY c.position`, recording).map(channelFrom);

export const allChannels = (database: Database): ChannelRow[] =>
  database.all(`${columns} ORDER BY c.recording, c.position`).map(channelFrom);

const channelFrom = (row: Row): ChannelRow => ({
  key: Number(row["key"]),
  recording: Number(row["recording"]),
  position: Number(row["position"]),
  label: String(row["label"]),
  unit: String(row["unit"]),
  sampleRate: Number(row["sample_rate"]),
  role: String(row["role"]) as ChannelRole,
  sampleType: String(row["sample_type"]) as SampleType,
  gain: Number(row["gain"]),
  offset: Number(row["offset"]),
  sampleCount: Number(row["sample_count"]),
  observedCount: Number(row["source_observed"]) - Number(row["layer_masked"]),
  maskRevision: Number(row["mask_revision"]),
});
