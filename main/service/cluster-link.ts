import type {
  ArchiveRow,
  ArchiveTransfer,
  ClusterReached,
  Moved,
  RunThere,
} from "../../preload/contract/cluster.ts";
import type { Handlers } from "../../preload/contract/channels.ts";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import type { StudyAsked, StudyFailure, StudyOrder, StudyOutcome } from "../../preload/contract/study.ts";
import { addressEntered, placeName } from "../cluster/address.ts";
import { isOfPlace } from "../cluster/failures.ts";
import type { ClusterThread } from "../cluster/process/host.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { endsTransfer, papersTold } from "./archive.ts";
import type { Patience } from "./cluster-line.ts";
import { freezer, type JobsThere, type SharedCluster, Talk, trainOnCluster } from "./cluster-place.ts";
import { LEFT } from "./place.ts";
import type { ServiceEvents } from "./events.ts";
import type { Place } from "./place.ts";

export { placeName } from "../cluster/address.ts";

/** What a person connected the window to. */
export interface Connected {
  readonly address: string; // without a password
  readonly file: string | null;
  readonly password: string | undefined; // not known: nothing is asked until it is
  readonly isAgreed: boolean; // to what leaves this machine for it
}

/** A study that workers of a place judge. */
export interface StudyThere {
  readonly asked: StudyAsked;
  readonly place: string;
  readonly keepWork: (id: string) => Promise<void>;
}

export interface StudyWatch {
  readonly signal: AbortSignal;
  readonly onSaid: (jobs: JobsThere, there: RunThere) => void;
}

interface Handing {
  readonly thread: () => ClusterThread;
  readonly talk: Talk;
  readonly submit: (archived: readonly string[]) => Promise<string>;
  readonly failures: StudyFailure[];
}

const noOutcome = { taken: 0, known: 0, elsewhere: 0, differ: [] };

export interface ClusterLinkOptions {
  readonly library: AsyncLibrary;
  readonly thread: ClusterThread;
  readonly trainer: Trainer;
  readonly events: ServiceEvents;
  readonly codeVersion: string;
}

const LISTED = 200;
const LONGEST_MS = 30_000;
/** What is told of a transfer names each of its recordings, thousands perhaps: not more often than can be looked at. */
const TELL_MS = 250;

/** The cluster of the window. Nothing that speaks to one is loaded before something is asked of it. */
export class ClusterLink {
  readonly #options: ClusterLinkOptions;
  readonly #waiters = new Set<() => void>();
  #connected: Connected | undefined;
  #transfer: ArchiveTransfer | null = null;
  #toldMs = -Infinity;
  #telling: NodeJS.Timeout | undefined; // soon
  #moving: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(options: ClusterLinkOptions) {
    this.#options = options;
  }

  /** Where everything goes from now on; undefined: nowhere. Throws where it is no address. */
  async use(connected: Connected | undefined): Promise<void> {
    const text = connected === undefined ? undefined : textOf(connected);
    this.#connected = connected;
    await this.#options.thread.open(text);
    for (const wake of this.#waiters) wake();
  }

  /** Joins, looks and leaves. Rejects with one sentence for whatever is in the way. */
  async test(entered: Connected): Promise<ClusterReached> {
    const { thread, codeVersion: version } = this.#options;
    const reached = await thread.call("test", { address: askable(entered), version });
    return { name: placeName(entered.address), ...reached };
  }

  get name(): string | undefined {
    return this.#connected === undefined ? undefined : placeName(this.#connected.address);
  }

  /** Its name, where a person has agreed that recordings leave for it. */
  agreed(): string {
    const name = this.name;
    if (name === undefined || this.#connected === undefined) throw none();
    if (this.#connected.isAgreed) return name;
    throw new AppError(
      "contract/cluster-not-agreed",
      `Nobody has agreed yet that recordings leave this machine for ${name}`,
    );
  }

  /** Runs whose folds are done there. One that belongs to another cluster waits until the window is connected to that. */
  readonly train: Place["train"] = (order, watch) => {
    const { library, trainer, codeVersion } = this.#options;
    const parts = {
      ...{ library, trainer, codeVersion, patience: this.#patience, priority: 0, note: () => undefined },
      ...{ freezer: freezer(library), users: () => 1 },
    };
    return trainOnCluster(this.#sharedBy(order.run.place), parts, order, watch);
  };

  /**
   * A study whose recordings workers judge. They go to the archive as they are now; once the cluster was told of it, that is
   * kept, and whoever follows it again fetches what was said.
   */
  readonly judge = async (
    { asked, place, keepWork }: StudyThere,
    watch: StudyWatch,
  ): Promise<StudyOutcome> => {
    const { signal } = watch;
    const talk = new Talk(
      { patience: this.#patience, note: () => undefined },
      { signal, of: 1, say: (jobs, there) => watch.onSaid(jobs, there) },
    );
    const thread = (): ClusterThread => this.#readyAt(place);
    const failures: StudyFailure[] = [];
    let { work } = asked;
    const submit = async (ids: readonly string[]): Promise<string> => {
      work = await this.#submit(thread(), asked.order, ids);
      return work;
    };
    try {
      return await talk.line.untilKept(async (isAgain) => {
        if (isAgain) work = undefined;
        failures.length = 0;
        const isAsked = work !== undefined;
        const id = work ?? (await this.#hand(asked.ids, { thread, talk, submit, failures }));
        if (id === undefined) return { ...noOutcome, recordings: failures.length, failures };
        if (!isAsked) await keepWork(id);
        await talk.line.untilDone(
          async () => thread().call("state", { id }),
          (state) => talk.tell(state),
        );
        const { again } = asked;
        const said = await talk.line.ask(async () => thread().call("fetchStudy", { id, again }, { signal }));
        const recordings = said.recordings + failures.length;
        return { ...said, recordings, failures: [...failures, ...said.failures] };
      });
    } catch (error) {
      const works = { cancel: async (id: string) => thread().call("cancelWork", { id }) };
      if (signal.aborted && signal.reason !== LEFT) await talk.line.cancelThere(works, () => work);
      throw error;
    }
  };

  /** Recordings into the archive, and the order to the cluster. One that cannot go there is told of by name; undefined: none can. */
  async #hand(
    ids: readonly string[],
    { thread, talk, submit, failures }: Handing,
  ): Promise<string | undefined> {
    const { library } = this.#options;
    const { signal } = talk.line;
    const archived: string[] = [];
    for (const [done, id] of ids.entries()) {
      talk.hand({ done, of: ids.length });
      try {
        archived.push((await talk.line.ask(async () => this.#pushOne(thread(), id, signal))).id);
      } catch (error) {
        if (signal.aborted) throw error;
        failures.push({ recording: (await library.namesOf([id]))[id] ?? id, error: reportOf(error) });
      }
    }
    return archived.length === 0 ? undefined : talk.line.send(() => submit(archived));
  }

  /** Says what the cluster calls it. The run that is asked goes along. */
  async #submit(thread: ClusterThread, order: StudyOrder, ids: readonly string[]): Promise<string> {
    const { library, codeVersion: version } = this.#options;
    this.agreed();
    const by = (await library.getSettings()).author.trim();
    return (await thread.call("askStudy", { order, ids, by, version, priority: 0 })).id;
  }

  /** Agreement may have been withdrawn since the study began. */
  #pushOne(thread: ClusterThread, id: string, signal: AbortSignal): Promise<{ readonly id: string }> {
    this.agreed();
    return thread.call("push", { id }, { signal });
  }

  /** Whatever a person or time may mend is waited for, and asked again as soon as something was done about it. */
  get #patience(): Patience {
    return { passes: isOfPlace, longestMs: LONGEST_MS, woken: (signal) => this.#changed(signal) };
  }

  readonly handlers: Pick<
    Handlers,
    "cluster.standing" | `archive.${"list" | "push" | "pull" | "cancel" | "transfer"}`
  > = {
    "cluster.standing": () => this.#ready().call("standing", { version: this.#options.codeVersion }),
    "archive.list": async ({ text, after }) => {
      const search = { text: text.trim() === "" ? undefined : text.trim(), after, limit: LISTED + 1 };
      const found = await this.#ready().call("list", search);
      const here = await this.#options.library.namesOf(found.flatMap(({ knownAs }) => knownAs)); // in the bin too
      const recordings = found.slice(0, LISTED).map(({ knownAs, ...row }): ArchiveRow => ({
        ...row,
        hereId: knownAs.find((id) => id in here) ?? null,
      }));
      return { recordings, isWhole: found.length <= LISTED };
    },
    "archive.push": async ({ ids }) => {
      const at = this.agreed();
      await this.refuseUnnamed();
      const named = await Promise.all(
        ids.map(async (id) => ({ id, name: (await this.#options.library.getRecording(id)).name })),
      );
      return this.#move("push", named, at);
    },
    "archive.pull": ({ recordings }) => {
      this.#ready();
      return this.#move("pull", recordings, this.name ?? "");
    },
    "archive.cancel": () => this.#moving?.abort.abort(),
    "archive.transfer": () => this.#transfer,
  };

  async close(): Promise<void> {
    this.#moving?.abort.abort();
    await this.#moving?.ended;
    await this.#options.thread.close();
  }

  /** The thread, ready to be asked. */
  #ready(): ClusterThread {
    if (this.#connected === undefined) throw none();
    askable(this.#connected);
    return this.#options.thread;
  }

  /** The same, where it is still this place that it speaks to. */
  #readyAt(place: string | undefined): ClusterThread {
    const ready = this.#ready();
    if (place === undefined || place === this.name) return ready;
    throw new AppError(
      "contract/cluster-other",
      `This is done at ${place}; the window is connected to ${this.name ?? "none"}`,
      { value: place },
    );
  }

  #sharedBy(place: string | undefined): SharedCluster {
    const thread = (): ClusterThread => this.#readyAt(place);
    return {
      freeze: async (_, id, { by, signal }) => {
        const ready = thread();
        this.agreed(); // it may have been forgotten since the run began
        return ready.call("freeze", { id, by }, { signal });
      },
      works: {
        submit: async (work, by, priority) => thread().call("submit", { work, by, priority }),
        state: async (id) => thread().call("state", { id }),
        result: async (id, fit) => thread().call("result", { id, fit }),
        cancel: async (id) => thread().call("cancelWork", { id }),
      },
    };
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** The archive keeps who says what. */
  async refuseUnnamed(): Promise<void> {
    if ((await this.#options.library.getSettings()).author.trim() !== "") return;
    throw new AppError(
      "data/no-reader",
      "The archive keeps who pushed what: say your name in the settings first",
    );
  }

  #move(
    kind: "push" | "pull",
    wanted: readonly { readonly id: string; readonly name: string }[],
    at: string,
  ): ArchiveTransfer {
    if (this.#moving !== undefined)
      throw new AppError(
        "contract/cluster-moving",
        "Recordings are on their way already; wait until they are there",
      );
    const still = { state: "waiting", bytes: 0, papers: 0, beside: 0 } as const;
    const transfer: ArchiveTransfer = {
      ...{ kind, state: "running", at },
      recordings: wanted.map((one) => ({ ...one, ...still, otherwise: [], subject: null })),
    };
    const abort = new AbortController();
    this.#tell(transfer);
    const ended = this.#moveEach(transfer, abort.signal).finally(() => (this.#moving = undefined));
    this.#moving = { abort, ended };
    return transfer;
  }

  #tell(transfer: ArchiveTransfer): void {
    this.#transfer = transfer;
    const restMs = transfer.state === "running" ? this.#toldMs + TELL_MS - performance.now() : 0;
    if (restMs > 0) {
      this.#telling ??= setTimeout(() => this.#emit(), restMs);
      return;
    }
    this.#emit();
  }

  #emit(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#toldMs = performance.now();
    if (this.#transfer !== null) this.#options.events.emit("archive.moved", this.#transfer);
  }

  /** One after the other; one that fails is told of and leaves the others alone. Never rejects. */
  async #moveEach(transfer: ArchiveTransfer, signal: AbortSignal): Promise<void> {
    const recordings = [...transfer.recordings];
    const { kind, at: place } = transfer;
    const tell = (change: Partial<ArchiveTransfer>): void =>
      this.#tell({ ...transfer, ...change, recordings: [...recordings] });
    for (const [at, one] of recordings.entries()) {
      if (signal.aborted) break;
      recordings[at] = { ...one, state: "moving" };
      tell({});
      try {
        recordings[at] = await this.#moveOne(kind, this.#readyAt(place), one, signal);
      } catch (error) {
        const report = reportOf(error);
        recordings[at] = { ...one, state: signal.aborted ? "cancelled" : "failed", error: report };
        if (!signal.aborted && endsTransfer(report.code)) {
          recordings[at] = one;
          tell({ state: "stopped", error: report });
          return;
        }
      }
      tell({});
    }
    for (const [at, one] of recordings.entries())
      if (one.state === "waiting") recordings[at] = { ...one, state: "cancelled" };
    tell({ state: signal.aborted ? "cancelled" : "done" });
  }

  async #moveOne(
    kind: "push" | "pull",
    thread: ClusterThread,
    one: Moved,
    signal: AbortSignal,
  ): Promise<Moved> {
    if (kind === "push") {
      const pushed = await thread.call("push", { id: one.id }, { signal });
      const { isNew, bytes, papers, beside, otherwise, subject } = pushed;
      const state = isNew ? "new" : "known";
      return this.#told(one.id, { ...one, state, bytes, papers, beside, otherwise, subject });
    }
    const pulled = await thread.call("pull", { id: one.id }, { signal });
    const { id, isNew, bytes, added: papers, beside, otherwise, subject } = pulled;
    this.#pulled(id);
    const { name } = await this.#options.library.getRecording(id);
    const state = isNew ? "new" : "known";
    return this.#told(id, { ...one, name, state, bytes, papers, beside, otherwise, subject });
  }

  #told(recordingId: string, moved: Moved): Promise<Moved> {
    return papersTold(this.#options.library, recordingId, moved);
  }

  #pulled(recordingId: string): void {
    const { events } = this.#options;
    events.emit("recordings.changed", { ids: [recordingId] });
    events.emit("annotations.changed", { recordingId });
    events.emit("findings.changed", { ids: [recordingId] });
    events.emit("labelSets.changed", {});
  }
}

const none = (): AppError => new AppError("contract/cluster-none", "This window is connected to no cluster");

/** With the password where it is known; else one that nothing is asked with. */
const textOf = ({ address, file, password = "" }: Connected): string =>
  addressEntered({ address, file, password });

function askable(connected: Connected): string {
  const text = textOf(connected);
  if (connected.password !== undefined) return text;
  throw new AppError(
    "contract/cluster-no-password",
    `The password for ${placeName(connected.address)} is not known: enter it in the settings`,
  );
}
