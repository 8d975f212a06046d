import type { Handlers } from "../../preload/contract/channels.ts";
import type { CtgSettings } from "../../preload/contract/ctg.ts";
import type { CtgProgress, CtgRead, KnownContext } from "../../preload/contract/ctg-reading.ts";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";
import { contextOfHeader, knownContext } from "../analysis/ctg/context.ts";
import type { CtgThread, RunFindings } from "../ctg/host.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { ServiceEvents } from "./events.ts";

export interface CtgOptions {
  readonly library: AsyncLibrary;
  readonly thread: CtgThread;
  /** Asks a run what it says of a recording, and keeps that. */
  readonly find: (ask: { readonly runId: string; readonly recordingId: string }) => Promise<FindingSummary[]>;
  readonly events: ServiceEvents;
}

/** What a run said of a recording, as long as its samples and masks are those. */
interface Said {
  readonly samples: string;
  readonly ids: readonly string[];
}

interface Underway {
  readonly stop: AbortController;
  readonly found: Promise<FindingSummary[]>;
}

/** Reading cardiotocograms by rule: what is known of them beside their signals, and the readings under way. */
export class CtgReadings {
  readonly handlers: Pick<Handlers, `ctg.${"context" | "setContext" | "read" | "measure" | "cancel"}`>;
  readonly #options: CtgOptions;
  readonly #underway = new Map<string, Map<string, Underway>>(); // by recording, then by what was asked
  readonly #said = new Map<string, Said>(); // by run and recording

  constructor(options: CtgOptions) {
    this.#options = options;
    const { library, events } = options;
    this.handlers = {
      "ctg.context": ({ recordingId }) => this.#known(recordingId),
      "ctg.setContext": async ({ recordingId, context }) => {
        await library.setCtgContext(recordingId, context);
        events.emit("annotations.changed", { recordingId });
        events.emit("findings.changed", { recordingId }); // of rules: outdated
        return this.#known(recordingId);
      },
      "ctg.read": (ask) => this.#read(ask),
      "ctg.measure": async (ask) => {
        const wanted = { signal: new AbortController().signal, tell: () => undefined };
        return options.thread.measure({ ...ask, runs: await this.#runs(ask, wanted) });
      },
      "ctg.cancel": ({ recordingId }) => {
        for (const { stop } of this.#underway.get(recordingId)?.values() ?? []) stop.abort();
      },
    };
  }

  async #known(recordingId: string): Promise<KnownContext> {
    const { library } = this.#options;
    const header = contextOfHeader(await library.getRecording(recordingId));
    return knownContext(header, await library.getCtgContext(recordingId));
  }

  /** The same question twice at a time is one, where nothing of the recording has changed between. */
  async #read(ask: CtgRead): Promise<FindingSummary[]> {
    const { recordingId } = ask;
    const { whole } = await this.#options.library.basisOf(recordingId);
    const key = JSON.stringify([ask, whole]);
    const ofRecording = this.#underway.get(recordingId) ?? new Map<string, Underway>();
    this.#underway.set(recordingId, ofRecording);
    const known = ofRecording.get(key);
    if (known !== undefined && !known.stop.signal.aborted) return known.found;
    const stop = new AbortController();
    const one = { stop, found: this.#begin(ask, stop.signal) };
    ofRecording.set(key, one);
    try {
      return await one.found;
    } finally {
      if (ofRecording.get(key) === one) ofRecording.delete(key);
      if (ofRecording.size === 0) this.#underway.delete(recordingId);
    }
  }

  async #begin(ask: CtgRead, signal: AbortSignal): Promise<FindingSummary[]> {
    const { thread, events } = this.#options;
    const { recordingId } = ask;
    const tell = (at: Pick<CtgProgress, "done" | "step">): void =>
      events.emit("ctg.progress", { recordingId, ...at });
    const runs = await this.#runs(ask, { signal, tell });
    const found = await thread.read({ ...ask, runs }, { signal, onProgress: tell });
    events.emit("findings.changed", { recordingId });
    return found;
  }

  /** What the runs that the settings name say of the recording: asked where it is not known. */
  async #runs(
    { recordingId, settings }: Pick<CtgRead, "recordingId" | "settings">,
    {
      signal,
      tell,
    }: { readonly signal: AbortSignal; readonly tell: (at: { done: number; step: "runs" }) => void },
  ): Promise<RunFindings> {
    const wanted = runsOf(settings);
    const runs: { -readonly [N in keyof RunFindings]: RunFindings[N] } = {};
    for (const [part, runId] of wanted) {
      tell({ step: "runs", done: 0 });
      runs[part] = await this.#curvesOf({ runId, recordingId });
      throwIfCancelled(signal);
    }
    return runs;
  }

  async #curvesOf(ask: { readonly runId: string; readonly recordingId: string }): Promise<readonly string[]> {
    const { library, find } = this.#options;
    const key = JSON.stringify([ask.runId, ask.recordingId]);
    const { samples } = await library.basisOf(ask.recordingId);
    const said = this.#said.get(key);
    if (said?.samples === samples) {
      const kept = new Set((await library.listFindings(ask.recordingId)).map(({ id }) => id));
      if (said.ids.every((id) => kept.has(id))) return said.ids;
    }
    const ids = (await find(ask)).flatMap(({ id, content }) => (content.kind === "curves" ? [id] : []));
    this.#said.set(key, { samples, ids });
    return ids;
  }
}

/** The runs that a reading asks, by what they are asked for. */
function runsOf(settings: CtgSettings): (readonly [keyof RunFindings, string])[] {
  const { baseline, baselineRunId, events, eventRunId, falseSignalRunId } = settings;
  const named = (part: string, runId: string | undefined): string => {
    if (runId !== undefined) return runId;
    throw new AppError("model/no-run-chosen", `No run is chosen for the ${part}`, { part });
  };
  return [
    ...(baseline === "run" ? [["baseline", named("baseline", baselineRunId)] as const] : []),
    ...(events === "rule" ? [] : [["events", named("events", eventRunId)] as const]),
    ...(falseSignalRunId === undefined ? [] : [["falseSignal", falseSignalRunId] as const]),
  ];
}
