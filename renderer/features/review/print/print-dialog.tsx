import { Button, Checkbox, Modal, SegmentedControl, Switch } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { FindingSpan } from "../../../../preload/contract/finding.ts";
import { ReportFile, type ReportOptions } from "../../../../preload/contract/report.ts";
import { fhrScales, PAGE_STRIP_CM } from "../../../../preload/strip/scale.ts";
import { request } from "../../../bridge/client.ts";
import { useSendOnce } from "../../../bridge/hooks.ts";
import { endS } from "../../../state/viewport.ts";
import { common } from "../../../ui/common-words.ts";
import { FolderChoice } from "../../../ui/folder-choice.tsx";
import { useKeys } from "../../../ui/keys.ts";
import { testIds } from "../../../ui/test-ids.ts";
import { ActionButton, Failure } from "../../../ui/widgets.tsx";
import { useWords } from "../../../ui/words.ts";
import type { Review } from "../use-review.ts";
import css from "./print.module.css";
import { printWords } from "./words.ts";

/** Of the system's own print, and one that no label can have. */
const KEYS = ["Mod+P", "F8"] as const;
const paperSpeeds: readonly ReportOptions["paperSpeed"][] = [1, 2, 3];

/** Paper is asked for by its keys, where there is a cardiotocogram. */
export function PrintDialog({ review }: { readonly review: Review }): ReactNode {
  const t = useWords(printWords);
  const [isOpen, setOpen] = useState(false);
  const { isCtg, channels } = review;
  const isDrawn = isCtg && channels.some(({ role }) => role === "fhr" || role === "mhr" || role === "uc");
  useKeys(
    t("title"),
    KEYS.map((keys) => ({
      keys,
      what: t("print"),
      run: () => setOpen(true),
      enabled: isDrawn,
    })),
  );
  return (
    <Modal opened={isOpen} onClose={() => setOpen(false)} title={t("title")} size={560}>
      {isOpen && <PrintForm review={review} close={() => setOpen(false)} />}
    </Modal>
  );
}

type Stretch = "whole" | "sight" | "range";

/** What of the recording: the selection where there is one, else all of it. */
function spanOf(stretch: Stretch, { viewport, state, durationS }: Review): FindingSpan {
  const view = viewport.getState();
  const { range } = state;
  if (stretch === "range" && range) return range;
  return stretch === "sight"
    ? { fromS: Math.max(0, view.startS), toS: Math.min(durationS, endS(view)) }
    : { fromS: 0, toS: durationS };
}

function PrintForm({ review, close }: { readonly review: Review; readonly close: () => void }): ReactNode {
  const t = useWords(printWords);
  const c = useWords(common);
  const { settings, detail, state } = review;
  const [stretch, setStretch] = useState<Stretch>(state.range ? "range" : "whole");
  const [options, setOptions] = useState<Omit<ReportOptions, "span">>({
    ...{ paperSpeed: settings.paperSpeed, fhrRange: settings.fhrRange, language: review.language },
    ...{ withOverlays: !review.blind.isBlind, withAnnotations: false },
  });
  const [files, setFiles] = useState<readonly ReportFile[]>(["pdf"]);
  const [directory, setDirectory] = useState<string>();
  const [deidentify, setDeidentify] = useState(false);
  const start = useSendOnce("report.start");
  const span = spanOf(stretch, review);
  const isApart = review.arranging.view.isApart; // as on the screen
  const isReady = directory !== undefined && files.length > 0 && !start.isPending;
  const begin = (): void => {
    if (!isReady) return;
    start.send(
      { ...options, span, isApart, directory, deidentify, recordingIds: [detail.id], files: [...files] },
      { onSuccess: close },
    );
  };
  useKeys(t("title"), [{ keys: "Mod+Enter", what: t("start"), run: begin, inInputs: true }], {
    exclusive: true,
  });
  const pages = Math.max(1, Math.ceil((((span.toS - span.fromS) / 60) * options.paperSpeed) / PAGE_STRIP_CM));
  return (
    <div className={css["form"]} data-testid={testIds.printDialog}>
      <StretchRow stretch={stretch} setStretch={setStretch} hasRange={state.range !== undefined} />
      <Options
        isBlind={review.blind.isBlind}
        options={options}
        change={(change) => setOptions({ ...options, ...change })}
      />
      <FilesRow files={files} setFiles={setFiles} />
      <div className={css["row"]}>
        <span>{t("folder")}</span>
        <FolderChoice
          label={t("choose")}
          directory={directory}
          choose={() => request("export.chooseDirectory", {})}
          onChosen={setDirectory}
        />
      </div>
      <div className={css["row"]}>
        <span />
        <Switch
          checked={deidentify}
          onChange={(event) => setDeidentify(event.currentTarget.checked)}
          label={t("deidentify")}
          description={t("deidentifyText")}
        />
      </div>
      {start.error && <Failure error={start.error} />}
      <div className={css["foot"]}>
        <small>{t("pages", { count: pages })}</small>
        <Button variant="default" onClick={close}>
          {c("cancel")}
        </Button>
        <ActionButton
          primary
          keys="Mod+Enter"
          disabled={!isReady}
          loading={start.isPending}
          data-testid={testIds.printStart}
          onClick={begin}
        >
          {t("start")}
        </ActionButton>
      </div>
    </div>
  );
}

function StretchRow({
  stretch,
  setStretch,
  hasRange,
}: {
  readonly stretch: Stretch;
  readonly setStretch: (stretch: Stretch) => void;
  readonly hasRange: boolean;
}): ReactNode {
  const t = useWords(printWords);
  const offered: readonly Stretch[] = ["whole", "sight", ...(hasRange ? ["range" as const] : [])];
  return (
    <div className={css["row"]}>
      <span>{t("stretch")}</span>
      <SegmentedControl
        aria-label={t("stretch")}
        value={stretch}
        onChange={setStretch}
        data={offered.map((value) => ({ value, label: t(`stretch.${value}`) }))}
      />
    </div>
  );
}

function Options({
  isBlind,
  options,
  change,
}: {
  readonly isBlind: boolean; // what others said is not shown on paper either
  readonly options: Omit<ReportOptions, "span">;
  readonly change: (change: Partial<Omit<ReportOptions, "span">>) => void;
}): ReactNode {
  const t = useWords(printWords);
  return (
    <>
      <div className={css["row"]}>
        <span>{t("speed")}</span>
        <SegmentedControl
          aria-label={t("speed")}
          value={String(options.paperSpeed)}
          onChange={(value) =>
            change({ paperSpeed: paperSpeeds.find((speed) => String(speed) === value) ?? 1 })
          }
          data={paperSpeeds.map((speed) => ({ value: String(speed), label: t("speedOf", { speed }) }))}
        />
      </div>
      <div className={css["row"]}>
        <span>{t("scale")}</span>
        <SegmentedControl
          aria-label={t("scale")}
          value={options.fhrRange}
          onChange={(fhrRange) => change({ fhrRange })}
          data={(["50-210", "30-240"] as const).map((range) => ({
            value: range,
            label: t("scaleOf", { range: range.replace("-", "–"), bpm: fhrScales[range].bpmPerCm }),
          }))}
        />
      </div>
      <div className={css["row"]}>
        <span>{t("language")}</span>
        <SegmentedControl
          aria-label={t("language")}
          value={options.language}
          onChange={(language) => change({ language })}
          data={[
            { value: "en", label: "English" },
            { value: "ja", label: "日本語" },
          ]}
        />
      </div>
      <div className={css["row"]} data-lines>
        <span>{t("shown")}</span>
        <div className={css["choices"]}>
          <Checkbox
            checked={options.withOverlays}
            disabled={isBlind}
            onChange={(event) => change({ withOverlays: event.currentTarget.checked })}
            label={t("overlays")}
          />
          <Checkbox
            checked={options.withAnnotations}
            disabled={isBlind}
            onChange={(event) => change({ withAnnotations: event.currentTarget.checked })}
            label={t("annotations")}
            description={t(isBlind ? "blindText" : "plainText")}
          />
        </div>
      </div>
    </>
  );
}

function FilesRow({
  files,
  setFiles,
}: {
  readonly files: readonly ReportFile[];
  readonly setFiles: (files: readonly ReportFile[]) => void;
}): ReactNode {
  const t = useWords(printWords);
  return (
    <div className={css["row"]} data-lines>
      <span>{t("files")}</span>
      <div className={css["choices"]}>
        {ReportFile.options.map((file) => (
          <Checkbox
            key={file}
            checked={files.includes(file)}
            onChange={(event) =>
              setFiles(
                ReportFile.options.filter((one) =>
                  one === file ? event.currentTarget.checked : files.includes(one),
                ),
              )
            }
            label={t(`file.${file}`)}
          />
        ))}
      </div>
    </div>
  );
}
