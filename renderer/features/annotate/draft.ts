import type { Label } from "../../../preload/contract/label-set.ts";
import { ALL_LABELS, LabelSet, wordIn } from "../../../preload/contract/label-set.ts";
import { categorical } from "../../../preload/strip/colours.ts";

/** A label set while it is being edited. Texts may be incomplete; `rowId` keeps a row itself through reordering. */
export interface DraftLabel {
  readonly rowId: number;
  readonly groupId: number;
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
/** A group of a set in the making; `groupId` keeps it itself through reordering. */
export interface DraftGroup {
  readonly groupId: number;
  readonly code: string;
  readonly en: string;
  readonly ja: string;
}
export interface Draft {
  readonly id: string | undefined; // undefined: a new set
  readonly version: number; // of the set it began from; 0 for a new one
  readonly en: string;
  readonly ja: string;
  readonly kind: LabelSet["kind"];
  readonly groups: readonly DraftGroup[];
  readonly labels: readonly DraftLabel[]; // those of the first group first
}

export const draftOf = (set: LabelSet): Draft => ({
  id: set.id,
  version: set.version,
  en: set.name.en,
  ja: set.name.ja,
  kind: set.kind,
  groups: set.groups.map(groupFrom),
  labels: set.labels.map((label, rowId) => ({
    rowId,
    groupId: set.groups.findIndex(({ code }) => code === label.group),
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

const groupFrom = ({ code, name }: LabelSet["groups"][number], groupId: number): DraftGroup => ({
  groupId,
  code,
  en: name.en,
  ja: name.ja,
});

export const newDraft = (kind: LabelSet["kind"]): Draft => {
  const groups = [groupFrom(ALL_LABELS, 0)];
  return addLabel({ id: undefined, version: 0, en: "", ja: "", kind, groups, labels: [] });
};

/** At the end of a group, of the last one where none is named. */
export function addLabel(draft: Draft, groupId = draft.groups.at(-1)?.groupId ?? 0): Draft {
  const rowId = Math.max(-1, ...draft.labels.map((label) => label.rowId)) + 1;
  const used = new Set(draft.labels.map((label) => label.colour.toLowerCase()));
  const colour = categorical.light.find((one) => !used.has(one)) ?? categorical.light[0];
  const label: DraftLabel = {
    rowId,
    groupId,
    code: "",
    isCodeFixed: false,
    en: "",
    ja: "",
    letter: "",
    key: "",
    colour,
    shape: "interval",
  };
  return inOrder({ ...draft, labels: [...draft.labels, label] });
}

export const changeLabel = (draft: Draft, rowId: number, change: Partial<DraftLabel>): Draft => ({
  ...draft,
  labels: draft.labels.map((label) => (label.rowId === rowId ? { ...label, ...change } : label)),
});

export const removeLabel = (draft: Draft, rowId: number): Draft => ({
  ...draft,
  labels: draft.labels.filter((label) => label.rowId !== rowId),
});

/** One place on; from the edge of its group into the next. The same draft where there is nowhere to go. */
export function moveLabel(draft: Draft, rowId: number, by: 1 | -1): Draft {
  const from = draft.labels.findIndex((label) => label.rowId === rowId);
  const moved = draft.labels[from];
  const other = draft.labels[from + by];
  if (!moved) return draft;
  if (other?.groupId === moved.groupId) {
    const labels = [...draft.labels];
    labels[from] = other;
    labels[from + by] = moved;
    return { ...draft, labels };
  }
  const next = draft.groups[draft.groups.findIndex(({ groupId }) => groupId === moved.groupId) + by];
  if (!next) return draft;
  const rest = removeLabel(draft, rowId).labels;
  const placed = { ...moved, groupId: next.groupId };
  return inOrder({ ...draft, labels: by === 1 ? [placed, ...rest] : [...rest, placed] });
}

/** At the end of another group. */
export function putInGroup(draft: Draft, rowId: number, groupId: number): Draft {
  const moved = draft.labels.find((label) => label.rowId === rowId);
  if (!moved || moved.groupId === groupId) return draft;
  return inOrder({ ...draft, labels: [...removeLabel(draft, rowId).labels, { ...moved, groupId }] });
}

export function addGroup(draft: Draft): Draft {
  const groupId = Math.max(-1, ...draft.groups.map((group) => group.groupId)) + 1;
  return { ...draft, groups: [...draft.groups, { groupId, code: "", en: "", ja: "" }] };
}

export const changeGroup = (draft: Draft, groupId: number, change: Partial<DraftGroup>): Draft => ({
  ...draft,
  groups: draft.groups.map((group) => (group.groupId === groupId ? { ...group, ...change } : group)),
});

export function moveGroup(draft: Draft, groupId: number, by: 1 | -1): Draft {
  const groups = [...draft.groups];
  const from = groups.findIndex((group) => group.groupId === groupId);
  const [moved, other] = [groups[from], groups[from + by]];
  if (!moved || !other) return draft;
  groups[from] = other;
  groups[from + by] = moved;
  return inOrder({ ...draft, groups });
}

/** The group that takes the labels of another when that one is removed: the one before, else the one after. */
export function heirOf(draft: Draft, groupId: number): DraftGroup | undefined {
  const at = draft.groups.findIndex((group) => group.groupId === groupId);
  return at < 0 ? undefined : (draft.groups[at - 1] ?? draft.groups[at + 1]);
}

/** Its labels join another group: only they themselves can be removed. */
export function removeGroup(draft: Draft, groupId: number): Draft {
  const heir = heirOf(draft, groupId);
  if (!heir) return draft;
  return inOrder({
    ...draft,
    groups: draft.groups.filter((group) => group.groupId !== groupId),
    labels: draft.labels.map((label) =>
      label.groupId === groupId ? { ...label, groupId: heir.groupId } : label,
    ),
  });
}

const inOrder = (draft: Draft): Draft => ({
  ...draft,
  labels: draft.groups.flatMap(({ groupId }) => draft.labels.filter((label) => label.groupId === groupId)),
});

/** A code for files out of an English name: `Late deceleration` gives `late-deceleration`. */
export const codeFrom = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^[-_]+|(?<!-)-+$/g, "");

/** The code a label gets: its own, one out of its English name, else the first free `label-N`. */
export const codeOf = (draft: Draft, row: number): string => codeAmong(draft.labels, row, "label");

/** The code a group gets, in the same way. */
export const groupCodeOf = (draft: Draft, at: number): string => codeAmong(draft.groups, at, "group");

function codeAmong(all: readonly Pick<DraftGroup, "code" | "en">[], at: number, stem: string): string {
  const asked = all[at];
  if (asked === undefined) return "";
  const ownOf = ({ code, en }: Pick<DraftGroup, "code" | "en">): string =>
    code !== "" ? code : codeFrom(en);
  const own = ownOf(asked);
  if (own !== "") return own;
  const taken = new Set(all.map(ownOf));
  const nameless = all.slice(0, at).filter((one) => ownOf(one) === "");
  return freeNames(stem, taken, nameless.length + 1).at(-1) ?? "";
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
    | "name"
    | "letter"
    | "code"
    | "sameCode"
    | "sameKey"
    | "key"
    | "colour"
    | "noLabels"
    | "emptyGroup"
    | "sameGroup"
    | "sameId";
  readonly field: Field;
  readonly row: number | undefined; // position from 0; undefined: the set, or a group of it
  readonly group?: number; // position from 0
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
  problems.push(...groupProblems(draft, language));
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

/** Of a set with labels: without any, that alone is said. */
function groupProblems(draft: Draft, language: "en" | "ja"): readonly Problem[] {
  const codes = draft.groups.map((_, at) => groupCodeOf(draft, at));
  return draft.groups.flatMap((one, group): readonly Problem[] => {
    const about = { field: "en", row: undefined, group } as const;
    const code = codes[group] ?? "";
    const same = draft.groups[codes.indexOf(code)];
    if (isNameless(one)) return [{ ...about, kind: "name", value: "" }];
    if (same !== undefined && same !== one)
      return [{ ...about, kind: "sameGroup", value: code, other: shownName(same, language) }];
    const isEmpty = draft.labels.length > 0 && draft.labels.every(({ groupId }) => groupId !== one.groupId);
    return isEmpty ? [{ ...about, kind: "emptyGroup", value: "" }] : [];
  });
}

/** What is wrong as typed, and need not wait until saving is tried: two that clash, a sign that cannot be. */
export const isPlain = ({ kind }: Problem): boolean =>
  kind !== "name" && kind !== "letter" && kind !== "noLabels" && kind !== "emptyGroup";

/** The set to save. Only for a draft without problems; the library gives the version. */
export function setOf(draft: Draft, takenIds: readonly string[]): LabelSet {
  return LabelSet.parse({
    id: idOf(draft, takenIds),
    version: Math.max(1, draft.version),
    kind: draft.kind,
    name: { en: draft.en.trim(), ja: draft.ja.trim() },
    groups: draft.groups.map((group, at) => ({
      code: groupCodeOf(draft, at),
      name: { en: group.en.trim(), ja: group.ja.trim() },
    })),
    labels: draft.labels.map((label, row) => ({
      code: codeOf(draft, row),
      name: { en: label.en.trim(), ja: label.ja.trim() },
      letter: label.letter,
      colour: label.colour.toLowerCase(),
      shape: label.shape,
      group: groupCodeOf(
        draft,
        draft.groups.findIndex(({ groupId }) => groupId === label.groupId),
      ),
      ...(label.key === "" ? {} : { key: label.key.toLowerCase() }),
      ...(label.about === undefined ? {} : { about: label.about }),
    })),
  });
}
