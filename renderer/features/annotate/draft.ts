import type { Label } from "../../../preload/contract/label-set.ts";
import { LabelSet } from "../../../preload/contract/label-set.ts";
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

const codeOf = (label: DraftLabel): string => (label.code !== "" ? label.code : codeFrom(label.en));
export const idOf = (draft: Draft): string => draft.id ?? codeFrom(draft.en);

export type Problem =
  | { readonly kind: "name" | "letter"; readonly row: number | undefined }
  | {
      readonly kind: "code" | "sameCode" | "sameKey" | "key" | "colour";
      readonly row: number;
      readonly value: string;
    }
  | { readonly kind: "noLabels" }
  | { readonly kind: "sameId"; readonly value: string };

const codeShape = /^[a-z0-9][a-z0-9_-]*$/;
/** Signs such as `[` and `+` belong to the review, which has no other place to go to. */
const keyShape = /^[a-z0-9]?$/;

/** Everything that keeps the draft from being saved; rows are positions from 0. */
export function problemsOf(draft: Draft, takenIds: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  if (draft.en.trim() === "" || draft.ja.trim() === "") problems.push({ kind: "name", row: undefined });
  if (draft.id === undefined && takenIds.includes(idOf(draft)))
    problems.push({ kind: "sameId", value: idOf(draft) });
  if (draft.labels.length === 0) problems.push({ kind: "noLabels" });
  const codes = new Set<string>();
  const keys = new Set<string>();
  draft.labels.forEach((label, row) => {
    const code = codeOf(label);
    const key = label.key.toLowerCase();
    if (label.en.trim() === "" || label.ja.trim() === "") problems.push({ kind: "name", row });
    else if (!codeShape.test(code)) problems.push({ kind: "code", row, value: code });
    if (codes.has(code) && code !== "") problems.push({ kind: "sameCode", row, value: code });
    if (label.letter.length < 1 || label.letter.length > 2) problems.push({ kind: "letter", row });
    if (!keyShape.test(key)) problems.push({ kind: "key", row, value: label.key });
    if (key !== "" && keys.has(key)) problems.push({ kind: "sameKey", row, value: label.key });
    if (!/^#[0-9a-fA-F]{6}$/.test(label.colour)) problems.push({ kind: "colour", row, value: label.colour });
    codes.add(code);
    keys.add(key);
  });
  return problems;
}

/** The set to save. Only for a draft without problems; the library gives the version. */
export function setOf(draft: Draft): LabelSet {
  return LabelSet.parse({
    id: idOf(draft),
    version: Math.max(1, draft.version),
    kind: draft.kind,
    name: { en: draft.en.trim(), ja: draft.ja.trim() },
    labels: draft.labels.map((label) => ({
      code: codeOf(label),
      name: { en: label.en.trim(), ja: label.ja.trim() },
      letter: label.letter,
      colour: label.colour.toLowerCase(),
      shape: label.shape,
      ...(label.key === "" ? {} : { key: label.key.toLowerCase() }),
      ...(label.about === undefined ? {} : { about: label.about }),
    })),
  });
}
