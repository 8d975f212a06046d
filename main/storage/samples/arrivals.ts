import { z } from "zod";
import { clockFitsOf } from "./channel-clocks.ts";
import { recordingKey } from "./channels.ts";
import { checked } from "../checked.ts";
import type { Context } from "../context.ts";

export const ArrivalShape = z.object({
  channel: z.number().int().nonnegative(), // the first of its stream
  first: z.number().int().nonnegative(),
  count: z.number().int().positive(),
  arrivedS: z.number(), // monotonic, since the recording began
  session: z.number().int().nonnegative(),
});
/** When samples `first` to `first + count - 1` of a stream had come in whole. */
export type Arrival = Readonly<z.output<typeof ArrivalShape>>;

export const ClockFitShape = z.object({
  channel: z.number().int().nonnegative(),
  session: z.number().int().nonnegative(),
  first: z.number().int().nonnegative(), // sample of the recording from which on it holds, up to the next one's
  atS: z.number(), // of that sample, in the recording's time
  rate: z.number().positive(), // Hz, by the host's clock
  errorMs: z.number().nonnegative(), // standard deviation of the arrivals about it
});
/** The clock of a stream in one session of its device, a stretch after the other: sample i lies at `atS + (i - first) / rate`. */
export type ClockFit = Readonly<z.output<typeof ClockFitShape>>;

export interface Times {
  readonly arrivals: readonly Arrival[];
  readonly fits: readonly ClockFit[]; // each in place of the one before of its session from the same sample on
}

/** Within the caller's transaction. */
export function insertTimes({ database }: Context, recording: number, { arrivals, fits }: Times): void {
  for (const one of checked(z.array(ArrivalShape), arrivals, "arrival"))
    database.run(
      "INSERT OR IGNORE INTO arrival VALUES (?, ?, ?, ?, ?, ?)",
      ...[recording, one.channel, one.first, one.count, one.arrivedS, one.session],
    );
  for (const one of checked(z.array(ClockFitShape), fits, "clock"))
    database.run(
      "INSERT OR REPLACE INTO clock_fit VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[recording, one.channel, one.session, one.first, one.atS, one.rate, one.errorMs],
    );
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

/** In order of channel, session and sample. */
export const listClockFits = ({ database }: Context, recordingId: string): ClockFit[] =>
  clockFitsOf(database, recordingKey(database, recordingId).key);
