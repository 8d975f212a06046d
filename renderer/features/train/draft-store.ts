import { create } from "zustand";
import type { Draft } from "./draft.ts";

/** What the page shows and what is being put together; kept while other pages are visited. */
export interface TrainState {
  readonly draft: Draft | undefined; // made from the library on the first visit
  readonly isNew: boolean; // a training is being put together
  readonly runId: string | undefined; // the run shown otherwise; undefined: the newest
}
export const useTrain = create<TrainState>(() => ({ draft: undefined, isNew: false, runId: undefined }));

export const showRun = (id: string): void => useTrain.setState({ isNew: false, runId: id });
export const showNew = (): void => useTrain.setState({ isNew: true });
export const changeDraft = (change: Partial<Draft>): void =>
  useTrain.setState(({ draft }) => (draft ? { draft: { ...draft, ...change } } : {}));
export const setDraft = (draft: Draft): void => useTrain.setState({ draft });
