import type { Label } from "../../../preload/contract/label-set.ts";

/** Commands of the review that prefer a plain letter. A label's own key always wins; then Shift is added. */
const letterCommands = {
  nextUnsure: "U",
  relabel: "L",
  notAssessable: "N",
  artefact: "X",
  layers: "I",
  caliper: "C",
  range: "R",
  goTo: "G",
  extremum: "E",
  fit: "F",
  nextChannel: "K",
  predictions: "O",
  readCompletely: "W",
  paperRows: "P",
  forecast: "Y",
  mother: "M",
} as const;

/** Those of models over time and of readings by rule: the letters they would have are taken, so Shift is part of them from the first. */
const shiftedCommands = {
  forks: "K",
  regimes: "R",
  baseline: "B",
  fills: "I",
  came: "W",
  pin: "P",
  anchors: "A",
  cueOrder: "O",
  blind: "H",
  agreement: "C",
  apart: "M",
  nextFork: "F",
  previousFork: "D",
  fillGaps: "G",
} as const;
const SPARE = ["H", "J", "Q", "S", "Z", "T", "D", "V", "A"]; // where a label has pushed another command there

export type LetterCommand = keyof typeof letterCommands | keyof typeof shiftedCommands;
export type LetterKeys = Readonly<Record<LetterCommand, string>>;

/** Key of a label as bindings are written; undefined where it has none. */
export const keyOfLabel = (label: Pick<Label, "key">): string | undefined => label.key?.toUpperCase();

export function letterKeys(labels: readonly Pick<Label, "key">[]): LetterKeys {
  const taken = new Set(labels.map(keyOfLabel));
  const entries: (readonly [string, string])[] = Object.entries(letterCommands).map(([command, letter]) => [
    command,
    taken.has(letter) ? `Shift+${letter}` : letter,
  ]);
  const used = new Set([...taken, ...entries.map(([, keys]) => keys)]);
  for (const [command, letter] of Object.entries(shiftedCommands)) {
    const keys = [`Shift+${letter}`, ...SPARE].find((one) => !used.has(one)) ?? `Alt+Shift+${letter}`;
    used.add(keys);
    entries.push([command, keys]);
  }
  return Object.fromEntries(entries) as LetterKeys;
}

/** Keys of the three paper speeds: always Alt, Shift and the digit, and the plain digit while no label has it. */
export function speedKeys(
  labels: readonly Pick<Label, "key">[],
): readonly { readonly keys: string; readonly speed: 1 | 2 | 3 }[] {
  const taken = new Set(labels.map(keyOfLabel));
  return ([1, 2, 3] as const).flatMap((speed) => [
    { keys: `Alt+Shift+${speed}`, speed },
    ...(taken.has(String(speed)) ? [] : [{ keys: String(speed), speed }]),
  ]);
}
