import type { ReactNode } from "react";
import { TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Empty } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { recordWords } from "./words.ts";

export interface RecordPageProps {
  readonly onImport: () => void;
  readonly onLibrary: () => void;
}

/** Says what is so: no device can be recorded from yet. */
export function RecordPage({ onImport, onLibrary }: RecordPageProps): ReactNode {
  const t = useWords(recordWords);
  return (
    <div data-testid={testIds.recordPage} style={{ height: "100%", display: "grid", placeItems: "center" }}>
      <TopBar>
        <h1>{t("title")}</h1>
      </TopBar>
      <Empty
        title={t("heading")}
        actions={
          <>
            <ActionButton primary keys="Mod+O" onClick={onImport}>
              {t("import")}
            </ActionButton>
            <ActionButton keys="Mod+1" onClick={onLibrary}>
              {t("library")}
            </ActionButton>
          </>
        }
      >
        {t("text")}
      </Empty>
    </div>
  );
}
