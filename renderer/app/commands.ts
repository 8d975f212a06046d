import { request } from "../bridge/client.ts";
import { chooseAndImport, openSampleStudy } from "../features/library/import-flow.ts";
import { openNextOf } from "../features/train/label-next.ts";
import { chooseAndImportModel } from "../features/train/model-import.ts";
import { runOnPage, saysWindows } from "../state/runs.ts";
import { goTo, pages, toggleInspector, useSession, type Page } from "../state/session.ts";
import { startTour } from "../state/tour.ts";
import type { KeyOf, Language, Translate } from "../ui/words.ts";
import type { Scheme } from "../ui/tokens.ts";
import type { shell } from "./words.ts";

type Key = KeyOf<typeof shell>;

export interface Command {
  readonly id: string; // what the menu sends
  readonly what: string;
  readonly keys: string;
  readonly run: () => void;
}

export interface CommandContext {
  readonly t: Translate<Key>;
  readonly language: Language;
  readonly scheme: Scheme;
  readonly showKeys: () => void;
}

export const pageKeys: Readonly<Record<Page, string>> = {
  library: "Mod+1",
  record: "Mod+2",
  review: "Mod+3",
  train: "Mod+4",
  layers: "Mod+5",
  models: "Mod+6",
  settings: "Mod+,",
  bin: "Mod+7",
  agreement: "Mod+8",
  archive: "Mod+9",
};

const set = (change: Parameters<typeof request<"settings.set">>[1]) =>
  void request("settings.set", change).catch(() => undefined);

/** The most uncertain window of the model in use that knows windows, in the review. */
async function labelNext(): Promise<void> {
  const session = useSession.getState();
  const { recordingId } = session;
  const [runs, reads, [open]] = await Promise.all([
    request("runs.list", {}).catch(() => []),
    request("runs.reads", {}).catch(() => undefined),
    recordingId === undefined ? [] : request("recordings.some", { ids: [recordingId] }).catch(() => []),
  ]);
  const run = runOnPage(runs.filter(saysWindows), session, { open, reads });
  if (run) await openNextOf(run.id);
  else goTo("train");
}

/** Everything the palette, the menu and the global keys can do. */
export function commandsOf({ t, language, scheme, showKeys }: CommandContext): readonly Command[] {
  return [
    ...pages.map((page) => ({
      id: `page.${page}`,
      what: t(`page.${page}`),
      keys: pageKeys[page],
      run: () => goTo(page),
    })),
    { id: "import.files", what: t("command.import"), keys: "Mod+O", run: () => void chooseAndImport() },
    {
      id: "import.model",
      what: t("command.importModel"),
      keys: "Mod+Shift+O",
      run: () => void chooseAndImportModel(),
    },
    {
      id: "sample.open",
      what: t("command.sample"),
      keys: "Mod+Shift+S",
      run: () => void openSampleStudy(),
    },
    { id: "next", what: t("command.next"), keys: "Mod+J", run: () => void labelNext() },
    { id: "inspector", what: t("command.inspector"), keys: "Mod+I", run: toggleInspector },
    { id: "tour", what: t("command.tour"), keys: "F1", run: startTour },
    { id: "keys", what: t("command.keys"), keys: "?", run: showKeys },
    {
      id: "theme",
      what: t("command.theme"),
      keys: "Mod+Shift+D",
      run: () => set({ theme: scheme === "dark" ? "light" : "dark" }),
    },
    {
      id: "language",
      what: t("command.language"),
      keys: "Mod+Shift+L",
      run: () => set({ language: language === "ja" ? "en" : "ja" }),
    },
  ];
}
