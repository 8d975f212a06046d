import type { ReactNode } from "react";
import type { RunSummary } from "../../../preload/contract/run.ts";
import { RunPictures } from "../../trace/run-pictures.tsx";
import { Panel } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** What the model of a run learned, as it shows itself. */
export function Learned({ run, title }: { readonly run: RunSummary; readonly title?: string }): ReactNode {
  const t = useWords(trainWords);
  return (
    <Panel title={title ?? t("learned")} className={css["wide"] ?? ""}>
      <RunPictures run={run} className={css["learned"]} />
    </Panel>
  );
}
