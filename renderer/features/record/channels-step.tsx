import { Checkbox, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { DeviceList } from "../../../preload/contract/acquisition.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { liveRuns } from "../../state/runs.ts";
import { length } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { changeDevice, changeDraft } from "./draft-store.ts";
import css from "./record.module.css";
import { problemWords } from "./said-problem.ts";
import {
  gesturesIn,
  guidedLasts,
  guidedNumberNames,
  guidedNumbers,
  type DeviceDraft,
  type Draft,
  type GuidedDraft,
} from "./setup-draft.ts";
import { fieldProblem } from "./setup-form.ts";
import { StepTitle } from "./step-title.tsx";
import { recordWords } from "./words.ts";

interface StepProps {
  readonly draft: Draft;
  readonly sets: readonly LabelSet[];
  readonly list: DeviceList;
}

/** Where each channel sits, which keys set marks, and how the recording goes. */
export function ChannelsStep({ draft, sets }: StepProps): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const set = sets.find(({ id }) => id === draft.labelSet);
  const models = useRequest("models.list", {}).data;
  const runs = liveRuns(useRequest("runs.list", {}).data ?? [], models);
  const chooseSet = (id: string): void =>
    changeDraft({
      labelSet: id,
      guided: { ...draft.guided, gestures: gesturesIn(sets.find((one) => one.id === id)) },
    });
  const chooseWay = (way: Draft["way"]): void =>
    changeDraft({ way, guided: { ...draft.guided, gestures: gesturesIn(set, draft.guided.gestures) } });
  return (
    <Panel title={<StepTitle number={3} text={t("channelsTitle")} />}>
      {draft.devices.map((device, i) => (
        <Sites key={device.key} device={device} number={i + 1} isOnly={draft.devices.length === 1} />
      ))}
      <div className={css["fields"]}>
        <Select
          label={t("labelSet")}
          data-testid={testIds.recordLabelSet}
          data={[
            { value: "", label: t("labelSetNone") },
            ...sets.map(({ id, name }) => ({ value: id, label: inLanguage(name, language) })),
          ]}
          value={draft.labelSet}
          onChange={(id) => chooseSet(id ?? "")}
        />
        <Select
          label={t("way")}
          data-testid={testIds.recordGuided}
          data={(["free", "guided"] as const).map((value) => ({ value, label: t(`way.${value}`) }))}
          value={draft.way}
          onChange={(way) => chooseWay(way === "guided" ? "guided" : "free")}
        />
        <Select
          label={t("liveModel")}
          data-testid={testIds.recordModel}
          data={[
            { value: "", label: t("liveModelNone") },
            ...runs.map(({ id, config }) => ({ value: id, label: config.name })),
          ]}
          value={draft.runId ?? ""}
          onChange={(id) => changeDraft({ runId: id === null || id === "" ? undefined : id })}
        />
      </div>
      {draft.way === "guided" && set && <Guided guided={draft.guided} set={set} />}
    </Panel>
  );
}

/** Site of each channel. The channels are known once the device has answered, or from a template. */
function Sites({
  device,
  number,
  isOnly,
}: {
  readonly device: DeviceDraft;
  readonly number: number;
  readonly isOnly: boolean;
}): ReactNode {
  const t = useWords(recordWords);
  const channels =
    device.found?.channels.map(({ label }) => label) ?? device.sites.map((_, i) => String(i + 1));
  const change = (at: number, text: string): void =>
    changeDevice(device.key, {
      sites: Array.from({ length: Math.max(channels.length, device.sites.length) }, (_, i) =>
        i === at ? text : (device.sites[i] ?? ""),
      ),
    });
  return (
    <fieldset className={css["group"]}>
      <legend>{isOnly ? t("sites") : `${t("device", { number })}: ${t("sites")}`}</legend>
      {channels.length === 0 && <p className={css["dim"]}>{t("sitesHint")}</p>}
      <div className={css["sites"]}>
        {channels.map((channel, i) => (
          <TextInput
            key={channel}
            size="xs"
            maxLength={200}
            aria-label={t("site", { channel })}
            leftSection={<span className={css["siteLabel"]}>{channel}</span>}
            leftSectionWidth={92}
            data-testid={testIds.recordSite}
            data-channel={i}
            value={device.sites[i] ?? ""}
            onChange={(event) => change(i, event.currentTarget.value)}
          />
        ))}
      </div>
    </fieldset>
  );
}

const steps = { repetitions: 1, holdS: 0.5, changeS: 0.5, restS: 1 } as const;

function Guided({ guided, set }: { readonly guided: GuidedDraft; readonly set: LabelSet }): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const change = (part: Partial<GuidedDraft>): void => changeDraft({ guided: { ...guided, ...part } });
  const intervals = set.labels.filter(({ shape }) => shape === "interval");
  const lastsS = guidedLasts(guided);
  const tick = (code: string, isOn: boolean): void =>
    change({
      gestures: intervals
        .map((label) => label.code)
        .filter((one) => (one === code ? isOn : guided.gestures.includes(one))),
    });
  return (
    <fieldset className={css["group"]}>
      <legend>{t("gestures")}</legend>
      <div className={css["ticks"]}>
        {intervals.map(({ code, letter, name }) => (
          <Checkbox
            key={code}
            label={`${letter} ${inLanguage(name, language)}`}
            data-testid={testIds.recordGesture}
            data-label={code}
            checked={guided.gestures.includes(code)}
            onChange={(event) => tick(code, event.currentTarget.checked)}
          />
        ))}
      </div>
      <div className={css["fields"]}>
        {guidedNumberNames.map((key) => {
          const problem = fieldProblem(guidedNumbers[key], guided[key]);
          return (
            <NumberInput
              key={key}
              label={t(key)}
              data-testid={testIds.recordCourse}
              data-key={key}
              min={guidedNumbers[key].least}
              max={guidedNumbers[key].most}
              step={steps[key]}
              value={Number.isNaN(guided[key]) ? "" : guided[key]}
              error={problem && problemWords(problem, language)}
              onChange={(value) => change({ [key]: typeof value === "number" ? value : Number.NaN })}
            />
          );
        })}
      </div>
      <div className={css["ticks"]}>
        <Switch
          label={t("mvc")}
          checked={guided.mvc}
          onChange={(event) => change({ mvc: event.currentTarget.checked })}
        />
        <Switch
          label={t("shuffled")}
          checked={guided.isShuffled}
          onChange={(event) => change({ isShuffled: event.currentTarget.checked })}
        />
        {Number.isFinite(lastsS) && (
          <span className={css["dim"]}>{t("guidedLasts", { length: length(lastsS, language) })}</span>
        )}
      </div>
    </fieldset>
  );
}
