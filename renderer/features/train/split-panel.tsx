import { Button, SegmentedControl, Switch, TextInput } from "@mantine/core";
import { useMemo, useState, type ReactNode } from "react";
import type { RunPreview } from "../../../preload/contract/run.ts";
import { common } from "../../ui/common-words.ts";
import { number } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Panel } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { labelledIn, parts, splitForMe, type Draft } from "./draft.ts";
import { changeDraft } from "./draft-store.ts";
import { NumberField } from "./number-field.tsx";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** Which person is trained on, calibrated on, tested on. Never two of them. */
export function SplitPanel({
  draft,
  preview,
  canCross,
}: {
  readonly draft: Draft;
  readonly preview: RunPreview | undefined;
  readonly canCross: boolean; // the model can be cross-validated
}): ReactNode {
  const t = useWords(trainWords);
  const people = Object.keys(draft.parts).length;
  if (people === 0) return null;
  const labelled = labelledIn(preview)?.length ?? people;
  return (
    <Panel title={t("split")}>
      <div className={css["stack"]}>
        {canCross && (
          <Switch
            checked={draft.folds !== undefined}
            onChange={(event) =>
              changeDraft({ folds: event.currentTarget.checked ? foldsFor(labelled) : undefined })
            }
            label={t("crossValidate")}
            description={t("crossValidateHint")}
            data-testid={testIds.trainFolds}
          />
        )}
        {!canCross || draft.folds === undefined ? (
          <FixedParts draft={draft} preview={preview} leavesOut={canCross || preview?.inTurn === true} />
        ) : (
          <Folds folds={draft.folds} preview={preview} />
        )}
      </div>
    </Panel>
  );
}

const firstOf = (subjects: readonly string[]): string =>
  subjects.slice(0, NAMED_IN_FOLD).join(", ") + (subjects.length > NAMED_IN_FOLD ? ", …" : "");

/** Five where there are people enough. */
const foldsFor = (people: number): number => Math.max(2, Math.min(5, people));

/** Who is tested in which fold. */
function Folds({
  folds,
  preview,
}: {
  readonly folds: number;
  readonly preview: RunPreview | undefined;
}): ReactNode {
  const t = useWords(trainWords);
  const rows = Array.from({ length: folds }, (_, fold) =>
    (preview?.subjects ?? []).filter((one) => one.fold === fold).map(({ subject }) => subject),
  );
  return (
    <>
      <NumberField
        label={t("folds")}
        value={folds}
        min={2}
        max={50}
        onType={(value) => {
          if (value !== "" && Number.isInteger(value) && value >= 2 && value <= 50)
            changeDraft({ folds: value });
        }}
      />
      <div className={css["split"]}>
        {rows.map((subjects, fold) => (
          <div key={fold} className={css["splitRow"]}>
            <span className={css["splitName"]}>
              <span>{t("fold", { number: fold + 1 })}</span>
              <small>{subjects.length > 0 ? firstOf(subjects) : "–"}</small>
            </span>
          </div>
        ))}
      </div>
    </>
  );
}

function FixedParts({
  draft,
  preview,
  leavesOut,
}: {
  readonly draft: Draft;
  readonly preview: RunPreview | undefined;
  readonly leavesOut: boolean; // each network of the ensemble people of its own, else the run some for all
}): ReactNode {
  const t = useWords(trainWords);
  const c = useWords(common);
  const language = useLanguage();
  const subjects = useMemo(() => sortedPeople(draft.parts), [draft.parts]);
  const rowOf = useMemo(() => new Map(preview?.subjects.map((one) => [one.subject, one])), [preview]);
  const [sought, setSought] = useState("");
  const [most, setMost] = useState(PEOPLE_SHOWN);
  const found = sought === "" ? subjects : subjects.filter((one) => one.toLowerCase().includes(sought));
  const shown = found.slice(0, most);
  const toldOf = (row: RunPreview["subjects"][number]): readonly string[] => [
    ...(preview?.unit === "recordings"
      ? [
          t("recordingsAndHours", {
            count: row.recordings,
            hours: number(row.hours ?? 0, language, 1),
          }),
        ]
      : countedParts(row).map(({ what, count }) =>
          preview?.unit === "events"
            ? t(`eventsTold.${what}`, { count })
            : `${number(count, language, 0)} ${t(what)}`,
        )),
    ...(row.part === "validation" && draft.parts[row.subject] !== "validation" ? [t("setAside")] : []),
  ];
  const split = (splitSeed: number) =>
    changeDraft({ splitSeed, parts: splitForMe(subjects, splitSeed, labelledIn(preview)) });
  return (
    <>
      <div className={css["two"]}>
        <NumberField
          label={t("splitSeed")}
          value={draft.splitSeed}
          min={0}
          onType={(value) => {
            if (value !== "" && Number.isInteger(value) && value >= 0) split(value);
          }}
        />
        <ActionButton keys="S" data-testid={testIds.trainSplit} onClick={() => split(draft.splitSeed)}>
          {t("splitForMe")}
        </ActionButton>
      </div>
      {subjects.length > PEOPLE_SHOWN && (
        <TextInput
          label={t("findPerson")}
          onChange={(event) => setSought(event.currentTarget.value.trim().toLowerCase())}
        />
      )}
      <div className={css["split"]}>
        {shown.map((subject) => {
          const row = rowOf.get(subject);
          return (
            <div key={subject} className={css["splitRow"]}>
              <span className={css["splitName"]}>
                <span title={subject}>{subject}</span>
                {row && (
                  <small>
                    {toldOf(row).map((text, i, { length }) => (
                      <span key={text} className={css["together"]}>
                        {i < length - 1 ? `${text},` : text}{" "}
                      </span>
                    ))}
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
      {found.length > shown.length && (
        <p className={css["hint"]}>
          {t("peopleShown", {
            shown: number(shown.length, language, 0),
            all: number(found.length, language, 0),
          })}{" "}
          <Button size="compact-xs" variant="default" onClick={() => setMost(most + PEOPLE_SHOWN)}>
            {t("morePeople")}
          </Button>
        </p>
      )}
      <p className={css["hint"]}>{t(leavesOut ? "splitHint" : "splitHintWhole")}</p>
    </>
  );
}

/** Rows that are drawn at once: each measures itself, and a page of hundreds stands still for seconds. */
const PEOPLE_SHOWN = 50;
/** People named in a fold. */
const NAMED_IN_FOLD = 100;

const byName = new Intl.Collator(undefined, { numeric: true }).compare;
const sortedPeople = (all: Draft["parts"]): string[] => Object.keys(all).sort(byName);

/** What there is of a person: labelled windows always, the others where there are any. */
function countedParts(
  row: RunPreview["subjects"][number],
): { readonly what: "labelled" | "unlabelled" | "unassessable"; readonly count: number }[] {
  return (["labelled", "unlabelled", "unassessable"] as const)
    .map((what) => ({ what, count: row[what] }))
    .filter(({ what, count }) => what === "labelled" || count > 0);
}
