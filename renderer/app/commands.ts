import { request } from "../bridge/client.ts";
import { chooseAndImport, openSampleStudy } from "../features/library/import-flow.ts";
import { goTo, pages, toggleInspector, type Page } from "../state/session.ts";
import type { Language, Translate, Words } from "../ui/words.ts";
import type { Scheme } from "../ui/tokens.ts";
import type { shell } from "./words.ts";

type Key = typeof shell extends Words<infer K> ? K : never;

export interface Command {
  readonly id: string; // what the menu sends
  readonly what: string;
  readonly keys: string | undefined;
  readonly run: () => void;
}

export interface CommandContext {
  readonly t: Translate<Key>;
  readonly language: Language;
  readonly scheme: Scheme;
  readonly showKeys: () => void;
}

export const pageKeys: Readonly<Record<Page, string>> = {
  library: "Alt+1",
  record: "Alt+2",
  review: "Alt+3",
  train: "Alt+4",
  layers: "Alt+5",
  models: "Alt+6",
  settings: "Mod+,",
};

const set = (change: Parameters<typeof request<"settings.set">>[1]) => void request("settings.set", change).catch(() => undefined);

/** Everything the palette, the menu and the global keys can do. */
export function commandsOf({ t, language, scheme, showKeys }: CommandContext): readonly Command[] {
  return [
    ...pages.map((page) => ({ id: `page.${page}`, what: t(`page.${page}`), keys: pageKeys[page], run: () => goTo(page) })),
    { id: "import", what: t("command.import"), keys: "Mod+O", run: () => void chooseAndImport() },
    { id: "sample", what: t("command.sample"), keys: undefined, run: () => void openSampleStudy() },
    { id: "inspector", what: t("command.inspector"), keys: "Mod+I", run: toggleInspector },
    { id: "keys", what: t("command.keys"), keys: "?", run: showKeys },
    { id: "theme", what: t("command.theme"), keys: undefined, run: () => set({ theme: scheme === "dark" ? "light" : "dark" }) },
    { id: "language", what: t("command.language"), keys: undefined, run: () => set({ language: language === "ja" ? "en" : "ja" }) },
  ];
}
