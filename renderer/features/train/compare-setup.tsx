import type { ReactNode } from "react";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import { BASELINE } from "../../../preload/contract/paired.ts";
import type { Candidate } from "./candidates.ts";
import { useSendOnce } from "../../bridge/hooks.ts";
import { useKeys } from "../../ui/keys.ts";
import { Inspector } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Facts, Failure, Panel, Scroll } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { groupKeyOf } from "./compare-groups.ts";
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
  const start = useSendOnce("comparisons.start");
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
    start.send(
      { name, data, split, seed, engine, models: configs },
      {
        onSuccess: ([first]) => first && showGroup(groupKeyOf(first)),
      },
    );
  };
  useKeys(t("newComparison"), [
    { keys: "Mod+Enter", what: t("start"), run: begin, enabled: canStart, inInputs: true, hint: true },
  ]);
  return (
    <>
      <Scroll label={t("newComparison")} className={train["scroll"]}>
        <div className={css["setup"]}>
          <Panel title={t("setUp")}>
            <div className={train["stack"]}>
              <p className={train["hint"]}>{t("setUpText")}</p>
              {draft && <DataFacts draft={draft} recordings={recordings} />}
              <p>
                <ActionButton size="xs" onClick={() => leaveFor(undefined)}>
                  {t("changeData")}
                </ActionButton>
              </p>
            </div>
          </Panel>
          <Panel title={t("methods")}>{draft && <MethodChoice {...{ draft, models, kinds }} />}</Panel>
        </div>
      </Scroll>
      <Inspector>
        <div className={train["side"]}>
          <h2>{t("chosen")}</h2>
          <ul className={css["chosen"]}>
            {wanted.map((model) => (
              <li key={model.kind}>{inLanguage(model.name, language)}</li>
            ))}
          </ul>
          {base === undefined && wanted.length > 0 && <p className={train["hint"]}>{t("noData")}</p>}
          {wanted.length < 2 && <p className={train["hint"]}>{t("atLeastTwo")}</p>}
          {start.error && <Failure error={start.error} />}
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
        </div>
      </Inspector>
    </>
  );
}

function DataFacts({
  draft,
  recordings,
}: {
  readonly draft: Draft;
  readonly recordings: readonly Candidate[];
}): ReactNode {
  const t = useWords(compareWords);
  const ids = new Set(draft.recordingIds);
  const people = new Set(recordings.filter(({ id }) => ids.has(id)).map(({ subject }) => subject));
  const tested = Object.values(draft.parts).filter((part) => part === "test").length;
  const told = { recordings: draft.recordingIds.length, people: people.size, window: draft.windowS };
  return (
    <Facts
      facts={[
        [t("data"), t("dataOf", told)],
        [
          t("split"),
          draft.folds === undefined ? t("fixed", { test: tested }) : t("folds", { folds: draft.folds }),
        ],
        [t("seed"), draft.seed],
      ]}
    />
  );
}

/** All methods; one that cannot judge these windows says why. */
function MethodChoice({
  draft,
  models,
  kinds,
}: {
  readonly draft: Draft;
  readonly models: readonly ModelDescription[];
  readonly kinds: readonly string[]; // chosen
}): ReactNode {
  const t = useWords(compareWords);
  const language = useLanguage();
  return (
    <ul className={css["methods"]}>
      {models.map((model) => {
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
  );
}
