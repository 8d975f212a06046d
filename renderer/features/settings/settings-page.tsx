import { SegmentedControl, TextInput } from "@mantine/core";
import { useMemo, useState, type ReactNode } from "react";
import type { Settings } from "../../../preload/contract/settings.ts";
import { useRequest, useSend } from "../../bridge/hooks.ts";
import { useSettings } from "../../state/settings.ts";
import { moment } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { useTyped } from "../../ui/typed.ts";
import { ActionButton, Failure, Panel, Scroll, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { Calibration } from "./calibration.tsx";
import { EnginePanel } from "./engines.tsx";
import { LibraryPanel } from "./library-panel.tsx";
import { logSentence, type LogNames } from "./log-sentence.ts";
import css from "./settings.module.css";
import { settingsWords } from "./words.ts";

/** The label-set editor belongs to another feature and is handed in. */
export function SettingsPage({ labelSetEditor }: { readonly labelSetEditor: ReactNode }): ReactNode {
  const t = useWords(settingsWords);
  const settings = useSettings();
  const set = useSend("settings.set");
  const change = (patch: Partial<Settings>) => set.mutate(patch, { onError: notifyFailure });
  return (
    <div className={css["page"]} data-testid={testIds.settingsPage}>
      <TopBar>
        <h1>{t("title")}</h1>
      </TopBar>
      <div className={css["grid"]}>
        <General settings={settings} change={change} />
        <Display settings={settings} change={change} />
        <Panel title={t("labelSets")} className={css["wide"] ?? ""}>
          {labelSetEditor}
        </Panel>
        <Signals settings={settings} change={change} />
        <EnginePanel />
        <LibraryPanel />
        <Log />
      </div>
    </div>
  );
}

interface PartProps {
  readonly settings: Settings;
  readonly change: (patch: Partial<Settings>) => void;
}

function General({ settings, change }: PartProps): ReactNode {
  const t = useWords(settingsWords);
  const languages = ["system", "en", "ja"] as const;
  const themes = ["system", "light", "dark"] as const;
  return (
    <Panel title={t("general")}>
      <div className={css["stack"]}>
        <Field label={t("language")}>
          <SegmentedControl
            aria-label={t("language")}
            data-testid={testIds.settingsLanguage}
            value={settings.language}
            data={languages.map((value) => ({ value, label: t(`language.${value}`) }))}
            onChange={(value) => change({ language: languages.find((one) => one === value) ?? "system" })}
          />
        </Field>
        <Field label={t("theme")}>
          <SegmentedControl
            aria-label={t("theme")}
            data-testid={testIds.settingsTheme}
            value={settings.theme}
            data={themes.map((value) => ({ value, label: t(`theme.${value}`) }))}
            onChange={(value) => change({ theme: themes.find((one) => one === value) ?? "system" })}
          />
        </Field>
        <Author author={settings.author} onSave={(author) => change({ author })} />
      </div>
    </Panel>
  );
}

function Author({
  author,
  onSave,
}: {
  readonly author: string;
  readonly onSave: (author: string) => void;
}): ReactNode {
  const t = useWords(settingsWords);
  const [typed, setTyped] = useTyped(author);
  return (
    <TextInput
      label={t("author")}
      description={t("authorHint")}
      inputWrapperOrder={["label", "input", "description"]}
      data-testid={testIds.settingsAuthor}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => {
        if (typed.trim() !== author) onSave(typed.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.nativeEvent.isComposing) event.currentTarget.blur();
      }}
    />
  );
}

function Display({ settings, change }: PartProps): ReactNode {
  const t = useWords(settingsWords);
  const speeds = [1, 2, 3] as const;
  const ranges = ["50-210", "30-240"] as const;
  return (
    <Panel title={t("display")}>
      <div className={css["stack"]}>
        <Field label={t("calibrate")} hint={t("calibrateHint")}>
          <Calibration pixelsPerCm={settings.pixelsPerCm} onSave={(pixelsPerCm) => change({ pixelsPerCm })} />
        </Field>
        <Field label={t("paperSpeed")}>
          <SegmentedControl
            aria-label={t("paperSpeed")}
            value={String(settings.paperSpeed)}
            data={speeds.map((value) => ({ value: String(value), label: t("speed", { n: value }) }))}
            onChange={(value) => change({ paperSpeed: speeds.find((one) => String(one) === value) ?? 1 })}
          />
        </Field>
        <Field label={t("fhrRange")}>
          <SegmentedControl
            aria-label={t("fhrRange")}
            value={settings.fhrRange}
            data={ranges.map((value) => ({ value, label: t(`range.${value}`) }))}
            onChange={(value) => change({ fhrRange: ranges.find((one) => one === value) ?? "50-210" })}
          />
        </Field>
      </div>
    </Panel>
  );
}

function Signals({ settings, change }: PartProps): ReactNode {
  const t = useWords(settingsWords);
  const lines = [50, 60] as const;
  return (
    <Panel title={t("signals")}>
      <Field label={t("powerLine")} hint={t("powerLineHint")}>
        <SegmentedControl
          aria-label={t("powerLine")}
          value={String(settings.powerLineHz)}
          data={lines.map((value) => ({ value: String(value), label: t("hertz", { n: value }) }))}
          onChange={(value) => change({ powerLineHz: value === "60" ? 60 : 50 })}
        />
      </Field>
    </Panel>
  );
}

function Field({
  label,
  hint,
  children,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className={css["field"]}>
      <span className={css["label"]}>{label}</span>
      {children}
      {hint !== undefined && <p className={css["hint"]}>{hint}</p>}
    </div>
  );
}

const PAGE = 100;
const MOST = 1000; // what main gives at once

/** What recordings and trainings are called now, also those in the bin; undefined until all of it is known. */
function useLogNames(): LogNames | undefined {
  const recordings = useRequest("recordings.list", {}).data;
  const binned = useRequest("recordings.bin", {}).data;
  const runs = useRequest("runs.list", {}).data;
  const binnedRuns = useRequest("runs.bin", {}).data;
  const labelSets = useRequest("labelSets.list", {}).data;
  return useMemo(
    () =>
      recordings && binned && runs && binnedRuns && labelSets
        ? {
            recordings: new Map([...recordings, ...binned].map((one) => [one.id, one.name])),
            runs: new Map([...runs, ...binnedRuns].map((one) => [one.id, one.config.name])),
            labelSets,
          }
        : undefined,
    [recordings, binned, runs, binnedRuns, labelSets],
  );
}

function Log(): ReactNode {
  const t = useWords(settingsWords);
  const language = useLanguage();
  const [limit, setLimit] = useState(PAGE);
  const log = useRequest("app.log", { limit }, { keepPrevious: true });
  const names = useLogNames();
  const hasMore = log.data?.length === limit && limit < MOST;
  const more = () => setLimit(Math.min(MOST, limit * 2));
  useKeys(t("log"), [{ keys: "M", what: t("more"), run: more, enabled: hasMore }]);
  return (
    <Panel title={t("log")} className={css["wide"] ?? ""}>
      <div className={css["stack"]}>
        <p className={css["hint"]}>{t("logHint")}</p>
        {log.isError && <Failure error={log.error} onRetry={() => void log.refetch()} />}
        {(log.isPending || !names) && !log.isError && <Skeleton height={160} />}
        {log.data?.length === 0 && <p className={css["hint"]}>{t("logEmpty")}</p>}
        {log.data !== undefined && names && log.data.length > 0 && (
          <Scroll label={t("log")} className={css["log"]}>
            <table className={css["table"]}>
              <thead>
                <tr>
                  <th className={css["when"]}>{t("log.at")}</th>
                  <th>{t("log.what")}</th>
                </tr>
              </thead>
              <tbody>
                {log.data.map((one) => (
                  <tr key={one.sequence}>
                    <td>{moment(one.at, language)}</td>
                    <td>{logSentence(one, names, language)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
        {hasMore && (
          <ActionButton keys="M" size="compact-sm" style={{ alignSelf: "flex-start" }} onClick={more}>
            {t("more")}
          </ActionButton>
        )}
      </div>
    </Panel>
  );
}
