import { create } from "zustand";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import type { RunConfig } from "../../../preload/contract/run.ts";
import type { Where } from "../../ui/where.tsx";
import { withModel, type Draft } from "./draft.ts";
import { withSetting } from "./model-settings.ts";

/** What the page shows and what is being put together; kept while other pages are visited. */
export interface TrainState {
  readonly kind: RecordingKind | undefined; // whose draft is shown; undefined before the first visit
  readonly drafts: Readonly<Partial<Record<RecordingKind, Draft>>>; // one a kind: what is chosen for one says nothing of another
  readonly isNew: boolean; // a training is being put together
  readonly runId: string | undefined; // the run shown otherwise; undefined: the newest
  readonly where: Where; // the next training is done
  readonly counted: RunConfig | undefined; // of many recordings, that was asked to be counted
}
export const useTrain = create<TrainState>(() => ({
  kind: undefined,
  drafts: {},
  isNew: false,
  runId: undefined,
  where: "here",
  counted: undefined,
}));

export const showRun = (id: string): void => useTrain.setState({ isNew: false, runId: id });
export const setWhere = (where: Where): void => useTrain.setState({ where });
export const askToCount = (counted: RunConfig | undefined): void => useTrain.setState({ counted });
export const showNew = (): void => useTrain.setState({ isNew: true });
export const shownDraft = ({ kind, drafts }: TrainState): Draft | undefined => kind && drafts[kind];
export const changeDraft = (change: Partial<Omit<Draft, "kind">>): void => {
  const draft = shownDraft(useTrain.getState());
  if (draft) setDraft({ ...draft, ...change });
};
/** Shows a draft, in place of the one of its kind. */
export const setDraft = (draft: Draft): void =>
  useTrain.setState(({ drafts }) => ({ kind: draft.kind, drafts: { ...drafts, [draft.kind]: draft } }));

export const chooseModel = (kind: string): void => {
  const draft = shownDraft(useTrain.getState());
  if (draft) setDraft(withModel(draft, kind));
};
/** One setting of the model that is chosen; undefined: as usual. */
export const changeSetting = (key: string, value: unknown): void => {
  const draft = shownDraft(useTrain.getState());
  if (draft) changeDraft({ model: { ...withSetting(draft.model, key, value), kind: draft.model.kind } });
};
