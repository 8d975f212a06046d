import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";
import { useEvent, useRequest } from "../bridge/hooks.ts";
import { DropOverlay } from "../features/library/drop-overlay.tsx";
import { ImportTableDialog } from "../features/library/import-table-dialog.tsx";
import { JobsTray } from "../features/library/jobs-tray.tsx";
import { RecorderWatch } from "../features/record/recorder-watch.tsx";
import { TourPanel } from "../features/tour/tour-panel.tsx";
import {
  askForExport,
  goTo,
  openRecording,
  pages,
  toggleInspector,
  useSession,
  type Page,
} from "../state/session.ts";
import { common } from "../ui/common-words.ts";
import { isMac, isTyping, leaveField, runKeys, useKeys, type KeyBinding } from "../ui/keys.ts";
import { useScheme } from "../ui/scheme.ts";
import { SlotProvider, useSlotHandles } from "../ui/slots.tsx";
import { testIds } from "../ui/test-ids.ts";
import { Chip, Keys } from "../ui/widgets.tsx";
import { useLanguage, useWords } from "../ui/words.ts";
import { commandsOf, pageKeys } from "./commands.ts";
import { ErrorBoundary } from "./error-boundary.tsx";
import { FootBar } from "./foot.tsx";
import { pageIcons } from "./icons.tsx";
import { KeyOverlay } from "./key-overlay.tsx";
import { PageView } from "./page-view.tsx";
import { Mark } from "./mark.tsx";
import { openPalette, Palette } from "./palette.tsx";
import { AgreementQuestion } from "./agreement-question.tsx";
import { ReaderQuestions } from "./reader-questions.tsx";
import css from "./shell.module.css";
import { shell } from "./words.ts";

/** The bin, the archive and the comparison of readers are reached from the library and light its place. */
type OfLibrary = "bin" | "agreement" | "archive";
type RailPage = Exclude<Page, OfLibrary>;
const isOfLibrary = (page: Page): page is OfLibrary =>
  page === "bin" || page === "agreement" || page === "archive";
const railPages = pages.filter((page): page is RailPage => !isOfLibrary(page));

const railIds: Readonly<Record<RailPage, string>> = {
  library: testIds.railLibrary,
  record: testIds.railRecord,
  review: testIds.railReview,
  train: testIds.railTrain,
  layers: testIds.railLayers,
  models: testIds.railModels,
  settings: testIds.railSettings,
};

function RailButton({ page, label }: { readonly page: RailPage; readonly label: string }): ReactNode {
  const isHere = useSession((one) => one.page === page || (page === "library" && isOfLibrary(one.page)));
  const Icon = pageIcons[page];
  return (
    <button
      type="button"
      className={css["railButton"]}
      data-testid={railIds[page]}
      aria-current={isHere ? "page" : undefined}
      aria-keyshortcuts={pageKeys[page].replace("Mod", "Control")}
      onClick={() => goTo(page)}
    >
      <Icon size={18} stroke={1.6} aria-hidden />
      {label}
    </button>
  );
}

function Rail(): ReactNode {
  const t = useWords(shell);
  return (
    <nav className={css["rail"]} aria-label={t("pages")}>
      <div className={css["mark"]}>
        <Mark />
      </div>
      {railPages
        .filter((page) => page !== "settings")
        .map((page) => (
          <RailButton key={page} page={page} label={t(`page.${page}`)} />
        ))}
      <div className={css["railFill"]} />
      <RailButton page="settings" label={t("page.settings")} />
    </nav>
  );
}

/** The menu's Undo means the page's own history; a text being typed has its own, by key. */
function travel(way: "undo" | "redo"): void {
  if (!isTyping(document.activeElement)) runKeys(way === "undo" ? "Mod+Z" : "Mod+Shift+Z");
}

/** Where a window is too narrow for both, or the page is shown twice as large, the inspector folds away and lies over the page. */
function useRoomForInspector(): void {
  useEffect(() => {
    const narrow = window.matchMedia("(max-width: 760px)");
    const fit = (): void => useSession.setState({ inspectorOpen: !narrow.matches });
    if (narrow.matches) fit();
    narrow.addEventListener("change", fit);
    return () => narrow.removeEventListener("change", fit);
  }, []);
}

export function Shell(): ReactNode {
  const t = useWords(shell);
  const c = useWords(common);
  const language = useLanguage();
  const scheme = useScheme();
  const page = useSession((one) => one.page);
  const isReadOnly = useRequest("app.info", {}).data?.readOnly === true;
  const isOpen = useSession((one) => one.inspectorOpen);
  const [keysShown, setKeysShown] = useState(false);
  const { slots, setTitle, setInspector, setFoot, hasInspector } = useSlotHandles();
  useRoomForInspector();
  const commands = commandsOf({ t, language, scheme, showKeys: () => setKeysShown(true) });
  const bindings: KeyBinding[] = commands.map(({ keys, what, run }) => ({
    keys,
    what,
    run,
    inInputs: keys.startsWith("Mod+"),
  }));
  useKeys(t("application"), [
    { keys: "Mod+K", what: t("palette"), run: openPalette, inInputs: true },
    ...bindings,
  ]);
  useEvent("open.recording", ({ id }) => {
    leaveField();
    openRecording(id);
  });
  useEvent("menu.command", ({ command }) => {
    if (command === "palette") openPalette();
    else if (command === "edit.undo" || command === "edit.redo")
      travel(command === "edit.undo" ? "undo" : "redo");
    else {
      leaveField();
      if (command === "export") askForExport();
      else commands.find((one) => one.id === command)?.run();
    }
  });
  return (
    <SlotProvider value={slots}>
      <div className={css["shell"]}>
        <Rail />
        <header className={css["top"]}>
          <div className={css["title"]} ref={setTitle} />
          <span className={css["badge"]}>
            <Chip tone="warn">{c("researchOnly")}</Chip>
          </span>
          {isReadOnly && (
            <span className={css["badge"]} title={t("readOnlyText")} data-testid={testIds.readOnly}>
              <Chip tone="warn">{t("readOnly")}</Chip>
            </span>
          )}
          <span className={css["topFill"]} />
          <RecorderWatch isHere={page === "record"} onOpen={() => goTo("record")} />
          <button
            type="button"
            className={css["find"]}
            onClick={openPalette}
            data-testid={testIds.palette}
            aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"}
          >
            <span>{t("find")}</span>
            <Keys keys="Mod+K" />
          </button>
        </header>
        <main className={css["main"]}>
          <ErrorBoundary resetKey={page}>
            <PageView page={page} />
          </ErrorBoundary>
          <TourPanel />
          <JobsTray isQuiet={page === "review"} />
        </main>
        <aside
          className={css["side"]}
          data-open={isOpen}
          data-present={hasInspector}
          data-testid={testIds.inspector}
        >
          <button
            type="button"
            className={css["fold"]}
            onClick={toggleInspector}
            aria-expanded={isOpen}
            aria-label={t(isOpen ? "closeInspector" : "openInspector")}
          >
            {isOpen ? <IconChevronRight size={12} aria-hidden /> : <IconChevronLeft size={12} aria-hidden />}
          </button>
          <div className={css["sideBody"]} ref={setInspector} />
        </aside>
        <FootBar setSlot={setFoot} onShowKeys={() => setKeysShown(true)} />
      </div>
      <Palette commands={commands} />
      <KeyOverlay opened={keysShown} onClose={() => setKeysShown(false)} />
      <ImportTableDialog />
      <DropOverlay />
      <ReaderQuestions />
      <AgreementQuestion />
    </SlotProvider>
  );
}
