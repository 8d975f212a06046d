import { randomUUID } from "node:crypto";
import { AppError } from "../../../preload/contract/errors.ts";
import { sampleAtTime } from "../../../preload/contract/channel-clock.ts";
import { type MaskRun, MaskSpan } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { clipRuns, layRuns } from "../../signal/mask.ts";
import { BucketReader, type TouchedBucket } from "../samples/bucket-reader.ts";
import { checked } from "../checked.ts";
import { type ChannelRow, channelsOf, recordingKey } from "../samples/channels.ts";
import type { Context } from "../context.ts";
import type { Row } from "../file/database.ts";
import { type Change, type EditStep, keepStep, logEdit } from "./edit-history.ts";
import { outdateRules } from "../runs/outdated.ts";
import { isWhole, rowCrc } from "../file/row-crc.ts";
import { amend, seal } from "../file/seal.ts";
import { authorNow, blindReader } from "../settings.ts";

/** Buckets worked out that are kept for one channel. */
const MOST_TOUCHED = 50_000;

/** Who has the first word about why a sample is missing. */
const ranks: Readonly<Record<MaskSpan["layer"], number>> = { person: 0, rule: 1, model: 2 };

/** Everything that lies above the source on one channel, damaged blocks first, then people, rules, models. */
export class Layers {
  readonly #context: Context;
  readonly #reader: string | undefined; // who sees no masks of others or of models; undefined: all are seen
  readonly #laid = new Map<
    number,
    {
      readonly version: string;
      readonly clock: ChannelRow["clock"]; // by which spans were laid on samples
      readonly runs: readonly MaskRun[];
      readonly touched: Map<string, TouchedBucket>;
    }
  >();

  constructor(context: Context, reader?: string) {
    this.#context = context;
    this.#reader = reader;
  }

  /** After a transaction that failed: what was laid in it never came to be. */
  forget(): void {
    this.#laid.clear();
  }

  runs(channel: ChannelRow): readonly MaskRun[] {
    return this.#of(channel).runs;
  }

  /** A reader of the pyramid as a person sees it; what it works out at the edges of spans is kept while they stay. */
  reader(channel: ChannelRow): BucketReader {
    const { runs, touched } = this.#of(channel);
    return new BucketReader(this.#context.database, channel, runs, this.#context.damage.note, touched);
  }

  #of(channel: ChannelRow): { runs: readonly MaskRun[]; touched: Map<string, TouchedBucket> } {
    const version = `${channel.maskRevision}/${this.#context.damage.revision}`;
    const known = this.#laid.get(channel.key);
    if (known?.version === version && known.clock === channel.clock) return known;
    // What a finding says has the gaps it was made with: a mask laid since hides samples, not what was said of them.
    const hasNone = channel.maskRevision === 0 || channel.origin !== undefined;
    const spans = hasNone ? [] : spansOf(this.#context, channel.recording);
    const seen = spans.filter((span) => this.#isSeen(span));
    const runs = runsUnder(this.#context, channel, seen);
    const touched =
      known === undefined || known.touched.size > MOST_TOUCHED
        ? new Map<string, TouchedBucket>()
        : known.touched;
    const fresh = { version, clock: channel.clock, runs, touched };
    this.#laid.set(channel.key, fresh);
    return fresh;
  }

  #isSeen(span: MaskSpan): boolean {
    return this.#reader === undefined || isSeenBy(this.#reader, span);
  }
}

/** Whether whoever reads a recording blind may know of a mask: their own, and those of rules that are stated. */
const isSeenBy = (reader: string, { layer, author }: MaskSpan): boolean =>
  layer === "rule" || (layer === "person" && author === reader);

/** Layers as they are, and as whoever reads a recording blind may see them. */
export class SeenLayers {
  readonly all: Layers;
  readonly #context: Context;
  #blind: { readonly reader: string; readonly layers: Layers } | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.all = new Layers(context);
  }

  forget(): void {
    this.all.forget();
    this.#blind = undefined;
  }

  /** `keepsBlind`: what it is read for reaches a person, who may read the recording blind. */
  of(recordingId: string, keepsBlind: boolean): Layers {
    const reader = keepsBlind ? blindReader(this.#context, recordingId) : undefined;
    if (reader === undefined) return this.all;
    if (this.#blind?.reader !== reader) this.#blind = { reader, layers: new Layers(this.#context, reader) };
    return this.#blind.layers;
  }
}

/** What these spans, and damaged blocks before them, hide of a channel. */
function runsUnder({ damage }: Context, channel: ChannelRow, spans: readonly MaskSpan[]): readonly MaskRun[] {
  const ranked = spans.filter((span) => span.channel === undefined || span.channel === channel.position);
  ranked.sort((a, b) => ranks[a.layer] - ranks[b.layer]);
  return layRuns([...damage.runsOf(channel.key), ...ranked.flatMap((span) => runOf(span, channel) ?? [])]);
}

/** How many samples of a channel that were observed in the source lie under these spans or under damaged blocks. */
export function hiddenUnder(context: Context, channel: ChannelRow, spans: readonly MaskSpan[]): number {
  const source = BucketReader.asItCame(context.database, channel, context.damage.note);
  let hidden = 0;
  for (const { first, count } of runsUnder(context, channel, spans))
    hidden += source.observedIn(first, first + count);
  return hidden;
}

/** Of each recorded channel as many observed samples as whoever reads the recording blind sees. */
export function observedBy(context: Context, recordingId: string, reader: string): number[] {
  const { key } = recordingKey(context.database, recordingId);
  const seen = spansOf(context, key).filter((span) => isSeenBy(reader, span));
  return channelsOf(context.database, key).map((channel) =>
    channel.fault === undefined ? channel.sourceObserved - hiddenUnder(context, channel, seen) : 0,
  );
}

type Timed = Pick<ChannelRow, "sampleRate" | "clock">;

/** The sample at or after a time in seconds. */
const sampleAt = (timeS: number, { clock, sampleRate }: Timed): number =>
  Math.ceil(sampleAtTime(clock, sampleRate, timeS) - (clock === undefined ? 1e-9 : 1e-6));

/** The samples a span covers: those at or after its onset and before its end. Undefined when there is none. */
function runOf(span: MaskSpan, channel: Timed): MaskRun | undefined {
  const first = Math.max(0, sampleAt(span.onsetS, channel));
  const end = sampleAt(span.onsetS + span.durationS, channel);
  return end > first ? { first, count: end - first, reason: span.reason } : undefined;
}

export const listMasks = (context: Context, recordingId: string): MaskSpan[] =>
  spansOf(context, recordingKey(context.database, recordingId).key);

export function addMask(
  context: Context,
  layers: Layers,
  span: Omit<MaskSpan, "id" | "createdAt">,
): MaskSpan {
  const { database } = context;
  const whole = checked(MaskSpan, { ...span, id: randomUUID(), createdAt: context.now() }, "mask span");
  return database.write(() => {
    const recording = recordingKey(database, whole.recordingId);
    const channels = channelsOf(database, recording.key);
    if (whole.channel !== undefined && channels[whole.channel] === undefined) {
      throw new AppError(
        "storage/not-found",
        `The recording has no channel ${whole.channel}; it has ${channels.length}, counted from 0`,
        {
          recording: whole.recordingId,
          channel: whole.channel,
        },
      );
    }
    takeMasks(context, layers, { what: "add", changes: [{ before: null, after: whole }] }, whole.author);
    return whole;
  });
}

/** Says which recording it belonged to. */
export function removeMask(context: Context, layers: Layers, id: string): string {
  const { database } = context;
  return database.write(() => {
    const row = database.get(`${select} WHERE m.id = ?`, id);
    if (row === undefined)
      throw new AppError("storage/not-found", `There is no mask span ${id} in this library`, { id });
    const before = spanFrom(row);
    if (before === undefined)
      throw new AppError("storage/corrupt", `Mask span ${id} is damaged and was left as it is`, { id });
    takeMasks(context, layers, { what: "remove", changes: [{ before, after: null }] }, authorNow(context));
    return before.recordingId;
  });
}

const recordingOf = ([change]: readonly Change<MaskSpan>[]): string | undefined =>
  (change?.after ?? change?.before)?.recordingId;

export interface MaskEdit {
  readonly what: "add" | "remove";
  readonly changes: readonly Change<MaskSpan>[];
  readonly pass?: string; // that it is a part of
}

/** Carries out an edit and keeps it as a step of the recording's history. */
export function takeMasks(
  context: Context,
  layers: Layers,
  { pass, ...edit }: MaskEdit,
  author: string,
): void {
  const step: EditStep = { kind: "mask", ...edit };
  const recordingId = recordingOf(edit.changes);
  if (recordingId === undefined) return;
  applyMasks(context, layers, edit.changes);
  keepStep(context, recordingId, step, { author, pass });
  logEdit(context, recordingId, step, author);
}

/**
 * Lays spans of one recording or takes them away; the samples beneath are never touched, and what rules said of them is
 * outdated. One that comes again keeps its id and its time. What one span hides is counted within it, what several hide in the whole recording.
 */
export function applyMasks(context: Context, layers: Layers, changes: readonly Change<MaskSpan>[]): void {
  const [only, ...more] = changes;
  const span = only?.after ?? only?.before;
  if (!only || !span) return;
  const { key } = recordingKey(context.database, span.recordingId);
  outdateRules(context, key);
  if (more.length === 0) {
    changeWithin(context, layers, span, (recording) => write(context, recording, only));
    return;
  }
  for (const change of changes) write(context, key, change);
  haveChanged(context, key);
  recount(context, layers, key);
}

/** Spans on one channel of a recording that has none. `reasons`: of the source, one a sample of the whole channel. */
export function layFirst(
  context: Context,
  channel: ChannelRow,
  spans: readonly MaskSpan[],
  reasons: Uint8Array,
): void {
  const { database } = context;
  const { key, recording } = channel;
  let hidden = 0;
  for (const { first, count } of layRuns(spans.flatMap((span) => runOf(span, channel) ?? [])))
    for (const reason of reasons.subarray(first, first + count)) hidden += Number(reason === 0);
  for (const after of spans) write(context, recording, { before: null, after });
  haveChanged(context, recording);
  database.run("UPDATE channel SET layer_masked = ? WHERE key = ?", hidden, key);
  seal(database, "channel", "key = ?", key);
}

/** What runs said of the recording may not be what they would say now. */
function haveChanged({ database, now }: Context, recording: number): void {
  amend(database, "recording", ["key = ?", recording], () =>
    database.run(
      "UPDATE recording SET mask_revision = mask_revision + 1, masks_changed_at = ? WHERE key = ?",
      now(),
      recording,
    ),
  );
}

function write({ database }: Context, recording: number, { before, after }: Change<MaskSpan>): void {
  if (before !== null) database.run("DELETE FROM mask_span WHERE id = ?", before.id);
  if (after === null) return;
  const { id, channel, layer, reason, onsetS, durationS, author, createdAt } = after;
  const values = [id, recording, channel ?? null, layer, reason, onsetS, durationS, author, createdAt];
  database.run(
    "INSERT INTO mask_span (id, recording, channel, layer, reason, onset_s, duration_s, author, created_at, row_crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ...values,
    rowCrc(values),
  );
}

/** Carries out a change of the layers within one span, and counts anew what they hide there. */
function changeWithin(
  context: Context,
  layers: Layers,
  span: MaskSpan,
  change: (recording: number) => unknown,
): void {
  const { database } = context;
  const { key } = recordingKey(database, span.recordingId);
  const affected = channelsOf(database, key).filter(
    ({ position }) => (span.channel ?? position) === position,
  );
  const before = affected.map((channel) => hiddenIn(context, layers, channel, span));
  change(key);
  haveChanged(context, key);
  for (const [index, { position }] of affected.entries()) {
    const channel = sure(channelsOf(database, key)[position]); // with the new revision
    const difference = hiddenIn(context, layers, channel, span) - sure(before[index]);
    amend(database, "channel", ["key = ?", channel.key], () =>
      database.run(
        "UPDATE channel SET layer_masked = max(0, min(source_observed, layer_masked + ?)) WHERE key = ?",
        difference,
        channel.key,
      ),
    );
  }
}

/** Samples of a span that were observed in the source and that the layers hide. */
function hiddenIn(context: Context, layers: Layers, channel: ChannelRow, span: MaskSpan): number {
  const range = runOf(span, channel);
  if (range === undefined) return 0;
  const source = BucketReader.asItCame(context.database, channel, context.damage.note);
  let hidden = 0;
  for (const run of clipRuns(layers.runs(channel), range.first, range.count)) {
    hidden += source.observedIn(range.first + run.first, range.first + run.first + run.count);
  }
  return hidden;
}

/**
 * How many observed samples the layers hide in the whole recording, anew: after blocks were found damaged. Of a damaged block
 * that fills no bucket nobody knows any more which samples were observed: all of them, as far as the channel had so many.
 */
export function recount(context: Context, layers: Layers, recording: number): void {
  const { database } = context;
  database.run("UPDATE recording SET mask_revision = mask_revision + 1 WHERE key = ?", recording);
  for (const channel of channelsOf(database, recording)) {
    const source = BucketReader.asItCame(database, channel, context.damage.note);
    let masked = 0;
    for (const run of layers.runs(channel)) masked += source.observedIn(run.first, run.first + run.count);
    amend(database, "channel", ["key = ?", channel.key], () =>
      database.run(
        "UPDATE channel SET layer_masked = min(source_observed, ?) WHERE key = ?",
        masked,
        channel.key,
      ),
    );
  }
}

/** At the end of a recording: masks were laid while the clocks of its devices were still being found. */
export function recountMoved(context: Context, layers: Layers, recordingId: string): void {
  const { key } = recordingKey(context.database, recordingId);
  if (channelsOf(context.database, key).some(({ clock }) => clock !== undefined))
    recount(context, layers, key);
}

const select = "SELECT m.*, r.id AS recording_id FROM mask_span m JOIN recording r ON r.key = m.recording";

/** Those that are what was written. */
function spansOf(context: Context, recording: number): MaskSpan[] {
  const rows = context.database.all(
    `${select} WHERE m.recording = ? ORDER BY m.created_at, m.onset_s, m.key`,
    recording,
  );
  const [first] = rows;
  return first === undefined ? [] : context.lost.keep(String(first["recording_id"]), "mask", rows, spanFrom);
}

/** Undefined where the row is not what was written, or its times are no times. */
function spanFrom(row: Row): MaskSpan | undefined {
  const onsetS = Number(row["onset_s"]);
  const durationS = Number(row["duration_s"]);
  if (!isWhole("mask_span", row) || !Number.isFinite(onsetS) || !(durationS > 0 && durationS < Infinity))
    return undefined;
  return {
    id: String(row["id"]),
    recordingId: String(row["recording_id"]),
    ...(row["channel"] === null ? {} : { channel: Number(row["channel"]) }),
    layer: String(row["layer"]) as MaskSpan["layer"],
    reason: Number(row["reason"]),
    onsetS,
    durationS,
    author: String(row["author"]),
    createdAt: String(row["created_at"]),
  };
}
