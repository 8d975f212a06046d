import type { Handlers } from "../../preload/contract/channels.ts";
import type { CtgContext } from "../../preload/contract/ctg.ts";
import {
  type CtgProgress,
  type CtgRead,
  type CtgRunPart,
  ctgRunsOf,
  type KnownContext,
} from "../../preload/contract/ctg-reading.ts";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";
import type { RecordingDetail } from "../../preload/contract/recording.ts";
import { contextOfHeader, knownContext } from "../analysis/ctg/context.ts";
import type { CtgThread } from "../ctg/host.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { ServiceEvents } from "./events.ts";

export interface CtgOptions {
  readonly library: AsyncLibrary;
  readonly thread: CtgThread;
  /** Asks a run what it says of a recording, and keeps that. */
  readonly find: (ask: RunOnRecording) => Promise<FindingSummary[]>;
  readonly events: ServiceEvents;
}

interface RunOnRecording {
  readonly runId: string;
  readonly recordingId: string;
}

/** What a run says of a recording, as long as its samples and masks are those. */
interface Said {
  readonly samples: string;
  readonly found: Promise<FindingSummary[]>;
}

type Tell = (at: Pick<CtgProgress, "done" | "step">) => void;

interface Watch {
  readonly signal: AbortSignal;
  readonly tell: Tell;
}

interface Underway {
  readonly stop: AbortController;
  isTold: boolean; // of its steps somebody hears
  readonly found: Promise<FindingSummary[]>;
}

/** What lies beyond the end would bend the baseline there, or say of all that is recorded that it was before the second stage. */
function refuseBeyond(
  { name, durationS, state }: Pick<RecordingDetail, "name" | "durationS" | "state">,
  { anchors = [], secondStageFromS = 0 }: Partial<CtgContext>,
): void {
  const atS = Math.max(secondStageFromS, ...anchors.map((one) => one.atS));
  if (atS <= durationS || state === "recording") return; // one under way is longer than what is stored of it
  throw new AppError(
    "data/beyond-end",
    `${name} lasts ${durationS.toFixed(1)} s: neither a point of its baseline nor its second stage lies at ${atS} s`,
    { recording: name, durationS, atS },
  );
}

/** Reading cardiotocograms by rule: what is known of them beside their signals, and the readings under way. */
export class CtgReadings {
  readonly handlers: Pick<Handlers, `ctg.${"context" | "setContext" | "read" | "measure" | "cancel"}`>;
  /**
   * For whoever reads one recording after the other: the steps of each are told to nobody. A study has a hundred recordings
   * a second, and telling of every step of them was a sixth of what main did.
   */
  readonly quietly: Pick<Handlers, "ctg.read" | "ctg.cancel">;
  readonly #options: CtgOptions;
  readonly #underway = new Map<string, Map<string, Underway>>(); // by recording, then by what was asked
  readonly #said = new Map<string, Said>(); // by run and recording

  constructor(options: CtgOptions) {
    this.#options = options;
    const { library, events } = options;
    this.handlers = {
      "ctg.context": ({ recordingId }) => this.#known(recordingId),
      "ctg.setContext": async ({ recordingId, context }) => {
        if (context !== null) refuseBeyond(await library.getRecording(recordingId), context);
        await library.setCtgContext(recordingId, context);
        events.emit("annotations.changed", { recordingId });
        events.emit("findings.changed", { ids: [recordingId] }); // of rules: outdated
        return this.#known(recordingId);
      },
      "ctg.read": (ask) => this.#read(ask, true),
      "ctg.measure": async (ask) => {
        await this.#askRuns(ask, { signal: new AbortController().signal, tell: () => undefined });
        return options.thread.measure(ask);
      },
      "ctg.cancel": ({ recordingId }) => {
        for (const { stop } of this.#underway.get(recordingId)?.values() ?? []) stop.abort();
      },
    };
    this.quietly = {
      "ctg.read": (ask) => this.#read(ask, false),
      "ctg.cancel": this.handlers["ctg.cancel"],
    };
  }

  async #known(recordingId: string): Promise<KnownContext> {
    const { library } = this.#options;
    const header = contextOfHeader(await library.getRecording(recordingId));
    return knownContext(header, await library.getCtgContext(recordingId));
  }

  /** The same question twice at a time is one, where nothing of the recording has changed between. */
  async #read(ask: CtgRead, isTold: boolean): Promise<FindingSummary[]> {
    const { recordingId } = ask;
    const { whole } = await this.#options.library.basisOf(recordingId);
    const key = JSON.stringify([ask, whole]);
    const ofRecording = this.#underway.get(recordingId) ?? new Map<string, Underway>();
    this.#underway.set(recordingId, ofRecording);
    const known = ofRecording.get(key);
    if (known !== undefined && !known.stop.signal.aborted) {
      known.isTold ||= isTold;
      return known.found;
    }
    const stop = new AbortController();
    const tell: Tell = (at) => {
      if (one.isTold) this.#options.events.emit("ctg.progress", { recordingId, ...at });
    };
    const found = Promise.resolve().then(() => this.#begin(ask, { signal: stop.signal, tell }));
    const one: Underway = { stop, isTold, found };
    ofRecording.set(key, one);
    try {
      return await one.found;
    } finally {
      if (ofRecording.get(key) === one) ofRecording.delete(key);
      if (ofRecording.size === 0) this.#underway.delete(recordingId);
    }
  }

  async #begin(ask: CtgRead, { signal, tell }: Watch): Promise<FindingSummary[]> {
    const { thread, events } = this.#options;
    const { recordingId } = ask;
    await this.#askRuns(ask, { signal, tell });
    const found = await thread.read(ask, { signal, onProgress: tell });
    events.emit("findings.changed", { ids: [recordingId] });
    return found;
  }

  /** Has the runs that the settings name say what they find in the recording, where they have not. */
  async #askRuns(
    { recordingId, settings }: Pick<CtgRead, "recordingId" | "settings">,
    { signal, tell }: Watch,
  ): Promise<void> {
    for (const [part, runId] of ctgRunsOf(settings)) {
      if (runId === undefined)
        throw new AppError("model/no-run-chosen", `No run is chosen for the ${part}`, { part });
      tell({ step: "runs", done: 0 });
      await this.#ask({ runId, recordingId }, part);
      throwIfCancelled(signal);
    }
  }

  /** The same question twice at a time is one; what was said and is gone is asked again. */
  async #ask(asked: RunOnRecording, part: CtgRunPart): Promise<void> {
    const { runId, recordingId } = asked;
    const key = JSON.stringify([runId, recordingId]);
    const { samples } = await this.#options.library.basisOf(recordingId);
    const said = this.#said.get(key);
    if (said?.samples === samples && (await this.#isKept(recordingId, await said.found))) return;
    if (this.#said.get(key) !== said) return this.#ask(asked, part); // somebody asked meanwhile
    const found = this.#found(asked, part);
    this.#said.set(key, { samples, found });
    found.catch(() => this.#said.delete(key));
    await found;
  }

  async #isKept(recordingId: string, found: readonly FindingSummary[]): Promise<boolean> {
    const known = new Set((await this.#options.library.listFindings(recordingId)).map(({ id }) => id));
    return found.every(({ id }) => known.has(id));
  }

  async #found(asked: RunOnRecording, part: CtgRunPart): Promise<FindingSummary[]> {
    const { library, find } = this.#options;
    if ((await library.summariseRuns()).some(({ id }) => id === asked.runId)) return find(asked);
    throw new AppError(
      "model/no-run-chosen",
      `The run that was chosen for the ${part} is in the bin or gone; choose another`,
      { part },
    );
  }
}
