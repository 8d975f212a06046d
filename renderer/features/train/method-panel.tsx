import { Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { AppError } from "../../../preload/contract/errors.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import { RunFields } from "../../../preload/contract/run.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import type { Draft } from "./draft.ts";
import { changeDraft, changeSetting, chooseModel } from "./draft-store.ts";
import { ModelFields } from "./model-fields.tsx";
import { labelNeed, modelsFor, settingProblems, timesEngines } from "./model-settings.ts";
import { NumberField } from "./number-field.tsx";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

const engines = RunFields.shape.engine.unwrap().options;

export interface MethodPanelProps {
  readonly draft: Draft;
  readonly models: readonly ModelDescription[];
  readonly defaultName: string;
  readonly error: AppError | null; // of the preview: what is wrong with the settings
}

/** Middle: which model, what it is in a sentence, its settings, and what every training is asked. */
export function MethodPanel({ draft, models, defaultName, error }: MethodPanelProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const able = modelsFor(draft.kind, models);
  const model = able.find(({ kind }) => kind === draft.model.kind);
  return (
    <Panel title={t("method")}>
      <div className={css["stack"]}>
        <Select
          label={t("model")}
          data-testid={testIds.trainModel}
          value={model?.kind ?? null}
          data={able.map(({ kind, name }) => ({ value: kind, label: inLanguage(name, language) }))}
          allowDeselect={false}
          {...(able.length === 0 ? { error: t("noModel") } : {})}
          onChange={(kind) => kind !== null && chooseModel(kind)}
        />
        {model && (
          <>
            <p className={css["sentence"]}>{inLanguage(model.sentence, language)}</p>
            <ModelFields
              key={`${draft.kind} ${model.kind}`}
              fields={model.fields}
              kind={draft.kind}
              settings={draft.model}
              problems={settingProblems(error)}
              onChange={changeSetting}
            />
          </>
        )}
        {labelNeed(draft.model, models) !== "unused" && (
          <NumberField
            label={t("share")}
            description={t("shareHint")}
            inputWrapperOrder={["label", "input", "description"]}
            value={Math.round(draft.labelledShare * 1e6) / 1e4}
            min={0.1}
            max={100}
            step={5}
            onType={(value) => {
              if (value !== "" && value > 0 && value <= 100) changeDraft({ labelledShare: value / 100 });
            }}
          />
        )}
        <NumberField
          label={t("seed")}
          description={t("seedHint")}
          inputWrapperOrder={["label", "input", "description"]}
          value={draft.seed}
          min={0}
          onType={(value) => {
            if (value !== "" && Number.isSafeInteger(value) && value >= 0) changeDraft({ seed: value });
          }}
        />
        {model?.learning === "descent" && (
          <Select
            label={t("engineAsked")}
            description={t(timesEngines(model) ? "engineAskedHint" : "engineUntimedHint")}
            inputWrapperOrder={["label", "input", "description"]}
            data-testid={testIds.trainEngine}
            value={draft.engine}
            data={engines.map((value) => ({ value, label: t(`engine.${value}`) }))}
            allowDeselect={false}
            onChange={(value) => changeDraft({ engine: engines.find((one) => one === value) ?? "auto" })}
          />
        )}
        <TextInput
          label={t("name")}
          placeholder={defaultName}
          value={draft.name}
          onChange={(event) => changeDraft({ name: event.currentTarget.value })}
        />
      </div>
    </Panel>
  );
}
