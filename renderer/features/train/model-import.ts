import { create } from "zustand";
import { request } from "../../bridge/client.ts";
import { goTo } from "../../state/session.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { currentLanguage, translate } from "../../ui/words.ts";
import { showRun } from "./draft-store.ts";
import { trainWords } from "./words.ts";

/** A model file is read one at a time; asking again meanwhile does nothing. */
export const useModelImport = create<{ readonly isImporting: boolean }>(() => ({ isImporting: false }));

/** Asks for a model file and takes it in as a run, which is then shown. What is no model of Kodo is refused and said. */
export async function chooseAndImportModel(): Promise<void> {
  if (useModelImport.getState().isImporting) return;
  useModelImport.setState({ isImporting: true });
  try {
    const file = await request("models.choose", {});
    if (file === null) return;
    const { run } = await request("models.import", { file });
    showRun(run.id);
    goTo("train");
    notify(translate(trainWords, currentLanguage())("modelImported", { name: run.config.name }));
  } catch (error) {
    notifyFailure(error);
  } finally {
    useModelImport.setState({ isImporting: false });
  }
}
