import { serialize } from "node:v8";
import { z } from "zod";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { encodeBlock } from "../storage/samples/block-codec.ts";
import type { Papers } from "../storage/api.ts";
import {
  apart,
  type ArchiveLibrary,
  type ArchivedHeader,
  basisOf,
  factsBeside,
  findingKey,
  FINDINGS,
  headerOf,
  inOrder,
  isOfSame,
  type PaperRow,
  sayingOtherwise,
  setsSpoken,
  sha256,
  underId,
  undated,
} from "./archive-rows.ts";
import { copyIn, int4, int8, uuid, type Field } from "./copy.ts";
import { type ClusterDatabase, insertRows, type Session } from "./database.ts";
import { changing } from "./schema.ts";

export interface PushOptions {
  readonly by: string; // who pushes, as the archive is to name them
  readonly signal?: AbortSignal;
}

export interface Pushed {
  readonly id: string; // in the archive
  readonly isNew: boolean;
  readonly bytes: number; // of samples that went over the line
  readonly papers: number; // rows that the archive had not
  readonly beside: number; // of these: labels, masks and readings that read differently there; both are kept
  readonly otherwise: string[]; // who says otherwise there what is known for reading it; both are kept
  readonly subject: string | null; // under which the archive keeps it, where that is another
  readonly findings: number;
}

/**
 * A recording with all its papers into the archive: all of it or nothing. The same recording is kept once, whoever
 * pushes it and under whatever id; nothing that the archive has is changed.
 */
export async function pushRecording(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  id: string,
  { by, signal }: PushOptions,
): Promise<Pushed> {
  const header = headerOf(await library.getRecording(id));
  const papers = await library.papersOf(id);
  const { sha256: digest, damagedBlocks } = await library.checksum(id);
  if (damagedBlocks > 0)
    throw new AppError("storage/corrupt", `${header.name} has damaged blocks; it is not handed on`, {
      ...{ recording: id, blocks: damagedBlocks },
    });
  const { durationS } = await library.getRecording(id);
  return changing(database, async (session) => {
    throwIfCancelled(signal);
    await pushLabelSets(session, library, papers, by);
    const there = await placeOf(session, library, { id, digest, header });
    const archived = there ?? id;
    const { rows, rest } = apart(underId(papers, id, archived), sha256);
    let bytes = 0;
    if (there === undefined) {
      const { name, subject, study, kind, startedAt } = header;
      await session.query(
        "INSERT INTO kodo.recording (id, sha256, name, subject, study, kind, duration_s, started_at, header, rest, pushed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [id, digest, name, subject, study, kind, durationS, startedAt ?? null, header, rest, by],
      );
      const counted = { bytes: 0 };
      await copyIn(session, "kodo.block", blocksOf(library, id, header.channels.length, counted, signal));
      bytes = counted.bytes;
    }
    if (archived !== id)
      await session.query("INSERT INTO kodo.alias VALUES ($1, $2) ON CONFLICT DO NOTHING", [id, archived]);
    const laid = await pushPapers(session, archived, rows, by);
    const findings = await pushFindings(session, library, { id, archived, basis: basisOf(papers), by });
    const { rows: kept } = await session.query<{ subject: string }>(
      "SELECT subject FROM kodo.recording WHERE id = $1 AND subject <> $2",
      [archived, header.subject],
    );
    const subject = kept[0]?.subject ?? null;
    return { id: archived, isNew: there === undefined, bytes, ...laid, subject, findings };
  });
}

interface Pushing {
  readonly id: string;
  readonly digest: string; // of its samples
  readonly header: ArchivedHeader;
}

/**
 * Where the archive has this recording: under its own id, or with the same samples, of the same person, time and file,
 * where another pushed it. Two that lie in one library are two, however alike. Throws where its id stands for other samples.
 */
async function placeOf(
  session: Session,
  library: ArchiveLibrary,
  { id, digest, header }: Pushing,
): Promise<string | undefined> {
  await session.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [digest]); // nobody pushes the same meanwhile
  const { rows } = await session.query<{ id: string; sha256: string; name: string; header: unknown }>(
    "SELECT id, sha256, name, header FROM kodo.recording WHERE sha256 = $1 OR id = $2 ORDER BY pushed_at, id",
    [digest, id],
  );
  const own = rows.find((row) => row.id === id);
  if (own !== undefined && own.sha256 !== digest)
    throw new AppError(
      "data/archive-differs",
      `${own.name} is in the archive with other samples; it was not changed`,
      { recording: id, expected: own.sha256, value: digest },
    );
  if (own !== undefined) return id;
  const alike = rows.filter((row) => isOfSame(row.header, header));
  if (alike.length === 0) return undefined;
  const { rows: places } = await session.query<{ local: string; recording: string }>(
    "SELECT local_id AS local, recording FROM kodo.known_as WHERE recording = ANY($1) OR local_id = $2",
    [alike.map((row) => row.id), id],
  );
  const before = places.find(({ local }) => local === id)?.recording;
  const here = new Set((await library.someRecordings(places.map(({ local }) => local))).map((one) => one.id));
  const isTaken = (archived: string): boolean =>
    places.some(({ local, recording }) => recording === archived && local !== id && here.has(local));
  const free = alike.filter((row) => (before === undefined || row.id === before) && !isTaken(row.id));
  return (free.find(({ name }) => name === header.name) ?? free[0])?.id;
}

async function* blocksOf(
  library: ArchiveLibrary,
  id: string,
  channels: number,
  counted: { bytes: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Field[]> {
  const recording = uuid(id);
  for (let channel = 0; channel < channels; channel += 1) {
    let coming = library.storedBlocks(id, channel, 0);
    for (;;) {
      throwIfCancelled(signal);
      const blocks = await coming;
      const last = blocks.at(-1);
      if (last === undefined) break;
      coming = library.storedBlocks(id, channel, last.firstSample + last.samples.length); // while these are sent
      coming.catch(() => undefined); // told when it is waited for
      for (const { firstSample, samples, mask } of blocks) {
        const { crc, samples: bytes, mask: runs } = encodeBlock(channel, firstSample, samples, mask);
        counted.bytes += bytes.length;
        yield [
          ...[recording, int4(channel), int8(firstSample), int4(samples.length), int8(crc), viewOf(bytes)],
          runs === null ? null : viewOf(runs),
        ];
      }
    }
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

async function pushLabelSets(
  session: Session,
  library: ArchiveLibrary,
  papers: Papers,
  by: string,
): Promise<void> {
  for (const [id, version] of setsSpoken(papers)) {
    const content = await library.getLabelSet(id, version);
    await session.query(
      "INSERT INTO kodo.label_set (id, version, content, pushed_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      [id, version, content, by],
    );
    const { rows } = await session.query<{ same: boolean }>(
      "SELECT content = $3::jsonb AS same FROM kodo.label_set WHERE id = $1 AND version = $2",
      [id, version, content],
    );
    if (rows[0]?.same !== true)
      throw new AppError(
        "data/label-set-differs",
        `Version ${version} of label set ${id} reads differently in the archive`,
        { labelSet: id, version },
      );
  }
}

/**
 * Rows that are not there; one that reads differently there comes beside it, a label as a lane of who pushes. Of steps
 * there is nothing to differ, for each has its digest as its id, but whether it is undone: as it was first, so it stays.
 */
async function pushPapers(
  session: Session,
  recording: string,
  rows: readonly PaperRow[],
  by: string,
): Promise<Pick<Pushed, "papers" | "beside" | "otherwise">> {
  const { rows: there } = await session.query<PaperRow>(
    "SELECT kind, id, content FROM kodo.paper WHERE recording = $1",
    [recording],
  );
  const known = new Map(there.map((row) => [`${row.kind} ${row.id}`, textOf(row)]));
  const said = new Set(known.values());
  const contexts = there.filter(({ kind }) => kind === "context").map(({ content }) => content);
  const own = rows.find(({ kind }) => kind === "context")?.content ?? null;
  const fresh = { alone: new Array<PaperRow>(), facts: new Array<PaperRow>(), beside: new Array<PaperRow>() };
  for (const row of rows) {
    const isBeside = known.has(`${row.kind} ${row.id}`);
    if (said.has(textOf(row)) || (isBeside && row.kind === "step")) continue;
    if (
      row.kind === "context" &&
      contexts.some((other) => sayingOtherwise([other], row.content).length === 0)
    )
      continue; // somebody said so
    if (!isBeside) fresh.alone.push(row);
    else fresh[row.kind === "context" ? "facts" : "beside"].push(besideOf(row, by));
  }
  const lay = (some: readonly PaperRow[]): Promise<number> =>
    insertRows(
      session,
      "kodo.paper (recording, kind, id, content, pushed_by)",
      some.map(({ kind, id, content }) => [recording, kind, id, content, by]),
    );
  const papers = (await lay(fresh.alone)) + (await lay(fresh.facts));
  const beside = await lay(fresh.beside);
  return { papers: papers + beside, beside, otherwise: sayingOtherwise(contexts, own) };
}

/** What a paper says: of a mask or a reading, under whatever id and whenever it was laid. */
function textOf({ kind, content }: PaperRow): string {
  const own = kind === "mask" || kind === "reading" ? { id: "", createdAt: "" } : {};
  return `${kind} ${inOrder({ ...undated(content), ...own })}`;
}

/**
 * What is known for reading it, or the same paper under an id of its own, which is the same each time it is pushed. Of
 * labels that differ each is a lane; masks and readings stay their author's, whose labels a reading speaks of.
 */
function besideOf(row: PaperRow, by: string): PaperRow {
  const { kind, content } = row;
  if (kind === "context") return { kind, id: factsBeside(content), content };
  if (kind !== "annotation") {
    const id = idFrom(textOf(row));
    return { kind, id, content: { ...content, id } };
  }
  const { author } = z.object({ author: z.string() }).parse(content);
  const id = idFrom(`${by} ${inOrder(undated(content))}`);
  return { kind, id, content: { ...content, id, author: author === by ? `${by} (2)` : `${author} (${by})` } };
}

/** A UUID (version 8) that is the same for the same text. */
function idFrom(text: string): string {
  const digest = sha256(text);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** What rules said, and runs that the archive has, since masks came or went last: it rests upon those that are pushed. */
async function pushFindings(
  session: Session,
  library: ArchiveLibrary,
  {
    id,
    archived,
    basis,
    by,
  }: { readonly id: string; readonly archived: string; readonly basis: string; readonly by: string },
): Promise<number> {
  const { rows: runs } = await session.query<{ id: string }>("SELECT id FROM kodo.run");
  const known = new Set(runs.map((run) => run.id));
  async function* rows(): AsyncGenerator<unknown[]> {
    for (const { id: finding, origin, isOutdated, content } of await library.listFindings(id)) {
      if (isOutdated || (origin.kind === "run" && !known.has(origin.runId))) continue;
      const whole = await library.getFinding(finding);
      const key = findingKey(origin, content.kind, basis);
      yield [archived, key, origin, serialize(whole.content), by, basis];
    }
  }
  return insertRows(session, FINDINGS, rows());
}

/** A trained run with its model; one that is there stays as it is. Says whether it is new. */
export async function pushRun(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  id: string,
  { by }: PushOptions,
): Promise<boolean> {
  const run = await library.getRun(id);
  const model = await library.loadModel(id, "model");
  if (run.phase !== "done" || model === undefined)
    throw new AppError("model/not-trained", `${run.config.name} is not trained; there is nothing to push`, {
      runId: id,
    });
  return changing(database, async (session) => {
    const { rowCount } = await session.query(
      "INSERT INTO kodo.run (id, content, model, pushed_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      [id, run, Buffer.from(model), by],
    );
    return rowCount === 1;
  });
}
