import type { Anchor } from "../../../../preload/contract/ctg.ts";
import { anchorsKind } from "../../../trace/tracks/anchors.ts";
import { itemOf, type TrackItem } from "../../../trace/tracks/kind.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";

/** Points of the baseline as they are drawn over the heart rate that is read, `read`; nothing where there are none. */
export function anchorItem(
  channels: readonly TraceChannel[],
  anchors: readonly Anchor[],
  read: string | undefined,
): TrackItem | undefined {
  const over = read ?? channels.find(({ role }) => role === "fhr")?.label;
  if (anchors.length === 0 || over === undefined) return undefined;
  return itemOf(anchorsKind, { id: "anchors", title: "", over, content: { anchors } });
}
