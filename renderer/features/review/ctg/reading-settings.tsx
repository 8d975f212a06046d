import { Button, Checkbox, Group, Select } from "@mantine/core";
import type { ReactNode } from "react";
import { BaselineMethod, EventSource } from "../../../../preload/contract/ctg.ts";
import { useSend } from "../../../bridge/hooks.ts";
import { notifyFailure } from "../../../ui/notify.tsx";
import { useWords } from "../../../ui/words.ts";
import classes from "./ctg.module.css";
import { ctgWords } from "./ctg-words.ts";
import { choicesOfRuns, partsOfChoice, runChoice, useReadingRuns } from "./use-reading-runs.ts";
import type { Review } from "../use-review.ts";

/** By which methods cardiotocograms are read; a change reads this one again. */
export function ReadingSettings({ review }: { readonly review: Review }): ReactNode {
  const t = useWords(ctgWords);
  const { settings, change } = review.reading;
  const runs = useReadingRuns(review.detail.id);
  const gone = t("run.gone");
  const { baselineRunId, eventRunId, falseSignalRunId } = settings;
  const ofEvents = (of: "network" | "both"): ReturnType<typeof choicesOfRuns> =>
    choicesOfRuns(runs.events, {
      ...{ of, gone, title: t(`events.${of}`) },
      chosen: settings.events === of ? eventRunId : undefined,
    });
  return (
    <>
      <section data-testid="reading-settings">
        <h3>{t("how")}</h3>
        <Select
          size="xs"
          label={t("method")}
          allowDeselect={false}
          value={settings.baseline === "run" ? runChoice("run", baselineRunId ?? "") : settings.baseline}
          onChange={(value) => {
            const { of, runId } = partsOfChoice(value ?? "");
            change({
              baseline: BaselineMethod.parse(of),
              ...(runId === undefined ? {} : { baselineRunId: runId }),
            });
          }}
          data={[
            ...BaselineMethod.exclude(["run"]).options.map((value) => ({
              value,
              label: t(`method.${value}`),
            })),
            ...choicesOfRuns(runs.baseline, {
              ...{ of: "run", gone, title: t("method.run") },
              chosen: settings.baseline === "run" ? (baselineRunId ?? "") : undefined,
            }),
          ]}
          data-testid="baseline-method"
        />
        <Select
          size="xs"
          mt={6}
          label={t("eventsBy")}
          allowDeselect={false}
          value={settings.events === "rule" ? "rule" : runChoice(settings.events, eventRunId ?? "")}
          onChange={(value) => {
            const { of, runId } = partsOfChoice(value ?? "");
            change({ events: EventSource.parse(of), ...(runId === undefined ? {} : { eventRunId: runId }) });
          }}
          data={[{ value: "rule", label: t("events.rule") }, ...ofEvents("both"), ...ofEvents("network")]}
          data-testid="events-source"
        />
        <Select
          size="xs"
          mt={6}
          label={t("trustBy")}
          allowDeselect={false}
          value={falseSignalRunId === undefined ? "rule" : runChoice("run", falseSignalRunId)}
          onChange={(value) => change({ falseSignalRunId: partsOfChoice(value ?? "").runId })}
          data={[
            { value: "rule", label: t("trust.rule") },
            ...choicesOfRuns(runs.trust, {
              ...{ of: "run", gone, title: t("trust.run"), chosen: falseSignalRunId },
            }),
          ]}
          data-testid="trust-source"
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
