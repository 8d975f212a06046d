import { randomUUID } from "node:crypto";
import { z } from "zod";
import {
  type ChannelClock,
  lengthOf,
  piecesOf,
  timeOfSample,
} from "../../../preload/contract/channel-clock.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import {
  type Channel,
  type DamagedStretch,
  ChannelHeader,
  mostMissing,
  type RecordingDetail,
  RecordingKind,
  RecordingState,
  type RecordingSummary,
  Repair,
} from "../../../preload/contract/recording.ts";
import type { NewRecording, RecordingFile, WholeRecording } from "../api.ts";
import { clocksIn } from "../samples/channel-clocks.ts";
import {
  allChannels,
  type ChannelRow,
  channelsOf,
  clockedRecordings,
  recordingKey,
} from "../samples/channels.ts";
import { checked, parsedJson } from "../checked.ts";
import { type Context, LIBRARY } from "../context.ts";
import type { Row } from "../file/database.ts";
import { isAlive, ownerFrom } from "../file/owner.ts";
import { isWhole } from "../file/row-crc.ts";
import { amend, seal } from "../file/seal.ts";
import { authorNow } from "../settings.ts";

const NewRecordingShape = z.object({
  header: z.object({
    name: z.string().min(1),
    kind: RecordingKind,
    startedAt: z.string().optional(),
    channels: z.array(ChannelHeader).min(1),
    facts: z.record(z.string(), z.string()),
  }),
  subject: z.string(),
  study: z.string(),
  synthetic: z.boolean(),
  source: z.object({ format: z.string(), file: z.string(), sha256: z.string() }),
  state: z.enum(["importing", "recording"]),
  id: z.uuid().optional(),
});

export function createRecording(context: Context, recording: NewRecording): string {
  const { state, id = randomUUID(), ...fields } = checked(NewRecordingShape, recording, "recording");
  context.database.write(() => {
    insertRecording(context, { ...fields, id, state, repairs: [] });
    logCreated(context, { id, state, ...fields });
  });
  return id;
}

type Fields = z.output<typeof NewRecordingShape>;
type Inserted = Omit<Fields, "state" | "id"> & {
  readonly id: string;
  readonly state: "importing" | "recording" | "complete";
  readonly repairs: readonly Repair[];
};

/** The rows of a recording and of its channels, within the caller's transaction; one that may grow is this process's. */
function insertRecording(
  { database, now, owner }: Context,
  { id, header, subject, study, synthetic, source, state, repairs }: Inserted,
): number {
  const { key } = database.run(
    `INSERT INTO recording (id, name, kind, subject, study, synthetic, started_at, imported_at, state, owner, facts, repairs,
       source_format, source_file, source_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    header.name,
    header.kind,
    subject,
    study,
    Number(synthetic),
    header.startedAt ?? null,
    now(),
    state,
    state === "complete" ? null : owner,
    JSON.stringify(header.facts),
    JSON.stringify(repairs),
    source.format,
    source.file,
    source.sha256,
  );
  for (const [position, channel] of header.channels.entries()) {
    database.run(
      "INSERT INTO channel (recording, position, label, unit, sample_rate, role, sample_type, gain, offset) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key,
      position,
      channel.label,
      channel.unit,
      channel.sampleRate,
      channel.role,
      channel.sampleType,
      channel.gain,
      channel.offset,
    );
  }
  seal(database, "recording", "key = ?", key);
  seal(database, "channel", "recording = ?", key);
  return key;
}

const logCreated = (
  context: Context,
  { id, state, header, source }: Pick<Fields, "state" | "header" | "source"> & { readonly id: string },
): void =>
  context.log({
    actor: LIBRARY,
    action: "recording.create",
    subject: id,
    detail: { state, channels: header.channels.length, format: source.format },
  });

const logClosed = (context: Context, id: string, state: RecordingState, repairs: readonly Repair[]): void =>
  context.log({
    actor: LIBRARY,
    action: "recording.close",
    subject: id,
    detail: { state, repairs: repairs.length },
  });

const WholeRecordingShape = NewRecordingShape.omit({ state: true }).extend({
  id: z.uuid(),
  repairs: z.array(Repair),
});

/**
 * A recording that comes whole, within the caller's transaction: `fill` gives its rows their samples and what lies on
 * them. It is complete from its first row on, and nobody sees it before the transaction ends.
 */
export function insertWhole(
  context: Context,
  recording: Omit<WholeRecording, "blocks" | "annotations">,
  fill: (key: number) => void,
): void {
  const fields = checked(WholeRecordingShape, recording, "recording");
  const { id, repairs } = fields;
  logCreated(context, { ...fields, state: "importing" });
  fill(insertRecording(context, { ...fields, state: "complete" }));
  logClosed(context, id, "complete", repairs);
}

const ClosingShape = z.object({
  state: z.enum(["complete", "interrupted"]),
  repairs: z.array(Repair),
  sha256: z.string().optional(),
});

export function closeRecording(
  context: Context,
  id: string,
  closing: { state: RecordingState; repairs: readonly Repair[]; sha256?: string },
): RecordingSummary {
  const { state, repairs, sha256 } = checked(ClosingShape, closing, "closing of a recording");
  const { database } = context;
  return database.write(() => {
    const { key } = openRecording(context, id);
    amend(database, "recording", ["key = ?", key], () =>
      database.run(
        "UPDATE recording SET state = ?, owner = NULL, repairs = ?, source_sha256 = coalesce(?, source_sha256) WHERE key = ?",
        state,
        JSON.stringify(repairs),
        sha256 ?? null,
        key,
      ),
    );
    logClosed(context, id, state, repairs);
    return getRecording(context, id); // in the transaction: a closing that fails has not happened
  });
}

/** A recording that this process is importing or recording; anything else cannot take blocks. */
export function openRecording(context: Context, id: string): { key: number } {
  const recording = recordingKey(context.database, id);
  if (recording.owner === null) {
    throw new AppError(
      "storage/closed",
      `Recording ${id} is ${recording.state}; only one that is being imported or recorded can grow`,
      {
        recording: id,
        state: recording.state,
      },
    );
  }
  if (recording.owner !== context.owner) {
    throw new AppError("storage/not-owner", `Recording ${id} is being written by another process`, {
      recording: id,
      owner: recording.owner,
    });
  }
  return recording;
}

/** One that was interrupted grows again, in this process; `reopened` is done in the same transaction. */
export function reopenRecording(context: Context, id: string, reopened: (id: string) => void): void {
  const { database } = context;
  database.write(() => {
    const { key, state, owner } = recordingKey(database, id);
    if (owner === context.owner) return;
    if (state !== "interrupted") throw notReopened(id, state);
    amend(database, "recording", ["key = ?", key], () =>
      database.run("UPDATE recording SET state = 'recording', owner = ? WHERE key = ?", context.owner, key),
    );
    context.log({ actor: LIBRARY, action: "recording.reopen", subject: id, detail: {} });
    reopened(id);
  });
}

const notReopened = (id: string, state: string): AppError =>
  new AppError(
    "storage/closed",
    `Recording ${id} is ${state}; only one that was interrupted can be continued`,
    { recording: id, state },
  );

/**
 * Recordings whose process ended before they did become `interrupted`; everything acknowledged is in them. `closed` is done
 * for each in the same transaction.
 */
export function closeInterrupted(context: Context, closed: (id: string) => void): string[] {
  const { database } = context;
  const gone = unfinished(context).filter(({ owner, isLive }) => owner !== context.owner && !isLive);
  if (gone.length === 0) return [];
  return database.write(() => {
    const ids: string[] = [];
    for (const { owner } of gone) {
      for (const row of database.all("SELECT key, id, state FROM recording WHERE owner = ?", owner)) {
        const key = Number(row["key"]);
        amend(database, "recording", ["key = ?", key], () =>
          database.run("UPDATE recording SET state = 'interrupted', owner = NULL WHERE key = ?", key),
        );
        ids.push(String(row["id"]));
        context.log({
          actor: LIBRARY,
          action: "recording.interrupted",
          subject: String(row["id"]),
          detail: { was: row["state"], owner },
        });
        closed(String(row["id"]));
      }
    }
    return ids;
  });
}

const unfinished = (context: Context): { owner: string; isLive: boolean }[] =>
  context.database
    .all(
      "SELECT DISTINCT o.token, o.pid, o.started, o.host FROM owner o JOIN recording r ON r.owner = o.token",
    )
    .map((row) => ({ owner: String(row["token"]), isLive: isAlive(ownerFrom(row)) }));

/** Ids of the recording of this id, else of all of this name. */
export function recordingsNamed(
  { database }: Context,
  nameOrId: string,
  where: "library" | "library and bin" = "library",
): string[] {
  const isThere = `purging = 0${where === "library" ? " AND binned_at IS NULL" : ""}`;
  const ids = (what: "id" | "name"): string[] =>
    database
      .all(`SELECT id FROM recording WHERE ${what} = ? AND ${isThere} ORDER BY key`, nameOrId)
      .map((row) => String(row["id"]));
  const byId = ids("id");
  return byId.length > 0 ? byId : ids("name");
}

export function findRecording(context: Context, nameOrId: string): string | undefined {
  const named = recordingsNamed(context, nameOrId);
  return named.length === 1 ? named[0] : undefined;
}

const ChangeShape = z.object({
  name: z.string().min(1).optional(),
  subject: z.string().min(1).optional(),
  study: z.string().optional(),
  note: z.string().optional(),
  kind: RecordingKind.optional(),
});

export function changeRecording(
  context: Context,
  id: string,
  change: Parameters<typeof ChangeShape.parse>[0],
): RecordingDetail {
  const { database } = context;
  const fields = Object.entries(checked(ChangeShape, change, "change")).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  database.write(() => {
    const before = getRecording(context, id);
    const changed = fields.filter(([name, value]) => before[name as keyof typeof before] !== value);
    if (changed.length === 0) return;
    amend(database, "recording", ["id = ?", id], () => {
      for (const [name, value] of changed)
        database.run(`UPDATE recording SET ${name} = ? WHERE id = ?`, value, id);
    });
    const detail = { fields: changed.map(([name]) => name) }; // not what they said: the log outlives it
    context.log({ actor: authorNow(context), action: "recording.change", subject: id, detail });
  });
  return getRecording(context, id);
}

export function removeRecording(context: Context, id: string): void {
  setBinned(context, id, context.now(), "recording.remove");
}

export function restoreRecording(context: Context, id: string): RecordingDetail {
  setBinned(context, id, null, "recording.restore");
  return getRecording(context, id);
}

function setBinned(context: Context, id: string, at: string | null, action: string): void {
  const { database } = context;
  database.write(() => {
    const { key } = recordingKey(database, id);
    amend(database, "recording", ["key = ?", key], () =>
      database.run("UPDATE recording SET binned_at = ? WHERE key = ?", at, key),
    );
    context.log({ actor: authorNow(context), action, subject: id, detail: {} });
  });
}

export const listRecordings = (context: Context): RecordingSummary[] => summaries(context);

/** Keys of recordings that are not in the bin; ids of others are left out. */
export const keysOf = ({ database }: Context, ids: readonly string[]): number[] =>
  ids.flatMap((id) => {
    const row = database.get(
      "SELECT key FROM recording WHERE id = ? AND binned_at IS NULL AND purging = 0",
      id,
    );
    return row === undefined ? [] : [Number(row["key"])];
  });

/** Some recordings, in the order of their keys given. */
export const summariesOf = (context: Context, keys: readonly number[]): RecordingSummary[] =>
  keys.map((key) => summaryOf(context, context.database.one("SELECT * FROM recording WHERE key = ?", key)));

/** A recording as listed, with its note. */
export const notedOf = (context: Context, row: Row): RecordingSummary & { readonly note: string } => ({
  ...summaryOf(context, row),
  note: String(row["note"]),
});

export function summaryOf(context: Context, row: Row): RecordingSummary {
  const { database } = context;
  const key = Number(row["key"]);
  const marks = annotationSums(
    database.each(
      "SELECT recording, onset_s, duration_s FROM annotation WHERE recording = ? ORDER BY onset_s",
      key,
    ),
  );
  return summaryFrom(context, row, channelsOf(database, key), marks.get(key) ?? noMarks);
}

/** What recordings are called, also those in the bin. */
export const namesOf = ({ database }: Context, ids: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    ids.flatMap((id) => {
      const row = database.get("SELECT name FROM recording WHERE id = ? AND purging = 0", id);
      return row === undefined ? [] : [[id, String(row["name"])] as const];
    }),
  );

/** Puts recordings in the bin in one step, as of one moment by which they can be brought back together. */
export const binRecordings = (context: Context, ids: readonly string[], at: string): void =>
  context.database.write(() => {
    for (const id of ids) setBinned(context, id, at, "recording.remove");
  });

/** Brings back some of what was put in the bin at that moment; empty once nothing of it is left. */
export function restoreBinned(context: Context, at: string, most: number): string[] {
  const { database } = context;
  return database.write(() => {
    const ids = database
      .all("SELECT id FROM recording WHERE binned_at = ? AND purging = 0 ORDER BY key LIMIT ?", at, most)
      .map((row) => String(row["id"]));
    for (const id of ids) setBinned(context, id, null, "recording.restore");
    return ids;
  });
}

export const stillBinned = ({ database }: Context, ids: readonly string[]): string[] =>
  ids.filter(
    (id) =>
      database.get("SELECT key FROM recording WHERE id = ? AND binned_at IS NOT NULL AND purging = 0", id) !==
      undefined,
  );

/** Brings back those of these that are in the bin, in one step. */
export const restoreThese = (context: Context, ids: readonly string[]): string[] =>
  context.database.write(() => {
    const binned = stillBinned(context, ids);
    for (const id of binned) setBinned(context, id, null, "recording.restore");
    return binned;
  });

export const listSources = ({ database }: Context): RecordingFile[] =>
  database
    .all(
      "SELECT id, name, source_file, source_sha256, state FROM recording WHERE binned_at IS NULL AND purging = 0 ORDER BY key",
    )
    .map((row) => ({
      id: String(row["id"]),
      name: String(row["name"]),
      file: String(row["source_file"]),
      sha256: String(row["source_sha256"]),
      state: RecordingState.safeParse(row["state"]).data ?? "interrupted",
    }));

/** All of them: channels and annotations of everything are read in one go each. */
function summaries(context: Context): RecordingSummary[] {
  const { database } = context;
  const channels = new Map<number, ChannelRow[]>();
  for (const channel of allChannels(database)) {
    const known = channels.get(channel.recording);
    if (known === undefined) channels.set(channel.recording, [channel]);
    else known.push(channel);
  }
  for (const key of clockedRecordings(database)) channels.set(key, channelsOf(database, key));
  const marks = annotationSums(
    database.each("SELECT recording, onset_s, duration_s FROM annotation ORDER BY recording, onset_s"),
  );
  return database
    .all("SELECT * FROM recording WHERE binned_at IS NULL AND purging = 0 ORDER BY key")
    .map((row) => {
      const key = Number(row["key"]);
      return summaryFrom(context, row, channels.get(key) ?? [], marks.get(key) ?? noMarks);
    });
}

export function getRecording(context: Context, id: string): RecordingDetail {
  const { database } = context;
  const { key } = recordingKey(database, id);
  const row = database.one("SELECT * FROM recording WHERE key = ?", key);
  const summary = summaryOf(context, row);
  const clocks = clocksIn(database, key, () => summary.channels);
  return {
    ...summary,
    ...(clocks.length === 0 ? {} : { clocks: [...clocks] }),
    source: {
      format: String(row["source_format"]),
      file: String(row["source_file"]),
      sha256: String(row["source_sha256"]),
    },
    note: String(row["note"]),
    facts: Facts.safeParse(parsedJson(row["facts"])).data ?? {},
    repairs: repairsOf(row),
    damaged: damagedStretches(context, key, clocks),
  };
}

const damagedStretches = (
  { database }: Context,
  recording: number,
  clocks: readonly ChannelClock[],
): DamagedStretch[] =>
  database
    .all(
      `SELECT c.position, c.sample_rate, d.first_sample, d.sample_count FROM damage d JOIN channel c ON c.key = d.channel
         WHERE c.recording = ? AND c.origin IS NULL ORDER BY c.position`,
      recording,
    )
    .map((row) => {
      const [channel, first] = [Number(row["position"]), Number(row["first_sample"])];
      const at = (sample: number): number =>
        timeOfSample(piecesOf(clocks, channel), Number(row["sample_rate"]), sample);
      const onsetS = at(first);
      return { channel, onsetS, durationS: at(first + Number(row["sample_count"])) - onsetS };
    })
    .sort((a, b) => a.onsetS - b.onsetS);

interface Marks {
  readonly count: number;
  readonly labelledS: number;
  readonly faults: number; // rows whose times are no times
}
const noMarks: Marks = { count: 0, labelledS: 0, faults: 0 };

const Facts = z.record(z.string(), z.string());

/** Those that can be read. */
function repairsOf(row: Row): Repair[] {
  const stored = parsedJson(row["repairs"]);
  return Array.isArray(stored) ? stored.flatMap((one) => Repair.safeParse(one).data ?? []) : [];
}

/** What of a recording's rows is damaged, in a sentence; undefined where nothing is known to be. */
function faultOf(row: Row, channels: readonly ChannelRow[], lost: number): string | undefined {
  const kind = RecordingKind.safeParse(row["kind"]).success;
  const state = RecordingState.safeParse(row["state"]).success;
  const faults = [
    ...(isWhole("recording", row) && kind && state ? [] : ["Its row is not what was written"]),
    ...channels.flatMap(({ fault, position }) =>
      fault === undefined ? [] : [`Channel ${position}: ${fault}`],
    ),
    ...(lost > 0
      ? [`${lost} of its annotations, masks, readings, predictions or findings cannot be read`]
      : []),
  ];
  return faults.length === 0 ? undefined : faults.join("; ");
}

/** For each recording how many annotations it has and how long their union is. Rows ordered by recording and onset. */
function annotationSums(rows: Iterable<Row>): Map<number, Marks> {
  const sums = new Map<number, Marks>();
  let end = -Infinity;
  let of = NaN;
  for (const row of rows) {
    const recording = Number(row["recording"]);
    if (recording !== of) end = -Infinity;
    of = recording;
    const onset = Number(row["onset_s"]);
    const until = onset + Number(row["duration_s"]);
    const before = sums.get(recording) ?? noMarks;
    if (!Number.isFinite(onset) || !(until >= onset && until < Infinity)) {
      sums.set(recording, { ...before, faults: before.faults + 1 });
      continue;
    }
    sums.set(recording, {
      ...before,
      count: before.count + 1,
      labelledS: before.labelledS + Math.max(0, until - Math.max(onset, end)),
    });
    end = Math.max(end, until);
  }
  return sums;
}

function summaryFrom(
  context: Context,
  row: Row,
  channels: readonly ChannelRow[],
  marks: Marks,
): RecordingSummary {
  const id = String(row["id"]);
  const fault = faultOf(row, channels, Math.max(marks.faults, context.lost.of(id)));
  return {
    id,
    name: String(row["name"]),
    kind: RecordingKind.safeParse(row["kind"]).data ?? "other",
    subject: String(row["subject"]),
    study: String(row["study"]),
    synthetic: row["synthetic"] === 1,
    ...(row["started_at"] === null ? {} : { startedAt: String(row["started_at"]) }),
    importedAt: String(row["imported_at"]),
    durationS: lengthOf(channels),
    state: RecordingState.safeParse(row["state"]).data ?? "interrupted",
    channels: channels.map(channelFrom),
    missingShare: mostMissing(channels),
    annotationCount: marks.count,
    labelledS: marks.labelledS,
    repairCount: row["repairs"] === "[]" ? 0 : repairsOf(row).length,
    ...(fault === undefined ? {} : { fault }),
  };
}

const channelFrom = (channel: ChannelRow): Channel => ({
  position: channel.position,
  label: channel.label,
  unit: channel.unit,
  sampleRate: channel.sampleRate,
  role: channel.role,
  sampleType: channel.sampleType,
  gain: channel.gain,
  offset: channel.offset,
  sampleCount: channel.sampleCount,
  observedCount: channel.observedCount,
});
