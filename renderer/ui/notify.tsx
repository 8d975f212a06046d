import { notifications } from "@mantine/notifications";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import { common } from "./common-words.ts";
import { currentLanguage, translate } from "./words.ts";

/** Says that something a person asked for did not happen, with main's sentence and code. Cancelling is quiet. */
export function notifyFailure(error: unknown): void {
  const { code, message } = error instanceof AppError ? error : reportOf(error);
  if (code.startsWith("cancelled/")) return;
  const t = translate(common, currentLanguage());
  notifications.show({
    color: "red",
    title: t("somethingFailed"),
    message: `${message} (${code})`,
    autoClose: 12_000,
  });
}

export function notify(message: string): void {
  notifications.show({ message, color: "accent", autoClose: 4000 });
}
