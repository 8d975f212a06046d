import { Button, Modal, Switch } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { ExportFormat } from "../../../preload/contract/exchange.ts";
import type { Selection } from "../../../preload/contract/listing.ts";
import { request } from "../../bridge/client.ts";
import { useRequest, useSendOnce } from "../../bridge/hooks.ts";
import { useReadBlind } from "../../state/blind.ts";
import { common } from "../../ui/common-words.ts";
import { FolderChoice } from "../../ui/folder-choice.tsx";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Failure } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { leaving } from "./chosen.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

/** What is exported: of so many recordings. */
export interface Exported {
  readonly selection: Selection;
  readonly count: number;
}

export function ExportDialog({
  exported,
  onClose,
}: {
  readonly exported: Exported | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(libraryWords);
  return (
    <Modal
      opened={exported !== undefined}
      onClose={onClose}
      title={t("exportTitle", { count: exported?.count ?? 1 })}
      size={560}
    >
      {exported && <ExportForm {...exported} onClose={onClose} />}
    </Modal>
  );
}

function ExportForm({
  selection,
  count,
  onClose,
}: Exported & {
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const [format, setFormat] = useState<ExportFormat>("edf");
  const [directory, setDirectory] = useState<string>();
  const [withAnnotations, setAnnotations] = useState(true);
  const [withMask, setMask] = useState(true);
  const [withFindings, setFindings] = useState(false);
  const [withFilled, setFilled] = useState(false);
  const [deidentify, setDeidentify] = useState(false);
  const blind = useReadBlind();
  const others = useRequest(
    "recordings.selected",
    blind.size === 0 ? undefined : { selection: leaving(selection, blind), filter: {} },
  ).data?.count;
  const isBlind = blind.size > 0 && others !== count; // until that is known, too
  const start = useSendOnce("export.start");
  const begin = () => {
    if (directory === undefined) return;
    start.send(
      {
        ...{ selection, format, directory },
        ...{ withMask, withFilled, deidentify },
        ...{ withAnnotations: withAnnotations && !isBlind, withFindings: withFindings && !isBlind },
      },
      { onSuccess: onClose },
    );
  };
  useKeys(t("export"), [{ keys: "Mod+Enter", what: t("startExport"), run: begin, inInputs: true }], {
    exclusive: true,
  });
  return (
    <div className={css["stack"]}>
      <h3 id="export-format">{t("format")}</h3>
      <div className={css["formats"]} role="radiogroup" aria-labelledby="export-format">
        {ExportFormat.options.map((one) => (
          <button
            key={one}
            type="button"
            role="radio"
            {...(format === one ? { "data-autofocus": true } : {})}
            aria-checked={format === one}
            className={css["format"]}
            onClick={() => setFormat(one)}
          >
            {t(`format.${one}`)}
            <small>{t(`formatText.${one}`)}</small>
          </button>
        ))}
      </div>
      <h3>{t("directory")}</h3>
      <FolderChoice
        label={t("chooseDirectory")}
        directory={directory}
        choose={() => request("export.chooseDirectory", {})}
        onChosen={setDirectory}
      />
      <Switch
        checked={withAnnotations && !isBlind}
        disabled={isBlind}
        onChange={(event) => setAnnotations(event.currentTarget.checked)}
        label={t("withAnnotations")}
        description={isBlind ? t("blindExport") : undefined}
      />
      <Switch
        checked={withMask}
        onChange={(event) => setMask(event.currentTarget.checked)}
        label={t("withMask")}
      />
      <Switch
        checked={withFindings && !isBlind}
        disabled={isBlind}
        onChange={(event) => setFindings(event.currentTarget.checked)}
        label={t("withFindings")}
        description={t("withFindingsText")}
      />
      <Switch
        checked={withFilled}
        onChange={(event) => setFilled(event.currentTarget.checked)}
        label={t("withFilled")}
      />
      <Switch
        checked={deidentify}
        onChange={(event) => setDeidentify(event.currentTarget.checked)}
        label={t("deidentify")}
        description={t("deidentifyText")}
      />
      {start.error && <Failure error={start.error} />}
      <div className={css["dialogFoot"]}>
        <Button variant="default" onClick={onClose}>
          {c("cancel")}
        </Button>
        <ActionButton
          primary
          keys="Mod+Enter"
          disabled={directory === undefined}
          loading={start.isPending}
          data-testid={testIds.exportStart}
          onClick={begin}
        >
          {t("startExport")}
        </ActionButton>
      </div>
    </div>
  );
}
