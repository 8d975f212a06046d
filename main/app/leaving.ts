import { dialog } from "electron";
import type { BrowserWindow, MessageBoxOptions } from "electron";
import { recordingWords, type Spoken } from "./recording-words.ts";

/** What becomes of a recording under way: `stay` leaves everything as it is. */
export type Leave = "stop" | "keep" | "stay";

/** The question before a window closes or the program ends. Escape and Return never end a recording. */
function question(
  what: "close" | "end",
  language: Spoken,
): MessageBoxOptions & { answers: readonly Leave[] } {
  const words = recordingWords(language);
  const { message, detail, stop, keep } = words[what];
  const isClose = what === "close";
  return {
    ...{ type: "question", message, detail, noLink: true, defaultId: 1, cancelId: isClose ? 2 : 1 },
    buttons: isClose ? [stop, keep, words.cancel] : [stop, keep],
    answers: ["stop", "keep", "stay"],
  };
}

export async function askBeforeLeaving(
  what: "close" | "end",
  language: Spoken,
  window: BrowserWindow | undefined,
): Promise<Leave> {
  const { answers, ...options } = question(what, language);
  const { response } =
    window === undefined
      ? await dialog.showMessageBox(options)
      : await dialog.showMessageBox(window, options);
  return answers[response] ?? "stay";
}
