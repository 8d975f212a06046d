import { Button, Modal, Switch } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { ExportFormat } from "../../../preload/contract/exchange.ts";
import { request } from "../../bridge/client.ts";
import { useSend } from "../../bridge/hooks.ts";
import { useReadBlind } from "../../state/blind.ts";
import { common } from "../../ui/common-words.ts";
import { FolderChoice } from "../../ui/folder-choice.tsx";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Failure } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

export function ExportDialog({
  recordingIds,
  onClose,
}: {
  readonly recordingIds: readonly string[];
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(libraryWords);
  return (
    <Modal
      opened={recordingIds.length > 0}
      onClose={onClose}
      title={t("exportTitle", { count: Math.max(1, recordingIds.length) })}
      size={560}
    >
      {recordingIds.length > 0 && <ExportForm recordingIds={recordingIds} onClose={onClose} />}
    </Modal>
  );
}

function ExportForm({
  recordingIds,
  onClose,
}: {
  readonly recordingIds: readonly string[];
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
  const isBlind = useReadBlind(recordingIds).size > 0;
  const start = useSend("export.start");
  const begin = () => {
    if (directory === undefined || start.isPending) return;
    start.mutate(
      {
        ...{ recordingIds: [...recordingIds], format, directory },
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
      {start.isError && <Failure error={start.error} />}
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
