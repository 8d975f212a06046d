import { create } from "zustand";
import type { Draft } from "./draft.ts";

/** What the page shows and what is being put together; kept while other pages are visited. */
export interface TrainState {
  readonly draft: Draft | undefined; // made from the library on the first visit
  readonly shown: string | "new" | undefined; // a run's id; undefined: whatever is newest
}
export const useTrain = create<TrainState>(() => ({ draft: undefined, shown: undefined }));

export const showRun = (id: string): void => useTrain.setState({ shown: id });
export const showNew = (): void => useTrain.setState({ shown: "new" });
export const changeDraft = (change: Partial<Draft>): void =>
  useTrain.setState(({ draft }) => (draft ? { draft: { ...draft, ...change } } : {}));
export const setDraft = (draft: Draft): void => useTrain.setState({ draft });
