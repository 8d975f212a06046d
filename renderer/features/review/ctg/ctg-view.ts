import { create } from "zustand";

/** What of a reading by rule is drawn, in the order of its keys. */
export const ctgParts = [
  "baseline",
  "events",
  "contractions",
  "variability",
  "classes",
  "falseSignal",
] as const;
export type CtgPart = (typeof ctgParts)[number];

/** What of a reading is on screen: all off is plain paper. It stays from one recording to the next. */
export type CtgView = Readonly<Record<CtgPart | "bracket", boolean>>;

export const useCtgView = create<CtgView>(() => ({
  ...{ baseline: true, events: true, contractions: true, variability: true, classes: true },
  ...{ falseSignal: true, bracket: true },
}));

export const turnCtg = (part: keyof CtgView): void =>
  useCtgView.setState((view) => ({ [part]: !view[part] }));

/** The kinds of tracks that draw the parts of a reading. */
const partOfKind: Readonly<Record<string, CtgPart>> = {
  curve: "baseline",
  "event-fills": "events",
  contractions: "contractions",
  "minute-values": "variability",
  "class-ribbon": "classes",
  "false-signal": "falseSignal",
  proposals: "falseSignal",
};

export const isKindShown = (kind: string, view: CtgView): boolean => {
  const part = partOfKind[kind];
  return part === undefined || view[part];
};

/** Their keys: the first six digits with Alt, and the next for the bracket at the pointer. */
export const ctgKeys: Readonly<Record<keyof CtgView, string>> = {
  ...{ baseline: "Alt+1", events: "Alt+2", contractions: "Alt+3", variability: "Alt+4" },
  ...{ classes: "Alt+5", falseSignal: "Alt+6", bracket: "Alt+7" },
};
