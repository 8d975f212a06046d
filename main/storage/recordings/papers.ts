import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Annotation, EditKind } from "../../../preload/contract/annotation.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { sampleArrays, type SampleBlock } from "../../signal/block.ts";
import { applyAnnotations, listAnnotations } from "../labels/annotations.ts";
import type { Merged, Papers } from "../api.ts";
import { PapersShape } from "./papers-shape.ts";
import { insertTimes, listArrivals, listClockFits } from "../samples/arrivals.ts";
import { decodeBlock } from "../samples/block-codec.ts";
import { channelOf, recordingKey, sound } from "../samples/channels.ts";
import { checked } from "../checked.ts";
import { type Context, LIBRARY } from "../context.ts";
import { applyContext, said } from "../labels/ctg-context.ts";
import {
  type Change,
  type EditStep,
  keepStep,
  listSteps,
  logEdit,
  restoreStep,
} from "../labels/edit-history.ts";
import { getLabelSet } from "../labels/label-sets.ts";
import { applyMasks, type Layers, listMasks } from "../labels/masks.ts";
import { applyReading, listReadings } from "../labels/readings.ts";
import { closeRecording, getRecording } from "./recordings.ts";
import { amend } from "../file/seal.ts";

/** Of a recording at rest; what of it is damaged is refused rather than handed on as whole. */
export function papersOf(context: Context, recordingId: string): Papers {
  const { state, note, repairs, fault } = getRecording(context, recordingId);
  if (fault !== undefined)
    throw new AppError("storage/corrupt", `The recording is damaged: ${fault}`, { recording: recordingId });
  if (state !== "complete" && state !== "interrupted")
    throw new AppError("storage/in-use", `The recording is still ${state}`, {
      ...{ recording: recordingId, state },
    });
  return {
    ...{ state, note, repairs },
    annotations: listAnnotations(context, recordingId),
    masks: listMasks(context, recordingId),
    readings: listReadings(context, recordingId),
    context: said(context, recordingId) ?? null,
    steps: listSteps(context, recordingId),
    times: { arrivals: listArrivals(context, recordingId), fits: listClockFits(context, recordingId) },
  };
}

/** Of blocks that are read at once. */
const READ_BYTES = 1 << 20;

/**
 * Blocks of a channel from a sample on, as they were stored, a mebibyte or so of them; none after the last. Throws
 * storage/corrupt where one is not what was written.
 */
export function storedBlocks(
  context: Context,
  recordingId: string,
  position: number,
  from: number,
): SampleBlock[] {
  const { database } = context;
  const channel = sound(channelOf(database, recordingId, position), recordingId);
  const size = sampleArrays[channel.sampleType].BYTES_PER_ELEMENT;
  const blocks: SampleBlock[] = [];
  let [at, bytes] = [from, 0];
  while (bytes < READ_BYTES) {
    const row = database.get(
      "SELECT first_sample, sample_count, crc, samples, mask FROM block WHERE channel = ? AND first_sample >= ? ORDER BY first_sample LIMIT 1",
      ...[channel.key, at],
    );
    if (row === undefined) break;
    const block = decodeBlock(channel.key, channel.sampleType, row);
    const first = Number(row["first_sample"]);
    if (block === undefined)
      throw new AppError(
        "storage/corrupt",
        `A block of channel ${channel.label} is damaged (sample ${first}); it is not handed on`,
        { recording: recordingId, channel: position, first },
      );
    blocks.push({ channel: position, firstSample: first, samples: block.samples, mask: block.mask });
    at = first + block.samples.length;
    bytes += block.samples.length * size;
  }
  return blocks;
}

/** Ends a recording whose samples came from elsewhere: it is complete with its papers, or goes on being imported. */
export function closeWithPapers(context: Context, layers: Layers, recordingId: string, given: Papers): void {
  const papers = checked(PapersShape, given, "recording");
  refuseForeign(context, papers, recordingId);
  context.database.write(() => {
    const { key } = recordingKey(context.database, recordingId);
    closeRecording(context, recordingId, papers);
    amend(context.database, "recording", ["key = ?", key], () =>
      context.database.run("UPDATE recording SET note = ? WHERE key = ?", papers.note, key),
    );
    insertTimes(context, key, papers.times); // they say which samples lie under a mask
    applyMasks(context, layers, added(papers.masks));
    lookUpSets(context, papers.annotations);
    applyAnnotations(context, added(papers.annotations));
    for (const after of papers.readings) applyReading(context, { before: null, after });
    if (papers.context !== null) applyContext(context, { before: null, after: papers.context });
    for (const step of papers.steps) restoreStep(context, recordingId, step);
    context.log({ actor: LIBRARY, action: "recording.arrived", subject: recordingId, detail: {} });
  });
}

/** Refuses labels of sets that are not here. */
function lookUpSets(context: Context, annotations: readonly Annotation[]): void {
  const versions = new Map(annotations.map((one) => [`${one.labelSet} ${one.labelSetVersion}`, one]));
  for (const { labelSet, labelSetVersion } of versions.values())
    getLabelSet(context, labelSet, labelSetVersion);
}

const added = <T>(all: readonly T[]): Change<T>[] => all.map((after) => ({ before: null, after }));

/** What a step of the history had before and after it, in this recording; its own fields are as old as the step. */
const stepsOf = (recordingId: string) => {
  const one = z.object({ id: z.string().optional(), recordingId: z.literal(recordingId) }).nullable();
  return z.array(z.object({ before: one, after: one }));
};

function changesIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Everything names the recording it came with, and nothing has the id of what lies on another here: it would change that
 * one. So does every step of the history, for it can be taken back.
 */
function refuseForeign({ database }: Context, papers: Papers, recordingId: string): void {
  const told = (what: string): AppError =>
    new AppError("data/bad-annotation", `${what} belongs to another recording`, { expected: recordingId });
  const { annotations, masks, readings, context, steps } = papers;
  const own = [...annotations, ...masks, ...readings, ...(context === null ? [] : [context])];
  const foreign = own.find((one) => one.recordingId !== recordingId);
  if (foreign !== undefined) throw told("id" in foreign ? foreign.id : "What is known of it");
  const ids: Record<EditKind, string[]> = {
    ...{ annotation: annotations.map(({ id }) => id), mask: masks.map(({ id }) => id) },
    ...{ reading: readings.map(({ id }) => id), context: [] },
  };
  const shape = stepsOf(recordingId);
  for (const { kind, changes } of steps) {
    const { data } = shape.safeParse(changesIn(changes));
    if (data === undefined) throw told("A step of its history");
    ids[kind].push(...data.flatMap(({ before, after }) => [before?.id ?? [], after?.id ?? []].flat()));
  }
  const { key } = recordingKey(database, recordingId);
  for (const [kind, table] of tables)
    for (const id of new Set(ids[kind])) {
      const row = database.get(`SELECT 1 FROM ${table} WHERE id = ? AND recording <> ?`, id, key);
      if (row !== undefined) throw told(id);
    }
}

const tables = [
  ["annotation", "annotation"],
  ["mask", "mask_span"],
  ["reading", "reading"],
] as const;

/**
 * Adds to a recording what others know of it and this library does not. Nothing here is changed: a label, mask or reading
 * that reads differently there comes as one of its own; a label so by its author there, for labels of one author that
 * overlap would count twice. What was removed here stays removed. One step of the history a kind.
 */
export function mergePapers(
  context: Context,
  layers: Layers,
  recordingId: string,
  { papers: given, lane }: { readonly papers: Papers; readonly lane: string },
): Merged {
  const papers = checked(PapersShape, given, "recording");
  refuseForeign(context, papers, recordingId);
  return context.database.write(() => {
    const removed = removedHere(listSteps(context, recordingId));
    const ours = listAnnotations(context, recordingId);
    const labels = sorted(ours, papers.annotations, removed);
    lookUpSets(context, labels.fresh);
    const asLanes = labels.different.map((one) => ({ ...one, author: `${one.author} (${lane})` }));
    const beside = notSaid(asLanes, ours, removed).map(anew);
    const masks = unsaid(
      listMasks(context, recordingId),
      papers.masks.filter(({ layer }) => layer !== "rule"), // this library has rules of its own
      removed,
    );
    const readings = unsaid(listReadings(context, recordingId), papers.readings, removed);
    const theirs =
      papers.context !== null && said(context, recordingId) === undefined ? [papers.context] : [];
    const take = (edit: EditStep, carryOut: () => void): void => {
      if (edit.changes.length === 0) return;
      carryOut();
      keepStep(context, recordingId, edit, { author: lane });
      logEdit(context, recordingId, edit, lane);
    };
    const annotations = added([...labels.fresh, ...beside]);
    take({ kind: "annotation", what: "add", changes: annotations }, () =>
      applyAnnotations(context, annotations),
    );
    const laid = added(masks.fresh);
    take({ kind: "mask", what: "add", changes: laid }, () => applyMasks(context, layers, laid));
    const declared = added(readings.fresh);
    take({ kind: "reading", what: "add", changes: declared }, () => {
      for (const change of declared) applyReading(context, change);
    });
    const known = added(theirs);
    take({ kind: "context", what: "add", changes: known }, () => {
      for (const change of known) applyContext(context, change);
    });
    const all = [labels, masks, readings];
    return {
      added: all.reduce((sum, { fresh }) => sum + fresh.length, beside.length + theirs.length),
      beside: beside.length + masks.beside + readings.beside,
      leftOut: all.reduce((sum, { gone }) => sum + gone, 0),
    };
  });
}

interface Identified {
  readonly id: string;
  readonly changedAt?: string;
  readonly createdAt?: string;
}

/** What a person took away and did not bring back: its ids, and what it said. */
interface Removed {
  readonly ids: ReadonlySet<string>;
  readonly said: ReadonlySet<string>;
}

/** What of `theirs` is not here, what is here and reads differently, and how much of it was removed here. */
function sorted<T extends Identified>(ours: readonly T[], theirs: readonly T[], removed: Removed) {
  const known = new Map(ours.map((one) => [one.id, contentOf(one)]));
  const unknown = theirs.filter(({ id }) => !known.has(id));
  return {
    fresh: unknown.filter(({ id }) => !removed.ids.has(id)),
    different: theirs.filter((one) => known.has(one.id) && known.get(one.id) !== contentOf(one)),
    gone: unknown.filter(({ id }) => removed.ids.has(id)).length,
  };
}

/**
 * The same of masks and readings, where what reads differently comes under another id, and what is said here under
 * another id does not come again: it is what this library had put there so.
 */
function unsaid<T extends Identified>(ours: readonly T[], theirs: readonly T[], removed: Removed) {
  const { fresh, different, gone } = sorted(ours, theirs, removed);
  const beside = notSaid(different, ours, removed).map(anew);
  return { fresh: [...notSaid(fresh, ours, removed), ...beside], beside: beside.length, gone };
}

function notSaid<T extends Identified>(theirs: readonly T[], ours: readonly T[], removed: Removed): T[] {
  const here = new Set(ours.map(saidBy));
  return theirs.filter((one) => !here.has(saidBy(one)) && !removed.said.has(saidBy(one)));
}

const anew = <T extends Identified>(one: T): T => ({ ...one, id: randomUUID() });

const saidBy = (one: Identified): string => contentOf({ ...one, id: "", createdAt: "" });

/** When it was changed says nothing about what it says. */
const contentOf = (one: Identified): string =>
  JSON.stringify(Object.entries({ ...one, changedAt: "" }).sort(([a], [b]) => (a < b ? -1 : 1)));

const Removal = z.object({ before: z.looseObject({ id: z.string() }), after: z.null() });

function removedHere(steps: Papers["steps"]): Removed {
  const gone = steps
    .filter(({ isUndone, what }) => !isUndone && what === "remove")
    .flatMap(({ changes }) => z.array(Removal.or(z.unknown())).parse(JSON.parse(changes)))
    .flatMap((change) => Removal.safeParse(change).data ?? [])
    .map(({ before }) => before);
  return { ids: new Set(gone.map(({ id }) => id)), said: new Set(gone.map(saidBy)) };
}
