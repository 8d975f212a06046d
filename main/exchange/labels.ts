import { createHash } from "node:crypto";
import { type Label, type LabelSet, wordIn } from "../../preload/contract/label-set.ts";
import { repairOf, type RecordingKind, type Repair } from "../../preload/contract/recording.ts";
import type { SourceAnnotation } from "../signal/block.ts";

export const IMPORTED_SET = "imported";

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

interface Found {
  readonly set: LabelSet;
  readonly label: Label;
  readonly by: "code" | "name" | "letter";
}

/**
 * Finds each word of a file among the library's labels: by code, else by English or Japanese name, else by letter
 * (upper and lower case apart, only in sets made for this kind of recording, and said in a repair: one letter is little
 * to go by, and the "N" of a beat annotation is not "noisy"). Sets made for this kind of
 * recording are asked first; `imported` last. Words nobody knows extend the `imported` set: no event of a file is lost.
 */
export function mapLabels(
  annotations: readonly SourceAnnotation[],
  sets: readonly LabelSet[],
  options: { readonly kind: RecordingKind; readonly file: string; readonly prefer?: string | undefined },
): LabelMapping {
  const matches = new Map<string, LabelMatch>();
  const repairs: Repair[] = [];
  const unknown = new Map<string, SourceAnnotation[]>();
  const ordered = inOrderOfTrust(sets, options);
  for (const annotation of annotations) {
    const word = annotation.label;
    if (matches.has(word)) continue;
    const waiting = unknown.get(word);
    if (waiting !== undefined) {
      waiting.push(annotation);
      continue;
    }
    const found = findLabel(word, ordered, options.kind);
    if (found === undefined) {
      unknown.set(word, [annotation]);
      continue;
    }
    matches.set(word, { set: found.set.id, version: found.set.version, code: found.label.code });
    if (found.by === "letter") {
      repairs.push(
        repairOf(
          "LABEL_BY_LETTER",
          "warning",
          { word, label: wordIn(found.label.name, "en"), set: found.set.id },
          { file: options.file },
        ),
      );
    }
  }
  if (unknown.size === 0) return { matches, imported: undefined, repairs };
  const imported = extendImported(
    sets.find((set) => set.id === IMPORTED_SET),
    unknown,
  );
  for (const [word, code] of imported.codes)
    matches.set(word, { set: IMPORTED_SET, version: imported.set.version, code });
  repairs.push(
    repairOf(
      "LABELS_UNKNOWN",
      "info",
      { count: unknown.size, set: IMPORTED_SET, labels: listed([...unknown.keys()]) },
      { file: options.file },
    ),
  );
  return { matches, imported: imported.set, repairs };
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

function findLabel(word: string, sets: readonly LabelSet[], kind: RecordingKind): Found | undefined {
  const folded = fold(shownAs(word));
  const tests: readonly (readonly [Found["by"], (label: Label) => boolean])[] = [
    ["code", (label) => label.code === folded],
    ["name", (label) => fold(label.name.en) === folded || fold(label.name.ja) === folded],
    ["letter", (label) => label.letter !== "" && label.letter === word.trim()],
  ];
  for (const [by, fits] of tests) {
    for (const set of sets) {
      if (by === "letter" && (kind === "other" || set.kind !== kind)) continue;
      const label = set.labels.find(fits);
      if (label !== undefined) return { set, label, by };
    }
  }
  return undefined;
}

/** A stable code for a word: its ASCII letters and digits, else a digest of it. */
export function codeOf(word: string): string {
  const slug = fold(word)
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+|(?<!-)-+$/g, "");
  return slug === ""
    ? `label-${createHash("sha256").update(fold(word)).digest("hex").slice(0, 8)}`
    : slug.slice(0, 60);
}

function extendImported(
  known: LabelSet | undefined,
  words: ReadonlyMap<string, readonly SourceAnnotation[]>,
): { readonly set: LabelSet; readonly codes: ReadonlyMap<string, string> } {
  const labels: Label[] = [...(known?.labels ?? [])];
  const codes = new Map<string, string>();
  for (const [word, uses] of words) {
    const shown = shownAs(word);
    const same = labels.find((label) => fold(label.name.en) === fold(shown));
    const code = same?.code ?? freeCode(codeOf(shown), labels);
    codes.set(word, code);
    if (same !== undefined) continue;
    labels.push({
      code,
      name: { en: shown, ja: shown },
      letter: firstLetters(shown),
      colour: palette[labels.length % palette.length]!,
      shape: uses.every((use) => use.durationS === 0) ? "point" : "interval",
    });
  }
  const name = known?.name ?? { en: "Imported", ja: "取り込み" };
  return { set: { id: IMPORTED_SET, version: known?.version ?? 1, name, kind: "other", labels }, codes };
}

/** At most two UTF-16 units, and no half of a pair. */
function firstLetters(word: string): string {
  const [first = "", second = ""] = word;
  return first.length + second.length <= 2 ? first + second : first;
}

function freeCode(wanted: string, labels: readonly Label[]): string {
  let code = wanted;
  for (let n = 2; labels.some((label) => label.code === code); n++) code = `${wanted}-${n}`;
  return code;
}

/** Names for a message: the first eight, and how many more. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => (name === "" ? '""' : name));
  return names.length > 8 ? `${shown.join(", ")} and ${names.length - 8} more` : shown.join(", ");
}
