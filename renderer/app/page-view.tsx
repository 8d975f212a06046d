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

const LibraryPage = onDemand(() => import("../features/library/library-page.tsx").then((m) => m.LibraryPage));
const AgreementPage = onDemand(() =>
  import("../features/agreement/agreement-page.tsx").then((m) => m.AgreementPage),
);
const BinPage = onDemand(() => import("../features/library/bin-page.tsx").then((m) => m.BinPage));
const ArchivePage = onDemand(() => import("../features/library/archive-page.tsx").then((m) => m.ArchivePage));
const RecordPage = onDemand(() => import("../features/record/record-page.tsx").then((m) => m.RecordPage));
const ReviewPage = onDemand(() => import("../features/review/review-page.tsx").then((m) => m.ReviewPage));
const TrainPage = onDemand(() => import("../features/train/train-page.tsx").then((m) => m.TrainPage));
const LayersPage = onDemand(() => import("../features/layers/layers-page.tsx").then((m) => m.LayersPage));
const ModelsPage = onDemand(() => import("../features/models/models-page.tsx").then((m) => m.ModelsPage));
const SettingsPage = onDemand(() =>
  import("../features/settings/settings-page.tsx").then((m) => m.SettingsPage),
);
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
