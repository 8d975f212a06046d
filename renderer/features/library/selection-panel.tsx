import type { ReactNode } from "react";
import type { Selected } from "../../../preload/contract/listing.ts";
import { common } from "../../ui/common-words.ts";
import { length } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { archiveWords } from "./archive-words.ts";
import css from "./library.module.css";
import { passWords } from "./pass-words.ts";
import { studyWords } from "./study-words.ts";
import { libraryWords } from "./words.ts";

const LISTED = 12;

export interface SelectionPanelProps {
  readonly chosen: Selected;
  readonly onExport: () => void;
  readonly onRemove: () => void;
  readonly onVerify: () => void;
  readonly onCompare: () => void;
  readonly onPredict: () => void;
  readonly onAnalyse: () => void;
  readonly onUc: () => void;
  readonly isVerifying: boolean;
  readonly onClear: () => void;
  readonly onPush: (() => void) | undefined; // absent: no archive is connected
}

/** Several recordings at once: how many, which, and what will be done to all of them. */
export function SelectionPanel(props: SelectionPanelProps): ReactNode {
  const { chosen, onExport, onRemove, onVerify, onCompare, isVerifying, onClear, onPush } = props;
  const s = useWords(studyWords);
  const p = useWords(passWords);
  const t = useWords(libraryWords);
  const a = useWords(archiveWords);
  const c = useWords(common);
  const language = useLanguage();
  const { count, shown, first } = chosen;
  const hidden = count - shown; // by search and filters
  const rest = count - LISTED;
  const listed = rest > 1 ? first.slice(0, LISTED) : first;
  return (
    <div className={css["inspector"]} data-testid={testIds.selectionPanel}>
      <div className={css["block"]}>
        <h2>{t("selectedTitle", { count })}</h2>
        <p className={css["dim"]}>{t("selectedText")}</p>
      </div>
      <div className={css["actions"]}>
        <ActionButton keys="E" data-testid={testIds.exportRecordings} onClick={onExport}>
          {count > 1 ? t("exportMany", { count }) : t("export")}
        </ActionButton>
        <ActionButton keys="V" loading={isVerifying} onClick={onVerify}>
          {count > 1 ? t("verifyMany", { count }) : t("verify")}
        </ActionButton>
        <ActionButton
          keys="M"
          className={css["whole"] ?? ""}
          data-testid={testIds.predictRecordings}
          onClick={props.onPredict}
        >
          {count > 1 ? s("predictMany", { count }) : s("predict")}
        </ActionButton>
        <ActionButton
          keys="R"
          className={css["whole"] ?? ""}
          data-testid={testIds.analyseRecordings}
          onClick={props.onAnalyse}
        >
          {count > 1 ? s("analyseMany", { count }) : s("analyse")}
        </ActionButton>
        <ActionButton
          keys="U"
          className={css["whole"] ?? ""}
          data-testid={testIds.ucRecordings}
          onClick={props.onUc}
        >
          {count > 1 ? p("ucMany", { count }) : p("uc")}
        </ActionButton>
        <ActionButton
          keys="C"
          className={css["whole"] ?? ""}
          data-testid="compare-readers"
          onClick={onCompare}
        >
          {t("compareReaders")}
        </ActionButton>
        {onPush && (
          <ActionButton
            keys="P"
            className={css["whole"] ?? ""}
            data-testid={testIds.pushRecordings}
            onClick={onPush}
          >
            {count > 1 ? a("pushMany", { count }) : a("push")}
          </ActionButton>
        )}
        <ActionButton
          keys="Delete"
          className={css["whole"] ?? ""}
          data-testid={testIds.removeRecording}
          onClick={onRemove}
        >
          {count > 1 ? t("removeMany", { count }) : t("remove")}
        </ActionButton>
        <ActionButton keys="Escape" className={css["whole"] ?? ""} onClick={onClear}>
          {t("unselect")}
        </ActionButton>
      </div>
      <ul className={css["list"]}>
        {listed.map((one) => (
          <li key={one.id} className={css["channelRow"]}>
            <span className={css["clip"]} title={one.name}>
              {one.name}
            </span>
            <span className={css["dim"]}>
              {c(`kind.${one.kind}`)} · {length(one.durationS, language)}
            </span>
          </li>
        ))}
        {rest > 1 && <li className={css["listRest"]}>{t("more", { count: rest })}</li>}
      </ul>
      {hidden > 0 && (
        <p className={css["notice"]} role="status">
          {t("selectedHidden", { count: hidden })}
        </p>
      )}
    </div>
  );
}
