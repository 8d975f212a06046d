import { SegmentedControl, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Settings } from "../../../preload/contract/settings.ts";
import { useRequest, useSend } from "../../bridge/hooks.ts";
import { useSettings } from "../../state/settings.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { useTyped } from "../../ui/typed.ts";
import { Failure, Panel } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { Calibration } from "./calibration.tsx";
import { ClusterPanel } from "./cluster-panel.tsx";
import { EnginePanel } from "./engines.tsx";
import { LibraryPanel } from "./library-panel.tsx";
import { Log } from "./log.tsx";
import css from "./settings.module.css";
import { settingsWords } from "./words.ts";

/** The label-set editor belongs to another feature and is handed in. */
export function SettingsPage({ labelSetEditor }: { readonly labelSetEditor: ReactNode }): ReactNode {
  const t = useWords(settingsWords);
  const known = useRequest("settings.get", {});
  const settings = useSettings();
  const isKnown = known.data !== undefined || !known.isError; // else what stands there would be taken for what is set
  const set = useSend("settings.set");
  // Unlike the callbacks of `mutate`, this is also told when another change follows or the page has been left.
  const change = (patch: Partial<Settings>) => void set.mutateAsync(patch).catch(notifyFailure);
  return (
    <div className={css["page"]} data-testid={testIds.settingsPage}>
      <TopBar>
        <h1>{t("title")}</h1>
      </TopBar>
      {known.error && <Failure error={known.error} onRetry={() => void known.refetch()} />}
      <div className={css["grid"]}>
        {isKnown && <General settings={settings} change={change} />}
        {isKnown && <Display settings={settings} change={change} />}
        <Panel title={t("labelSets")} className={css["wide"] ?? ""}>
          {labelSetEditor}
        </Panel>
        {isKnown && <Signals settings={settings} change={change} />}
        <EnginePanel />
        <ClusterPanel />
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
      <div className={css["stack"]}>
        <Field label={t("powerLine")} hint={t("powerLineHint")}>
          <SegmentedControl
            aria-label={t("powerLine")}
            value={String(settings.powerLineHz)}
            data={lines.map((value) => ({ value: String(value), label: t("hertz", { n: value }) }))}
            onChange={(value) => change({ powerLineHz: value === "60" ? 60 : 50 })}
          />
        </Field>
        <Field label={t("recorderSound")} hint={t("recorderSoundHint")}>
          <SegmentedControl
            aria-label={t("recorderSound")}
            data-testid={testIds.settingsRecorderSound}
            value={settings.recorderSound ? "on" : "off"}
            data={(["on", "off"] as const).map((value) => ({ value, label: t(value) }))}
            onChange={(value) => change({ recorderSound: value === "on" })}
          />
        </Field>
      </div>
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
