import { create } from "zustand";
import { showNew, showRun } from "./draft-store.ts";

/** What the comparison shows; kept while other pages are visited. */
export interface CompareState {
  readonly isOpen: boolean;
  readonly isNew: boolean; // methods are being chosen
  readonly group: string | undefined; // undefined: the one with the newest run
  readonly ticked: Readonly<Record<string, readonly string[]>>; // by group: runs that stand in it
  readonly kinds: readonly string[] | undefined; // of a new one; undefined: the usual one and the baseline
  readonly selected: string | undefined; // the method that the inspector is about
}
export const useCompare = create<CompareState>(() => ({
  isOpen: false,
  isNew: false,
  group: undefined,
  ticked: {},
  kinds: undefined,
  selected: undefined,
}));

const set = (change: Partial<CompareState>): void => useCompare.setState(change);
export const openCompare = (): void => set({ isOpen: true });
export const openNewComparison = (): void => set({ isOpen: true, isNew: true });
export const showGroup = (group: string): void =>
  set({ isOpen: true, isNew: false, group, selected: undefined });
export const tick = (group: string, ids: readonly string[]): void =>
  useCompare.setState(({ ticked }) => ({ ticked: { ...ticked, [group]: ids } }));
export const chooseKinds = (kinds: readonly string[]): void => set({ kinds });
export const selectMethod = (selected: string): void => set({ selected });

/** Back to what was shown before: the comparison that a new one was begun from, or the page itself. */
export const stepBack = (hasComparison: boolean): void =>
  useCompare.setState(({ isNew }) => ({ isNew: false, isOpen: isNew && hasComparison }));

/** Back to one run, or to a training that is put together. */
export function leaveFor(runId: string | undefined): void {
  set({ isOpen: false, isNew: false });
  if (runId === undefined) showNew();
  else showRun(runId);
}
