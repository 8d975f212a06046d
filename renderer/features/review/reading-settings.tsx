import { Checkbox, Select } from "@mantine/core";
import type { ReactNode } from "react";
import { BaselineMethod, EventSource } from "../../../preload/contract/ctg.ts";
import { useWords } from "../../ui/words.ts";
import { ctgWords } from "./ctg-words.ts";
import type { Review } from "./use-review.ts";

/** By which methods cardiotocograms are read; a change reads this one again. */
export function ReadingSettings({ review }: { readonly review: Review }): ReactNode {
  const t = useWords(ctgWords);
  const { settings, change } = review.reading;
  return (
    <section data-testid="reading-settings">
      <h3>{t("how")}</h3>
      <Select
        size="xs"
        label={t("method")}
        allowDeselect={false}
        value={settings.baseline}
        onChange={(value) => change({ baseline: BaselineMethod.parse(value) })}
        data={BaselineMethod.options
          .filter((method) => method !== "run" || settings.baselineRunId !== undefined)
          .map((value) => ({ value, label: t(`method.${value}`) }))}
        data-testid="baseline-method"
      />
      <Select
        size="xs"
        mt={6}
        label={t("eventsBy")}
        allowDeselect={false}
        value={settings.events}
        onChange={(value) => change({ events: EventSource.parse(value) })}
        data={EventSource.options
          .filter((source) => source === "rule" || settings.eventRunId !== undefined)
          .map((value) => ({ value, label: t(`events.${value}`) }))}
      />
      <Checkbox
        size="xs"
        mt={8}
        checked={settings.strictNichd}
        onChange={(event) => change({ strictNichd: event.currentTarget.checked })}
        label={t("strict")}
      />
    </section>
  );
}
