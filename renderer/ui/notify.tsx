import { notifications } from "@mantine/notifications";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import { common } from "./common-words.ts";
import { errorText } from "./said.ts";
import { currentLanguage, translate } from "./words.ts";

/** Says that something a person asked for did not happen, and its code. Cancelling is quiet. */
export function notifyFailure(error: unknown): void {
  const report = error instanceof AppError ? error : reportOf(error);
  if (report.code.startsWith("cancelled/")) return;
  const language = currentLanguage();
  const { headline, text } = errorText(report, language);
  notifications.show({
    color: "red",
    title: headline ?? translate(common, language)("somethingFailed"),
    message: `${text} (${report.code})`.trim(),
    autoClose: 12_000,
  });
}

export function notify(message: string): void {
  notifications.show({ message, color: "accent", autoClose: 4000 });
}
