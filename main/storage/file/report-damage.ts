import type { ChannelRow } from "../samples/channels.ts";
import { type Context, LIBRARY } from "../context.ts";
import { type Layers, recount } from "../labels/masks.ts";

/** Says in the log which recording has a damaged block, in which channel and when, and counts its samples as missing. */
export function reportDamage(
  context: Context,
  layers: Layers,
  channel: ChannelRow,
  span: { first: number; count: number },
): void {
  const row = context.database.get(
    "SELECT r.key, r.id, c.position, c.sample_rate FROM channel c JOIN recording r ON r.key = c.recording WHERE c.key = ?",
    channel.key,
  );
  if (row === undefined) return; // purged since
  const rate = Number(row["sample_rate"]);
  const detail = {
    channel: row["position"],
    firstSample: span.first,
    samples: span.count,
    onsetS: span.first / rate,
    durationS: span.count / rate,
  };
  context.log({ actor: LIBRARY, action: "recording.damaged", subject: String(row["id"]), detail });
  recount(context, layers, Number(row["key"]));
}
