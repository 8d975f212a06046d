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
  const known = new Lookup(inOrderOfTrust(sets, options));
  const before = sets.find((set) => set.id === IMPORTED_SET);
  const imported = new Growing(before);
  for (const { label: word, code, durationS } of annotations) {
    if (!matches.has(word)) matches.set(word, known.find(word, code) ?? imported.take(word));
    if (durationS !== 0) imported.lasts(word);
  }
  if (imported.words === 0) return { matches, imported: undefined, repairs: [] };
  const place = { file: options.file };
  const labels = listed(imported.first, imported.words);
  const repairs = [
    repairOf("LABELS_UNKNOWN", "info", { count: imported.words, set: IMPORTED_SET, labels }, place),
  ];
  if (imported.beyond > 0)
    repairs.push(repairOf("LABELS_MANY", "warning", { count: imported.beyond, most: MOST_LABELS }, place));
  return { matches, imported: imported.isLonger ? imported.set() : undefined, repairs };
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

/**
 * The `imported` set with the words that no set knows, as they come. Those beyond the most it takes are one label: of a
 * hundred thousand texts each costs no more than its place among the matches.
 */
class Growing {
  readonly #before: LabelSet | undefined;
  readonly #labels: Label[];
  readonly #matches: Map<string, LabelMatch>; // by name
  readonly #taken: Set<string>;
  readonly #new = new Map<string, Label>(); // by word
  #other: LabelMatch | undefined;
  readonly first: string[] = []; // of the words, to be named
  words = 0;
  beyond = 0;

  constructor(before: LabelSet | undefined) {
    this.#before = before;
    this.#labels = [...(before?.labels ?? [])];
    this.#matches = new Map(this.#labels.map(({ name, code }) => [name.en, this.#match(code)]));
    this.#taken = new Set(this.#labels.map(({ code }) => code));
  }

  /** A word that was not taken before. */
  take(word: string): LabelMatch {
    this.words++;
    if (this.first.length < NAMED) this.first.push(word);
    const shown = shownAs(word);
    const same = this.#matches.get(shown);
    if (same !== undefined) return same;
    if (this.#labels.length < MOST_LABELS) return this.#add(word, shown);
    this.beyond++;
    this.#other ??= this.#otherText();
    return this.#other;
  }

  #add(word: string, shown: string): LabelMatch {
    const label = this.#labelOf(freeCode(shown, this.#taken), { en: shown, ja: shown }, firstLetters(shown));
    label.shape = "point";
    this.#new.set(word, label);
    const match = this.#match(label.code);
    this.#matches.set(shown, match);
    return match;
  }

  #otherText(): LabelMatch {
    if (!this.#taken.has(OTHER_TEXT))
      this.#labelOf(OTHER_TEXT, { en: "Other text", ja: "その他の文字" }, "…");
    return this.#match(OTHER_TEXT);
  }

  #labelOf(code: string, name: Label["name"], letter: string): Label {
    const colour = palette[this.#labels.length % palette.length] ?? palette[0];
    const group = this.#groups.at(-1)?.code ?? ALL_LABELS.code; // new words stand last
    const label: Label = { code, name, letter, colour, shape: "interval", group };
    this.#labels.push(label);
    this.#taken.add(code);
    return label;
  }

  #match(code: string): LabelMatch {
    return { set: IMPORTED_SET, version: this.#before?.version ?? 1, code };
  }

  get #groups(): LabelSet["groups"] {
    return this.#before?.groups ?? [ALL_LABELS];
  }

  /** The word has been used of a stretch: as long as it has not, it is of points. */
  lasts(word: string): void {
    const label = this.#new.get(word);
    if (label !== undefined) label.shape = "interval";
  }

  get isLonger(): boolean {
    return this.#labels.length > (this.#before?.labels.length ?? 0);
  }

  set(): LabelSet {
    const name = this.#before?.name ?? { en: "Imported", ja: "取り込み" };
    const labels = this.#labels;
    const version = this.#before?.version ?? 1;
    return { id: IMPORTED_SET, version, name, kind: "other", groups: this.#groups, labels };
  }
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

/** Names for a message: the first eight, and how many more of all that there are. */
export function listed(names: readonly string[], all = names.length): string {
  const shown = names.slice(0, NAMED).map((name) => (name === "" ? '""' : name));
  return all > NAMED ? `${shown.join(", ")} and ${all - NAMED} more` : shown.join(", ");
}

const NAMED = 8;
