import { type ErrorReport, reportOf } from "../../../preload/contract/errors.ts";
import type { MaskSpan } from "../../../preload/contract/mask.ts";
import type { OpenRun } from "../../signal/flat.ts";
import type { RuleAsk, RuleLook, RuleOrder, RulePart, RuleRun, RuleStep, RuleTaken } from "../api.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { type ChannelRow, channelsOf, sound } from "../samples/channels.ts";
import type { Context } from "../context.ts";
import { asAppError } from "../file/sqlite-errors.ts";
import { authorNow } from "../settings.ts";
import { type KeptStep, listSteps, maskChanges } from "./edit-history.ts";
import { hiddenUnder, type Layers, type MaskEdit, listMasks, takeMasks } from "./masks.ts";
import { isRuled, newRuns, spansOf } from "./rules.ts";
import { readPhysical } from "../samples/sample-reader.ts";

/** Samples that are read at a time, and in a step; a recording counts as some of them, whatever it holds. */
const CHUNK = 1 << 17;
const STEP_SAMPLES = 1 << 19;
const RECORDING_SAMPLES = 1 << 13;
/** Recordings that are changed in one transaction: as many as are done within this, one at least. */
const STEP_MS = 20;

/** A recording as it stands for a pass; undefined where it is gone. */
interface Standing {
  readonly id: string;
  readonly name: string;
  readonly isUnfinished: boolean;
  readonly ruled: readonly ChannelRow[]; // channels that the rule is about
}

function standingOf({ database }: Context, id: string): Standing | undefined {
  const row = database.get("SELECT key, name, state FROM recording WHERE id = ? AND purging = 0", id);
  if (row === undefined) return undefined;
  const channels = channelsOf(database, Number(row["key"]));
  for (const channel of channels) sound(channel, id); // of one that cannot be believed it is not known what it is
  return {
    id,
    name: String(row["name"]),
    isUnfinished: row["state"] === "importing" || row["state"] === "recording",
    ruled: channels.filter(isRuled),
  };
}

const rulesAmong = (spans: readonly (MaskSpan | null)[]): MaskSpan[] =>
  spans.filter((span): span is MaskSpan => span?.layer === "rule");

/** Where a rule's span lies: a channel, and from when to when. */
type Place = Pick<MaskSpan, "channel" | "onsetS" | "durationS">;

const placeOf = ({ channel, onsetS, durationS }: Place): string => `${channel} ${onsetS} ${durationS}`;

const touches = (a: Place, b: Place): boolean =>
  a.channel === b.channel && a.onsetS < b.onsetS + b.durationS && b.onsetS < a.onsetS + a.durationS;

/**
 * Where a reader lifted the rule by hand, span by span or with undo, and did not lay it again. What a pass over many
 * recordings lifted is none of it: another may lay it.
 */
function heldBy(steps: readonly KeptStep[]): (place: Place) => boolean {
  let held: Place[] = [];
  for (const step of steps) {
    if (step.kind !== "mask") continue;
    const changes = maskChanges(step);
    const isByHand = changes.every(({ pass }) => pass === undefined);
    const laid = rulesAmong(changes.map(({ after }) => after));
    const lifted = rulesAmong(changes.map(({ before }) => before));
    if (step.isUndone) held.push(...laid);
    else held = held.filter((one) => !laid.some((span) => touches(one, span)));
    if (isByHand && !step.isUndone) held.push(...lifted);
  }
  return (place) => held.some((one) => touches(one, place));
}

/** What of a recording the rule would change, as far as it is known: spans to be laid, and whether some are held back. */
interface Fresh {
  readonly spans: readonly MaskSpan[];
  readonly isKept: boolean;
}

function freshOf(context: Context, recordingId: string, spans: readonly MaskSpan[]): Fresh {
  const known = new Set(rulesAmong(listMasks(context, recordingId)).map(placeOf));
  const missing = spans.filter((span) => !known.has(placeOf(span)));
  if (missing.length === 0) return { spans: [], isKept: false };
  const isHeld = heldBy(listSteps(context, recordingId));
  const fresh = missing.filter((span) => !isHeld(span));
  return { spans: fresh, isKept: fresh.length < missing.length };
}

/** Runs of channels as the spans that the rule lays there. */
const spansFrom = (context: Context, { id, ruled }: Standing, runs: readonly RuleRun[]): MaskSpan[] =>
  ruled.flatMap((channel) =>
    spansOf(
      channel,
      runs.filter((run) => run.channel === channel.position),
      { recordingId: id, createdAt: context.now() },
    ),
  );

/** Seconds of signal that are observed with the one spans and not with the others. */
function secondsBetween(
  context: Context,
  { ruled }: Standing,
  more: readonly MaskSpan[],
  less: readonly MaskSpan[],
): number {
  let seconds = 0;
  for (const channel of ruled)
    seconds +=
      (hiddenUnder(context, channel, more) - hiddenUnder(context, channel, less)) / channel.sampleRate;
  return seconds;
}

/** What a damaged recording says, which leaves the others alone; what the library as a whole says is thrown. */
function damageOf({ database }: Context, error: unknown): ErrorReport {
  const told = asAppError(error, database.path);
  const report = reportOf(told);
  if (report.code !== "storage/corrupt") throw told;
  return report;
}

const nothing = { runs: [], spans: 0, seconds: 0, isKept: false } as const;

/** Looks at recordings one after the other, as far as a bounded step comes; changes nothing. */
export function ruleStep(context: Context, { what, ids, from }: RuleAsk): RuleStep {
  const looks: RuleLook[] = [];
  const scan = new Scan(context, from);
  for (let at = from?.at ?? 0; at < ids.length; at++) {
    if (scan.isSpent) return { looks, next: scan.pause(at) };
    const id = sure(ids[at]);
    try {
      const standing = standingOf(context, id);
      const found = standing === undefined ? undefined : lookAt(context, standing, what, scan);
      if (found === "paused") return { looks, next: scan.pause(at) };
      if (standing !== undefined && found !== undefined)
        looks.push({ id, name: standing.name, ...nothing, ...found });
    } catch (error) {
      const report = damageOf(context, error);
      looks.push({ id, name: nameOf(context, id), ...nothing, state: "failed", error: report });
    }
    scan.next();
  }
  return { looks, next: undefined };
}

const nameOf = ({ database }: Context, id: string): string =>
  String(database.one("SELECT name FROM recording WHERE id = ?", id)["name"]);

function lookAt(
  context: Context,
  standing: Standing,
  what: RuleAsk["what"],
  scan: Scan,
): (Pick<RuleLook, "state"> & Partial<RuleLook>) | "paused" {
  const { id, ruled, isUnfinished } = standing;
  if (isUnfinished) return { state: "unfinished" };
  if (ruled.length === 0) return { state: "no-channel" };
  const masks = listMasks(context, id);
  if (what === "lift") {
    const others = masks.filter(({ layer }) => layer !== "rule");
    const spans = masks.length - others.length;
    if (spans === 0) return { state: "unchanged" };
    return { state: "fits", spans, seconds: secondsBetween(context, standing, masks, others) };
  }
  const runs = scan.runsOf(ruled);
  if (runs === undefined) return "paused";
  const { spans, isKept } = freshOf(context, id, spansFrom(context, standing, runs));
  if (spans.length === 0) return { state: isKept ? "kept" : "unchanged", isKept };
  const seconds = secondsBetween(context, standing, [...masks, ...spans], masks);
  return { state: "fits", runs, spans: spans.length, seconds, isKept };
}

/** Reads channels for runs of one value, so much a step; a channel that is longer goes on in the next. */
class Scan {
  readonly #context: Context;
  #left = STEP_SAMPLES;
  #channel: number; // of those that the rule is about
  #first: number;
  #open: OpenRun | undefined;
  #runs: RuleRun[];

  constructor(context: Context, from: RuleAsk["from"]) {
    this.#context = context;
    this.#channel = from?.channel ?? 0;
    this.#first = from?.first ?? 0;
    this.#open = from?.open;
    this.#runs = [...(from?.runs ?? [])];
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  pause(at: number): NonNullable<RuleStep["next"]> {
    return { at, channel: this.#channel, first: this.#first, open: this.#open, runs: this.#runs };
  }

  /** On with the recording that follows. */
  next(): void {
    this.#left -= RECORDING_SAMPLES;
    [this.#channel, this.#first, this.#open, this.#runs] = [0, 0, undefined, []];
  }

  /** Undefined: the step is spent. */
  runsOf(ruled: readonly ChannelRow[]): readonly RuleRun[] | undefined {
    for (const channel of ruled.slice(this.#channel)) {
      if (!this.#isThrough(channel)) return undefined;
      this.#channel++;
      [this.#first, this.#open] = [0, undefined];
    }
    return this.#runs;
  }

  #isThrough(channel: ChannelRow): boolean {
    const { database, damage } = this.#context;
    const runs = newRuns(channel, this.#open);
    const keep = (found: readonly Omit<RuleRun, "channel">[]): void => {
      for (const { first, count } of found) this.#runs.push({ channel: channel.position, first, count });
    };
    while (this.#first < channel.sampleCount) {
      if (this.isSpent) {
        const { open, found } = runs.pause();
        keep(found);
        this.#open = open;
        return false;
      }
      const span = { first: this.#first, count: Math.min(CHUNK, channel.sampleCount - this.#first) };
      const { values, reasons } = readPhysical(database, channel, span, damage.note);
      runs.push(values, reasons, span.first);
      this.#first += span.count;
      this.#left -= span.count;
    }
    keep(runs.done());
    return true;
  }
}

/**
 * Changes recordings as a pass was told to, each wholly or not at all, as many of the first as are done in a moment: the
 * others are asked for again. One that is damaged says so and leaves the others alone.
 */
export function takeRules(context: Context, layers: Layers, order: RuleOrder): RuleTaken[] {
  const { database } = context;
  return database.write(() => {
    const untilMs = performance.now() + STEP_MS;
    const taken: RuleTaken[] = [];
    for (const part of order.parts) {
      if (taken.length > 0 && performance.now() > untilMs) break;
      taken.push(takeOne(context, layers, order, part));
    }
    return taken;
  });
}

/** Seconds of signal that are observed before or after, not both, as the library counted them when it was changed. */
const turnedBetween = (before: readonly ChannelRow[], after: readonly ChannelRow[]): number =>
  before.reduce(
    (sum, { observedCount, sampleRate }, i) =>
      sum + Math.abs(sure(after[i]).observedCount - observedCount) / sampleRate,
    0,
  );

const untaken = { spans: 0, seconds: 0 } as const;

function takeOne(context: Context, layers: Layers, order: RuleOrder, part: RulePart): RuleTaken {
  const { id } = part;
  try {
    const standing = standingOf(context, id);
    if (standing === undefined) return { id, state: "gone", ...untaken };
    if (standing.isUnfinished) return { id, state: "unfinished", ...untaken };
    const { edit, isKept } = editOf(context, order, standing, part);
    if (edit.changes.length === 0) return { id, state: isKept ? "kept" : "unchanged", ...untaken };
    context.database.part(() => takeMasks(context, layers, edit, authorNow(context)));
    const seconds = turnedBetween(standing.ruled, sure(standingOf(context, id)).ruled);
    return { id, state: "changed", spans: edit.changes.length, seconds };
  } catch (error) {
    layers.forget();
    return { id, state: "failed", ...untaken, error: damageOf(context, error) };
  }
}

interface Decided {
  readonly edit: MaskEdit;
  readonly isKept: boolean;
}

function editOf(
  context: Context,
  { what, pass, undoes }: RuleOrder,
  standing: Standing,
  part: RulePart,
): Decided {
  const { id } = standing;
  const add = (spans: readonly MaskSpan[]): MaskEdit => ({
    ...{ what: "add", pass, changes: spans.map((after) => ({ before: null, after })) },
  });
  const remove = (spans: readonly MaskSpan[]): MaskEdit => ({
    ...{ what: "remove", pass, changes: spans.map((before) => ({ before, after: null })) },
  });
  if (what === "lift") return { edit: remove(rulesAmong(listMasks(context, id))), isKept: false };
  if (what === "lay") {
    const { spans, isKept } = freshOf(context, id, spansFrom(context, standing, part.runs));
    return { edit: add(spans), isKept };
  }
  const steps = listSteps(context, id);
  const made = steps
    .filter(({ kind }) => kind === "mask")
    .map(maskChanges)
    .filter((changes) => changes.some((one) => one.pass === undoes))
    .flat();
  const here = rulesAmong(listMasks(context, id));
  const ids = new Set(rulesAmong(made.map(({ after }) => after)).map((span) => span.id));
  if (ids.size > 0) return { edit: remove(here.filter((span) => ids.has(span.id))), isKept: false };
  const places = new Set(here.map(placeOf));
  const isHeld = heldBy(steps);
  const lifted = rulesAmong(made.map(({ before }) => before)).filter((span) => !places.has(placeOf(span)));
  const back = lifted.filter((span) => !isHeld(span));
  return { edit: add(back), isKept: back.length < lifted.length };
}
