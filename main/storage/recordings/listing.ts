import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import {
  BLIND_SHARE,
  GAPS_FROM,
  isBehind,
  type LibraryCounts,
  PAGE_ROWS,
  PageRequest,
  type RecordingFilter,
  type RecordingPage,
  type RecordingView,
  searchText,
  type Selection,
  sortValue,
  wordsOf,
} from "../../../preload/contract/listing.ts";
import { type RecordingSummary, withObserved } from "../../../preload/contract/recording.ts";
import { isReadBlind, type Settings } from "../../../preload/contract/settings.ts";
import type { OutlineFrom, OutlineStep, SelectionAsk, SelectionStep } from "../api.ts";
import { checked } from "../checked.ts";
import type { Context } from "../context.ts";
import type { SqlValue } from "../file/database.ts";
import { observedBy } from "../labels/masks.ts";
import { keysOf, notedOf, summariesOf } from "./recordings.ts";
import { storedAs } from "../file/row-crc.ts";
import { getSettings } from "../settings.ts";

/** What can be filtered by, a bit each. Stored: a change is a new migration that lists everything anew. */
const bits = {
  ctg: 1,
  emg: 2,
  other: 4,
  labelled: 8,
  unlabelled: 16,
  repaired: 32,
  gaps: 64,
  interrupted: 128,
  synthetic: 256,
} as const;

const facetsOf = (one: RecordingSummary, isBlind: boolean): number =>
  bits[one.kind] |
  (isBlind ? 0 : one.annotationCount > 0 ? bits.labelled : bits.unlabelled) |
  (one.repairCount > 0 ? bits.repaired : 0) |
  (one.missingShare > GAPS_FROM ? bits.gaps : 0) |
  (one.state === "interrupted" ? bits.interrupted : 0) |
  (one.synthetic ? bits.synthetic : 0);

const maskOf = ({ kind, filter, isSynthetic }: RecordingFilter): number =>
  (kind === "all" ? 0 : bits[kind]) |
  (filter === "all" ? 0 : bits[filter]) |
  (isSynthetic === true ? bits.synthetic : 0);

const columns = {
  added: "recording",
  name: "name_key",
  subject: "subject_key",
  date: "started_at",
  length: "length_s",
  channels: "channels",
  missing: "missing",
  labelled: "labelled_up",
  repairs: "repairs",
} as const;

const columnOf = ({ by, isDescending }: RecordingView["sort"]): string =>
  by === "labelled" && isDescending ? "labelled_down" : columns[by];

/** Where in an order: the value sorted by, then the name's, then the recording. */
const Place = z.tuple([z.union([z.string(), z.number()]), z.string(), z.number().int()]);
type Place = z.infer<typeof Place>;

function placeOf(cursor: string): Place {
  try {
    return Place.parse(JSON.parse(cursor));
  } catch {
    throw new AppError("contract/bad-params", "The place in the list is none that the library gave", {
      field: "after",
    });
  }
}

/** Rows that one step looks at: a step is over in well under 50 ms, whatever is asked. */
const STEP_ROWS = 25_000;
/** Found recordings that are put in order by themselves; of more the list is walked through. */
const FEW = 10_000;

/** What a query finds, of one state of the library. */
interface Found {
  readonly query: string;
  readonly state: string;
  readonly isIn: Uint8Array; // by recording, 1 where it is found
  readonly few: readonly number[] | undefined; // their keys, where they are few
}

/** What a walk goes through. */
interface Walk {
  readonly view: RecordingView;
  readonly after?: string | undefined;
  readonly until?: string | undefined;
}

/** The list of recordings: in every order, filtered and searched, a bounded part at a time. */
export class Listing {
  readonly #context: Context;
  readonly #few: number;
  #found: readonly Found[] = []; // the last queries: what is shown, and what is chosen
  #textsLaid = 0; // by this connection

  constructor(context: Context, few = FEW) {
    this.#few = few;
    this.#context = context;
    if (!context.database.readOnly) context.database.finish = () => this.#relist();
  }

  /** Lays anew what an earlier process or a migration left undone. */
  catchUp(): void {
    this.#context.database.write(() => undefined);
  }

  page(request: z.input<typeof PageRequest>): RecordingPage {
    const { limit, selection, ...walk } = checked(PageRequest, request, "page");
    const keys: number[] = [];
    let isCut = false;
    for (const key of this.#walk(walk)) {
      isCut = keys.length === limit;
      if (isCut) break;
      keys.push(key);
    }
    const last = isCut ? keys.at(-1) : undefined;
    const next = last === undefined ? {} : { next: this.#cursorAt(last, walk.view) };
    const isChosen = selection === undefined ? {} : { isChosen: this.#isChosen(selection, keys) };
    return { rows: summariesOf(this.#context, keys), ...isChosen, ...next };
  }

  /** Counts on from `after`, before which `before` recordings are shown, and finds the places where pages end. */
  outlineStep(view: RecordingView, from: OutlineFrom, most = STEP_ROWS): OutlineStep {
    const find = from.find === undefined ? undefined : keysOf(this.#context, [from.find])[0];
    const ends: (number | string | undefined)[] = []; // the recording before a page, or where the step begins
    let shown = 0;
    let last: number | undefined;
    let at: number | undefined;
    let isCut = false;
    for (const key of this.#walk({ view, after: from.after })) {
      if (shown === most) {
        isCut = true;
        break;
      }
      if (key === find) at = from.before + shown;
      const index = from.before + shown;
      if (index > 0 && index % PAGE_ROWS === 0) ends.push(last ?? from.after);
      shown++;
      last = key;
    }
    return {
      shown,
      marks: ends.flatMap((end) => (typeof end === "number" ? this.#cursorAt(end, view) : (end ?? []))),
      at,
      newest: Number(this.#context.database.one("SELECT coalesce(max(key), 0) AS n FROM recording")["n"]),
      next: isCut && last !== undefined ? this.#cursorAt(last, view) : undefined,
    };
  }

  selectionStep(selection: Selection, { after, limit, filter }: SelectionAsk): SelectionStep {
    const keys = [];
    let next: number | undefined;
    for (const key of this.#selected(selection, after)) {
      if (keys.length === (limit ?? STEP_ROWS)) {
        next = keys.at(-1);
        break;
      }
      keys.push(key);
    }
    const { database } = this.#context;
    return {
      count: keys.length,
      shown: filter === undefined ? 0 : this.#passing(keys, filter).size,
      ids:
        limit === undefined
          ? []
          : keys.map((key) => String(database.one("SELECT id FROM recording WHERE key = ?", key)["id"])),
      next,
    };
  }

  /** The first of a selection by name. */
  firstOf(selection: Selection, most: number): RecordingSummary[] {
    const byName: RecordingView = {
      ...(selection.kind === "filtered" ? selection.filter : { query: "", kind: "all", filter: "all" }),
      sort: { by: "name", isDescending: false },
    };
    if (selection.kind === "these")
      return summariesOf(
        this.#context,
        this.#inOrder(byName, keysOf(this.#context, selection.ids)).slice(0, most),
      );
    const except = new Set(keysOf(this.#context, selection.except));
    const keys = keysOf(this.#context, selection.also);
    let taken = 0;
    for (const key of this.#walk({ view: byName })) {
      if (taken === most) break;
      if (key > selection.newest || except.has(key)) continue;
      keys.push(key);
      taken++;
    }
    const all: RecordingView = { ...byName, query: "", kind: "all", filter: "all" };
    return summariesOf(this.#context, this.#inOrder(all, keys).slice(0, most));
  }

  counts(): LibraryCounts {
    const { database } = this.#context;
    const count = (sql: string): number => Number(database.one(sql)["n"]);
    const all = database.one(
      "SELECT count(*) AS n, coalesce(sum(length_s), 0) AS s FROM listing INDEXED BY listing_up_length",
    );
    return {
      recordings: Number(all["n"]),
      durationS: Number(all["s"]),
      subjects: count(
        "SELECT count(*) AS n FROM (SELECT DISTINCT subject_key FROM listing INDEXED BY listing_up_subject)",
      ),
      binned: count("SELECT count(*) AS n FROM recording WHERE binned_at IS NOT NULL AND purging = 0"),
    };
  }

  /** Recordings of a view in its order. Nothing else may be asked of the connection until it ends. */
  *#walk({ view, after, until }: Walk): Iterable<number> {
    const found = this.#find(view.query);
    if (found?.few !== undefined) {
      const end = until === undefined ? undefined : placeOf(until);
      const start = after === undefined ? undefined : placeOf(after);
      yield* this.#inOrder(view, found.few, { start, end });
      return;
    }
    for (const { sql, values } of piecesOf(view, { after, until }))
      for (const key of this.#context.database.pluck(sql, ...values))
        if (found === undefined || found.isIn[Number(key)] === 1) yield Number(key);
  }

  /** Some recordings, few enough to be sorted: those of a view, in its order. */
  #inOrder(
    view: RecordingView,
    keys: readonly number[],
    { start, end }: { readonly start?: Place | undefined; readonly end?: Place | undefined } = {},
  ): number[] {
    const column = columnOf(view.sort);
    const way = view.sort.isDescending ? " DESC" : "";
    return this.#context.database
      .all(
        `SELECT recording, ${column} AS value, name_key FROM listing
           WHERE facets & ? = ? AND recording IN (SELECT value FROM json_each(?))
           ORDER BY ${column}${way}, name_key, recording`,
        maskOf(view),
        maskOf(view),
        JSON.stringify(keys),
      )
      .filter((row) => {
        const place = Place.parse([row["value"], row["name_key"], row["recording"]]);
        const isAfter = start === undefined || isBehind(place, start, view.sort);
        return isAfter && (end === undefined || !isBehind(place, end, view.sort));
      })
      .map((row) => Number(row["recording"]));
  }

  #cursorAt(key: number, { sort }: RecordingView): string {
    const column = columnOf(sort);
    const row = this.#context.database.one(
      `SELECT ${column} AS value, name_key FROM listing WHERE recording = ?`,
      key,
    );
    return JSON.stringify([row["value"], row["name_key"], key]);
  }

  /**
   * What a query finds; undefined where it asks for nothing. Kept until a text changes here, or anything elsewhere: a
   * recording that grows, or that goes, is found by the same words.
   */
  #find(query: string): Found | undefined {
    const words = [...wordsOf(query)].sort((a, b) => b.length - a.length);
    if (words.length === 0) return undefined;
    const asked = words.join(" ");
    const { database } = this.#context;
    const state = `${Number(database.pragma("data_version"))} ${this.#textsLaid}`;
    const known = this.#found.find((one) => one.query === asked && one.state === state);
    if (known !== undefined) return known;
    const size = Number(database.one("SELECT coalesce(max(recording), 0) AS n FROM listing_text")["n"]) + 1;
    const isIn = new Uint8Array(size);
    const [first = "", second = "", third = "", ...more] = words;
    const keys: number[] = [];
    for (const key of database.pluck(
      "SELECT recording FROM listing_text WHERE instr(text, ?) > 0 AND instr(text, ?) > 0 AND instr(text, ?) > 0",
      first,
      second,
      third,
    ))
      keys.push(Number(key));
    const rest =
      more.length === 0
        ? keys
        : keys.filter((key) => {
            const text = String(
              database.one("SELECT text FROM listing_text WHERE recording = ?", key)["text"],
            );
            return more.every((word) => text.includes(word));
          });
    for (const key of rest) isIn[key] = 1;
    const made = { query: asked, state, isIn, few: rest.length <= this.#few ? rest : undefined };
    this.#found = [made, ...this.#found.slice(0, 1)];
    return made;
  }

  /** Recordings of a selection in the order they were added. */
  *#selected(selection: Selection, after: number): Iterable<number> {
    if (selection.kind === "these") {
      yield* this.#keysAfter(selection.ids, after);
      return;
    }
    const except = new Set(keysOf(this.#context, selection.except));
    let also = this.#keysAfter(selection.also, after);
    const found = this.#find(selection.filter.query);
    for (const value of this.#context.database.pluck(
      `SELECT recording FROM listing INDEXED BY listing_up_added
         WHERE facets & ? = ? AND recording > ? AND recording <= ? ORDER BY recording`,
      maskOf(selection.filter),
      maskOf(selection.filter),
      after,
      selection.newest,
    )) {
      const key = Number(value);
      if (except.has(key) || (found !== undefined && found.isIn[key] !== 1)) continue;
      const before = also.filter((one) => one < key);
      yield* before;
      also = also.filter((one) => one > key);
      yield key;
    }
    yield* also;
  }

  #keysAfter(ids: readonly string[], after: number): number[] {
    return keysOf(this.#context, ids)
      .filter((key) => key > after)
      .sort((a, b) => a - b);
  }

  /** Whether each of these is of a selection. */
  #isChosen(selection: Selection, keys: readonly number[]): boolean[] {
    const listed = selection.kind === "these" ? selection.ids : selection.also;
    const named = new Set(keysOf(this.#context, listed));
    if (selection.kind === "these") return keys.map((key) => named.has(key));
    const except = new Set(keysOf(this.#context, selection.except));
    const passing = this.#passing(keys, selection.filter);
    return keys.map(
      (key) => named.has(key) || (key <= selection.newest && passing.has(key) && !except.has(key)),
    );
  }

  /** Those of these that pass a filter. */
  #passing(keys: readonly number[], filter: RecordingFilter): ReadonlySet<number> {
    const found = this.#find(filter.query);
    const mask = maskOf(filter);
    if (mask === 0 && found === undefined) return new Set(keys);
    const { database } = this.#context;
    const passing = new Set<number>();
    for (const value of database.pluck(
      `SELECT recording FROM listing INDEXED BY listing_up_added
         WHERE facets & ? = ? AND recording IN (SELECT value FROM json_each(?))`,
      mask,
      mask,
      JSON.stringify(keys),
    ))
      if (found === undefined || found.isIn[Number(value)] === 1) passing.add(Number(value));
    return passing;
  }

  /** The list follows the rows that this transaction has changed. */
  #relist(): void {
    const { database } = this.#context;
    const keys = database.all("SELECT recording FROM unlisted").map((row) => Number(row["recording"]));
    if (keys.length === 0) return;
    const settings = getSettings(this.#context);
    for (const key of keys) this.#list(key, settings);
    database.run("DELETE FROM unlisted");
  }

  #list(key: number, settings: Settings): void {
    const { database } = this.#context;
    const row = database.get(
      "SELECT * FROM recording WHERE key = ? AND binned_at IS NULL AND purging = 0",
      key,
    );
    if (row === undefined) {
      database.run("DELETE FROM listing WHERE recording = ?", key);
      database.run("DELETE FROM listing_text WHERE recording = ?", key);
      return;
    }
    const id = String(row["id"]);
    const isBlind = isReadBlind(settings, id);
    const whole = notedOf(this.#context, row);
    const one = isBlind ? withObserved(whole, observedBy(this.#context, id, settings.author)) : whole;
    const of = (by: Parameters<typeof sortValue>[1]): SqlValue => sortValue(one, by);
    this.#lay(key, {
      ...{ name_key: of("name"), subject_key: of("subject"), started_at: of("date"), length_s: of("length") },
      ...{ channels: of("channels"), missing: of("missing"), repairs: of("repairs") },
      labelled_up: isBlind ? BLIND_SHARE.up : of("labelled"),
      labelled_down: isBlind ? BLIND_SHARE.down : of("labelled"),
      facets: facetsOf(one, isBlind),
    });
    const text = storedAs(searchText(one));
    if (database.get("SELECT text FROM listing_text WHERE recording = ?", key)?.["text"] === text) return;
    database.run("INSERT OR REPLACE INTO listing_text VALUES (?, ?)", key, text);
    this.#textsLaid++;
  }

  /** Writes of a line no more than has changed: each order that a value is in is written with it. */
  #lay(key: number, line: Readonly<Record<string, SqlValue>>): void {
    const { database } = this.#context;
    const known = database.get("SELECT * FROM listing WHERE recording = ?", key);
    const changed = Object.entries(line).filter(([column, value]) => known?.[column] !== storedAs(value));
    if (changed.length === 0) return;
    const names = changed.map(([column]) => column);
    const values = changed.map(([, value]) => value);
    if (known === undefined)
      database.run(
        `INSERT INTO listing (recording, ${names.join(", ")}) VALUES (?${", ?".repeat(names.length)})`,
        ...[key, ...values],
      );
    else
      database.run(
        `UPDATE listing SET ${names.map((column) => `${column} = ?`).join(", ")} WHERE recording = ?`,
        ...[...values, key],
      );
  }
}

interface Piece {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * Keys of a view's recordings in order, with all bits of its mask: the rest of those equal to where it begins, what lies
 * between, and of those equal to where it ends the first. Each is a stretch of an index: nothing is skipped over.
 */
function piecesOf(view: RecordingView, { after, until }: Omit<Walk, "view">): readonly Piece[] {
  const { sort } = view;
  const column = columnOf(sort);
  const [ahead, back] = sort.isDescending ? ["<", ">"] : [">", "<"];
  const [from, to] = [after, until].map((cursor) => (cursor === undefined ? undefined : placeOf(cursor)));
  const equal = ([value]: Place): Condition => [`${column} = ?`, value];
  const behind = (place: Place): Condition => tied(sort, ">", place);
  const upTo = (place: Place): Condition => tied(sort, "<=", place);
  if (from !== undefined && to !== undefined && from[0] === to[0])
    return [pieceOf(view, [equal(from), behind(from), upTo(to)])];
  return [
    ...(from === undefined ? [] : [pieceOf(view, [equal(from), behind(from)])]),
    pieceOf(view, [
      ...(from === undefined ? [] : [[`${column} ${ahead} ?`, from[0]] as const]),
      ...(to === undefined ? [] : [[`${column} ${back} ?`, to[0]] as const]),
    ]),
    ...(to === undefined ? [] : [pieceOf(view, [equal(to), upTo(to)])]),
  ];
}

type Condition = readonly [sql: string, ...values: SqlValue[]];

/** What decides between equals: the name, then who came first. */
const tiesOf = ({ by }: RecordingView["sort"]): readonly string[] =>
  by === "added" || by === "name" ? ["recording"] : ["name_key", "recording"];

function tied(sort: RecordingView["sort"], is: ">" | "<=", [, name, recording]: Place): Condition {
  const ties = tiesOf(sort);
  if (ties.length === 1) return [`recording ${is} ?`, recording];
  return [`(name_key, recording) ${is} (?, ?)`, name, recording];
}

function pieceOf(view: RecordingView, conditions: readonly Condition[]): Piece {
  const { by, isDescending } = view.sort;
  const index = by === "added" ? "up_added" : `${isDescending ? "down" : "up"}_${by}`;
  const where = ["facets & ? = ?", ...conditions.map(([sql]) => sql)].join(" AND ");
  const order = [
    `${columnOf(view.sort)}${isDescending ? " DESC" : ""}`,
    ...(by === "added" ? [] : tiesOf(view.sort)),
  ];
  return {
    sql: `SELECT recording FROM listing INDEXED BY listing_${index} WHERE ${where} ORDER BY ${order.join(", ")}`,
    values: [maskOf(view), maskOf(view), ...conditions.flatMap(([, ...values]) => values)],
  };
}
