import type { ReactNode } from "react";
import { settingsSeen, type RunSummary } from "../../preload/contract/run.ts";
import { useRequest } from "../bridge/hooks.ts";
import { saysWindows } from "../state/runs.ts";
import css from "../ui/pictures/pictures.module.css";
import { Pictures } from "../ui/pictures/pictures.tsx";
import { picturesWords } from "../ui/pictures/words.ts";
import { useScheme } from "../ui/scheme.ts";
import { Failure, Skeleton } from "../ui/widgets.tsx";
import { useLanguage, useWords } from "../ui/words.ts";
import { looksOf } from "./tracks/class-looks.ts";

/** What the model of a run shows of itself; of several that judge windows together the first, which is said. */
export function RunPictures({
  run,
  className,
}: {
  readonly run: RunSummary;
  readonly className?: string | undefined;
}): ReactNode {
  const t = useWords(picturesWords);
  const language = useLanguage();
  const scheme = useScheme();
  const labelSets = useRequest("labelSets.list", {}).data ?? [];
  const learned = useRequest("methods.learned", { runId: run.id });
  const { members = 1 } = settingsSeen(run.config);
  if (learned.isError) return <Failure error={learned.error} onRetry={() => void learned.refetch()} />;
  if (learned.data === undefined) return <Skeleton height={240} />;
  return (
    <>
      {members > 1 && saysWindows(run) && learned.data.length > 0 && (
        <p className={css["firstMember"]}>{t("firstMember", { members })}</p>
      )}
      <div className={className}>
        <Pictures pictures={learned.data} lookOf={looksOf(run.classes, labelSets, { language, scheme })} />
      </div>
    </>
  );
}
