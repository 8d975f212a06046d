import {
  PAGE_MOST,
  PAGE_ROWS,
  type Outline,
  type RecordingView,
  type Selection,
} from "../../../preload/contract/listing.ts";
import { type AppError, asAppError } from "../../../preload/contract/errors.ts";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { request } from "../../bridge/client.ts";
import { isSameFilter } from "./rows.ts";

/** A row of the list, and whether it is among those that a filter chose. */
export interface ListRow {
  readonly recording: RecordingSummary;
  readonly passes: boolean;
}

/** The list as far as it is read. */
export interface List {
  readonly view: RecordingView; // that the rows are of
  readonly shown: number;
  readonly newest: number; // see Selection
  readonly at: number | undefined; // index of the selected recording; undefined where the view does not show it
  readonly rowAt: (index: number) => ListRow | undefined; // undefined while it is being read
}

export interface ListState {
  readonly list: List | undefined; // until it is read for the first time
  readonly error: AppError | undefined;
}

type Span = readonly [from: number, to: number];

/** One reading of the list: its pages begin at places that stay, whatever comes and goes meanwhile. */
interface Reading {
  readonly view: RecordingView;
  readonly passing: Selection | undefined;
  readonly outline: Outline;
  readonly pages: Map<number, readonly ListRow[]>;
  readonly asked: Set<number>; // pages under way
}

/** Changes within this time are read together. */
const TOGETHER_MS = 250;
/** Pages that are kept, about those in sight. */
const KEPT_PAGES = 20;

const pageOf = (index: number): number => Math.floor(index / PAGE_ROWS);

/**
 * The list of recordings a page at a time: what is in sight is read, and read again when something changes, with the
 * rows of before in place until then. Nothing ever asks for all of it.
 */
export class RecordingList {
  readonly #watchers = new Set<() => void>();
  #state: ListState = { list: undefined, error: undefined };
  #reading: Reading | undefined;
  #view: RecordingView;
  #passing: Selection | undefined;
  #selected: string | undefined;
  #span: Span = [0, PAGE_ROWS - 1];
  #failed: "list" | "page" | undefined; // what `error` of the state is about
  #isBusy = false;
  #isStale = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastReadMs = -Infinity;

  constructor(view: RecordingView, selected: string | undefined) {
    this.#view = view;
    this.#selected = selected;
  }

  readonly state = (): ListState => this.#state;

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  get selected(): string | undefined {
    return this.#selected;
  }

  /** Another order or filter: read at once, from where the selected recording is then. */
  show(view: RecordingView): void {
    this.#view = view;
    void this.#read();
  }

  /** What a filter chose: each row is told whether it is among them. */
  mark(passing: Selection | undefined): void {
    if (JSON.stringify(passing) === JSON.stringify(this.#passing)) return;
    this.#passing = passing;
    this.#passAll(passing);
    void this.#read();
  }

  /** Until that is read: where the rows are those that the filter shows, each of them is among those it chose. */
  #passAll(passing: Selection | undefined): void {
    const reading = this.#reading;
    if (passing?.kind !== "filtered" || reading === undefined) return;
    if (!isSameFilter(passing.filter, reading.view)) return;
    for (const [page, rows] of reading.pages)
      reading.pages.set(
        page,
        rows.map((row) => ({ ...row, passes: true })),
      );
    this.#tell(this.#state.list?.at);
  }

  /** The rows in sight. */
  see(span: Span): void {
    this.#span = span;
    void this.#fill();
  }

  /** `index`: where its row is known. */
  select(id: string | undefined, index?: number): void {
    if (this.#selected === id && this.#state.list?.at === index) return;
    this.#selected = id;
    if (index === undefined && id !== undefined) void this.#read();
    else this.#tell(index);
  }

  /** Selects the row at an index, once it is read. */
  async selectAt(index: number): Promise<void> {
    const reading = this.#reading;
    if (reading === undefined || reading.outline.shown === 0) return;
    const at = Math.min(reading.outline.shown - 1, Math.max(0, index));
    await this.#readPage(reading, pageOf(at));
    const row = rowOf(reading, at);
    if (row !== undefined && reading === this.#reading) this.select(row.recording.id, at);
  }

  /** Something of the list has changed; read soon, several changes together. */
  changed(): void {
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#lastReadMs + TOGETHER_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#read();
    }, waitMs);
  }

  /** A recording has grown: its row alone is read. */
  async grew(id: string): Promise<void> {
    const reading = this.#reading;
    for (const [page, rows] of reading?.pages ?? []) {
      const at = rows.findIndex(({ recording }) => recording.id === id);
      if (at < 0) continue;
      const [fresh] = await request("recordings.some", { ids: [id] }).catch(() => []);
      const known = reading?.pages.get(page);
      if (fresh === undefined || known === undefined || reading !== this.#reading) return;
      reading?.pages.set(
        page,
        known.map((row) => (row.recording.id === id ? { ...row, recording: fresh } : row)),
      );
      this.#tell(this.#state.list?.at);
      return;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#watchers.clear();
  }

  /** A new reading in place of the one shown, once what is in sight of it is there. */
  async #read(): Promise<void> {
    this.#isStale = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await this.#readOnce();
      } catch (error) {
        // What was asked for meanwhile is read all the same, and says itself whether that can be.
        if (!this.#isStale) this.#fail("list", asAppError(error));
      }
    }
    this.#isBusy = false;
    this.#lastReadMs = performance.now();
  }

  /** Stands until that can be read: it is tried again when it is asked for, never by itself. */
  #fail(what: "list" | "page", error: AppError): void {
    this.#failed = what;
    this.#state = { ...this.#state, error };
    this.#say();
  }

  async #readOnce(): Promise<void> {
    const view = this.#view;
    const passing = this.#passing;
    const find = this.#selected;
    const outline = await request("recordings.outline", { view, ...(find === undefined ? {} : { find }) });
    if (this.#isStale) return;
    const reading: Reading = { view, passing, outline, pages: new Map(), asked: new Set() };
    const wanted = new Set(pagesOf(this.#span, outline.shown));
    if (outline.at !== undefined) wanted.add(pageOf(outline.at));
    await Promise.all([...wanted].map((page) => this.#readPage(reading, page)));
    if (this.#isStale) return;
    this.#reading = reading;
    this.#mended();
    // What was selected while this was read stands where its row is, if that is here.
    const isSame = this.#selected === find;
    const first = this.#selected === undefined ? rowOf(reading, 0)?.recording.id : undefined;
    if (first !== undefined) this.#selected = first;
    this.#tell(first !== undefined ? 0 : isSame ? outline.at : indexIn(reading, this.#selected));
    void this.#fill(); // the list may have been scrolled meanwhile
  }

  /** Reads the pages in sight that are not there. */
  async #fill(): Promise<void> {
    const reading = this.#reading;
    if (reading === undefined) return;
    const missing = this.#missing(reading).filter((page) => !reading.asked.has(page));
    const read = await Promise.allSettled(missing.map((page) => this.#readPage(reading, page)));
    if (reading !== this.#reading) return;
    const failure = read.find((one) => one.status === "rejected");
    if (failure !== undefined) this.#fail("page", asAppError(failure.reason));
    else if (this.#failed === "page" && this.#missing(reading).length === 0) this.#mended();
    else if (missing.length === 0) return;
    const [from] = this.#span;
    for (const page of reading.pages.keys())
      if (Math.abs(page - pageOf(from)) > KEPT_PAGES) reading.pages.delete(page);
    this.#tell(this.#state.list?.at);
  }

  /** The pages in sight that are not there. */
  #missing({ outline, pages }: Reading): readonly number[] {
    return pagesOf(this.#span, outline.shown).filter((page) => !pages.has(page));
  }

  #mended(): void {
    this.#failed = undefined;
    this.#state = { ...this.#state, error: undefined };
  }

  async #readPage({ view, passing, outline, pages, asked }: Reading, page: number): Promise<void> {
    if (pages.has(page)) return;
    asked.add(page);
    const [after, until] = [outline.marks[page - 1], outline.marks[page]];
    try {
      const { rows, isChosen } = await request("recordings.page", {
        view,
        ...(after === undefined ? {} : { after }),
        ...(until === undefined ? {} : { until }),
        ...(passing === undefined ? {} : { selection: passing }),
        limit: PAGE_MOST,
      });
      pages.set(
        page,
        rows.map((recording, i) => ({ recording, passes: isChosen?.[i] ?? false })),
      );
    } finally {
      asked.delete(page);
    }
  }

  #tell(at: number | undefined): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    const { view, outline } = reading;
    const rowAt = (index: number): ListRow | undefined => rowOf(reading, index);
    const { shown, newest } = outline;
    this.#state = { ...this.#state, list: { view, shown, newest, at, rowAt } };
    this.#say();
  }

  #say(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

const rowOf = ({ pages }: Reading, index: number): ListRow | undefined =>
  pages.get(pageOf(index))?.[index % PAGE_ROWS];

/** Where a recording stands among the pages that are there. */
function indexIn({ pages }: Reading, id: string | undefined): number | undefined {
  for (const [page, rows] of pages) {
    const at = rows.findIndex(({ recording }) => recording.id === id);
    if (at >= 0) return page * PAGE_ROWS + at;
  }
  return undefined;
}

/** Pages of a list of so many rows that a span touches; of a list that has become shorter the last. */
function pagesOf([from, to]: Span, shown: number): number[] {
  const last = Math.max(0, pageOf(shown - 1));
  const [first, end] = [Math.min(pageOf(from), last), Math.min(pageOf(to), last)];
  return Array.from({ length: end - first + 1 }, (_, i) => first + i);
}
