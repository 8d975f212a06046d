import { serialize } from "node:v8";
import { z } from "zod";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { ctgRunsOf, readLabels } from "../../preload/contract/ctg-reading.ts";
import { FindingOrigin, type FindingSummary, type NewFinding } from "../../preload/contract/finding.ts";
import { LabelSet } from "../../preload/contract/label-set.ts";
import { ChannelHeader } from "../../preload/contract/recording.ts";
import { Run } from "../../preload/contract/run.ts";
import { StudyFailure, StudyOrder, type StudyOutcome } from "../../preload/contract/study.ts";
import { checked } from "../storage/checked.ts";
import {
  type ArchiveLibrary,
  type PaperKind,
  basisOf,
  findingKey,
  FINDINGS,
  inOrder,
  sameFinding,
  searched,
  sha256,
} from "./archive-rows.ts";
import { type ClusterDatabase, insertRows, type Session } from "./database.ts";
import { JudgedRecording } from "./judged.ts";
import { contentIn, pullToJudge } from "./pull.ts";
import { pushRun } from "./push.ts";
import type { Queue } from "./queue.ts";
import { changing } from "./schema.ts";
import { standAlone } from "./works.ts";

/** A trained run as it judges on a worker: what its recordings tell of channels and labels in the library that asked. */
const FrozenRun = z.object({
  id: z.string(),
  channels: z.array(ChannelHeader),
  labelSet: LabelSet.nullable(),
});

const Task = z.object({ order: StudyOrder, runs: z.array(FrozenRun) });
type Task = z.infer<typeof Task>;

/** Some of the recordings, for one worker at a time. */
export interface StudyPart {
  readonly order: StudyOrder;
  readonly recordings: readonly JudgedRecording[];
  readonly by: string; // who asked
  readonly task: Task;
}

/** What a worker says of a recording. */
export interface Judgement {
  readonly recording: JudgedRecording;
  readonly findings: readonly Pick<NewFinding, "origin" | "content">[];
}

/** Whole studies that workers judge, about a hundred recordings at a time. */
export interface Studies {
  ask(library: ArchiveLibrary, asked: StudyAsk): Promise<AskedStudy>;
  /** What workers said, of recordings that are in this library, into it. What it says itself stays, where that still holds. */
  fetch(library: ArchiveLibrary, id: string, how: FetchHow): Promise<StudyOutcome>;
  part(id: string, part: number): Promise<StudyPart>;
  /** The runs that judge, into a worker's library. */
  bring(library: ArchiveLibrary, part: StudyPart): Promise<void>;
  pull(library: ArchiveLibrary, recording: JudgedRecording, signal: AbortSignal): Promise<void>;
  /** What a part leaves as its result: which findings it made, and what it could not judge. */
  result(judged: readonly Judgement[], failures: readonly StudyFailure[]): Uint8Array;
  /** Within the transaction that ends the job. */
  keep(session: Session, judged: readonly Judgement[], by: string): Promise<void>;
}

export interface StudyAsk {
  readonly order: StudyOrder;
  readonly where: {
    readonly study?: string | undefined;
    readonly text?: string | undefined;
    readonly ids?: readonly string[] | undefined; // in the archive
  };
  readonly by: string;
  readonly version: string; // of the program
  readonly priority: number;
}

interface FetchHow {
  readonly signal: AbortSignal;
  readonly again: boolean; // also in the place of what runs said already
}

export interface AskedStudy {
  readonly id: string;
  readonly recordings: number;
  readonly parts: number;
  readonly version: string; // whose workers judge
}

const MOST_RECORDINGS = 100;
const MOST_S = 100 * 3600; // what is said of a day of signals is held whole

/** Value of a part that is done. */
const PartResult = z.object({
  said: z.array(JudgedRecording.extend({ keys: z.array(z.string()) })),
  failures: z.array(StudyFailure),
});

function partResult(judged: readonly Judgement[], failures: readonly StudyFailure[]): Uint8Array {
  const said = judged.map(({ recording, findings }) => ({
    ...recording,
    keys: findings.map(({ origin, content }) => findingKey(origin, content.kind, recording.basis)),
  }));
  return Buffer.from(JSON.stringify({ said, failures: [...failures] } satisfies z.infer<typeof PartResult>));
}

export function studiesOf(database: ClusterDatabase, queue: Queue): Studies {
  return {
    ask: (library, asked) => ask(database, queue, library, asked),
    fetch: (library, id, how) => fetchStudy(database, library, id, how),
    part: async (id, part) => {
      const [row] = await database.rows<{ task: unknown; recordings: unknown; by: string }>(
        `SELECT w.task, p.recordings, w.submitted_by AS by FROM kodo.work w JOIN kodo.part p ON p.work = w.id
         WHERE w.id = $1 AND p.part = $2`,
        [id, part],
      );
      if (row === undefined)
        throw new AppError("data/job-unknown", `No part ${part} of work ${id} on the cluster`, { jobId: id });
      const task = checked(Task, row.task, `work ${id}`);
      const recordings = checked(z.array(JudgedRecording), row.recordings, `work ${id}`);
      return { order: task.order, task, recordings, by: row.by };
    },
    bring: async (library, { task }) => {
      for (const run of task.runs) await bringRun(database, library, run);
    },
    pull: (library, recording, signal) => pullToJudge(database, library, recording, signal),
    result: partResult,
    keep: async (session, judged, by) => {
      function* rows(): Generator<unknown[]> {
        for (const { recording, findings } of judged) {
          const { archived, basis } = recording;
          for (const { origin, content } of findings)
            yield [archived, findingKey(origin, content.kind, basis), origin, serialize(content), by, basis];
        }
      }
      await insertRows(session, FINDINGS, rows());
    },
  };
}

/** Runs that an order asks. */
function runsOf(order: StudyOrder): string[] {
  if (order.kind === "predict") return [order.runId];
  return [...new Set([...ctgRunsOf(order.settings).values()].flatMap((id) => id ?? []))];
}

async function ask(
  database: ClusterDatabase,
  queue: Queue,
  library: ArchiveLibrary,
  { order, where: { study, text, ids }, by, version, priority }: StudyAsk,
): Promise<AskedStudy> {
  const runs: z.infer<typeof FrozenRun>[] = [];
  for (const id of runsOf(order)) {
    await pushRun(database, library, id, { by });
    runs.push(await frozenRun(library, id));
  }
  const found = await database.rows<{ archived: string; sha256: string; durationS: number }>(
    `SELECT id AS archived, sha256, duration_s AS "durationS" FROM kodo.recording
     WHERE ${searched} AND ($3::text IS NULL OR kind = $3) AND ($4::uuid[] IS NULL OR id = ANY($4)) ORDER BY study, name, id`,
    [study ?? null, text ?? null, order.kind === "analyse" ? "ctg" : null, ids ?? null],
  );
  if (found.length === 0)
    throw new AppError(
      "data/no-recordings",
      `The archive has no such recordings${study === undefined ? "" : ` in study ${study}`}`,
      { study: study ?? "", value: text ?? "" },
    );
  const parts = partsOf(await withBasis(database, found));
  const task: Task = { order, runs };
  const id = sha256(inOrder({ task, parts, version }));
  await submit(database, queue, { id, task, parts, by, version, priority });
  return { id, recordings: found.length, parts: parts.length, version };
}

async function frozenRun(library: ArchiveLibrary, id: string): Promise<z.infer<typeof FrozenRun>> {
  const { config, imported } = await library.getRun(id);
  const { channels: labels, recordingIds, labelSet } = config.data;
  const known = new Map((imported?.channels ?? []).map((one) => [one.label, one]));
  const here = new Set((await library.listSources()).map((one) => one.id));
  for (const recordingId of imported === undefined ? recordingIds : []) {
    if (labels.every((label) => known.has(label))) break;
    if (!here.has(recordingId)) continue;
    for (const channel of (await library.getRecording(recordingId)).channels)
      if (!known.has(channel.label)) known.set(channel.label, channel);
  }
  const set = (await library.listLabelSets()).find((one) => one.id === labelSet);
  const channels = labels.flatMap((label) => ChannelHeader.safeParse(known.get(label)).data ?? []);
  return { id, channels, labelSet: set ?? null };
}

interface Found {
  readonly archived: string;
  readonly sha256: string;
  readonly durationS: number;
}

/** With what lies on them by now: asked again after a mask came, it is another question. */
async function withBasis(
  database: ClusterDatabase,
  found: readonly Found[],
): Promise<(JudgedRecording & { readonly durationS: number })[]> {
  const rows = await database.rows<{ recording: string; kind: PaperKind; content: object }>(
    `SELECT recording, kind, content FROM kodo.paper WHERE recording = ANY($1)
       AND (kind IN ('mask', 'context') OR (kind = 'annotation' AND content ->> 'label' = ANY($2))) ORDER BY place`,
    [found.map(({ archived }) => archived), readLabels],
  );
  const papers = new Map<string, typeof rows>();
  for (const row of rows) papers.set(row.recording, [...(papers.get(row.recording) ?? []), row]);
  return found.map((one) => {
    const own = papers.get(one.archived) ?? [];
    const of = (kind: PaperKind): object[] =>
      own.filter((row) => row.kind === kind).map(({ content }) => content);
    return {
      ...one,
      basis: basisOf({ masks: of("mask"), context: of("context")[0] ?? null, annotations: of("annotation") }),
    };
  });
}

function partsOf(all: readonly (JudgedRecording & { readonly durationS: number })[]): JudgedRecording[][] {
  const parts: JudgedRecording[][] = [];
  let seconds = Infinity;
  for (const { durationS, archived, sha256: digest, basis } of all) {
    const last = parts.at(-1);
    const one = { archived, sha256: digest, basis };
    if (last === undefined || last.length >= MOST_RECORDINGS || seconds + durationS > MOST_S) {
      parts.push([one]);
      seconds = durationS;
    } else {
      last.push(one);
      seconds += durationS;
    }
  }
  return parts;
}

/** Whoever asks the same of the same recordings gets what was said. */
const keyOf = (task: Task, recordings: readonly JudgedRecording[], version: string): string =>
  sha256(inOrder({ kind: "study", task, recordings, version }));

interface Submission {
  readonly id: string;
  readonly task: Task;
  readonly parts: readonly JudgedRecording[][];
  readonly by: string;
  readonly version: string;
  readonly priority: number;
}

/** Asked once more, what is done is not done again, and what was cancelled or had failed goes on. */
async function submit(
  database: ClusterDatabase,
  queue: Queue,
  { id, task, parts, by, version, priority }: Submission,
): Promise<void> {
  await changing(database, async (session) => {
    await standAlone(session);
    const { rowCount } = await session.query(
      `INSERT INTO kodo.work (id, kind, task, recordings, version, fits, submitted_by) VALUES ($1, $2, $3, '[]', $4, $5, $6)
       ON CONFLICT DO NOTHING`,
      [id, task.order.kind, JSON.stringify(task), version, parts.length, by],
    );
    if (rowCount === 1) {
      const rows = parts.map((recordings, part) => [id, part, JSON.stringify(recordings)]);
      await insertRows(session, "kodo.part (work, part, recordings)", rows);
      await session.query(
        "INSERT INTO kodo.asked (work, fit, key) SELECT $1, place - 1, key FROM unnest($2::text[]) WITH ORDINALITY AS k (key, place)",
        [id, parts.map((part) => keyOf(task, part, version))],
      );
    }
    await session.query("UPDATE kodo.work SET cancelled_at = NULL, failure = NULL WHERE id = $1", [id]);
    const { rows } = await session.query<{ fit: number; key: string }>(
      "SELECT fit, key FROM kodo.asked a WHERE work = $1 AND NOT EXISTS (SELECT 1 FROM kodo.result r WHERE r.key = a.key) ORDER BY fit",
      [id],
    );
    const jobs = rows.map(({ fit, key }) => ({ kind: "study" as const, work: id, fit, key }));
    if (jobs.length > 0) await queue.send(jobs, { version, priority, session });
  });
}

async function bringRun(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  { id, channels, labelSet }: z.infer<typeof FrozenRun>,
): Promise<void> {
  const [row] = await database.rows<{ content: unknown; model: Buffer }>(
    "SELECT content, model FROM kodo.run WHERE id = $1",
    [id],
  );
  if (row === undefined) throw new AppError("data/run-unknown", `No run ${id} in the archive`, { value: id });
  if (labelSet !== null) await library.takeLabelSet(labelSet);
  const run = checked(Run, row.content, "run in the archive");
  if (run.id !== id)
    throw new AppError("data/archive-differs", `Run ${id} goes by another name within than in the archive`);
  const imported = run.imported ?? { file: "", sha256: "", importedAt: run.createdAt, channels };
  await library.addTrainedRun({ run: { ...run, imported }, model: Uint8Array.from(row.model) });
}

async function fetchStudy(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  id: string,
  { signal, again }: FetchHow,
): Promise<StudyOutcome> {
  const results = await database.rows<{ value: Buffer | null }>(
    "SELECT value FROM kodo.asked LEFT JOIN kodo.result USING (key) WHERE work = $1 ORDER BY fit",
    [id],
  );
  const values = results.flatMap(({ value }) => value ?? []);
  if (values.length === 0 || values.length < results.length)
    throw new AppError("storage/cluster-forgot", "What was judged does not all lie on the cluster any more", {
      jobId: id,
    });
  const parts = values.map((value) =>
    checked(PartResult, JSON.parse(value.toString()), `result of work ${id}`),
  );
  const said = parts.flatMap((part) => part.said);
  const aliases = await database.rows<{ archived: string; local: string }>(
    "SELECT recording AS archived, local_id AS local FROM kodo.known_as WHERE recording = ANY($1)",
    [said.map(({ archived }) => archived)],
  );
  const here = new Set((await library.listSources()).map((one) => one.id));
  const localOf = new Map(
    aliases.filter(({ local }) => here.has(local)).map((one) => [one.archived, one.local]),
  );
  const differ: string[] = [];
  const outcome = { taken: 0, known: 0, elsewhere: 0, differ };
  for (const one of said) {
    throwIfCancelled(signal);
    const { archived } = one;
    const local = here.has(archived) ? archived : localOf.get(archived);
    if (local === undefined) outcome.elsewhere += 1;
    else {
      const came = await take(database, library, local, { ...one, again });
      if (came === undefined) differ.push((await library.getRecording(local)).name);
      outcome.taken += came?.taken ?? 0;
      outcome.known += came?.known ?? 0;
    }
  }
  const failures = parts.flatMap((part) => part.failures);
  return { ...outcome, recordings: said.length + failures.length, failures };
}

/** Undefined where the recording here has other samples, masks or facts: what the archive says of ids is not believed. */
async function take(
  database: ClusterDatabase,
  library: ArchiveLibrary,
  local: string,
  {
    archived,
    sha256: samples,
    basis,
    keys,
    again,
  }: z.infer<typeof PartResult>["said"][number] & Pick<FetchHow, "again">,
): Promise<{ readonly taken: number; readonly known: number } | undefined> {
  const before = await library.basisOf(local);
  if ((await library.checksum(local)).sha256 !== samples) return undefined;
  const papers = await library.papersOf(local);
  if (basisOf(papers) !== basis) return undefined;
  const holds = ({ origin, isOutdated }: FindingSummary): boolean =>
    !isOutdated && (origin.kind === "rule" || !again);
  const listed = await library.listFindings(local);
  const said = new Set(listed.filter(holds).map(({ origin, content }) => sameFinding(origin, content.kind)));
  const rows = await database.rows<{ origin: unknown; content: Buffer }>(
    "SELECT origin, content FROM kodo.finding WHERE recording = $1 AND key = ANY($2) ORDER BY pushed_at, key",
    [archived, keys],
  );
  const fresh = rows
    .map(({ origin, content }): NewFinding => ({
      recordingId: local,
      origin: checked(FindingOrigin, origin, "finding in the archive"),
      content: contentIn(content),
    }))
    .filter(({ origin, content }) => !said.has(sameFinding(origin, content.kind)));
  const makers = new Set(fresh.map(makerOf));
  const replaced = listed.filter((one) => !holds(one) && makers.has(makerOf(one))).map(({ id }) => id);
  if (fresh.length > 0) await library.saveFindings(fresh, { basis: before.whole, replaced });
  return { taken: fresh.length, known: rows.length - fresh.length };
}

/** Of a rule, whatever its settings; of a run, what it says once. */
const makerOf = ({ origin, content }: FindingSummary | NewFinding): string =>
  origin.kind === "rule" ? origin.rule : sameFinding(origin, content.kind);
