import { randomUUID } from "node:crypto";
import { maskReasons, type MaskSpan } from "../../preload/contract/mask.ts";
import { FLAT_UC_S, FlatRuns } from "../signal/flat.ts";
import { type ChannelRow, channelsOf, recordingKey } from "./channels.ts";
import { type Context, LIBRARY } from "./context.ts";
import { applyMasks, type Layers, listMasks, takeMasks } from "./masks.ts";
import { readPhysical } from "./sample-reader.ts";
import { authorNow } from "./settings.ts";

/** Samples read at a time. */
const CHUNK = 1 << 18;

/**
 * The one rule about what a source shows: a contraction signal that keeps one value for a minute is not observed,
 * whatever format it came in and whatever the value. Shorter stretches of zero stay what they are, no activity. The
 * spans lie in a layer of their own above the samples, so that a person can take them away and bring them back.
 */
function flatSpans(context: Context, recordingId: string): MaskSpan[] {
  const { key } = recordingKey(context.database, recordingId);
  const createdAt = context.now();
  return channelsOf(context.database, key)
    .filter(({ role }) => role === "uc")
    .flatMap((channel) =>
      flatRunsOf(context, channel).map(({ first, count }) => ({
        id: randomUUID(),
        recordingId,
        channel: channel.position,
        layer: "rule",
        reason: maskReasons.flatSignal,
        onsetS: first / channel.sampleRate,
        durationS: count / channel.sampleRate,
        author: "",
        createdAt,
      })),
    );
}

function flatRunsOf(context: Context, channel: ChannelRow): ReturnType<FlatRuns["done"]> {
  const runs = new FlatRuns(Math.ceil(FLAT_UC_S * channel.sampleRate));
  for (let first = 0; first < channel.sampleCount; first += CHUNK) {
    const count = Math.min(CHUNK, channel.sampleCount - first);
    const read = readPhysical(context.database, channel, { first, count }, context.damage.note);
    runs.push(read.values, read.reasons, first);
  }
  return runs.done();
}

/** Where a recording is complete: the rule belongs to how it came here, and undoing must not take it away. */
export function layRulesAtClosing(context: Context, layers: Layers, recordingId: string): void {
  context.database.write(() => {
    const spans = flatSpans(context, recordingId);
    if (spans.length === 0) return;
    applyMasks(
      context,
      layers,
      spans.map((after) => ({ before: null, after })),
    );
    context.log({
      actor: LIBRARY,
      action: "mask.rule",
      subject: recordingId,
      detail: { spans: spans.length },
    });
  });
}

/** Lays what the rule finds and is not there yet: one step of the history. Returns what was laid. */
export function layRules(context: Context, layers: Layers, recordingId: string): MaskSpan[] {
  return context.database.write(() => {
    const placeOf = ({ channel, onsetS, durationS }: MaskSpan): string => `${channel} ${onsetS} ${durationS}`;
    const known = new Set(rulesOf(context, recordingId).map(placeOf));
    const fresh = flatSpans(context, recordingId).filter((span) => !known.has(placeOf(span)));
    const changes = fresh.map((after) => ({ before: null, after }));
    takeMasks(context, layers, { what: "add", changes }, authorNow(context));
    return fresh;
  });
}

/** Takes away everything a rule laid on the recording: one step of the history. Returns how many spans it was. */
export function liftRules(context: Context, layers: Layers, recordingId: string): number {
  return context.database.write(() => {
    const changes = rulesOf(context, recordingId).map((before) => ({ before, after: null }));
    takeMasks(context, layers, { what: "remove", changes }, authorNow(context));
    return changes.length;
  });
}

const rulesOf = (context: Context, recordingId: string): MaskSpan[] =>
  listMasks(context, recordingId).filter(({ layer }) => layer === "rule");
