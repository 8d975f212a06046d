import { NumberInput, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { Variation } from "../../../preload/contract/run.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useWords } from "../../ui/words.ts";
import { usualVariation, type Draft } from "./draft.ts";
import { changeDraft } from "./draft-store.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** Whether and how far samples are varied each epoch. */
export function VariationFields({ draft }: { readonly draft: Draft }): ReactNode {
  const t = useWords(trainWords);
  const { kind, variation } = draft;
  const mayScale = kind === "emg";
  return (
    <>
      <Switch
        checked={variation !== undefined}
        onChange={(event) =>
          changeDraft({ variation: event.currentTarget.checked ? usualVariation(kind) : undefined })
        }
        label={t("variation")}
        description={mayScale ? t("variationHint") : `${t("variationHint")} ${t("variationFixed")}`}
        data-testid={testIds.trainVariation}
      />
      {variation && (
        <div className={css["two"]}>
          <VariationField variation={variation} field="shiftS" step={0.05} />
          {mayScale && <VariationField variation={variation} field="gainSd" step={5} shown={100} />}
          <VariationField variation={variation} field="lossesPerMinute" step={0.5} />
          <VariationField variation={variation} field="lossS" step={0.1} />
        </div>
      )}
    </>
  );
}

function VariationField({
  variation,
  field,
  step,
  shown = 1,
}: {
  readonly variation: Variation;
  readonly field: keyof Variation;
  readonly step: number;
  readonly shown?: number; // times the value
}): ReactNode {
  const t = useWords(trainWords);
  const { minValue, maxValue } = Variation.shape[field].unwrap();
  return (
    <NumberInput
      label={t(`variation.${field}`)}
      value={Math.round(variation[field] * shown * 1000) / 1000}
      min={(minValue ?? 0) * shown}
      max={(maxValue ?? Infinity) * shown}
      step={step}
      onChange={(value) => {
        const changed = Variation.safeParse({ ...variation, [field]: Number(value) / shown });
        if (typeof value === "number" && changed.success) changeDraft({ variation: changed.data });
      }}
    />
  );
}
