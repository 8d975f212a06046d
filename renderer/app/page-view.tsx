import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useRequest } from "../bridge/hooks.ts";
import { GoneRecording, isGone } from "../features/library/gone-recording.tsx";
import { goTo, openLayers, useSession, type Page } from "../state/session.ts";
import { onDemand } from "../ui/on-demand.tsx";
import { TopBar } from "../ui/slots.tsx";
import { testIds } from "../ui/test-ids.ts";
import { Empty } from "../ui/widgets.tsx";
import { useWords } from "../ui/words.ts";
import css from "./shell.module.css";
import { shell } from "./words.ts";

const code = {
  library: () => import("../features/library/library-page.tsx").then((m) => m.LibraryPage),
  agreement: () => import("../features/agreement/agreement-page.tsx").then((m) => m.AgreementPage),
  bin: () => import("../features/library/bin-page.tsx").then((m) => m.BinPage),
  archive: () => import("../features/library/archive-page.tsx").then((m) => m.ArchivePage),
  record: () => import("../features/record/record-page.tsx").then((m) => m.RecordPage),
  review: () => import("../features/review/review-page.tsx").then((m) => m.ReviewPage),
  train: () => import("../features/train/train-page.tsx").then((m) => m.TrainPage),
  layers: () => import("../features/layers/layers-page.tsx").then((m) => m.LayersPage),
  models: () => import("../features/models/models-page.tsx").then((m) => m.ModelsPage),
  settings: () => import("../features/settings/settings-page.tsx").then((m) => m.SettingsPage),
};

/** Begins to fetch the code of a page before it is drawn; where that fails the page says so itself. */
export const fetchPage = (page: Page): void => void code[page]().catch(() => undefined);

const LibraryPage = onDemand(code.library);
const AgreementPage = onDemand(code.agreement);
const BinPage = onDemand(code.bin);
const ArchivePage = onDemand(code.archive);
const RecordPage = onDemand(code.record);
const ReviewPage = onDemand(code.review);
const TrainPage = onDemand(code.train);
const LayersPage = onDemand(code.layers);
const ModelsPage = onDemand(code.models);
const SettingsPage = onDemand(code.settings);
const LabelSetEditor = onDemand(() =>
  import("../features/annotate/label-set-editor.tsx").then((m) => m.LabelSetEditor),
);

function NothingOpen(): ReactNode {
  const t = useWords(shell);
  return (
    <div className={css["centre"]} data-testid={testIds.noRecording}>
      <TopBar>
        <h1>{t("page.review")}</h1>
      </TopBar>
      <Empty
        title={t("openFirst")}
        actions={<Button onClick={() => goTo("library")}>{t("toLibrary")}</Button>}
      >
        {t("openFirstText")}
      </Empty>
    </div>
  );
}

function pageOf(page: Page, recordingId: string | undefined): ReactNode {
  switch (page) {
    case "library":
      return <LibraryPage />;
    case "bin":
      return <BinPage />;
    case "archive":
      return <ArchivePage />;
    case "agreement":
      return <AgreementPage />;
    case "record":
      return <RecordPage />;
    case "review":
      return recordingId === undefined ? (
        <NothingOpen />
      ) : (
        <ReviewPage key={recordingId} recordingId={recordingId} onOpenLayers={openLayers} />
      );
    case "train":
      return <TrainPage />;
    case "layers":
      return <LayersPage />;
    case "models":
      return <ModelsPage />;
    case "settings":
      return <SettingsPage labelSetEditor={<LabelSetEditor />} />;
  }
}

export function PageView({ page }: { readonly page: Page }): ReactNode {
  const t = useWords(shell);
  const recordingId = useSession((one) => one.recordingId);
  const isAboutOne = page === "review" || page === "layers";
  const opened = useRequest(
    "recordings.get",
    isAboutOne && recordingId !== undefined ? { id: recordingId } : undefined,
  );
  if (recordingId !== undefined && isAboutOne && isGone(opened.error))
    return (
      <div className={css["centre"]}>
        <TopBar>
          <h1>{t(`page.${page}`)}</h1>
        </TopBar>
        <GoneRecording id={recordingId} isInBin={opened.error?.code === "storage/in-bin"} />
      </div>
    );
  return pageOf(page, recordingId);
}
