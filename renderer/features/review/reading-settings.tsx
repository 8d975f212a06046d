import { Button, Checkbox, Group, Select } from "@mantine/core";
import type { ReactNode } from "react";
import { BaselineMethod, EventSource } from "../../../preload/contract/ctg.ts";
import { useSend } from "../../bridge/hooks.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { useWords } from "../../ui/words.ts";
import classes from "./ctg.module.css";
import { ctgWords } from "./ctg-words.ts";
import type { Review } from "./use-review.ts";

/** By which methods cardiotocograms are read; a change reads this one again. */
export function ReadingSettings({ review }: { readonly review: Review }): ReactNode {
  const t = useWords(ctgWords);
  const { settings, change } = review.reading;
  return (
    <>
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
      <Reference review={review} />
    </>
  );
}

/** The table of centiles that the antepartum criteria need: none comes with Kodo, so a person chooses one. */
function Reference({ review }: { readonly review: Review }): ReactNode {
  const t = useWords(ctgWords);
  const { settings, change } = review.reading;
  const choose = useSend("ctg.chooseReference");
  const { antepartumReference: table } = settings;
  const take = (): void =>
    choose.mutate(
      {},
      {
        onSuccess: (chosen) => {
          if (chosen !== null) change({ antepartumReference: chosen });
        },
        onError: notifyFailure,
      },
    );
  return (
    <section data-testid="reference-table">
      <h3>{t("reference")}</h3>
      <p>
        {table === undefined
          ? t("reference.none")
          : t("reference.of", {
              ...{ name: table.name, source: table.source, count: table.weeks.length },
              ...{ from: table.weeks[0]?.week ?? 0, to: table.weeks.at(-1)?.week ?? 0 },
            })}
      </p>
      <p className={classes["dim"]}>{t("reference.how")}</p>
      <Group gap={6}>
        <Button size="compact-xs" variant="default" loading={choose.isPending} onClick={take}>
          {t(table === undefined ? "reference.choose" : "reference.other")}
        </Button>
        {table !== undefined && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => change({ antepartumReference: undefined })}
          >
            {t("reference.remove")}
          </Button>
        )}
      </Group>
    </section>
  );
}
