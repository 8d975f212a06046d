import { NumberInput, SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import type { RunPreview } from "../../../preload/contract/run.ts";
import { common } from "../../ui/common-words.ts";
import { number } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Panel } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { labelledIn, parts, splitForMe, type Draft } from "./draft.ts";
import { changeDraft } from "./draft-store.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** Which person is trained on, calibrated on, tested on. Never two of them. */
export function SplitPanel({
  draft,
  preview,
}: {
  readonly draft: Draft;
  readonly preview: RunPreview | undefined;
}): ReactNode {
  const t = useWords(trainWords);
  const c = useWords(common);
  const language = useLanguage();
  const subjects = Object.keys(draft.parts).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const split = (splitSeed: number) =>
    changeDraft({ splitSeed, parts: splitForMe(subjects, splitSeed, labelledIn(preview)) });
  if (subjects.length === 0) return null;
  return (
    <Panel title={t("split")}>
      <div className={css["stack"]}>
        <div className={css["two"]}>
          <NumberInput
            label={t("splitSeed")}
            value={draft.splitSeed}
            min={0}
            onChange={(value) => {
              if (typeof value === "number" && Number.isInteger(value) && value >= 0) split(value);
            }}
          />
          <ActionButton keys="S" data-testid={testIds.trainSplit} onClick={() => split(draft.splitSeed)}>
            {t("splitForMe")}
          </ActionButton>
        </div>
        <div className={css["split"]}>
          {subjects.map((subject) => {
            const row = preview?.subjects.find((one) => one.subject === subject);
            return (
              <div key={subject} className={css["splitRow"]}>
                <span className={css["splitName"]}>
                  <span title={subject}>{subject}</span>
                  {row && (
                    <small>
                      {countedParts(row)
                        .map(({ what, count }) => `${number(count, language, 0)} ${t(what)}`)
                        .join(", ")}
                    </small>
                  )}
                </span>
                <SegmentedControl
                  size="xs"
                  withItemsBorders={false}
                  aria-label={subject}
                  value={draft.parts[subject] ?? "train"}
                  data={parts.map((value) => ({ value, label: c(`part.${value}`) }))}
                  onChange={(value) => {
                    const part = parts.find((one) => one === value);
                    if (part) changeDraft({ parts: { ...draft.parts, [subject]: part } });
                  }}
                />
              </div>
            );
          })}
        </div>
        <p className={css["hint"]}>{t("splitHint")}</p>
      </div>
    </Panel>
  );
}

/** What there is of a person: labelled windows always, the others where there are any. */
function countedParts(
  row: RunPreview["subjects"][number],
): { readonly what: "labelled" | "unlabelled" | "unassessable"; readonly count: number }[] {
  return (["labelled", "unlabelled", "unassessable"] as const)
    .map((what) => ({ what, count: row[what] }))
    .filter(({ what, count }) => what === "labelled" || count > 0);
}
