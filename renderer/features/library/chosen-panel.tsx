import type { ReactNode, RefObject } from "react";
import { useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { RecordingInspector } from "./recording-inspector.tsx";
import { SelectionPanel } from "./selection-panel.tsx";
import type { Actions, Standing } from "./use-actions.ts";
import { libraryWords } from "./words.ts";

export interface ChosenPanelProps {
  readonly standing: Standing;
  readonly actions: Actions;
  readonly isSeveral: boolean; // what is ticked is more, or another, than the row shown
  readonly repairs: RefObject<HTMLDivElement | null>;
  readonly name: RefObject<HTMLInputElement | null>;
}

/** Beside the list: what is ticked, else the recording shown. */
export function ChosenPanel({ standing, actions, isSeveral, repairs, name }: ChosenPanelProps): ReactNode {
  const t = useWords(libraryWords);
  const { ticking, selected } = standing;
  const shared = {
    onExport: actions.exportThem,
    onRemove: actions.remove,
    onVerify: actions.verify,
    onCompare: actions.compare,
    onPredict: actions.predict,
    onAnalyse: actions.analyse,
    onUc: actions.takeUcOut,
    isVerifying: actions.isVerifying,
    onPush: actions.push,
  };
  if (isSeveral && ticking.selected !== undefined)
    return <SelectionPanel chosen={ticking.selected} {...shared} onClear={ticking.clear} />;
  if (selected !== undefined)
    return (
      <RecordingInspector
        {...shared}
        id={selected.id}
        repairsRef={repairs}
        nameRef={name}
        onOpen={actions.open}
        onReadBlind={actions.readBlind}
      />
    );
  return (
    <div className={css["block"]}>
      <h2>{t("nothingSelected")}</h2>
      <p className={css["dim"]}>{t("nothingSelectedText")}</p>
    </div>
  );
}
