import { z } from "zod";
import { recordingKey } from "./channels.ts";
import { checked } from "./checked.ts";
import type { Context } from "./context.ts";

const ArrivalShape = z.object({
  channel: z.number().int().nonnegative(), // the first of its stream
  first: z.number().int().nonnegative(),
  count: z.number().int().positive(),
  arrivedS: z.number(), // monotonic, since the recording began
  session: z.number().int().nonnegative(),
});
/** When samples `first` to `first + count - 1` of a stream had come in whole. */
export type Arrival = Readonly<z.output<typeof ArrivalShape>>;

/** Within the caller's transaction. */
export function insertArrivals({ database }: Context, recording: number, arrivals: readonly Arrival[]): void {
  for (const one of checked(z.array(ArrivalShape), arrivals, "arrival")) {
    database.run(
      "INSERT OR IGNORE INTO arrival VALUES (?, ?, ?, ?, ?, ?)",
      ...[recording, one.channel, one.first, one.count, one.arrivedS, one.session],
    );
  }
}

/** In order of channel and sample. */
export const listArrivals = ({ database }: Context, recordingId: string): Arrival[] =>
  database
    .all("SELECT * FROM arrival WHERE recording = ?", recordingKey(database, recordingId).key)
    .map((row) => ({
      channel: Number(row["channel"]),
      first: Number(row["first_sample"]),
      count: Number(row["sample_count"]),
      arrivedS: Number(row["arrived_s"]),
      session: Number(row["session"]),
    }));
