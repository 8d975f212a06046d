import type { ChannelClock } from "../../../preload/contract/channel-clock.ts";
import type { Channel } from "../../../preload/contract/recording.ts";
import { clocksOf, type HostLine } from "../../signal/clocks.ts";
import type { Database } from "../file/database.ts";

/** A line of a stream's clock, as it is stored. */
interface StoredLine extends HostLine {
  readonly errorMs: number;
}

export const clockFitsOf = (database: Database, recording: number): StoredLine[] =>
  database
    .all("SELECT * FROM clock_fit WHERE recording = ? ORDER BY channel, session, first_sample", recording)
    .map((row) => ({
      channel: Number(row["channel"]),
      session: Number(row["session"]),
      first: Number(row["first_sample"]),
      atS: Number(row["at_s"]),
      rate: Number(row["rate"]),
      errorMs: Number(row["error_ms"]),
    }));

interface Kept {
  readonly stored: string; // of all streams: the last line of each is told anew while the recording grows
  readonly clocks: readonly ChannelClock[];
}
const kept = new WeakMap<Database, Map<number, Kept>>();
const MOST_KEPT = 64; // recordings

/** Clocks of a recording's channels that are not the recording's own. `channelsOf` is asked only where there may be any. */
export function clocksIn(
  database: Database,
  recording: number,
  channelsOf: () => readonly Pick<Channel, "position" | "sampleRate" | "sampleCount">[],
): readonly ChannelClock[] {
  const row = database.one(
    `SELECT count(*) AS lines, max(channel) AS last, total(first_sample) AS firsts, total(at_s) AS times, total(rate) AS rates,
       total((first_sample + at_s) * (channel + 2 * session + 1)) AS places -- two lines that changed by as much
     FROM clock_fit WHERE recording = ?`,
    recording,
  );
  if (row["lines"] === 0 || row["last"] === 0) return []; // of its first stream alone
  const stored = Object.values(row).join(" ");
  const known = kept.get(database) ?? new Map<number, Kept>();
  kept.set(database, known);
  const before = known.get(recording);
  if (before?.stored === stored) return before.clocks;
  const clocks = clocksOf(clockFitsOf(database, recording), channelsOf());
  if (known.size >= MOST_KEPT) known.clear();
  known.set(recording, { stored, clocks });
  return clocks;
}
