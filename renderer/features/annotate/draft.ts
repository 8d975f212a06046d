import type { Label } from "../../../preload/contract/label-set.ts";
import { LabelSet, wordIn } from "../../../preload/contract/label-set.ts";
import { categorical } from "../../ui/tokens.ts";

/** A label set while it is being edited. Texts may be incomplete; `rowId` keeps a row itself through reordering. */
export interface DraftLabel {
  readonly rowId: number;
  readonly code: string;
  readonly isCodeFixed: boolean; // annotations refer to it
  readonly en: string;
  readonly ja: string;
  readonly letter: string;
  readonly key: string;
  readonly colour: string;
  readonly shape: Label["shape"];
  readonly about?: Label["about"];
}
export interface Draft {
  readonly id: string | undefined; // undefined: a new set
  readonly version: number; // of the set it began from; 0 for a new one
  readonly en: string;
  readonly ja: string;
  readonly kind: LabelSet["kind"];
  readonly labels: readonly DraftLabel[];
}

export const draftOf = (set: LabelSet): Draft => ({
  id: set.id,
  version: set.version,
  en: set.name.en,
  ja: set.name.ja,
  kind: set.kind,
  labels: set.labels.map((label, rowId) => ({
    rowId,
    code: label.code,
    isCodeFixed: true,
    en: label.name.en,
    ja: label.name.ja,
    letter: label.letter,
    key: label.key ?? "",
    colour: label.colour,
    shape: label.shape,
    about: label.about,
  })),
});

export const newDraft = (kind: LabelSet["kind"]): Draft =>
  addLabel({ id: undefined, version: 0, en: "", ja: "", kind, labels: [] });

export function addLabel(draft: Draft): Draft {
  const rowId = Math.max(-1, ...draft.labels.map((label) => label.rowId)) + 1;
  const used = new Set(draft.labels.map((label) => label.colour.toLowerCase()));
  const colour = categorical.light.find((one) => !used.has(one)) ?? categorical.light[0];
  const label: DraftLabel = {
    rowId,
    code: "",
    isCodeFixed: false,
    en: "",
    ja: "",
    letter: "",
    key: "",
    colour,
    shape: "interval",
  };
  return { ...draft, labels: [...draft.labels, label] };
}

export const changeLabel = (draft: Draft, rowId: number, change: Partial<DraftLabel>): Draft => ({
  ...draft,
  labels: draft.labels.map((label) => (label.rowId === rowId ? { ...label, ...change } : label)),
});

export const removeLabel = (draft: Draft, rowId: number): Draft => ({
  ...draft,
  labels: draft.labels.filter((label) => label.rowId !== rowId),
});

export function moveLabel(draft: Draft, rowId: number, by: 1 | -1): Draft {
  const labels = [...draft.labels];
  const from = labels.findIndex((label) => label.rowId === rowId);
  const to = from + by;
  const moved = labels[from];
  const other = labels[to];
  if (!moved || !other) return draft;
  labels[from] = other;
  labels[to] = moved;
  return { ...draft, labels };
}

/** A code for files out of an English name: `Late deceleration` gives `late-deceleration`. */
export const codeFrom = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^[-_]+|(?<!-)-+$/g, "");

/** The code a label gets: its own, one out of its English name, else the first free `label-N`. */
export function codeOf(draft: Draft, row: number): string {
  const label = draft.labels[row];
  if (label === undefined) return "";
  const own = label.code !== "" ? label.code : codeFrom(label.en);
  if (own !== "") return own;
  const taken = new Set(draft.labels.map((one) => (one.code !== "" ? one.code : codeFrom(one.en))));
  const nameless = draft.labels.slice(0, row).filter((one) => one.code === "" && codeFrom(one.en) === "");
  return freeNames("label", taken, nameless.length + 1).at(-1) ?? "";
}

/** An id for a set: its own, one out of its English name, else the first free `set-N`. */
export function idOf(draft: Draft, takenIds: readonly string[]): string {
  const own = draft.id ?? codeFrom(draft.en);
  return own !== "" ? own : (freeNames("set", new Set(takenIds), 1)[0] ?? "");
}

function freeNames(stem: string, taken: ReadonlySet<string>, count: number): readonly string[] {
  const free: string[] = [];
  for (let n = 1; free.length < count; n++) if (!taken.has(`${stem}-${n}`)) free.push(`${stem}-${n}`);
  return free;
}

/** The field a problem is said at; of a name without any text the English one. */
export type Field = "en" | "letter" | "key" | "colour" | "code" | "labels";
export interface Problem {
  readonly kind:
    "name" | "letter" | "code" | "sameCode" | "sameKey" | "key" | "colour" | "noLabels" | "sameId";
  readonly field: Field;
  readonly row: number | undefined; // position from 0; undefined: the set
  readonly value: string;
  readonly other?: string; // the label that has it already
}

const codeShape = /^[a-z0-9][a-z0-9_-]*$/;
/** Signs such as `[` and `+` belong to the review, which has no other place to go to. */
const keyShape = /^[a-z0-9]?$/;

/** How a label is called in a sentence: by either name, else by its place. */
export const shownName = ({ en, ja }: Pick<DraftLabel, "en" | "ja">, language: "en" | "ja"): string =>
  wordIn({ en, ja }, language).trim();

const isNameless = ({ en, ja }: Pick<DraftLabel, "en" | "ja">): boolean => `${en}${ja}`.trim() === "";

/** Everything that keeps the draft from being saved, each with the field it is about. */
export function problemsOf(
  draft: Draft,
  takenIds: readonly string[],
  language: "en" | "ja" = "en",
): readonly Problem[] {
  const problems: Problem[] = [];
  const id = idOf(draft, takenIds);
  if (isNameless(draft)) problems.push({ kind: "name", field: "en", row: undefined, value: "" });
  else if (draft.id === undefined && takenIds.includes(id))
    problems.push({ kind: "sameId", field: "en", row: undefined, value: id });
  if (draft.labels.length === 0)
    problems.push({ kind: "noLabels", field: "labels", row: undefined, value: "" });
  const codes = new Map<string, DraftLabel>();
  const keys = new Map<string, DraftLabel>();
  draft.labels.forEach((label, row) => {
    const code = codeOf(draft, row);
    const key = label.key.toLowerCase();
    const sameCode = codes.get(code);
    const sameKey = key === "" ? undefined : keys.get(key);
    const add = (kind: Problem["kind"], field: Field, value: string, other?: DraftLabel) =>
      problems.push({
        kind,
        field,
        row,
        value,
        ...(other === undefined ? {} : { other: shownName(other, language) }),
      });
    if (isNameless(label)) add("name", "en", "");
    else if (!codeShape.test(code)) add("code", "code", code);
    else if (sameCode)
      add("sameCode", label.isCodeFixed || label.code !== "" ? "code" : "en", code, sameCode);
    if (label.letter.length < 1 || label.letter.length > 2) add("letter", "letter", label.letter);
    if (!keyShape.test(key)) add("key", "key", label.key);
    else if (sameKey) add("sameKey", "key", label.key, sameKey);
    if (!/^#[0-9a-fA-F]{6}$/.test(label.colour)) add("colour", "colour", label.colour);
    if (!isNameless(label)) codes.set(code, codes.get(code) ?? label);
    if (key !== "") keys.set(key, keys.get(key) ?? label);
  });
  return problems;
}

/** What is wrong as typed, and need not wait until saving is tried: two that clash, a sign that cannot be. */
export const isPlain = ({ kind }: Problem): boolean =>
  kind !== "name" && kind !== "letter" && kind !== "noLabels";

/** The set to save. Only for a draft without problems; the library gives the version. */
export function setOf(draft: Draft, takenIds: readonly string[]): LabelSet {
  return LabelSet.parse({
    id: idOf(draft, takenIds),
    version: Math.max(1, draft.version),
    kind: draft.kind,
    name: { en: draft.en.trim(), ja: draft.ja.trim() },
    labels: draft.labels.map((label, row) => ({
      code: codeOf(draft, row),
      name: { en: label.en.trim(), ja: label.ja.trim() },
      letter: label.letter,
      colour: label.colour.toLowerCase(),
      shape: label.shape,
      ...(label.key === "" ? {} : { key: label.key.toLowerCase() }),
      ...(label.about === undefined ? {} : { about: label.about }),
    })),
  });
}
