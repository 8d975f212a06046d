import type { Annotation } from "../../preload/contract/annotation.ts";
import type { CtgContext } from "../../preload/contract/ctg.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { Selection } from "../../preload/contract/listing.ts";
import { type RecordingSummary, withObserved } from "../../preload/contract/recording.ts";
import {
  problemOf,
  type Run,
  type RunConfig,
  type PackedPreview,
  runSummary,
  type RunSummary,
} from "../../preload/contract/run.ts";
import { isReadBlind, type LogEntry, type Settings, tellsOfOthers } from "../../preload/contract/settings.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { idsOf } from "./recordings.ts";
import { coveredS } from "./covered.ts";

/** The most entries of the log that are looked at for those that may be told. */
const LOG_MOST = 1000;

type Asked = Pick<
  AsyncLibrary,
  | "getRecording"
  | "listAnnotations"
  | "observedBy"
  | "readLog"
  | "listRuns"
  | "getRun"
  | "getCtgContext"
  | "selectionStep"
>;

/** Those recordings that whoever works with the library now reads blind, and what may be told of them. */
export class Blind {
  readonly #library: Asked;
  readonly reader: string;
  readonly ids: ReadonlySet<string>;

  constructor(library: Asked, settings: Pick<Settings, "author" | "blind">) {
    this.#library = library;
    this.reader = settings.author;
    const named = settings.blind.map(({ recordingId }) => recordingId);
    this.ids = new Set(named.filter((id) => isReadBlind(settings, id)));
  }

  has(recordingId: string): boolean {
    return this.ids.has(recordingId);
  }

  isOwn({ source, author }: Pick<Annotation, "source" | "author">): boolean {
    return source === "person" && author === this.reader;
  }

  /** Throws where one of them is read blind, and says how that ends. */
  async refuse(recordingIds: Iterable<string>): Promise<void> {
    const id = [...recordingIds].find((one) => this.has(one));
    if (id !== undefined) throw await this.refusal(id);
  }

  async refusal(recordingId: string): Promise<AppError> {
    const { name } = await this.#library.getRecording(recordingId);
    return new AppError(
      "data/read-blind",
      `${this.reader} reads ${name} blind: what others labelled, and what models and rules say of it, is told once it is declared read completely or blind reading is left in the review`,
      { recording: name, reader: this.reader },
    );
  }

  /** Of one that is read blind the reader's own labels alone are counted, and what the reader sees is not missing. */
  async summary<R extends RecordingSummary>(one: R): Promise<R> {
    if (!this.has(one.id)) return one;
    const own = await this.#own(one.id);
    const seen = withObserved(one, await this.#library.observedBy(one.id, this.reader));
    return { ...seen, annotationCount: own.length, labelledS: coveredS(own) };
  }

  /** The same of a row that a training is put together from. */
  async row<R extends Pick<RecordingSummary, "id" | "annotationCount">>(one: R): Promise<R> {
    return this.has(one.id) ? { ...one, annotationCount: (await this.#own(one.id)).length } : one;
  }

  async #own(recordingId: string): Promise<readonly Annotation[]> {
    return (await this.#library.listAnnotations(recordingId)).filter((label) => this.isOwn(label));
  }

  summaries<R extends RecordingSummary>(all: readonly R[]): Promise<R[]> {
    return Promise.all(all.map((one) => this.summary(one)));
  }

  /** Of an edit of what another did, which is not told. */
  notOwn(): AppError {
    return new AppError("data/read-blind", `While ${this.reader} reads blind, only their own is changed`, {
      reader: this.reader,
    });
  }

  idsOf(selection: Selection): Promise<string[]> {
    return idsOf(this.#library, selection);
  }

  /** Points of a baseline that are kept, whoever set them. */
  async anchors(recordingId: string): Promise<CtgContext["anchors"]> {
    return (await this.#library.getCtgContext(recordingId))?.anchors ?? [];
  }

  /** As many of the newest entries as were asked for, where there are so many that may be told. */
  async log(limit: number): Promise<LogEntry[]> {
    for (let most = limit; ; most = Math.min(most * 2, Math.max(limit, LOG_MOST))) {
      const all = await this.#library.readLog(most);
      const told = all.filter((one) => !tellsOfOthers(one, { blind: this.ids, author: this.reader }));
      if (told.length >= limit || all.length < most || most >= LOG_MOST) return told.slice(0, limit);
    }
  }

  /**
   * A run without what would tell of the labels of people who are read blind. Those of all others can be seen and counted,
   * and so taken off whatever is pooled: where one of these people was judged, nothing pooled is told.
   */
  run(run: Run): Run {
    const people = new Set(run.data.filter((one) => this.has(one.recordingId)).map(({ subject }) => subject));
    if (people.size === 0 || toldByTraining(run.config).length === 0) return run;
    const told: Run = { ...run };
    delete told.windows; // of all it learned from and was judged on
    if (!judgedIn(run).some((one) => people.has(one))) return told;
    told.isUntold = true;
    told.curve = [];
    delete told.metrics;
    if (told.events) told.events = { ...told.events, labels: [] };
    if (told.forecast) told.forecast = { ...told.forecast, branches: [] };
    return told;
  }

  /** The same of what lists tell. */
  async runs<R extends RunSummary>(all: R[]): Promise<R[]> {
    if (this.ids.size === 0) return all;
    return Promise.all(
      all.map(async (run) => {
        const told = { ...run };
        delete told.score;
        return Object.assign(told, runSummary(this.run(await this.#library.getRun(run.id))));
      }),
    );
  }

  /** Where scores of one of them are not told. */
  async refuseUntold(runIds: readonly string[]): Promise<void> {
    if (this.ids.size === 0) return;
    const runs = (await this.#library.listRuns()).filter(({ id }) => runIds.includes(id));
    const untold = runs.find((one) => this.run(one).isUntold);
    await this.refuse(untold?.data.map(({ recordingId }) => recordingId) ?? []);
  }

  /** What is counted of a training before it starts, of what is not read blind; it cannot start with the rest. */
  async preview(
    config: RunConfig,
    ask: (config: RunConfig) => Promise<PackedPreview>,
  ): Promise<PackedPreview> {
    const untold = toldByTraining(config).filter((id) => this.has(id));
    if (untold.length === 0) return ask(config);
    const details = await Promise.all(untold.map((id) => this.#library.getRecording(id)));
    const named = details.slice(0, NAMED).map(({ name }) => name);
    const recordings = `${named.join(", ")}${untold.length > NAMED ? ", …" : ""}`;
    const problem = problemOf("READ_BLIND", { recordings, count: untold.length });
    const recordingIds = config.data.recordingIds.filter((id) => !this.has(id));
    if (recordingIds.length === 0) return { ...nothingCounted, model: config.model, problems: [problem] };
    const people = new Set(details.map(({ subject }) => subject));
    const others = (subjects: readonly string[]): string[] => subjects.filter((one) => !people.has(one));
    const { testSubjects, validationSubjects } = config.split;
    const told = await ask({
      ...config,
      data: { ...config.data, recordingIds },
      split: {
        ...config.split,
        ...{ testSubjects: others(testSubjects), validationSubjects: others(validationSubjects) },
      },
    });
    return { ...told, problems: [problem, ...told.problems] };
  }
}

/** Of which recordings a training would tell what others labelled: of none where it looks at no labels. */
export const toldByTraining = ({
  data: { labels, recordingIds },
}: Pick<RunConfig, "data">): readonly string[] => (labels.length === 0 ? [] : recordingIds);

/** Recordings that a problem names. */
const NAMED = 3;

const nothingCounted: Omit<PackedPreview, "model" | "problems"> = {
  ...{ unit: "windows", classes: [], windows: { labelled: 0, unlabelled: 0, unassessable: 0 } },
  ...{ perClass: [], people: "[]", readers: [], advice: [] },
};

/** People by whom a run was judged, calibrated or stopped: its test and validation people. */
const judgedIn = ({ config: { split }, metrics, events, forecast }: Run): readonly string[] => [
  ...split.testSubjects,
  ...split.validationSubjects,
  ...(metrics?.test.perSubject.map(({ subject }) => subject) ?? []),
  ...(metrics?.calibration.subjects ?? []),
  ...[events, forecast].flatMap((one) => (one ? [...one.subjects, ...one.validation] : [])),
];
