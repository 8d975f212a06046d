import { wantedChannels } from "../../../preload/contract/match-channels.ts";
import { ChannelRole, RecordingKind } from "../../../preload/contract/recording.ts";
import type { Run, RunReads } from "../../../preload/contract/run.ts";
import type { Context } from "../context.ts";
import { keysOf } from "../recordings/recordings.ts";
import { summariseRuns } from "./runs.ts";

/** Of a run on more recordings the first tell what it reads. */
const ASKED = 1000;

/** What the model of each run reads, told by the recordings it was trained on as they are now. */
export const runReads = (context: Context): Record<string, RunReads> =>
  Object.fromEntries(summariseRuns(context).map((run) => [run.id, readsOf(context, run)]));

/** What the model of a run reads. */
export function readsOf(context: Context, { config, imported }: Pick<Run, "config" | "imported">): RunReads {
  const { database } = context;
  const recordingIds = config.data.recordingIds.slice(0, ASKED);
  const channelsOf = (id: string) =>
    keysOf(context, [id]).flatMap((key) =>
      database
        .all("SELECT label, role FROM channel WHERE recording = ? AND origin IS NULL ORDER BY position", key)
        .map(({ label, role }) => ({ label: String(label), role: ChannelRole.catch("other").parse(role) })),
    );
  const kinds = database
    .all(
      `SELECT DISTINCT kind FROM recording
         WHERE id IN (SELECT value FROM json_each(?)) AND binned_at IS NULL AND purging = 0`,
      JSON.stringify(recordingIds),
    )
    .flatMap(({ kind }) => RecordingKind.safeParse(kind).data ?? []);
  const wanted = wantedChannels({ config: { data: { ...config.data, recordingIds } }, imported }, channelsOf);
  return {
    channels: wanted.map(({ label, role }) => ({ label, ...(role === undefined ? {} : { role }) })),
    kinds,
  };
}
