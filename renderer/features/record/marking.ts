import type { NewMark } from "../../../preload/contract/acquisition.ts";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";

/** Labels whose first press was made, with the time it was made at; each ends on its own second press. */
export type Begun = ReadonlyMap<string, number>;

export interface Pressed {
  readonly begun: Begun;
  readonly mark: NewMark | undefined; // to be stored
}

/** A point is set at once. An interval begins with a press and is set with the next one, from the first to now. */
export function press(
  begun: Begun,
  label: Pick<Label, "code" | "shape">,
  at: { readonly nowS: number; readonly labelSet: string; readonly author: string },
): Pressed {
  const mark = { labelSet: at.labelSet, label: label.code, author: at.author };
  if (label.shape === "point") return { begun, mark: { ...mark, atS: at.nowS } };
  const sinceS = begun.get(label.code);
  const next = new Map(begun);
  if (sinceS === undefined) {
    next.set(label.code, at.nowS);
    return { begun: next, mark: undefined };
  }
  next.delete(label.code);
  return { begun: next, mark: { ...mark, atS: sinceS, durationS: Math.max(0, at.nowS - sinceS) } };
}

/** The label that free notes are written with: a point called note, else any point. */
export const noteLabel = (set: LabelSet | undefined): Label | undefined =>
  set?.labels.find(({ code, shape }) => shape === "point" && code === "note") ??
  set?.labels.find(({ shape }) => shape === "point");

const letters = { sound: "A", filter: "F", note: "N", repeat: "R", ahead: "Y" } as const; // of what comes ahead as in review
type LetterCommand = keyof typeof letters;

/** A label's own key always wins; the command then takes Shift. */
export function letterKeys(labels: readonly Pick<Label, "key">[]): Readonly<Record<LetterCommand, string>> {
  const taken = new Set(labels.map(({ key }) => key?.toUpperCase()));
  const keyOf = (command: LetterCommand): string =>
    taken.has(letters[command]) ? `Shift+${letters[command]}` : letters[command];
  return {
    sound: keyOf("sound"),
    filter: keyOf("filter"),
    note: keyOf("note"),
    repeat: keyOf("repeat"),
    ahead: keyOf("ahead"),
  };
}
