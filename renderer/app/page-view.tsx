import { Button } from "@mantine/core";
import { lazy, Suspense, useEffect, type ReactNode } from "react";
import { useRequest } from "../bridge/hooks.ts";
import { GoneRecording, isGone } from "../features/library/gone-recording.tsx";
import { chooseAndImport } from "../features/library/import-flow.ts";
import { goTo, openLayers, useSession, type Page } from "../state/session.ts";
import { holdIdle } from "../ui/idle.ts";
import { TopBar } from "../ui/slots.tsx";
import { testIds } from "../ui/test-ids.ts";
import { Empty } from "../ui/widgets.tsx";
import { useWords } from "../ui/words.ts";
import css from "./shell.module.css";
import { shell } from "./words.ts";

const LibraryPage = lazy(() =>
  import("../features/library/library-page.tsx").then((m) => ({ default: m.LibraryPage })),
);
const BinPage = lazy(() => import("../features/library/bin-page.tsx").then((m) => ({ default: m.BinPage })));
const RecordPage = lazy(() =>
  import("../features/record/record-page.tsx").then((m) => ({ default: m.RecordPage })),
);
const ReviewPage = lazy(() =>
  import("../features/review/review-page.tsx").then((m) => ({ default: m.ReviewPage })),
);
const TrainPage = lazy(() =>
  import("../features/train/train-page.tsx").then((m) => ({ default: m.TrainPage })),
);
const LayersPage = lazy(() =>
  import("../features/layers/layers-page.tsx").then((m) => ({ default: m.LayersPage })),
);
const ModelsPage = lazy(() =>
  import("../features/models/models-page.tsx").then((m) => ({ default: m.ModelsPage })),
);
const SettingsPage = lazy(() =>
  import("../features/settings/settings-page.tsx").then((m) => ({ default: m.SettingsPage })),
);
const LabelSetEditor = lazy(() =>
  import("../features/annotate/label-set-editor.tsx").then((m) => ({ default: m.LabelSetEditor })),
);

/** While a page's code is on its way the app is not idle. */
function Waiting(): ReactNode {
  useEffect(() => holdIdle(), []);
  return null;
}

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
    case "record":
      return <RecordPage onImport={() => void chooseAndImport()} onLibrary={() => goTo("library")} />;
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
  return <Suspense fallback={<Waiting />}>{pageOf(page, recordingId)}</Suspense>;
}
