import { deserialize } from "node:v8";
import { z } from "zod";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { Content, FindingOrigin, type NewFinding } from "../../preload/contract/finding.ts";
import { LabelSet } from "../../preload/contract/label-set.ts";
import { Run } from "../../preload/contract/run.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { SampleBlock } from "../signal/block.ts";
import { decodeBlock } from "../storage/samples/block-codec.ts";
import { type Extent, SampleDigest } from "../storage/samples/sample-digest.ts";
import { checked } from "../storage/checked.ts";
import {
  ArchivedHeader,
  type ArchiveLibrary,
  basisOf,
  headerOf,
  isOfSame,
  isReadByRule,
  paperKinds,
  sameFinding,
  sayingOtherwise,
  withoutNames,
  setsSpoken,
  together,
  underId,
} from "./archive-rows.ts";
import type { Field } from "./copy.ts";
import { moveBlocks } from "./move-blocks.ts";
import type { Papers } from "../storage/api.ts";
import type { ClusterDatabase, Session } from "./database.ts";
import type { JudgedRecording } from "./judged.ts";
import { refuseOther } from "./schema.ts";
import type { FrozenRecording } from "./works.ts";

export interface Pulled {
  readonly id: string; // in this library
  readonly isNew: boolean;
  readonly bytes: number;
  readonly added: number; // papers
  readonly beside: number;
  readonly otherwise: string[]; // who says otherwise there what is known for reading it; what is here stays
  readonly subject: string | null; // under which the archive keeps it, where that is another
  readonly findings: number;
}

const PaperRowShape = z.object({
  kind: z.enum(paperKinds),
  id: z.string(),
  content: z.record(z.string(), z.unknown()),
});

interface Archived {
  readonly id: string;
  readonly sha256: string;
  readonly header: ArchivedHeader;
  readonly rest: object;
}

/**
 * A recording of the archive into this library: new, with every sample and paper as they were pushed, or, where its
 * samples are here, what others laid on them beside what lies here. All of it or nothing.
 */
export async function pullRecording(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  named: string, // its id, in the archive or where it was pushed from
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Pulled> {
  await refuseOther(database); // it may have been brought up to date since it was joined
  const archived = await archivedOf(database, named);
  const { id } = archived;
  const rows = checked(
    z.array(PaperRowShape),
    await database.rows("SELECT kind, id, content FROM kodo.paper WHERE recording = $1 ORDER BY place", [id]),
    "recording in the archive",
  );
  const said = await findingsOf(database, id);
  const whole = together(rows, archived.rest);
  const contexts = rows.filter(({ kind }) => kind === "context").map(({ content }) => content);
  const found = await hereAs(database, library, archived);
  const isBegun = found === id && (await purgeBrokenOff(library, id, { ...archived, papers: whole }));
  const local = isBegun ? undefined : found;
  const papers = underId(whole, id, local ?? id);
  for (const [set, version] of setsSpoken(papers)) await pullLabelSet(database, library, set, version);
  if (local !== undefined) {
    const { added, beside } = await library.mergePapers(local, { papers, lane: "archive" });
    const findings = await takeFindings(library, local, said);
    const otherwise = sayingOtherwise(contexts, (await library.papersOf(local)).context);
    const { subject: own } = await library.getRecording(local);
    const subject = archived.header.subject === own ? null : archived.header.subject;
    return { id: local, isNew: false, bytes: 0, added, beside, otherwise, subject, findings };
  }
  const bytes = await pullSamples(database, library, archived, { as: id, papers, signal });
  const findings = await takeFindings(library, id, said);
  const otherwise = sayingOtherwise(contexts, whole.context);
  return {
    id,
    isNew: true,
    bytes,
    added: rows.length - Math.max(0, contexts.length - 1),
    beside: 0,
    otherwise,
    subject: null,
    findings,
  };
}

/** A recording as a run was submitted with it, into a library that has it not. Throws where the archive has other samples. */
export async function pullFrozen(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  { id, archived, sha256, header, papers }: FrozenRecording,
  signal: AbortSignal,
): Promise<void> {
  const found = await archivedOf(database, archived);
  if (found.sha256 !== sha256)
    throw new AppError(
      "model/data-changed",
      `${found.header.name} has other samples in the archive than the run began with`,
      {
        ...{ recordingId: id, expected: sha256, value: found.sha256 },
      },
    );
  for (const [set, version] of setsSpoken(papers)) await pullLabelSet(database, library, set, version);
  await pullSamples(database, library, { ...found, header }, { as: id, papers, signal });
}

/** A recording as it is judged: its samples with what decides about what is said of them, and nothing else, nor who said it. */
export async function pullToJudge(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  { archived: id, sha256, basis }: JudgedRecording,
  signal: AbortSignal,
): Promise<void> {
  const found = await archivedOf(database, id);
  const rows = checked(
    z.array(PaperRowShape),
    await database.rows(
      "SELECT kind, id, content FROM kodo.paper WHERE recording = $1 AND kind IN ('mask', 'context', 'annotation') ORDER BY place",
      [id],
    ),
    "recording in the archive",
  );
  const whole = together(rows, found.rest);
  if (found.sha256 !== sha256 || basisOf(whole) !== basis)
    throw new AppError(
      "model/data-changed",
      `${found.header.name} changed in the archive since it was asked for`,
      {
        ...{ recordingId: id, expected: sha256, value: found.sha256 },
      },
    );
  const read = { ...whole, annotations: whole.annotations.filter(isReadByRule), readings: [] };
  const papers = { ...withoutNames(read), context: unsigned(whole.context) };
  for (const [set, version] of setsSpoken(papers)) await pullLabelSet(database, library, set, version);
  await pullSamples(database, library, found, { as: id, papers, signal });
}

const unsigned = (said: Papers["context"]): Papers["context"] => said && { ...said, author: "reader" };

async function archivedOf(database: ClusterDatabase, id: string): Promise<Archived> {
  const [row] = await database.rows<{ id: string; sha256: string; header: unknown; rest: object }>(
    "SELECT id, sha256, header, rest FROM kodo.recording WHERE id = (SELECT recording FROM kodo.known_as WHERE local_id = $1)",
    [id],
  );
  if (row === undefined)
    throw new AppError("data/recording-unknown", `No recording ${id} in the archive`, { value: id });
  return { ...row, header: checked(ArchivedHeader, row.header, "recording in the archive") };
}

/**
 * Under which id it is in this library, in the bin too; undefined where it is not. What the archive says of ids is not
 * believed: labels of one recording would be laid on another.
 */
async function hereAs(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  { id, sha256, header }: Archived,
): Promise<string | undefined> {
  const rows = await database.rows<{ local: string }>(
    "SELECT local_id AS local FROM kodo.known_as WHERE recording = $1",
    [id],
  );
  const here = await library.namesOf(rows.map(({ local }) => local));
  if (id in here) return id;
  for (const other of Object.keys(here))
    if (
      isOfSame(header, headerOf(await library.getRecording(other))) &&
      (await library.checksum(other)).sha256 === sha256
    )
      return other;
  return undefined;
}

/**
 * What a process that was killed had begun to fetch is an interrupted recording: no more of it would come. It goes, to be
 * fetched anew, unless somebody has laid anything on it. Says whether it went. Throws where the id stands for other samples.
 */
async function purgeBrokenOff(
  library: ArchiveLibrary,
  id: string,
  { sha256, header: { name }, papers }: Archived & { readonly papers: Papers },
): Promise<boolean> {
  const { state } = await library.getRecording(id);
  if (state === "importing")
    throw new AppError("storage/in-use", `${name} is being fetched by another process`, { recording: id });
  if (state === "interrupted" && papers.state === "complete") {
    const { annotations, masks, readings } = await library.papersOf(id);
    if (annotations.length + masks.length + readings.length === 0) {
      await library.purgeRecording(id);
      return true;
    }
  }
  const { sha256: own } = await library.checksum(id);
  if (own === sha256) return false;
  throw new AppError(
    "data/archive-differs",
    `${name} is here with other samples than in the archive; nothing was laid on it`,
    { recording: id, expected: sha256, value: own },
  );
}

async function pullLabelSet(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  id: string,
  version: number,
): Promise<void> {
  const [row] = await database.rows<{ content: unknown }>(
    "SELECT content FROM kodo.label_set WHERE id = $1 AND version = $2",
    [id, version],
  );
  if (row === undefined)
    throw new AppError("data/label-set-unknown", `The archive has no version ${version} of label set ${id}`, {
      ...{ labelSet: id, version },
    });
  const set = checked(LabelSet, row.content, `label set ${id} in the archive`);
  if (set.id !== id || set.version !== version) throw misnamed(`Version ${version} of label set ${id}`);
  await library.takeLabelSet(set);
}

const misnamed = (what: string): AppError =>
  new AppError("data/archive-differs", `${what} goes by another name within than in the archive`);

interface Arriving {
  readonly as: string; // its id here
  readonly papers: Papers;
  readonly signal: AbortSignal | undefined;
}

/** A new recording; what had begun to come goes again where it does not come whole. */
async function pullSamples(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  { id, sha256, header }: Archived,
  { as, papers, signal }: Arriving,
): Promise<number> {
  const { subject, study, synthetic, source, ...rest } = header;
  await library.createRecording({
    ...{ id: as, subject, study, synthetic, source, state: "importing" },
    header: { ...rest, subject, startedAt: rest.startedAt },
  });
  try {
    const { channels } = await library.getRecording(as); // as they are kept
    const digest = new SampleDigest();
    let bytes = 0;
    await database.transaction(async (session) => {
      await session.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"); // all of it of one moment
      const extents = await extentsOf(session, id, channels.length);
      let begun = 0;
      const begin = (channel: number): void => {
        for (; begun <= channel; begun += 1) digest.begin(begun, sure(channels[begun]), sure(extents[begun]));
      };
      const take = (row: readonly Field[]): SampleBlock => {
        const block = blockFrom(row, header, id);
        begin(block.channel);
        digest.addNew(block);
        return block;
      };
      const store = (blocks: readonly SampleBlock[]): Promise<void> =>
        library.appendBlocks(as, blocks, undefined, { isSafeOnceClosed: true });
      bytes = await moveBlocks(session, { id, channels, extents }, { take, store, signal });
      begin(channels.length - 1);
    });
    const own = digest.digest();
    if (own !== sha256)
      throw new AppError("data/archive-differs", `${header.name} came otherwise than it was pushed`, {
        ...{ recording: id, expected: sha256, value: own },
      });
    throwIfCancelled(signal);
    await library.closeWithPapers(as, papers);
    return bytes;
  } catch (error) {
    await library.purgeRecording(as);
    throw error;
  }
}

/** Where the blocks of each channel lie. */
async function extentsOf(session: Session, id: string, channels: number): Promise<Extent[][]> {
  const { rows } = await session.query<{ channel: number; first: string; count: number }>(
    `SELECT channel, first_sample AS first, sample_count AS count FROM kodo.block
     WHERE recording = $1 AND channel >= 0 AND channel < $2 ORDER BY channel, first_sample`,
    [id, channels],
  );
  const extents = Array.from({ length: channels }, (): Extent[] => []);
  for (const { channel, first, count } of rows) sure(extents[channel]).push({ first: Number(first), count });
  return extents;
}

function blockFrom(fields: readonly Field[], { channels, name }: ArchivedHeader, id: string): SampleBlock {
  const [at, first, count, crc, samples, mask] = fields;
  const channel = at?.readInt32BE() ?? -1;
  const type = channels[channel]?.sampleType;
  const firstSample = Number(first?.readBigInt64BE());
  const block =
    type === undefined || !samples || !Number.isSafeInteger(firstSample)
      ? undefined
      : decodeBlock(channel, type, {
          first_sample: firstSample,
          sample_count: count?.readInt32BE() ?? 0,
          crc: Number(crc?.readBigInt64BE()),
          samples,
          mask: mask ?? null,
        });
  if (block === undefined)
    throw new AppError(
      "data/bad-block",
      `A block of ${name} is damaged in the archive (channel ${channel}, sample ${firstSample})`,
      { recording: id, channel, first: firstSample },
    );
  return { channel, firstSample: block.first, samples: block.samples, mask: block.mask };
}

type Said = Pick<NewFinding, "origin" | "content"> & { readonly basis: string | null };

/** What rules and runs said of a recording. */
async function findingsOf(database: ClusterDatabase, id: string): Promise<Said[]> {
  const rows = await database.rows<{ origin: unknown; content: Buffer; basis: string | null }>(
    "SELECT origin, content, basis FROM kodo.finding WHERE recording = $1 ORDER BY pushed_at DESC, key",
    [id],
  );
  return rows.map(({ origin, content, basis }) => ({
    basis,
    origin: checked(FindingOrigin, origin, "finding in the archive"),
    content: contentIn(content),
  }));
}

/** What a finding says, as V8 wrote it. Throws where it did not. */
export function contentIn(bytes: Buffer): Content {
  let content: unknown;
  try {
    content = deserialize(bytes);
  } catch {
    // said below
  }
  return checked(Content, content, "finding in the archive");
}

/**
 * What rules said, and runs that are here, the newest of each, where it rests upon the masks and facts that lie here; what
 * this library says itself stays.
 */
async function takeFindings(
  library: ArchiveLibrary,
  local: string,
  theirs: readonly Said[],
): Promise<number> {
  const runs = new Set((await library.listRuns()).map((run) => run.id));
  const said = new Set(
    (await library.listFindings(local)).map(({ origin, content }) => sameFinding(origin, content.kind)),
  );
  const isBased = theirs.some(({ basis }) => basis !== null);
  const here = isBased ? basisOf(await library.papersOf(local)) : undefined;
  const fresh = theirs
    .filter(({ basis }) => basis === null || basis === here)
    .filter(({ origin }) => origin.kind !== "run" || runs.has(origin.runId))
    .filter(({ origin, content }) => {
      const key = sameFinding(origin, content.kind);
      return !said.has(key) && said.add(key);
    })
    .map(({ origin, content }) => ({ origin, content, recordingId: local }));
  if (fresh.length > 0) await library.saveFindings(fresh);
  return fresh.length;
}

/** A trained run of the archive, where it is not here. Says whether it is new. */
export async function pullRun(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  id: string,
): Promise<boolean> {
  if ((await library.listRuns()).some((run) => run.id === id)) return false;
  const [row] = await database.rows<{ content: unknown; model: Buffer }>(
    "SELECT content, model FROM kodo.run WHERE id = $1",
    [id],
  );
  if (row === undefined) throw new AppError("data/run-unknown", `No run ${id} in the archive`, { value: id });
  const run = checked(Run, row.content, "run in the archive");
  if (run.id !== id) throw misnamed(`Run ${id}`);
  await library.addTrainedRun({
    run,
    model: Uint8Array.from(row.model),
  });
  return true;
}
