import { Button, Checkbox, Chip as Toggle, MultiSelect, SegmentedControl, Select } from "@mantine/core";
import { useMemo, useState, type ReactNode } from "react";
import { CONSENSUS } from "../../../preload/contract/agreement.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import { RecordingKind } from "../../../preload/contract/recording.ts";
import type { Candidate } from "./candidates.ts";
import type { TrainingReader } from "../../../preload/contract/run.ts";
import { common } from "../../ui/common-words.ts";
import { length } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import {
  classGroups,
  draftOfKind,
  presetOf,
  presets,
  toggled,
  labelsAtFirst,
  withGroup,
  channelOptions,
  lackingChannels,
  withRecordings,
  type Draft,
  backgrounds,
} from "./draft.ts";
import { changeDraft, setDraft, useTrain } from "./draft-store.ts";
import { isOfSequences, labelNeed } from "./model-settings.ts";
import { NumberField } from "./number-field.tsx";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

export interface DataPanelProps {
  readonly draft: Draft;
  readonly recordings: readonly Candidate[];
  readonly labelSets: readonly LabelSet[];
  readonly models: readonly ModelDescription[];
  readonly readers: readonly TrainingReader[]; // who labelled or read the recordings
}

/** Left: which recordings, which labels are classes, which channels, which windows. */
export function DataPanel(props: DataPanelProps): ReactNode {
  const t = useWords(trainWords);
  const isWhole = isOfSequences(props.draft.model, props.models);
  const need = labelNeed(props.draft.model, props.models);
  return (
    <Panel title={t("data")}>
      <div className={css["stack"]}>
        <RecordingChoice {...props} />
        {need === "unused" ? (
          <p className={css["hint"]} data-testid="labels-unused">
            {t("labelsUnused")}
          </p>
        ) : isWhole ? (
          <EventChoice {...props} />
        ) : (
          <ClassChoice {...props} />
        )}
        <ChannelChoice {...props} />
        {!isWhole && <WindowChoice {...props} />}
      </div>
    </Panel>
  );
}

function RecordingChoice({ draft, recordings, labelSets, models }: DataPanelProps): ReactNode {
  const t = useWords(trainWords);
  const c = useWords(common);
  const ofKind = useMemo(() => recordings.filter((one) => one.kind === draft.kind), [recordings, draft.kind]);
  const choose = (ids: readonly string[]) => setDraft(withRecordings(draft, ids, recordings));
  return (
    <>
      <div className={css["row"]}>
        <SegmentedControl
          aria-label={t("kind")}
          value={draft.kind}
          data={RecordingKind.options.map((value) => ({ value, label: c(`kind.${value}`) }))}
          onChange={(value) => {
            const kind = RecordingKind.options.find((one) => one === value);
            if (kind)
              setDraft(
                useTrain.getState().drafts[kind] ?? draftOfKind(kind, recordings, { labelSets, models }),
              );
          }}
        />
        <span style={{ display: "flex", gap: 6 }}>
          <Button
            size="compact-xs"
            variant="default"
            data-testid={testIds.trainAll}
            onClick={() => choose(ofKind.map((one) => one.id))}
          >
            {t("all")}
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => choose([])}>
            {t("none")}
          </Button>
        </span>
      </div>
      {ofKind.length === 0 ? (
        <p className={css["hint"]}>{t("noneOfKind")}</p>
      ) : (
        <>
          <PickList recordings={ofKind} chosen={draft.recordingIds} onChoose={choose} />
          <p className={css["hint"]}>
            {t("chosen", { chosen: draft.recordingIds.length, all: ofKind.length })}
          </p>
        </>
      )}
    </>
  );
}

interface PickProps {
  readonly recordings: readonly Candidate[];
  readonly chosen: readonly string[];
  readonly onChoose: (ids: readonly string[]) => void;
}

/** A study with its recordings below it, or one of them. */
type Line =
  | { readonly study: string; readonly ids: readonly string[]; readonly ticked: number }
  | { readonly recording: Candidate };

const LINE_PX = 29;
const LIST_PX = 190;
/** Lines drawn beyond those in sight. */
const BEYOND = 30;

/** Studies and their recordings to tick. Only the lines in sight are drawn, so that a hundred thousand scroll like ten. */
function PickList({ recordings, chosen, onChoose }: PickProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const [top, setTop] = useState(0);
  const ticked = useMemo(() => new Set(chosen), [chosen]);
  const lines = useMemo(() => linesOf(recordings, ticked), [recordings, ticked]);
  const flip = (ids: readonly string[], isIn: boolean) => {
    const those = new Set(ids);
    onChoose(isIn ? chosen.filter((id) => !those.has(id)) : [...new Set([...chosen, ...ids])]);
  };
  const from = Math.max(0, Math.floor(top / LINE_PX) - BEYOND);
  const shown = lines.slice(from, Math.ceil((top + LIST_PX) / LINE_PX) + BEYOND);
  return (
    <div className={css["pick"]} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <div style={{ height: lines.length * LINE_PX, position: "relative" }}>
        {shown.map((line, i) => {
          const place = { position: "absolute", top: (from + i) * LINE_PX, left: 0, right: 0 } as const;
          const style = { ...place, height: LINE_PX };
          if ("study" in line) {
            const isWhole = line.ticked === line.ids.length;
            return (
              <div key={`study ${line.study}`} className={css["pickStudy"]} style={style}>
                <Checkbox
                  checked={isWhole}
                  indeterminate={line.ticked > 0 && !isWhole}
                  label={line.study === "" ? t("noStudy") : line.study}
                  onChange={() => flip(line.ids, isWhole)}
                />
              </div>
            );
          }
          const one = line.recording;
          return (
            <div
              key={one.id}
              className={css["pickRow"]}
              style={style}
              data-testid={testIds.trainRecording}
              data-name={one.name}
            >
              <Checkbox
                checked={ticked.has(one.id)}
                label={<span title={one.name}>{one.name}</span>}
                onChange={() => flip([one.id], ticked.has(one.id))}
              />
              <small title={one.subject}>
                <span>{one.subject}</span> · {length(one.durationS, language)}
              </small>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function linesOf(recordings: readonly Candidate[], ticked: ReadonlySet<string>): readonly Line[] {
  const studies = new Map<string, Candidate[]>();
  for (const one of recordings) {
    const those = studies.get(one.study);
    if (those === undefined) studies.set(one.study, [one]);
    else those.push(one);
  }
  return [...studies.keys()].sort().flatMap((study): readonly Line[] => {
    const those = studies.get(study) ?? [];
    const ids = those.map(({ id }) => id);
    const head = { study, ids, ticked: ids.filter((id) => ticked.has(id)).length };
    return [head, ...those.map((recording) => ({ recording }))];
  });
}

function SetChoice({ draft, labelSets, models }: Omit<DataPanelProps, "recordings" | "readers">): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  return (
    <Select
      label={t("labelSet")}
      data-testid={testIds.trainLabelSet}
      value={draft.labelSet}
      data={labelSets.map((one) => ({
        value: one.id,
        label: `${inLanguage(one.name, language)} (v${one.version})`,
      }))}
      onChange={(id) => {
        const found = labelSets.find((one) => one.id === id);
        if (found)
          changeDraft({
            labelSet: found.id,
            readers: [],
            ...labelsAtFirst(found, isOfSequences(draft.model, models)),
          });
      }}
    />
  );
}

/** Asked only where several people labelled or read the recordings. */
function ReaderChoice({ draft, readers }: Pick<DataPanelProps, "draft" | "readers">): ReactNode {
  const t = useWords(trainWords);
  const names = [...new Set([...readers.map(({ name }) => name), ...draft.readers])];
  if (names.length < 2 && draft.readers.length === 0) return null;
  const shownAs = (name: string): string =>
    name === CONSENSUS ? t("readers.consensus") : name === "" ? t("readers.nameless") : name;
  const label = (name: string): string => {
    const known = readers.find((one) => one.name === name);
    return known === undefined
      ? shownAs(name)
      : t("readers.counts", { reader: shownAs(name), labels: known.labels, recordings: known.recordings });
  };
  return (
    <MultiSelect
      label={t("readers")}
      description={t("readersHint")}
      placeholder={draft.readers.length === 0 ? t("readers.all") : ""}
      data-testid={testIds.trainReaders}
      value={[...draft.readers]}
      data={names.map((value) => ({ value, label: label(value) }))}
      onChange={(chosen) => changeDraft({ readers: chosen })}
    />
  );
}

/** Labels of every group: a model of whole recordings has a head for each. */
function EventChoice({ draft, labelSets, models, readers }: DataPanelProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const set = labelSets.find((one) => one.id === draft.labelSet);
  const groups = classGroups(set);
  return (
    <>
      <SetChoice draft={draft} labelSets={labelSets} models={models} />
      <ReaderChoice draft={draft} readers={readers} />
      <p className={css["hint"]}>{t("eventLabelsHint")}</p>
      {labelNeed(draft.model, models) === "used" && <p className={css["hint"]}>{t("labelsUsed")}</p>}
      {groups.map(({ group, labels }) => (
        <div key={group.code}>
          <h3 style={{ marginBottom: 6 }}>{inLanguage(group.name, language)}</h3>
          <div style={{ display: "flex", flexWrap: "wrap", gap: 5 }}>
            {labels.map((one) => (
              <Toggle
                key={one.code}
                size="xs"
                radius="md"
                checked={draft.labels.includes(one.code)}
                onChange={() => changeDraft({ labels: toggled(draft.labels, one.code, set) })}
              >
                {inLanguage(one.name, language)}
              </Toggle>
            ))}
          </div>
        </div>
      ))}
    </>
  );
}

function ClassChoice({ draft, labelSets, models, readers }: DataPanelProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const set = labelSets.find((one) => one.id === draft.labelSet);
  const groups = classGroups(set);
  const labels = groups.find(({ group }) => group.code === draft.labelGroup)?.labels ?? [];
  return (
    <>
      <SetChoice draft={draft} labelSets={labelSets} models={models} />
      <ReaderChoice draft={draft} readers={readers} />
      {groups.length > 1 && (
        <Select
          label={t("labelGroup")}
          description={t("labelGroupHint")}
          data-testid={testIds.trainLabelGroup}
          allowDeselect={false}
          value={draft.labelGroup}
          data={groups.map(({ group }) => ({ value: group.code, label: inLanguage(group.name, language) }))}
          onChange={(code) => code !== null && changeDraft(withGroup(draft.labels, code, set))}
        />
      )}
      <div>
        <h3 style={{ marginBottom: 6 }}>{t("labels")}</h3>
        <div style={{ display: "flex", flexWrap: "wrap", gap: 5 }}>
          {labels.map((one) => (
            <Toggle
              key={one.code}
              size="xs"
              radius="md"
              checked={draft.labels.includes(one.code)}
              onChange={() => changeDraft({ labels: toggled(draft.labels, one.code, set) })}
            >
              {inLanguage(one.name, language)}
            </Toggle>
          ))}
        </div>
      </div>
      <Select
        label={t("background")}
        value={draft.background}
        data={backgrounds.map((value) => ({ value, label: t(`background.${value}`) }))}
        onChange={(value) => {
          const background = backgrounds.find((one) => one === value);
          if (background) changeDraft({ background });
        }}
      />
    </>
  );
}

/** Recordings named in a sentence; of more it says how many. */
const NAMED = 3;

function ChannelChoice({ draft, recordings }: DataPanelProps): ReactNode {
  const t = useWords(trainWords);
  const chosen = useMemo(() => {
    const ids = new Set(draft.recordingIds);
    return recordings.filter((one) => ids.has(one.id));
  }, [recordings, draft.recordingIds]);
  const options = useMemo(() => channelOptions(draft, recordings), [draft, recordings]);
  const lacking = useMemo(() => lackingChannels(draft.kind, chosen), [draft.kind, chosen]);
  const leaveOut = (out: readonly Candidate[]): void => {
    const without = new Set(out);
    setDraft(
      withRecordings(
        draft,
        chosen.filter((one) => !without.has(one)).map(({ id }) => id),
        recordings,
      ),
    );
  };
  return (
    <div>
      <h3 style={{ marginBottom: 6 }}>{t("channels")}</h3>
      {options.length === 0 && <p className={css["hint"]}>{t("noChannels")}</p>}
      {lacking.map(({ channel, recordings: without }) => (
        <p key={channel} className={css["hint"]} data-testid="lacks-channel">
          {t("lacksChannel", {
            channel,
            count: without.length,
            recordings: [
              ...without.slice(0, NAMED).map(({ name }) => name),
              ...(without.length > NAMED ? ["…"] : []),
            ].join(", "),
          })}{" "}
          <Button size="compact-xs" variant="default" onClick={() => leaveOut(without)}>
            {t("leaveOut")}
          </Button>
        </p>
      ))}
      <div style={{ display: "flex", flexWrap: "wrap", gap: 5 }}>
        {options.map(({ label, isChosen, isShared }) => (
          <Toggle
            key={label}
            size="xs"
            radius="md"
            {...(isShared ? {} : { color: "yellow" })}
            checked={isChosen}
            onChange={() =>
              changeDraft({
                channels: isChosen
                  ? draft.channels.filter((one) => one !== label)
                  : [...draft.channels, label],
              })
            }
          >
            {isShared ? label : `${label} – ${t("notShared")}`}
          </Toggle>
        ))}
      </div>
    </div>
  );
}

function WindowChoice({ draft }: DataPanelProps): ReactNode {
  const t = useWords(trainWords);
  const preset = presetOf(draft);
  const positive = (change: (value: number) => void) => (value: number | "") => {
    if (value !== "" && value > 0) change(value);
  };
  return (
    <>
      <Select
        label={t("preset")}
        value={preset?.id ?? "own"}
        data={[
          ...presets.map((one) => ({ value: one.id, label: t(`preset.${one.id}`) })),
          { value: "own", label: t("preset.own"), disabled: true },
        ]}
        onChange={(id) => {
          const found = presets.find((one) => one.id === id);
          if (found) changeDraft({ windowS: found.windowS, strideS: found.strideS, centreS: found.centreS });
        }}
      />
      <div className={css["three"]}>
        <NumberField
          label={t("windowS")}
          value={draft.windowS}
          min={0.01}
          step={0.1}
          onType={positive((windowS) => changeDraft({ windowS }))}
        />
        <NumberField
          label={t("strideS")}
          value={draft.strideS}
          min={0.01}
          step={0.1}
          onType={positive((strideS) => changeDraft({ strideS }))}
        />
        <NumberField
          label={t("centreS")}
          placeholder="–"
          value={draft.centreS}
          min={0.01}
          step={1}
          onType={(value) => changeDraft({ centreS: value !== "" && value > 0 ? value : undefined })}
        />
      </div>
      <NumberField
        label={t("minObserved")}
        value={Math.round(draft.minObserved * 100)}
        min={0}
        max={100}
        step={10}
        onType={(value) => {
          if (value !== "") changeDraft({ minObserved: Math.min(1, Math.max(0, value / 100)) });
        }}
      />
    </>
  );
}
