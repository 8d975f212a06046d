import { wantedChannels } from "../../../preload/contract/match-channels.ts";
import { ChannelRole, RecordingKind } from "../../../preload/contract/recording.ts";
import type { Run, RunReads } from "../../../preload/contract/run.ts";
import type { Context } from "../context.ts";
import { keysOf } from "../recordings/recordings.ts";
import { summariseRuns } from "./runs.ts";

/** Of a run on more recordings the first tell what it reads. */
const ASKED = 1000;

type Channels = readonly { readonly label: string; readonly role: ChannelRole }[];

/** What the model of each run reads, told by the recordings it was trained on as they are now. */
export function runReads(context: Context): Record<string, RunReads> {
  const channelsOf = channelsKnown(context);
  return Object.fromEntries(summariseRuns(context).map((run) => [run.id, readsOf(context, run, channelsOf)]));
}

/** Each recording's channels are read once: many runs learned from the same. */
function channelsKnown(context: Context): (id: string) => Channels {
  const known = new Map<string, Channels>();
  return (id) => {
    const channels = known.get(id) ?? channelsIn(context, id);
    known.set(id, channels);
    return channels;
  };
}

const channelsIn = (context: Context, id: string): Channels =>
  keysOf(context, [id]).flatMap((key) =>
    context.database
      .all("SELECT label, role FROM channel WHERE recording = ? AND origin IS NULL ORDER BY position", key)
      .map(({ label, role }) => ({ label: String(label), role: ChannelRole.catch("other").parse(role) })),
  );

/** What the model of a run reads. */
export function readsOf(
  context: Context,
  { config, imported }: Pick<Run, "config" | "imported">,
  channelsOf = channelsKnown(context),
): RunReads {
  const recordingIds = config.data.recordingIds.slice(0, ASKED);
  const kinds = context.database
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
