import type { ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { Run } from "../../../preload/contract/run.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { looksOf } from "../../trace/tracks/class-looks.ts";
import { Pictures } from "../../ui/pictures/pictures.tsx";
import { useScheme } from "../../ui/scheme.ts";
import { Failure, Panel, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** What the model of a run learned, as it shows itself. */
export function Learned({
  run,
  labelSets,
  title,
}: {
  readonly run: Run;
  readonly labelSets: readonly LabelSet[];
  readonly title?: string;
}): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const scheme = useScheme();
  const learned = useRequest("methods.learned", { runId: run.id });
  return (
    <Panel title={title ?? t("learned")} className={css["wide"] ?? ""}>
      {learned.isError && <Failure error={learned.error} onRetry={() => void learned.refetch()} />}
      {learned.isPending && <Skeleton height={200} />}
      {learned.data && (
        <div className={css["learned"]}>
          <Pictures pictures={learned.data} lookOf={looksOf(run.classes, labelSets, { language, scheme })} />
        </div>
      )}
    </Panel>
  );
}
