import { randomUUID } from "node:crypto";
import { AppError } from "../../../preload/contract/errors.ts";
import {
  type Content,
  type Curves,
  type Finding,
  FindingOrigin,
  findingOf,
  FindingSpan,
  type FindingSummary,
  NewFinding,
  predictionFindingId,
  type Series,
  type SeriesSummary,
} from "../../../preload/contract/finding.ts";
import { wantedChannels } from "../../../preload/contract/match-channels.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { type OwnNames, ownNames } from "../../../preload/contract/own-names.ts";
import { CHANNELS_MAX, ChannelHeader } from "../../../preload/contract/recording.ts";
import { Adaptation } from "../../../preload/contract/run.ts";
import { runsOf } from "../../signal/mask.ts";
import type { SaveOptions } from "../api.ts";
import { samples } from "../samples/blocks.ts";
import { BucketReader } from "../samples/bucket-reader.ts";
import { channelOf, type ChannelRow, channelsOf, recordingKey } from "../samples/channels.ts";
import { ChannelWriter } from "../samples/channel-writer.ts";
import { checked, parsedJson } from "../checked.ts";
import type { Context } from "../context.ts";
import type { Row } from "../file/database.ts";
import {
  eventsWithin,
  forecastsWithin,
  packed,
  seriesProblem,
  type StoredContent,
  summaryIn,
  summaryOf,
  unpacked,
  verdictsWithin,
  windowsWithin,
} from "./finding-content.ts";
import type { Layers } from "../labels/masks.ts";
import { basisOf, type FindingMaker, outdate, outdateFindings } from "./outdated.ts";
import { isWhole } from "../file/row-crc.ts";
import { getPrediction, refuseRagged, savePrediction, storedRun } from "./runs.ts";
import { seal } from "../file/seal.ts";

/** All of it, its derived channels included, or nothing. */
export function saveFinding(context: Context, given: NewFinding): FindingSummary {
  const { recordingId, origin, content } = checked(NewFinding, given, "finding");
  refuseUnsound(content);
  const { database } = context;
  return database.write(() => {
    const recording = recordingKey(database, recordingId).key;
    if (origin.kind === "run") runIsKnown(context, origin.runId);
    if (origin.kind === "run" && content.kind === "window-classes") {
      const { runId, adaptation } = origin;
      const prediction = { ...content, runId, recordingId, adaptation, createdAt: context.now() };
      savePrediction(context, prediction);
      return { ...findingOf(prediction), content: summaryOf(content) };
    }
    const maker = makerOf(origin);
    outdateFindings(context, maker);
    const said = canonical(origin);
    database.run(
      "DELETE FROM finding WHERE recording = ? AND maker = ? AND version = ? AND origin = ? AND kind = ?",
      recording,
      maker.maker,
      maker.version,
      said,
      content.kind,
    );
    const id = randomUUID();
    const createdAt = context.now();
    database.run(
      "INSERT INTO finding (id, recording, run, maker, version, origin, kind, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, '{}', ?)",
      id,
      recording,
      origin.kind === "run" ? origin.runId : null,
      maker.maker,
      maker.version,
      said,
      content.kind,
      createdAt,
    );
    const stored = content.kind === "curves" ? storeCurves(context, { id, recordingId }, content) : content;
    database.run("UPDATE finding SET content = ? WHERE id = ?", packed(stored), id);
    seal(database, "finding", "id = ?", id);
    return { id, recordingId, origin, createdAt, isOutdated: false, content: summaryOf(stored) };
  });
}

/** All of them or none: what is said together of a recording belongs together. */
export const saveFindings = (
  context: Context,
  given: readonly NewFinding[],
  { basis, replaced = [] }: SaveOptions = {},
): FindingSummary[] =>
  context.database.write(() => {
    for (const id of replaced) context.database.run("DELETE FROM finding WHERE id = ?", id);
    return given.map((one) => {
      const isCurrent = basis === basisOf(context, one.recordingId).whole;
      const standing = isCurrent ? standingFinding(context, one) : undefined;
      if (standing !== undefined) return standing;
      const saved = saveFinding(context, one);
      if (basis === undefined || isCurrent) return saved;
      outdate(context, [saved.id]);
      return { ...saved, isOutdated: true };
    });
  });

/** What was said before with the same settings of the same samples and facts: it would be said again, under another id. */
function standingFinding(
  { database }: Context,
  { recordingId, origin, content }: NewFinding,
): FindingSummary | undefined {
  const { maker, version } = makerOf(origin);
  const row = database.get(
    "SELECT * FROM finding WHERE recording = ? AND maker = ? AND version = ? AND origin = ? AND kind = ? AND is_outdated = 0",
    recordingKey(database, recordingId).key,
    maker,
    version,
    canonical(origin),
    content.kind,
  );
  return row && storedFrom(row, recordingId, summaryIn);
}

function runIsKnown({ database }: Context, runId: string): void {
  if (database.get("SELECT 1 FROM run WHERE id = ?", runId) !== undefined) return;
  throw new AppError("storage/not-found", `There is no run ${runId} in this library`, { run: runId });
}

const makerOf = (origin: FindingOrigin): FindingMaker =>
  origin.kind === "run"
    ? { maker: origin.runId, version: origin.version ?? "" }
    : { maker: origin.rule, version: origin.version };

/** JSON with the keys of every object in order, so that equal settings are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

function refuseUnsound(content: Content): void {
  if (content.kind === "window-classes") refuseRagged(content);
  if (content.kind !== "curves") return;
  for (const series of content.series) {
    const problem = seriesProblem(series);
    if (problem !== undefined)
      throw new AppError("contract/bad-params", `Series ${problem}`, { series: series.name });
  }
}

interface Owner {
  readonly id: string; // of the finding
  readonly recordingId: string;
}

function storeCurves(context: Context, owner: Owner, { kind, series, forecasts }: Curves): StoredContent {
  const places = series.map((one): SeriesSummary => {
    const { name, unit, sampleRate, value, low, high } = one;
    return {
      ...{ name, unit, sampleRate, sampleCount: value.length },
      ...meant(one),
      value: derive(context, owner, one, value, name),
      ...(low === undefined ? {} : { low: derive(context, owner, one, low, `${name} low`) }),
      ...(high === undefined ? {} : { high: derive(context, owner, one, high, `${name} high`) }),
    };
  });
  return { kind, series: places, forecasts };
}

/** What a series says about itself, where it does. */
const meant = ({ over, as, notable }: Pick<Series, "over" | "as" | "notable">) => ({
  ...(over === undefined ? {} : { over }),
  ...(as === undefined ? {} : { as }),
  ...(notable === undefined ? {} : { notable }),
});

/** A channel with these values, of which the finding is the origin. Says its position, which no other channel ever has. */
function derive(
  context: Context,
  { id, recordingId }: Owner,
  { unit, sampleRate, observed }: Series,
  values: Float32Array,
  label: string,
): number {
  const { database } = context;
  const header = checked(
    ChannelHeader,
    { label, unit, sampleRate, role: "other", sampleType: "float32", gain: 1, offset: 0 },
    "derived channel",
  );
  const last = database.get(
    "SELECT coalesce(max(seq), 0) AS seq FROM sqlite_sequence WHERE name = 'channel'",
  );
  const position = CHANNELS_MAX + Number(last?.["seq"]) + 1;
  const { key } = database.run(
    "INSERT INTO channel (recording, position, label, unit, sample_rate, role, sample_type, gain, offset, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    recordingKey(database, recordingId).key,
    position,
    header.label,
    header.unit,
    header.sampleRate,
    header.role,
    header.sampleType,
    header.gain,
    header.offset,
    id,
  );
  seal(database, "channel", "key = ?", key);
  if (values.length === 0) return position;
  const channel = channelOf(database, recordingId, position);
  const writer = new ChannelWriter(
    database,
    channel,
    new BucketReader(database, channel, [], context.damage.note),
  );
  const reasons = observed.map((one) => (one === 1 ? 0 : maskReasons.notAssessable));
  writer.append({ channel: position, firstSample: 0, samples: values, mask: runsOf(reasons) }, []);
  writer.flush();
  return position;
}

/** Those that are what was written, newest first. */
export function listFindings(context: Context, recordingId: string): FindingSummary[] {
  const { database } = context;
  const { key } = recordingKey(database, recordingId);
  const rows = database.all(
    `SELECT f.* FROM finding f LEFT JOIN run r ON r.id = f.run
     WHERE f.recording = ? AND r.binned_at IS NULL ORDER BY f.created_at DESC, f.key DESC`,
    key,
  );
  const names = namesNow(context, key);
  const found = context.lost
    .keep(recordingId, "finding", rows, (row) => storedFrom(row, recordingId, summaryIn))
    .map((one) => {
      const { origin, content } = one;
      if (content.kind !== "curves") return one;
      const own = names(
        origin,
        content.series.map(({ over }) => over),
      );
      return own === undefined
        ? one
        : { ...one, content: { ...content, series: content.series.map(own.series) } };
    });
  const standing = standingOf(context, key);
  const all = [...found, ...predictionsOf(context, recordingId, key)].map(standing);
  return all.sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
}

/** What a run said before masks came or went may be another now: it is outdated, as what rules said is. */
function standingOf(
  { database }: Context,
  recording: number,
): <F extends Omit<FindingSummary, "content">>(finding: F) => F {
  const row = database.get("SELECT masks_changed_at FROM recording WHERE key = ?", recording);
  const maskedAt = String(row?.["masks_changed_at"] ?? "");
  return (finding) =>
    finding.origin.kind === "run" && finding.createdAt <= maskedAt
      ? { ...finding, isOutdated: true }
      : finding;
}

/** Without their arrays; what of these is damaged shows when one is read. */
const predictionsOf = ({ database }: Context, recordingId: string, key: number): FindingSummary[] =>
  database
    .all(
      `SELECT p.run, p.recording, p.adaptation, p.classes, p.window_s, p.created_at, p.crc, p.row_crc,
         length(p.onset_s) / 8 AS windows FROM prediction p JOIN run r ON r.id = p.run
       WHERE p.recording = ? AND r.binned_at IS NULL ORDER BY p.created_at DESC, p.rowid DESC`,
      key,
    )
    .flatMap((row) => {
      const adaptation = Adaptation.safeParse(row["adaptation"]).data;
      const classes = parsedJson(row["classes"]);
      if (adaptation === undefined || !Array.isArray(classes) || !isWhole("prediction", row)) return [];
      const runId = String(row["run"]);
      return {
        id: predictionFindingId({ runId, recordingId, adaptation }),
        recordingId,
        origin: { kind: "run", runId, adaptation },
        createdAt: String(row["created_at"]),
        isOutdated: false,
        content: {
          kind: "window-classes",
          classes: classes.map(String),
          windowS: Number(row["window_s"]),
          windows: Number(row["windows"]),
        },
      } satisfies FindingSummary;
    });

/** `contentIn`: reads of the content what is wanted. */
function storedFrom<Read>(
  row: Row,
  recordingId: string,
  contentIn: (text: unknown) => Read | undefined,
): (Omit<Finding, "content"> & { readonly content: Read }) | undefined {
  const origin = FindingOrigin.safeParse(parsedJson(row["origin"])).data;
  const content = contentIn(row["content"]);
  if (origin === undefined || content === undefined || !isWhole("finding", row)) return undefined;
  return {
    id: String(row["id"]),
    recordingId,
    origin,
    createdAt: String(row["created_at"]),
    isOutdated: row["is_outdated"] === 1,
    content,
  };
}

/** For good, with their derived channels: all of them or none. Ids of the recordings that had one. */
export function removeFindings({ database }: Context, ids: readonly string[]): string[] {
  return database.write(() => [
    ...new Set(
      ids.map((id) => {
        const recording = database.get(
          "SELECT r.id FROM finding f JOIN recording r ON r.key = f.recording WHERE f.id = ?",
          id,
        )?.["id"];
        if (recording === undefined) throw notFound(id);
        database.run("DELETE FROM finding WHERE id = ?", id);
        return String(recording);
      }),
    ),
  ]);
}

interface Reading {
  readonly context: Context;
  readonly layers: Layers;
}

/** One finding, whole or what of it touches a span. */
export function getFinding(reading: Reading, id: string, span?: FindingSpan): Finding {
  const within = span && checked(FindingSpan, span, "span");
  const predicted = /^prediction\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(id);
  if (predicted !== null) return predictionAsFinding(reading.context, id, predicted, within);
  const row = reading.context.database.get(
    `SELECT f.*, r.id AS recording_id FROM finding f JOIN recording r ON r.key = f.recording
       LEFT JOIN run o ON o.id = f.run WHERE f.id = ? AND r.purging = 0 AND o.binned_at IS NULL`,
    id,
  );
  if (row === undefined) throw notFound(id);
  const recordingId = String(row["recording_id"]);
  const stored = storedFrom(row, recordingId, unpacked);
  if (stored === undefined)
    throw new AppError("storage/corrupt", `Finding ${id} of recording ${recordingId} is damaged`, {
      finding: id,
      recording: recordingId,
    });
  const key = Number(row["recording"]);
  const standing = standingOf(reading.context, key);
  const content = contentWithin(reading, recordingId, stored.content, within);
  const own = namesNow(reading.context, key)(stored.origin, channelsNamedIn(content));
  return standing({ ...stored, content: own?.content(content) ?? content });
}

const channelsNamedIn = (content: Content): readonly (string | undefined)[] =>
  content.kind === "curves"
    ? [...content.series, ...content.forecasts].map(({ over }) => over)
    : content.kind === "events"
      ? content.events.map(({ channel }) => channel)
      : [];

/**
 * What runs said of a recording before what is said is called as the recording calls it names channels as where the run was
 * trained. It is told under the recording's own names, as what is said now: none where it has them already.
 */
function namesNow(
  { database }: Context,
  recording: number,
): (origin: FindingOrigin, named: readonly (string | undefined)[]) => OwnNames | undefined {
  let own: readonly ChannelRow[] | undefined;
  return (origin, named) => {
    if (origin.kind !== "run") return undefined;
    const channels = (own ??= channelsOf(database, recording));
    const isKnown = (name: string | undefined): boolean =>
      name === undefined || channels.some(({ label }) => label === name);
    if (named.every(isKnown)) return undefined;
    const run = storedRun(database, origin.runId);
    const channelsOfId = (id: string): readonly ChannelRow[] | undefined => {
      const row = database.get("SELECT key FROM recording WHERE id = ?", id);
      return row && channelsOf(database, Number(row["key"]));
    };
    return run && ownNames(wantedChannels(run, channelsOfId), channels);
  };
}

function predictionAsFinding(
  context: Context,
  id: string,
  [, runId = "", recordingId = "", which = ""]: readonly string[],
  span: FindingSpan | undefined,
): Finding {
  const adaptation = Adaptation.safeParse(which).data;
  const prediction = adaptation && getPrediction(context, { runId, recordingId, adaptation });
  if (prediction === undefined) throw notFound(id);
  const standing = standingOf(context, recordingKey(context.database, recordingId).key);
  return standing(findingOf(span === undefined ? prediction : windowsWithin(prediction, span)));
}

function contentWithin(
  reading: Reading,
  recordingId: string,
  content: StoredContent,
  span: FindingSpan | undefined,
): Content {
  switch (content.kind) {
    case "window-classes":
      return span === undefined ? content : windowsWithin(content, span);
    case "events":
      return span === undefined ? content : eventsWithin(content, span);
    case "verdicts":
      return span === undefined ? content : verdictsWithin(content, span);
    case "curves":
      return {
        kind: "curves",
        series: content.series.map((series) => seriesWithin(reading, recordingId, series, span)),
        forecasts: span === undefined ? content.forecasts : forecastsWithin(content.forecasts, span),
      };
  }
}

/** The samples at and after the span's begin and before its end. */
function seriesWithin(
  { context, layers }: Reading,
  recordingId: string,
  { name, unit, sampleRate, sampleCount, ...at }: SeriesSummary,
  span: FindingSpan | undefined,
): Series {
  const first = Math.min(sampleCount, span === undefined ? 0 : Math.ceil(span.fromS * sampleRate));
  const end = Math.min(sampleCount, span === undefined ? sampleCount : Math.ceil(span.toS * sampleRate));
  const part = { first, count: Math.max(0, end - first) };
  const read = (position: number) => samples(context, layers, recordingId, position, part);
  const { values: value, reasons } = read(at.value);
  return {
    ...{ name, unit, sampleRate, value },
    ...meant(at),
    ...(at.low === undefined ? {} : { low: read(at.low).values }),
    ...(at.high === undefined ? {} : { high: read(at.high).values }),
    observed: reasons.map((reason) => (reason === 0 ? 1 : 0)),
    ...(span === undefined ? {} : { startS: first / sampleRate }),
  };
}

const notFound = (id: string): AppError =>
  new AppError("storage/not-found", `There is no finding ${id} in this library`, { finding: id });
