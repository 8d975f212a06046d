import type { ReactNode } from "react";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import { BASELINE } from "../../../preload/contract/paired.ts";
import { useSend } from "../../bridge/hooks.ts";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Facts, Failure, Panel, Scroll } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import type { ComparePageProps } from "./compare-props.ts";
import { chooseKinds, leaveFor, showGroup, useCompare } from "./compare-store.ts";
import { compareWords } from "./compare-words.ts";
import css from "./compare.module.css";
import { configOf, type Draft } from "./draft.ts";
import { modelConfig } from "./model-settings.ts";
import train from "./train.module.css";

type Reason = "whole" | "otherKind";

/** Why a model cannot be compared on the windows of a draft. */
const reasonOf = ({ over, kinds }: ModelDescription, draft: Draft): Reason | undefined =>
  over === "sequences" ? "whole" : kinds.includes(draft.kind) ? undefined : "otherKind";

/** The usual method of the kind beside the one that every method has to beat. */
const usualKinds = (models: readonly ModelDescription[], draft: Draft): readonly string[] =>
  models
    .filter(
      (one) =>
        reasonOf(one, draft) === undefined && (one.kind === BASELINE || one.usualFor.includes(draft.kind)),
    )
    .map(({ kind }) => kind);

/** Which methods, on the data and the split of the training that is being put together. */
export function CompareSetup({ draft, models, labelSets, recordings }: ComparePageProps): ReactNode {
  const t = useWords(compareWords);
  const language = useLanguage();
  const start = useSend("comparisons.start");
  const chosen = useCompare((one) => one.kinds);
  const able = draft ? models.filter((one) => reasonOf(one, draft) === undefined) : [];
  const kinds = draft ? (chosen ?? usualKinds(models, draft)) : [];
  const wanted = able.filter(({ kind }) => kinds.includes(kind));
  const name = t("name", { count: wanted.length });
  const base =
    draft &&
    wanted[0] &&
    configOf({ ...draft, model: { kind: wanted[0].kind } }, { name, models, labelSets });
  const canStart = base !== undefined && wanted.length >= 2 && !start.isPending;
  const begin = (): void => {
    if (!canStart || draft === undefined) return;
    const { data, split, seed, engine } = base;
    const configs = wanted.map(({ kind }) =>
      modelConfig(draft.model.kind === kind ? draft.model : { kind }, draft.kind, models),
    );
    start.mutate(
      { name, data, split, seed, engine, models: configs },
      {
        onSuccess: ([first]) =>
          first && showGroup(JSON.stringify([first.config.data, first.config.split, first.config.seed])),
      },
    );
  };
  useKeys(t("newComparison"), [
    { keys: "Mod+Enter", what: t("startKey"), run: begin, enabled: canStart, inInputs: true, hint: true },
  ]);
  const people = new Set(
    recordings.filter(({ id }) => draft?.recordingIds.includes(id)).map(({ subject }) => subject),
  );
  return (
    <Scroll label={t("newComparison")} className={train["scroll"]}>
      <div className={css["setup"]}>
        <Panel title={t("setUp")}>
          <div className={train["stack"]}>
            <p className={train["hint"]}>{t("setUpText")}</p>
            {draft && (
              <Facts
                facts={[
                  [
                    t("data"),
                    t("dataOf", {
                      recordings: draft.recordingIds.length,
                      people: people.size,
                      window: draft.windowS,
                    }),
                  ],
                  [
                    t("seed"),
                    `${draft.seed} · ${
                      draft.folds === undefined
                        ? t("fixed", {
                            test: Object.values(draft.parts).filter((part) => part === "test").length,
                          })
                        : t("folds", { folds: draft.folds })
                    }`,
                  ],
                ]}
              />
            )}
            <p>
              <ActionButton size="xs" onClick={() => leaveFor(undefined)}>
                {t("changeData")}
              </ActionButton>
            </p>
          </div>
        </Panel>
        <Panel title={t("methods")}>
          <ul className={css["methods"]}>
            {draft &&
              models.map((model) => {
                const { kind } = model;
                const reason = reasonOf(model, draft);
                const isTicked = reason === undefined && kinds.includes(kind);
                return (
                  <li key={kind}>
                    <label className={css["method"]} data-off={reason !== undefined}>
                      <input
                        type="checkbox"
                        checked={isTicked}
                        disabled={reason !== undefined}
                        data-testid={testIds.compareMethod}
                        data-kind={kind}
                        onChange={() =>
                          chooseKinds(isTicked ? kinds.filter((one) => one !== kind) : [...kinds, kind])
                        }
                      />
                      <strong>{inLanguage(model.name, language)}</strong>
                      <small>{reason ? t(reason) : inLanguage(model.sentence, language)}</small>
                    </label>
                  </li>
                );
              })}
          </ul>
          {base === undefined && wanted.length > 0 && <p className={train["hint"]}>{t("noData")}</p>}
          {wanted.length < 2 && <p className={train["hint"]}>{t("atLeastTwo")}</p>}
          {start.isError && <Failure error={start.error} />}
          <p>
            <ActionButton
              primary
              keys="Mod+Enter"
              disabled={!canStart}
              loading={start.isPending}
              data-testid={testIds.startComparison}
              onClick={begin}
            >
              {t("start")}
            </ActionButton>
          </p>
        </Panel>
      </div>
    </Scroll>
  );
}
