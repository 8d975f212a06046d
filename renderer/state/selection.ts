import { createStore, type StoreApi } from "zustand/vanilla";

/** What the inspector is about. */
export type Selected =
  | { readonly kind: "annotation"; readonly id: string }
  | { readonly kind: "mask"; readonly id: string }
  | { readonly kind: "time" }; // the cursor

export interface TimeRange {
  readonly fromS: number;
  readonly toS: number;
}

/** A label whose start is set and whose end is not. */
export interface Pending {
  readonly label: string;
  readonly startS: number;
}

export interface Selection {
  readonly selected: Selected | undefined;
  readonly cursorS: number | undefined; // the focusable cursor; a click or the keys set it
  readonly range: TimeRange | undefined;
  readonly pending: Pending | undefined;
  readonly caliper: readonly number[]; // times of its points: none, one or two
  readonly channel: number | undefined; // whose gain, mask and values are meant
}
export type SelectionStore = StoreApi<Selection>;

export const nothingSelected: Selection = {
  selected: undefined,
  cursorS: undefined,
  range: undefined,
  pending: undefined,
  caliper: [],
  channel: undefined,
};

export const createSelection = (): SelectionStore => createStore<Selection>()(() => nothingSelected);

export const rangeOf = (a: number, b: number): TimeRange => ({ fromS: Math.min(a, b), toS: Math.max(a, b) });

/** Esc takes back the latest thing first: a started label, a caliper, a range, then the selection. */
export function stepBack(selection: Selection): Selection {
  if (selection.pending) return { ...selection, pending: undefined };
  if (selection.caliper.length > 0) return { ...selection, caliper: [] };
  if (selection.range) return { ...selection, range: undefined };
  return { ...selection, selected: undefined };
}
