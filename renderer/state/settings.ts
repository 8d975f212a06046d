import { defaultSettings, type Settings } from "../../preload/contract/settings.ts";
import { useRequest } from "../bridge/hooks.ts";

/** The settings in force; defaults until main has answered. */
export function useSettings(): Settings {
  return useRequest("settings.get", {}).data ?? defaultSettings;
}

/** `system` means what the operating system says. */
export const languageFor = (settings: Pick<Settings, "language">, locale: string): "en" | "ja" =>
  settings.language !== "system" ? settings.language : locale.toLowerCase().startsWith("ja") ? "ja" : "en";

export const schemeFor = (settings: Pick<Settings, "theme">, prefersDark: boolean): "light" | "dark" =>
  settings.theme !== "system" ? settings.theme : prefersDark ? "dark" : "light";
