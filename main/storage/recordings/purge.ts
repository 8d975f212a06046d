import { rmSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import { RunData } from "../../../preload/contract/run.ts";
import { channelsOf, derivedChannelsOf, recordingKey } from "../samples/channels.ts";
import { parsedJson } from "../checked.ts";
import { type Context, LIBRARY } from "../context.ts";
import type { Database } from "../file/database.ts";
import { giveBackPages } from "./erase.ts";
import { forgetImportedLabels } from "./forget-labels.ts";
import { forgetBegun } from "../labels/begun-row.ts";
import { redactLog } from "../file/event-log.ts";
import { isWhole } from "../file/row-crc.ts";
import { amend } from "../file/seal.ts";
import { spillPath } from "../samples/spill-path.ts";
import { authorNow } from "../settings.ts";

/** Blocks deleted in one transaction, so that neither the log file nor other writers' patience runs out. */
const PURGE_BLOCKS = 128;

/** A cancelled or failed import: it never was in the library. */
export function purgeRecording(context: Context, id: string): void {
  const { database } = context;
  database.write(() => {
    mark(context, id);
    context.log({ actor: LIBRARY, action: "recording.purge", subject: id, detail: {} });
  });
  removeSpill(context, id);
  finishPurges(context);
}

/** Samples that waited beside the library. */
const removeSpill = ({ database }: Context, id: string): void =>
  rmSync(spillPath(database.path, id), { force: true });

/**
 * For good: no byte of their samples, names, notes and files stays in the library's files. Runs keep their results and
 * forget whose they were; the log keeps that there was something, and when. Refuses what a process still writes. From
 * here on the recordings are not in the library; their samples go slice by slice.
 */
export function beginPurge(context: Context, ids: readonly string[]): void {
  const { database } = context;
  for (const id of ids) refuseGrowing(context, id);
  database.write(() => {
    const actor = authorNow(context);
    const people = ids.map((id) => personOf(context, id));
    for (const id of ids) mark(context, id);
    forgetInRuns(context, people);
    forgetImportedLabels(context);
    redactLog(database, context.now(), { actor, subjects: ids });
    for (const id of ids) context.log({ actor, action: "recording.purge", subject: id, detail: {} });
  });
  for (const id of ids) removeSpill(context, id);
}

function mark(context: Context, id: string): void {
  const { database } = context;
  const { key } = recordingKey(database, id);
  forgetBegun(context, id);
  database.run("UPDATE recording SET purging = 1 WHERE key = ?", key);
}

function refuseGrowing({ database }: Context, id: string): void {
  const { owner, state } = recordingKey(database, id);
  if (owner === null) return;
  throw new AppError("storage/in-use", `Recording ${id} is ${state}; it can be deleted once that has ended`, {
    recording: id,
    state,
  });
}

/** One bounded slice of what is marked for it, so that others are answered between two. False: nothing is left. */
export function purgeSome(context: Context): boolean {
  const { database } = context;
  const marked = database.get("SELECT key FROM recording WHERE purging = 1 LIMIT 1");
  if (marked === undefined) return false;
  const recording = Number(marked["key"]);
  for (const { key } of [...channelsOf(database, recording), ...derivedChannelsOf(database, recording)]) {
    const { changes } = database.write(() =>
      database.run(
        "DELETE FROM block WHERE key IN (SELECT key FROM block WHERE channel = ? LIMIT ?)",
        key,
        PURGE_BLOCKS,
      ),
    );
    if (changes === 0) continue;
    giveBackPages(context);
    return true;
  }
  database.write(() => database.run("DELETE FROM recording WHERE key = ?", recording));
  return true;
}

/** Takes away what is marked for it, all at once; a purge cut short goes on at the next opening. */
export function finishPurges(context: Context): void {
  let isAny = false;
  while (purgeSome(context)) isAny = true;
  if (isAny || Number(context.database.pragma("freelist_count")) > 0) giveBackPages(context);
}

/** Who a recording was of, as runs may have written it down: every name and code it went by. */
interface Person {
  readonly id: string;
  readonly names: readonly string[];
  readonly subjects: readonly string[];
}

function personOf({ database }: Context, id: string): Person {
  const row = database.get("SELECT name, subject FROM recording WHERE id = ?", id);
  return { id, names: [String(row?.["name"])], subjects: [String(row?.["subject"])] };
}

/** Takes names and codes out of the records of runs that used their recordings: each run once. Its numbers stay. */
function forgetInRuns({ database }: Context, people: readonly Person[]): void {
  for (const { id } of database.all("SELECT id FROM run")) {
    const row = database.one("SELECT * FROM run WHERE id = ?", String(id));
    const text = String(row["content"]);
    const those = people.filter((person) => text.includes(person.id));
    if (those.length === 0) continue;
    const content = isWhole("run", row) ? parsedJson(text) : undefined;
    // Nobody can read a damaged record any more, and what it says of whom cannot be told: nothing of it stays.
    const told = content === undefined ? {} : forgotten(content, toForget(database, content, those));
    amend(database, "run", ["id = ?", String(id)], () =>
      database.run("UPDATE run SET content = ? WHERE id = ?", JSON.stringify(told), String(id)),
    );
  }
}

/**
 * What a run that was under way meanwhile now says, without what `stored` was made to forget: a training goes on with what it
 * began with when one of its recordings is purged.
 */
export function withoutPurged(database: Database, stored: unknown, now: unknown): unknown {
  const nameless = new Set(
    usedIn(stored).flatMap(({ recordingId, recording }) => (recording === undefined ? [recordingId] : [])),
  );
  if (nameless.size === 0) return now;
  const gone = usedIn(now).filter(
    ({ recordingId, recording }) =>
      recording !== undefined && nameless.has(recordingId) && !isHere(database, recordingId),
  );
  if (gone.length === 0) return now;
  const people = gone.map(({ recordingId: id }): Person => ({ id, names: [], subjects: [] }));
  return forgotten(now, toForget(database, now, people));
}

/** A word that is to be forgotten, and what stands in its place. */
type Word = readonly [word: string, instead: string];

interface Words {
  readonly ids: ReadonlySet<string>; // of recordings, which stay
  readonly names: ReadonlyMap<string, string>;
  readonly codes: ReadonlyMap<string, string>;
}

/** What a run is to forget of people: also the names and the codes that the recordings had when the run began. */
function toForget(database: Database, content: unknown, people: readonly Person[]): Words {
  const data = usedIn(content);
  /** A code stays where it is that of another recording, now or when the run began. */
  const isLast = (subject: string): boolean =>
    database.get("SELECT 1 FROM recording WHERE subject = ? AND purging = 0 LIMIT 1", subject) ===
      undefined && !data.some((one) => one.subject === subject && isHere(database, one.recordingId));
  const [names, codes]: [Word[], Word[]] = [[], []];
  for (const person of people) {
    const then = data.filter(({ recordingId }) => recordingId === person.id);
    for (const name of [...person.names, ...then.flatMap(({ recording }) => recording ?? [])])
      names.push([name, person.id]);
    for (const subject of new Set([...person.subjects, ...then.map((one) => one.subject)]))
      if (!isPurgedCode(subject) && isLast(subject)) codes.push([subject, purgedCode(person)]);
  }
  return {
    ids: new Set(people.map(({ id }) => id)),
    names: longestFirst(names),
    codes: longestFirst(codes),
  };
}

const isHere = (database: Database, id: string): boolean =>
  database.get("SELECT 1 FROM recording WHERE id = ? AND purging = 0", id) !== undefined;

/** A name within another must not leave the rest of it behind. Of two with the same the first is meant. */
const longestFirst = (words: readonly Word[]): ReadonlyMap<string, string> =>
  new Map(
    [...new Map(words.toReversed())].filter(([word]) => word !== "").sort(([a], [b]) => b.length - a.length),
  );

/** What a run says of its recordings, in every version that wrote one. */
const RunUse = z.object({
  data: z.array(RunData.pick({ recordingId: true, recording: true, subject: true })),
});

const usedIn = (content: unknown): z.infer<typeof RunUse>["data"] =>
  RunUse.safeParse(content).data?.data ?? [];

const purgedCode = ({ id }: Person): string => `purged-${id.slice(0, 8)}`;
const isPurgedCode = (subject: string): boolean => /^purged-[0-9a-f]{8}$/.test(subject);

/** Fields of a run that hold subject codes; every other text is a word of the program or of the run's own. */
const codeFields = new Set(["subject", "subjects", "testSubjects", "validationSubjects"]);

function forgotten(value: unknown, words: Words, field = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => forgotten(one, words, field));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(
      ([name]) => !((name === "recording" && isOf(value, words)) || (name === "detail" && field === "error")),
    );
    return Object.fromEntries(entries.map(([name, one]) => [name, forgotten(one, words, name)]));
  }
  if (typeof value !== "string") return value;
  if (codeFields.has(field)) return words.codes.get(value) ?? value;
  if (field !== "message") return value;
  return [...words.names, ...words.codes].reduce(
    (text, [word, instead]) => text.replaceAll(word, instead),
    value,
  );
}

const isOf = (value: object, { ids }: Words): boolean =>
  "recordingId" in value && ids.has(String(value.recordingId));
