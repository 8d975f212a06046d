import { createHash } from "node:crypto";
import {
  ALL_LABELS,
  IMPORTED_SET,
  type Label,
  type LabelSet,
  OTHER_TEXT,
} from "../../preload/contract/label-set.ts";
import { repairOf, type RecordingKind, type Repair } from "../../preload/contract/recording.ts";
import type { SourceAnnotation } from "../signal/block.ts";

/** Labels the imported set takes at most: a person chooses among them, and every version of the set holds them all. */
export const MOST_LABELS = 1000;

/** Where a file's word for an event lands: a label of a set in the library. */
export interface LabelMatch {
  readonly set: string;
  readonly version: number;
  readonly code: string;
}

export interface LabelMapping {
  readonly matches: ReadonlyMap<string, LabelMatch>;
  /** The set of words no other set knows, to be saved before the annotations; undefined when nothing is new. */
  readonly imported: LabelSet | undefined;
  readonly repairs: readonly Repair[];
}

/** Okabe and Ito's colours, which stay apart for people with colour-blindness. */
const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999"] as const;

/** A file may give an event no word at all. */
const shownAs = (word: string): string => (word.trim() === "" ? "(empty)" : word.trim());

const fold = (text: string): string => text.normalize("NFKC").trim().toLowerCase();

type WordOf = Pick<SourceAnnotation, "label" | "code" | "durationS">;

/**
 * Finds each word of a file among the library's labels: exactly as an English or Japanese name, else as a code, else
 * by the code that a file of ours gives beside it, else by name or code where case, width and blanks are set aside
 * (never among imported words, where case tells two apart). Sets made for this kind of recording are asked first;
 * `imported` last. Words nobody knows extend the `imported` set: no event of a file is lost. Time grows with the words
 * and the labels, not with their product.
 */
export function mapLabels(
  annotations: Iterable<WordOf>,
  sets: readonly LabelSet[],
  options: { readonly kind: RecordingKind; readonly file: string; readonly prefer?: string | undefined },
): LabelMapping {
  const matches = new Map<string, LabelMatch>();
  const unknown = new Map<string, NewWord>();
  const known = new Lookup(inOrderOfTrust(sets, options));
  for (const { label: word, code, durationS } of annotations) {
    if (matches.has(word)) continue;
    const waiting = unknown.get(word);
    if (waiting !== undefined) {
      waiting.isPoint &&= durationS === 0;
      continue;
    }
    const found = known.find(word, code);
    if (found === undefined) unknown.set(word, { isPoint: durationS === 0 });
    else matches.set(word, found);
  }
  if (unknown.size === 0) return { matches, imported: undefined, repairs: [] };
  const before = sets.find((set) => set.id === IMPORTED_SET);
  const grown = extendImported(before, unknown);
  for (const [word, code] of grown.codes)
    matches.set(word, { set: IMPORTED_SET, version: grown.set.version, code });
  const place = { file: options.file };
  const labels = listed([...unknown.keys()]);
  const repairs = [
    repairOf("LABELS_UNKNOWN", "info", { count: unknown.size, set: IMPORTED_SET, labels }, place),
  ];
  if (grown.beyond > 0)
    repairs.push(repairOf("LABELS_MANY", "warning", { count: grown.beyond, most: MOST_LABELS }, place));
  const isNew = grown.set.labels.length > (before?.labels.length ?? 0);
  return { matches, imported: isNew ? grown.set : undefined, repairs };
}

interface NewWord {
  isPoint: boolean; // in every use so far
}

function inOrderOfTrust(
  sets: readonly LabelSet[],
  { kind, prefer }: { readonly kind: RecordingKind; readonly prefer?: string | undefined },
): readonly LabelSet[] {
  const rank = (set: LabelSet): number =>
    set.id === prefer
      ? -1
      : set.id === IMPORTED_SET
        ? 3
        : set.kind === kind
          ? 0
          : set.kind === "other"
            ? 1
            : 2;
  return [...sets].sort((a, b) => rank(a) - rank(b));
}

/** What Kodo 0.1 wrote into files for a text without a letter of ASCII. Its other codes look like words. */
const ofFirstKodo = /^label-[0-9a-f]{8}$/;

/** The labels of all sets by what a file may call them; of two the one in the set that is asked first. */
class Lookup {
  readonly #byName = new Map<string, LabelMatch>();
  readonly #byCode = new Map<string, LabelMatch>();
  readonly #byGivenCode = new Map<string, LabelMatch>();
  readonly #byFold = new Map<string, LabelMatch>();

  constructor(sets: readonly LabelSet[]) {
    for (const { id, version, labels } of sets) {
      for (const { code, name } of labels) {
        const match = { set: id, version, code };
        const keep = (words: Map<string, LabelMatch>, word: string): void => {
          if (word !== "" && !words.has(word)) words.set(word, match);
        };
        for (const word of [name.en, name.ja]) keep(this.#byName, word.trim());
        keep(this.#byGivenCode, code);
        if (id !== IMPORTED_SET || ofFirstKodo.test(code)) keep(this.#byCode, code);
        if (id === IMPORTED_SET) continue;
        for (const word of [name.en, name.ja, code]) keep(this.#byFold, fold(word));
      }
    }
  }

  find(word: string, code: string | undefined): LabelMatch | undefined {
    const shown = shownAs(word);
    return (
      this.#byName.get(shown) ??
      this.#byCode.get(shown) ??
      (code === undefined ? undefined : this.#byGivenCode.get(code)) ??
      this.#byFold.get(fold(shown))
    );
  }
}

/**
 * A stable code for a word, of the word alone: the word itself where it can be one, else its ASCII letters and digits
 * and a digest, so that words that differ in case, width or an accent never meet.
 */
export function codeOf(word: string, digits = 8): string {
  const slug = word
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+|(?<!-)-+$/g, "");
  if (slug !== "" && slug === word && slug.length <= 60 && digits === 8) return slug;
  const digest = createHash("sha256").update(word).digest("hex").slice(0, digits);
  return `${slug.slice(0, 40) || "label"}-${digest}`;
}

function extendImported(
  known: LabelSet | undefined,
  words: ReadonlyMap<string, NewWord>,
): { readonly set: LabelSet; readonly codes: ReadonlyMap<string, string>; readonly beyond: number } {
  const labels: Label[] = [...(known?.labels ?? [])];
  const groups = known?.groups ?? [ALL_LABELS];
  const group = groups.at(-1)?.code ?? ALL_LABELS.code; // new words stand last
  const byName = new Map(labels.map(({ name, code }) => [name.en, code]));
  const taken = new Set(labels.map(({ code }) => code));
  const codes = new Map<string, string>();
  const add = (code: string, name: Label["name"], letter: string, isPoint: boolean): string => {
    const colour = palette[labels.length % palette.length] ?? palette[0];
    labels.push({ code, name, letter, colour, shape: isPoint ? "point" : "interval", group });
    byName.set(name.en, code);
    taken.add(code);
    return code;
  };
  let beyond = 0;
  for (const [word, { isPoint }] of words) {
    const shown = shownAs(word);
    const same = byName.get(shown);
    if (same !== undefined) codes.set(word, same);
    else if (labels.length < MOST_LABELS)
      codes.set(word, add(freeCode(shown, taken), { en: shown, ja: shown }, firstLetters(shown), isPoint));
    else {
      beyond++;
      const other = taken.has(OTHER_TEXT)
        ? OTHER_TEXT
        : add(OTHER_TEXT, { en: "Other text", ja: "その他の文字" }, "…", false);
      codes.set(word, other);
    }
  }
  const name = known?.name ?? { en: "Imported", ja: "取り込み" };
  return {
    set: { id: IMPORTED_SET, version: known?.version ?? 1, name, kind: "other", groups, labels },
    codes,
    beyond,
  };
}

/** At most two UTF-16 units, and no half of a pair. */
function firstLetters(word: string): string {
  const [first = "", second = ""] = word;
  return first.length + second.length <= 2 ? first + second : first;
}

/** Only codes of an older Kodo, which knew no digest, can stand in a word's way. */
function freeCode(word: string, taken: ReadonlySet<string>): string {
  let code = codeOf(word);
  for (let digits = 12; taken.has(code); digits += 4) code = codeOf(word, digits);
  return code;
}

/** Names for a message: the first eight, and how many more. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => (name === "" ? '""' : name));
  return names.length > 8 ? `${shown.join(", ")} and ${names.length - 8} more` : shown.join(", ");
}
