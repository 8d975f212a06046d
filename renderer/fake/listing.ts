import {
  type IdPage,
  isBehind,
  type LibraryCounts,
  listed,
  type Outline,
  PAGE_ROWS,
  type PageRequest,
  type RecordingFilter,
  type RecordingPage,
  RecordingView,
  type Roster,
  type Selected,
  type Selection,
  type Standing,
} from "../../preload/contract/listing.ts";
import type { RecordingDetail } from "../../preload/contract/recording.ts";

/** The list as the library keeps it, over recordings in memory that come in the order they were added. */
export class FakeListing {
  readonly #recordings: () => readonly RecordingDetail[];
  readonly #binned: () => number;
  readonly #blind: () => ReadonlySet<string>;

  constructor(
    recordings: () => readonly RecordingDetail[],
    binned: () => number,
    blind: () => ReadonlySet<string>,
  ) {
    this.#recordings = recordings;
    this.#binned = binned;
    this.#blind = blind;
  }

  page({
    view,
    after,
    until,
    limit,
    selection,
  }: Required<Pick<PageRequest, "view" | "limit">> & PageRequest): RecordingPage {
    const place = (cursor: string | undefined) =>
      cursor === undefined ? undefined : (JSON.parse(cursor) as Standing);
    const [start, end] = [place(after), place(until)];
    const rows = listed(this.#recordings(), view, this.#blind()).filter(
      ({ standing }) =>
        (start === undefined || isBehind(standing, start, view.sort)) &&
        (end === undefined || !isBehind(standing, end, view.sort)),
    );
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const chosen = selection && new Set(this.chosen(selection).map(({ id }) => id));
    const page = rows.slice(0, limit).map(({ recording }) => recording);
    return {
      rows: page,
      ...(chosen === undefined ? {} : { isChosen: page.map((one) => chosen.has(one.id)) }),
      ...(last === undefined ? {} : { next: JSON.stringify(last.standing) }),
    };
  }

  outline(view: RecordingView, find: string | undefined): Outline {
    const rows = listed(this.#recordings(), view, this.#blind());
    const at = rows.findIndex(({ recording }) => recording.id === find);
    return {
      shown: rows.length,
      marks: rows
        .filter((_, i) => i % PAGE_ROWS === PAGE_ROWS - 1 && i < rows.length - 1)
        .map(({ standing }) => JSON.stringify(standing)),
      newest: this.#recordings().length,
      ...(at < 0 ? {} : { at }),
    };
  }

  counts(): LibraryCounts {
    const recordings = this.#recordings();
    return {
      recordings: recordings.length,
      subjects: new Set(recordings.map(({ subject }) => subject)).size,
      durationS: recordings.reduce((sum, { durationS }) => sum + durationS, 0),
      binned: this.#binned(),
    };
  }

  /** All of it in one part. */
  roster(): Roster {
    const recordings = this.#recordings();
    return {
      rows: recordings.map((one, layout) => ({ ...one, layout })),
      layouts: recordings.map(({ channels }) => channels),
    };
  }

  /** Those that a selection means. */
  chosen(selection: Selection): readonly RecordingDetail[] {
    const recordings = this.#recordings();
    if (selection.kind === "these") return recordings.filter(({ id }) => selection.ids.includes(id));
    const { newest, filter, except, also } = selection;
    const passing = new Set(
      listed(recordings.slice(0, newest), RecordingView.parse(filter), this.#blind()).map(
        (one) => one.recording,
      ),
    );
    return recordings.filter(
      (one) => also.includes(one.id) || (passing.has(one) && !except.includes(one.id)),
    );
  }

  selected(selection: Selection, filter: RecordingFilter): Selected {
    const chosen = this.chosen(selection);
    const byName = RecordingView.parse({ sort: { by: "name", isDescending: false } });
    return {
      count: chosen.length,
      shown: listed(chosen, RecordingView.parse(filter), this.#blind()).length,
      first: listed(chosen, byName)
        .slice(0, 13)
        .map(({ recording }) => recording),
    };
  }

  ids(selection: Selection, after: number, limit: number): IdPage {
    const ids = this.chosen(selection).map(({ id }) => id);
    const end = after + limit;
    return { ids: ids.slice(after, end), ...(end < ids.length ? { next: end } : {}) };
  }
}
