import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { AppError } from "../../../preload/contract/errors.ts";
import { useSend } from "../../bridge/hooks.ts";
import { goTo } from "../../state/session.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { Empty } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { libraryWords } from "./words.ts";

/** Whether a recording cannot be opened because it is in the bin or was deleted. */
export const isGone = (error: AppError | null): boolean =>
  error !== null && ["storage/in-bin", "storage/not-found"].includes(error.code);

/** In place of the page of a recording that was open when it went. */
export function GoneRecording({
  id,
  isInBin,
}: {
  readonly id: string;
  readonly isInBin: boolean;
}): ReactNode {
  const t = useWords(libraryWords);
  const restore = useSend("recordings.restore");
  return (
    <div data-testid={testIds.inBin}>
      <Empty
        title={t(isInBin ? "inBinTitle" : "goneTitle")}
        actions={
          <>
            {isInBin && (
              <Button
                loading={restore.isPending}
                onClick={() => void restore.mutateAsync({ id }).catch(notifyFailure)}
              >
                {t("restore")}
              </Button>
            )}
            <Button variant="default" onClick={() => goTo("library")}>
              {t("binBack")}
            </Button>
          </>
        }
      >
        {t(isInBin ? "inBinText" : "goneText")}
      </Empty>
    </div>
  );
}
