import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import type { Handlers } from "../../preload/contract/channels.ts";
import { AppError, type ErrorReport, reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import { HERE, type Job } from "../../preload/contract/job.ts";
import { RecordingFilter, type Selection } from "../../preload/contract/listing.ts";
import type { PassAsked, PassCounts, PassOrder, PassProgress } from "../../preload/contract/pass.ts";
import { isReadBlind } from "../../preload/contract/settings.ts";
import type { AsyncLibrary, RuleCursor, RuleLook, RuleOrder, RulePart, RuleTaken } from "../storage/api.ts";
import type { ServiceEvents } from "./events.ts";
import { partsOf } from "./recordings.ts";

/** Recordings that are looked at before the first of them are changed. */
const TOGETHER = 200;
/** Recordings that are named, and failures that are told one by one. */
const NAMED = 3;
const TOLD = 20;
const TELL_MS = 250;
const FINISHED_KEPT = 20;

const nothing: PassCounts = {
  ...{ looked: 0, recordings: 0, spans: 0, seconds: 0, unchanged: 0, noChannel: 0, kept: 0 },
  ...{ unfinished: 0, unfinishedNames: [], failed: 0, failures: [] },
};

type Used = Pick<
  AsyncLibrary,
  | "selectionStep"
  | "ruleStep"
  | "takeRules"
  | "getSettings"
  | "namesOf"
  | "info"
  | "queueJob"
  | "passAsked"
  | "listJobs"
  | "forgetJob"
>;

export interface PassWatch {
  readonly signal: AbortSignal;
  readonly onCounted?: (counts: PassCounts) => void;
}

/** Ids of a selection, in parts that are looked at together. */
async function* partsIn(library: Used, selection: Selection): AsyncGenerator<readonly string[]> {
  if (selection.kind === "filtered") yield* partsOf(library, selection, TOGETHER);
  else
    for (let at = 0; at < selection.ids.length; at += TOGETHER) yield selection.ids.slice(at, at + TOGETHER);
}

async function countOf(library: Used, selection: Selection): Promise<number> {
  if (selection.kind === "these") return selection.ids.length;
  let [count, after]: [number, number | undefined] = [0, 0];
  while (after !== undefined) {
    const step: Awaited<ReturnType<Used["selectionStep"]>> = await library.selectionStep(selection, {
      after,
    });
    count += step.count;
    after = step.next;
  }
  return count;
}

/** Adds up what is said of recordings one after the other. Of what is read blind nobody is told what other readers lifted. */
class Tally {
  counts: PassCounts = nothing;
  readonly #isBlind: (recordingId: string) => boolean;
  readonly #onCounted: PassWatch["onCounted"];

  constructor(isBlind: (recordingId: string) => boolean, onCounted: PassWatch["onCounted"]) {
    this.#isBlind = isBlind;
    this.#onCounted = onCounted;
  }

  add(change: Partial<PassCounts>): void {
    this.counts = { ...this.counts, ...change };
    this.#onCounted?.(this.counts);
  }

  /** What was looked at and is not changed, or would be. */
  look(look: RuleLook): void {
    if (look.state === "fits") this.#changed(look, look.isKept);
    else this.#left(look, look.name);
  }

  take(look: Pick<RuleLook, "name" | "isKept">, taken: RuleTaken): void {
    if (taken.state === "changed") this.#changed(taken, look.isKept);
    else this.#left(taken, look.name);
  }

  #changed({ id, spans, seconds }: Pick<RuleTaken, "id" | "spans" | "seconds">, isKept: boolean): void {
    const { looked, recordings, kept, ...now } = this.counts;
    this.add({
      ...{ looked: looked + 1, recordings: recordings + 1, spans: now.spans + spans },
      ...{ seconds: now.seconds + seconds, kept: kept + Number(isKept && !this.#isBlind(id)) },
    });
  }

  #left({ id, state, error }: Pick<RuleLook | RuleTaken, "id" | "state" | "error">, name: string): void {
    const { counts } = this;
    const looked = counts.looked + 1;
    switch (state) {
      case "no-channel":
        this.add({ looked, noChannel: counts.noChannel + 1 });
        return;
      case "unfinished":
        this.add({
          ...{ looked, unfinished: counts.unfinished + 1 },
          unfinishedNames: [...counts.unfinishedNames, name].slice(0, NAMED),
        });
        return;
      case "failed":
        this.fail(name, error);
        return;
      case "kept":
        if (this.#isBlind(id)) this.add({ looked, unchanged: counts.unchanged + 1 });
        else this.add({ looked, kept: counts.kept + 1 });
        return;
      case "fits":
      case "changed":
      case "unchanged":
      case "gone":
        this.add({ looked, unchanged: counts.unchanged + 1 });
    }
  }

  fail(recording: string, error: ErrorReport | undefined): void {
    const { looked, failed, failures } = this.counts;
    const told = error === undefined ? failures : [...failures, { recording, error }].slice(0, TOLD);
    this.add({ looked: looked + 1, failed: failed + 1, failures: told });
  }
}

const tallyFor = async (library: Used, { onCounted }: PassWatch): Promise<Tally> => {
  const settings = await library.getSettings();
  return new Tally((id) => isReadBlind(settings, id), onCounted);
};

/** What is to be changed of a selection, a look at some recordings at a time. */
async function* looksAt(
  library: Used,
  { what, selection }: Pick<PassOrder, "what" | "selection">,
  signal: AbortSignal,
): AsyncGenerator<readonly RuleLook[]> {
  for await (const ids of partsIn(library, selection)) {
    let from: RuleCursor | undefined;
    do {
      throwIfCancelled(signal);
      const step: Awaited<ReturnType<Used["ruleStep"]>> = await library.ruleStep({ what, ids, from });
      yield step.looks;
      from = step.next;
    } while (from !== undefined);
  }
}

/** What a pass would change. Nothing is changed. */
async function lookOver(library: Used, order: PassOrder, watch: PassWatch): Promise<PassCounts> {
  const tally = await tallyFor(library, watch);
  for await (const looks of looksAt(library, order, watch.signal)) for (const look of looks) tally.look(look);
  return tally.counts;
}

interface Work {
  readonly library: Used;
  readonly order: Omit<RuleOrder, "parts">;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly onChanged: (ids: readonly string[]) => void;
}

/** Changes what was looked at: whoever stops it keeps what was done. */
async function takeAll(
  { library, order, tally, signal, onChanged }: Work,
  looks: readonly (RulePart & Pick<RuleLook, "name" | "isKept">)[],
): Promise<void> {
  for (let at = 0; at < looks.length;) {
    throwIfCancelled(signal);
    const parts = looks.slice(at).map(({ id, runs }) => ({ id, runs }));
    const taken = await library.takeRules({ ...order, parts });
    const changed = taken.filter(({ state }) => state === "changed").map(({ id }) => id);
    if (changed.length > 0) onChanged(changed);
    for (const [i, one] of taken.entries()) tally.take(looks[at + i] ?? { name: one.id, isKept: false }, one);
    at += taken.length;
  }
}

/** A pass that waits, is under way or is over. */
interface Pass {
  readonly id: string; // of its job as well
  readonly what: PassProgress["what"];
  readonly asked: string; // the same question is not asked twice at once
  readonly stop: AbortController;
  readonly changed: string[] | undefined; // recordings, in the order they were; undefined: an earlier process changed them
  progress: JobProgress & { readonly pass: PassProgress };
  toldAtMs: number;
  undoneBy?: string; // the pass that takes it back
}

const isOver = ({ progress: { state } }: Pass): boolean =>
  state === "done" || state === "failed" || state === "cancelled";

/** The program ends: what was not done is told to the next. */
const LEFT = "left";

/** Of the whole library: where an earlier process changed recordings, these alone are as it left them. */
const everything: Selection = {
  ...{ kind: "filtered", filter: RecordingFilter.parse({}), newest: Number.MAX_SAFE_INTEGER },
  ...{ except: [], also: [] },
};

/** One that an earlier process left without an end, as the tray shows it. How many it changed is not known. */
export function interruptedPass(
  { id, progress }: Pick<Job, "id" | "progress">,
  asked: PassAsked,
  error: ErrorReport,
): Pass["progress"] {
  return {
    ...{ jobId: id, kind: "masks", state: "failed", file: "", done: progress, bytesPerSecond: 0 },
    files: [failure(error)],
    pass: { ...nothing, ...asked, looked: Math.floor(progress * asked.of), isUndone: false },
  };
}

const failure = (error: ErrorReport): JobProgress["files"][number] => ({
  ...{ file: "", state: "failed", recordingIds: [], annotations: 0, repairs: [], error },
});

export interface PassesOptions {
  readonly library: Used;
  readonly events: ServiceEvents;
  readonly failed: (where: string, error: unknown) => void; // what no caller waits for
}

/**
 * Rules that are laid on many recordings at once, or lifted from them: looked at first, changed a few at a time, each
 * recording wholly or not at all, and taken back as one. One pass after the other.
 */
export class Passes {
  readonly #options: PassesOptions;
  readonly #known = new Map<string, Pass>();
  readonly #listeners = new Set<(progress: JobProgress) => void>();
  #looking = new AbortController();
  #line: Promise<void> = Promise.resolve();

  constructor(options: PassesOptions) {
    this.#options = options;
  }

  readonly handlers: Pick<Handlers, `passes.${"look" | "stopLooking" | "start" | "undo"}`> = {
    "passes.look": (order) => this.#look(order),
    "passes.stopLooking": () => this.#looking.abort(),
    "passes.start": (order) => this.#start(order),
    "passes.undo": ({ jobId }) => this.#undo(jobId),
  };

  jobs(): JobProgress[] {
    return [...this.#known.values()].map(({ progress }) => progress);
  }

  onProgress(listener: (progress: JobProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops between two recordings; what was done stays. False where it is none of these. */
  cancel(jobId: string): boolean {
    const pass = this.#known.get(jobId);
    pass?.stop.abort();
    return pass !== undefined;
  }

  /** Says which came to no end: what each has changed stays. */
  async close(): Promise<readonly { readonly id: string; readonly progress: number }[]> {
    this.#looking.abort();
    const open = [...this.#known.values()].filter((pass) => !isOver(pass));
    for (const { stop } of open) stop.abort(LEFT);
    await this.#line;
    return open.map(({ id, progress }) => ({ id, progress: progress.done }));
  }

  /** For the command line: what it would change. */
  look(order: PassOrder, watch: PassWatch): Promise<PassCounts> {
    return lookOver(this.#options.library, order, watch);
  }

  /** For the command line: all of it, at once, under a name. `onCounted` has told what was done, also where this throws. */
  async run(pass: string, order: PassOrder, watch: PassWatch): Promise<PassCounts> {
    await this.#refuseReadOnly();
    const tally = await tallyFor(this.#options.library, watch);
    await this.#carryOut(order, this.#work({ pass, what: order.what }, tally, watch.signal));
    return tally.counts;
  }

  /** For the command line: takes a pass back wherever it changed something, in whichever of these recordings. */
  async takeBack(
    { pass, undoes }: { readonly pass: string; readonly undoes: string },
    ids: readonly string[],
    watch: PassWatch,
  ): Promise<PassCounts> {
    await this.#refuseReadOnly();
    const tally = await tallyFor(this.#options.library, watch);
    const work = this.#work({ pass, what: "undo", undoes }, tally, watch.signal);
    await this.#undoAll({ kind: "these", ids: [...ids] }, work);
    return tally.counts;
  }

  /** One look at a time: another is about what is chosen now. */
  async #look(order: PassOrder): Promise<PassCounts> {
    const { library, events } = this.#options;
    this.#looking.abort();
    const { signal } = (this.#looking = new AbortController());
    const of = await countOf(library, order.selection);
    let toldAtMs = -Infinity;
    return lookOver(library, order, {
      signal,
      onCounted: ({ looked }) => {
        const atMs = performance.now();
        if (atMs - toldAtMs < TELL_MS) return;
        toldAtMs = atMs;
        events.emit("passes.looked", { looked, of });
      },
    });
  }

  async #start(order: PassOrder): Promise<{ readonly jobId: string }> {
    await this.#refuseReadOnly();
    const { what, rule, selection } = order;
    const asked = JSON.stringify(order);
    const of = await countOf(this.#options.library, selection);
    const same = [...this.#known.values()].find(
      (one) => one.asked === asked && !isOver(one) && !one.stop.signal.aborted,
    );
    if (same !== undefined) return { jobId: same.id };
    return this.#begin({ what, rule, asked, of }, async (pass, tally) => {
      const order_ = { pass: pass.id, what } as const;
      await this.#carryOut(order, this.#work(order_, tally, pass.stop.signal, pass.changed));
    });
  }

  async #undo(jobId: string): Promise<{ readonly jobId: string }> {
    await this.#refuseReadOnly();
    const pass = this.#known.get(jobId) ?? (await this.#left(jobId));
    if (pass === undefined)
      throw new AppError("data/job-unknown", `Nothing is kept of job ${jobId}; ask once more`, { jobId });
    if (pass.undoneBy !== undefined) return { jobId: pass.undoneBy };
    pass.stop.abort(); // one that is under way ends first
    const { rule, of } = pass.progress.pass;
    const { changed } = pass;
    const ask = { what: "undo", rule, asked: `undo ${pass.id}`, of: changed?.length ?? of } as const;
    const begun = this.#begin(ask, async (undoing, tally) => {
      const order = { pass: undoing.id, what: "undo", undoes: pass.id } as const;
      const ids = changed && { kind: "these" as const, ids: changed };
      const selection = ids ?? everything;
      this.#tell(undoing, { pass: { of: await countOf(this.#options.library, selection) } });
      try {
        await this.#undoAll(selection, this.#work(order, tally, undoing.stop.signal, undoing.changed));
      } catch (error) {
        delete pass.undoneBy; // the rest of it can still be taken back
        this.#tell(pass, { pass: { isUndone: false } });
        throw error;
      }
      if (changed === undefined) await this.#options.library.forgetJob(jobId); // nothing of it is left to tell
    });
    pass.undoneBy = begun.jobId;
    this.#tell(pass, { pass: { isUndone: true } });
    return begun;
  }

  #work(order: Work["order"], tally: Tally, signal: AbortSignal, changed: string[] = []): Work {
    const { library, events } = this.#options;
    const onChanged = (ids: readonly string[]): void => {
      changed.push(...ids);
      events.emit("recordings.changed", { ids: [...ids] });
      events.emit("findings.changed", { ids: [...ids] });
    };
    return { library, order, tally, signal, onChanged };
  }

  async #carryOut(order: PassOrder, work: Work): Promise<void> {
    for await (const looks of looksAt(work.library, order, work.signal)) {
      for (const look of looks) if (look.state !== "fits") work.tally.look(look);
      await takeAll(
        work,
        looks.filter(({ state }) => state === "fits"),
      );
    }
  }

  async #undoAll(selection: Selection, work: Work): Promise<void> {
    for await (const some of partsIn(work.library, selection)) {
      const names = await work.library.namesOf(some);
      await takeAll(
        work,
        some.map((id) => ({ id, name: names[id] ?? id, isKept: false, runs: [] })),
      );
    }
  }

  async #refuseReadOnly(): Promise<void> {
    const { readOnly, path } = await this.#options.library.info();
    if (!readOnly) return;
    const file = basename(path);
    throw new AppError("storage/read-only", `${file} can only be read here; nothing was changed`, { file });
  }

  /** One that an earlier process left without an end: it can be taken back like any other. */
  async #left(jobId: string): Promise<Pass | undefined> {
    const { library } = this.#options;
    const job = (await library.listJobs()).find(({ id, state }) => id === jobId && state === "interrupted");
    const asked = await library.passAsked(jobId);
    if (job === undefined || asked === undefined) return undefined;
    const error = new AppError("internal/interrupted", "Kodo ended while it was under way");
    const pass: Pass = {
      ...{ id: jobId, what: asked.what, asked: jobId, stop: new AbortController(), changed: undefined },
      ...{ progress: interruptedPass(job, asked, reportOf(error)), toldAtMs: -Infinity },
    };
    this.#known.set(jobId, pass);
    return pass;
  }

  #begin(
    { what, rule, asked, of }: Pick<Pass, "what" | "asked"> & Pick<PassAsked, "rule" | "of">,
    work: (pass: Pass, tally: Tally) => Promise<void>,
  ): { readonly jobId: string } {
    const id = randomUUID();
    const beganAt = new Date().toISOString();
    const { library } = this.#options;
    const pass: Pass = {
      ...{ id, what, asked, stop: new AbortController(), changed: [], toldAtMs: -Infinity },
      progress: {
        ...{ jobId: id, kind: "masks", state: "waiting", file: "", done: 0, bytesPerSecond: 0, files: [] },
        pass: { ...nothing, what, rule, of, beganAt, isUndone: false },
      },
    };
    const over = [...this.#known.values()].filter(isOver);
    for (const one of over.slice(0, Math.max(0, over.length - FINISHED_KEPT))) this.#known.delete(one.id);
    this.#known.set(id, pass);
    this.#tell(pass, {});
    const kept = library.queueJob({
      ...{ id, kind: "masks", place: HERE, idempotencyKey: id },
      asked: { what, rule, of, beganAt },
    });
    kept.catch(() => undefined); // told where it would begin
    this.#line = this.#line.then(() =>
      this.#end(pass, async (tally) => {
        await kept;
        await work(pass, tally);
      }),
    );
    return { jobId: id };
  }

  /** Carries it out and tells how it ended. Never rejects. */
  async #end(pass: Pass, work: (tally: Tally) => Promise<void>): Promise<void> {
    try {
      throwIfCancelled(pass.stop.signal);
      this.#tell(pass, { state: "running" });
      const tally = await tallyFor(this.#options.library, {
        signal: pass.stop.signal,
        onCounted: (counts) =>
          this.#tell(pass, {
            done: Math.min(1, counts.looked / Math.max(1, pass.progress.pass.of)),
            pass: counts,
          }),
      });
      await work(tally);
      this.#tell(pass, { state: "done", done: 1 });
    } catch (error) {
      if (pass.stop.signal.reason === LEFT) return; // the next process is told
      const report = reportOf(error);
      if (report.code.startsWith("cancelled/")) {
        this.#tell(pass, { state: "cancelled" });
        return;
      }
      this.#options.failed("pass", error);
      this.#tell(pass, { state: "failed", files: [failure(report)] });
    }
  }

  /** At most four times a second, and every change of state. */
  #tell(
    pass: Pass,
    { pass: told, ...change }: Partial<Omit<JobProgress, "pass">> & { readonly pass?: Partial<PassProgress> },
  ): void {
    const before = pass.progress;
    pass.progress = { ...before, ...change, pass: { ...before.pass, ...told } };
    const atMs = performance.now();
    const isNews = change.state !== before.state && change.state !== undefined;
    if (!isNews && told?.isUndone === undefined && atMs - pass.toldAtMs < TELL_MS) return;
    pass.toldAtMs = atMs;
    for (const listener of this.#listeners) listener(pass.progress);
  }
}
