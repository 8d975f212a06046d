import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { Adaptation, RunFields, Sampling } from "../../../preload/contract/run.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import type { Draft } from "./draft.ts";
import { changeDraft } from "./draft-store.ts";
import css from "./train.module.css";
import { VariationFields } from "./variation-fields.tsx";
import { trainWords } from "./words.ts";

const samplings = Sampling.options;
const engines = RunFields.shape.engine.unwrap().options;

/** Middle: the method in a sentence, and its few choices. */
export function MethodPanel({
  draft,
  defaultName,
}: {
  readonly draft: Draft;
  readonly defaultName: string;
}): ReactNode {
  const t = useWords(trainWords);
  const whole = (change: (value: number) => void, low: number, high: number) => (value: number | string) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) change(value);
  };
  return (
    <Panel title={t("method")}>
      <div className={css["stack"]}>
        <p className={css["sentence"]}>
          {t(draft.members > 1 ? "sentence" : "sentenceOne", {
            layers: draft.layers,
            members: draft.members,
          })}
        </p>
        <NumberInput
          label={t("share")}
          description={t("shareHint")}
          inputWrapperOrder={["label", "input", "description"]}
          value={Math.round(draft.labelledShare * 1000) / 10}
          min={0.1}
          max={100}
          step={5}
          onChange={(value) => {
            if (typeof value === "number" && value > 0 && value <= 100)
              changeDraft({ labelledShare: value / 100 });
          }}
        />
        <Switch
          checked={draft.usesUnlabelled}
          onChange={(event) => changeDraft({ usesUnlabelled: event.currentTarget.checked })}
          label={t("learnUnlabelled")}
          description={t("learnUnlabelledHint")}
        />
        {draft.kind === "emg" && (
          <Select
            label={t("adaptation")}
            description={t(`adaptationHint.${draft.adaptation}`)}
            inputWrapperOrder={["label", "input", "description"]}
            data={Adaptation.options.map((value) => ({ value, label: t(`adaptation.${value}`) }))}
            value={draft.adaptation}
            allowDeselect={false}
            onChange={(value) => {
              const { data } = Adaptation.safeParse(value);
              if (data) changeDraft({ adaptation: data });
            }}
          />
        )}
        <div className={css["two"]}>
          <NumberInput
            label={t("members")}
            value={draft.members}
            min={1}
            max={10}
            onChange={whole((members) => changeDraft({ members }), 1, 10)}
          />
          <NumberInput
            label={t("epochs")}
            value={draft.epochs}
            min={1}
            max={500}
            onChange={whole((epochs) => changeDraft({ epochs }), 1, 500)}
          />
          <NumberInput
            label={t("patience")}
            placeholder={t("patienceUsual")}
            value={draft.patience ?? ""}
            min={1}
            max={500}
            onChange={(value) => {
              if (value === "") changeDraft({ patience: undefined });
              else whole((patience) => changeDraft({ patience }), 1, 500)(value);
            }}
          />
          <Select
            label={t("sampling")}
            value={draft.sampling}
            allowDeselect={false}
            data={samplings.map((value) => ({ value, label: t(`sampling.${value}`) }))}
            onChange={(value) => {
              const sampling = samplings.find((one) => one === value);
              if (sampling) changeDraft({ sampling });
            }}
          />
          <NumberInput
            label={t("layers")}
            value={draft.layers}
            min={2}
            max={50}
            onChange={whole((layers) => changeDraft({ layers }), 2, 50)}
          />
          <NumberInput
            label={t("seed")}
            value={draft.seed}
            min={0}
            onChange={whole((seed) => changeDraft({ seed }), 0, Number.MAX_SAFE_INTEGER)}
          />
        </div>
        <p className={css["hint"]}>{t("seedHint")}</p>
        <VariationFields draft={draft} />
        <Select
          label={t("engineAsked")}
          description={t("engineAskedHint")}
          inputWrapperOrder={["label", "input", "description"]}
          data-testid={testIds.trainEngine}
          value={draft.engine}
          data={engines.map((value) => ({ value, label: t(`engine.${value}`) }))}
          allowDeselect={false}
          onChange={(value) => changeDraft({ engine: engines.find((one) => one === value) ?? "auto" })}
        />
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
