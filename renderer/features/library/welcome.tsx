import { Button } from "@mantine/core";
import { IconActivity, IconBookmark, IconFileImport, IconSchool } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useSend } from "../../bridge/hooks.ts";
import { startTour } from "../../state/tour.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { chooseAndImport, openSampleStudy } from "./import-flow.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

const parts = [
  ["welcomeImport", IconFileImport],
  ["welcomeReview", IconActivity],
  ["welcomeLabel", IconBookmark],
  ["welcomeLearn", IconSchool],
] as const;

/** The first start: what Kodo is, what it is not, and where to begin. Until one of the ways was taken once. */
export function Welcome(): ReactNode {
  const t = useWords(libraryWords);
  const set = useSend("settings.set");
  const skip = () => void set.mutateAsync({ welcomed: true }).catch(notifyFailure);
  return (
    <div className={css["hollow"]}>
      <div className={css["welcome"]} data-testid={testIds.welcome}>
        <h2>{t("welcomeTitle")}</h2>
        <ul className={css["welcomeParts"]}>
          {parts.map(([part, Icon]) => (
            <li key={part}>
              <Icon size={20} stroke={1.6} aria-hidden />
              <strong>{t(part)}</strong>
              <span>{t(`${part}Text`)}</span>
            </li>
          ))}
        </ul>
        <div className={css["welcomeSaid"]}>
          <p>{t("welcomeResearch")}</p>
          <p>{t("welcomeLocal")}</p>
        </div>
        <div className={css["welcomeActions"]}>
          <ActionButton primary keys="F1" data-testid={testIds.startTour} onClick={startTour}>
            {t("welcomeTour")}
          </ActionButton>
          <ActionButton keys="Mod+O" data-testid={testIds.importFiles} onClick={() => void chooseAndImport()}>
            {t("importLong")}
          </ActionButton>
          <ActionButton
            keys="Mod+Shift+S"
            data-testid={testIds.openSample}
            onClick={() => void openSampleStudy()}
          >
            {t("sample")}
          </ActionButton>
          <Button variant="subtle" onClick={skip}>
            {t("welcomeSkip")}
          </Button>
        </div>
        <p className={css["dim"]}>{t("welcomeTourText")}</p>
      </div>
    </div>
  );
}
