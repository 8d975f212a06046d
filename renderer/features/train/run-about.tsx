import type { ReactNode, RefObject } from "react";
import { metricsIn, type Run } from "../../../preload/contract/run.ts";
import { SavedField } from "../../ui/saved-field.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import type { RunActions } from "./run-actions.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** What a person calls a run and thinks of it, and what may be done with it as a whole. */
export function RunAbout({
  run,
  actions,
  nameRef,
}: {
  readonly run: Run;
  readonly actions: RunActions;
  readonly nameRef: RefObject<HTMLInputElement | null>;
}): ReactNode {
  const t = useWords(trainWords);
  return (
    <div className={css["stack"]}>
      <SavedField
        label={t("name")}
        value={run.config.name}
        isRequired
        inputRef={nameRef}
        testId={testIds.runName}
        onSave={actions.rename}
      />
      <SavedField label={t("note")} value={run.note ?? ""} isLong onSave={actions.describe} />
      <div className={css["stack"]} style={{ gap: 8 }}>
        {metricsIn(run) && actions.canExport && (
          <ActionButton
            keys="Mod+E"
            data-testid={testIds.exportModel}
            loading={actions.isExporting}
            onClick={actions.exportModel}
          >
            {t("exportModel")}
          </ActionButton>
        )}
        <ActionButton keys="Mod+S" data-testid={testIds.saveRunRecord} onClick={actions.saveRecord}>
          {t("saveRecord")}
        </ActionButton>
        <ActionButton
          keys="Delete"
          data-testid={testIds.removeRun}
          disabled={!actions.canRemove}
          onClick={actions.remove}
        >
          {t("removeRun")}
        </ActionButton>
      </div>
    </div>
  );
}
