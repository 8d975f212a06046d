import { randomUUID } from "node:crypto";
import { timeOfSample } from "../../../preload/contract/channel-clock.ts";
import { maskReasons, type MaskSpan } from "../../../preload/contract/mask.ts";
import type { SampleBlock } from "../../signal/block.ts";
import { FLAT_UC_S, type FlatRun, FlatRuns, type OpenRun } from "../../signal/flat.ts";
import { type ChannelRow, channelsOf, recordingKey } from "../samples/channels.ts";
import { type Context, LIBRARY } from "../context.ts";
import { applyMasks, layFirst, type Layers, listMasks, takeMasks } from "./masks.ts";
import { physicalOf, readPhysical } from "../samples/sample-reader.ts";
import { authorNow } from "../settings.ts";

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
    .filter(isRuled)
    .flatMap((channel) => spansOf(channel, flatRunsOf(context, channel), { recordingId, createdAt }));
}

export const isRuled = ({ role }: ChannelRow): boolean => role === "uc";

export const newRuns = ({ sampleRate }: ChannelRow, from?: OpenRun): FlatRuns =>
  new FlatRuns(Math.ceil(FLAT_UC_S * sampleRate), from);

export const spansOf = (
  { position, sampleRate, clock }: ChannelRow,
  runs: readonly FlatRun[],
  common: Pick<MaskSpan, "recordingId" | "createdAt">,
): MaskSpan[] =>
  runs.map(({ first, count }) => {
    const onsetS = timeOfSample(clock, sampleRate, first);
    const isOwn = clock === undefined;
    return {
      ...common,
      id: randomUUID(),
      channel: position,
      layer: "rule",
      reason: maskReasons.flatSignal,
      onsetS,
      durationS: isOwn ? count / sampleRate : timeOfSample(clock, sampleRate, first + count) - onsetS,
      author: "",
    };
  });

function flatRunsOf(context: Context, channel: ChannelRow): readonly FlatRun[] {
  const runs = newRuns(channel);
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
    logLaid(context, recordingId, spans.length);
  });
}

/** The same for a recording that came whole, within the caller's transaction, without reading back what was written. */
export function layRulesOnWhole(
  context: Context,
  recordingId: string,
  channels: readonly ChannelRow[],
  blocks: readonly SampleBlock[],
): void {
  const createdAt = context.now();
  let laid = 0;
  for (const channel of channels.filter(isRuled)) {
    const { values, reasons } = physicalOf(channel, blocks);
    const runs = newRuns(channel);
    runs.push(values, reasons, 0);
    const spans = spansOf(channel, runs.done(), { recordingId, createdAt });
    laid += spans.length;
    if (spans.length > 0) layFirst(context, channel, spans, reasons);
  }
  if (laid > 0) logLaid(context, recordingId, laid);
}

const logLaid = (context: Context, recordingId: string, spans: number): void =>
  context.log({ actor: LIBRARY, action: "mask.rule", subject: recordingId, detail: { spans } });

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
