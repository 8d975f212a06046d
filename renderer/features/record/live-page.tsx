import { useMemo, useState, type ReactNode } from "react";
import type { Cue, RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { useSettings } from "../../state/settings.ts";
import { common } from "../../ui/common-words.ts";
import { number, rate } from "../../ui/format.ts";
import { useKeys, type KeyBinding } from "../../ui/keys.ts";
import { Foot, Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { toggleSound } from "./alarm-sound.ts";
import { GuidePanel } from "./guide-panel.tsx";
import { useLiveFan, type LiveFan } from "./live-fan.ts";
import { LiveStrip } from "./live-strip.tsx";
import { cueLane, isShownLost, markLane, shownChannels, withCue } from "./live-view.ts";
import { MarkBar } from "./mark-bar.tsx";
import { letterKeys, noteLabel } from "./marking.ts";
import { Numbers } from "./numbers.tsx";
import css from "./record.module.css";
import { momentOf, useRecorderClock } from "./recorder-clock.ts";
import { byWeight, isLoss, protocolName } from "./said-problem.ts";
import { saidOf } from "./said-state.ts";
import { SidePanel } from "./side-panel.tsx";
import { StateBand } from "./state-band.tsx";
import type { LiveFollow } from "./use-live-follow.ts";
import { useMarking } from "./use-marking.ts";
import { useRecorderDoings } from "./use-recorder-doings.ts";
import { recordWords } from "./words.ts";

const noMarks: readonly Annotation[] = [];
const noSets: readonly LabelSet[] = [];

/** Devices are connected: what they send is shown, and recorded once it is asked for. */
export function LivePage({ state }: { readonly state: RecorderState }): ReactNode {
  const language = useLanguage();
  const settings = useSettings();
  const elapsedS = useRecorderClock(state);
  const sets = useRequest("labelSets.list", {}).data ?? noSets;
  const set = sets.find(({ id }) => id === state.setup?.labelSet);
  const { recordingId, cue } = state;
  const marks =
    useRequest("annotations.list", recordingId === undefined ? undefined : { recordingId }).data ?? noMarks;
  const marking = useMarking({ state, set, elapsedS, author: settings.author });
  const doings = useRecorderDoings(state);
  const [follow, setFollow] = useState<LiveFollow | undefined>(undefined);
  const filter = useFilter(state);
  const ahead = useLiveFan(state);
  const alarms = useMemo(
    () => byWeight(state.alarms).map((alarm) => ({ alarm, said: saidOf(alarm, state, language) })),
    [state, language],
  );
  const lost = alarms.find(({ alarm }) => isLoss(alarm));
  const keys = letterKeys(state.cue ? [] : (set?.labels ?? []));
  const lanes = useLanes(state, marks, sets, set);
  const isSoundAllowed = settings.recorderSound;
  usePageKeys({ state, set, keys, doings, marking, follow, filter, ahead, isSoundAllowed });
  const isSignalLost = isShownLost(state);
  return (
    <>
      <Facts state={state} />
      <div className={css["live"]} data-lost={lost !== undefined}>
        <StateBand
          state={state}
          alarms={alarms}
          isPressed={doings.isPressed}
          isBusy={doings.isBusy}
          onStop={doings.stop}
          onStart={doings.start}
        />
        {cue ? (
          <GuidePanel
            state={state}
            cue={cue}
            set={sets.find(({ id }) => id === state.setup?.guided?.labelSet)}
            elapsedS={elapsedS}
            keys={keys}
            onStep={doings.guide}
          />
        ) : (
          <Numbers state={state} />
        )}
        <div className={css["viewFrame"]}>
          {filter.filters !== undefined && <FilterBar filter={filter} keys={keys.filter} />}
          {ahead.isThere && <AheadBar ahead={ahead} keys={keys.ahead} />}
          <LiveStrip
            state={state}
            elapsedS={elapsedS}
            isSignalLost={isSignalLost}
            lanes={lanes}
            sets={sets}
            isFiltered={filter.isOn}
            isGuided={cue !== undefined}
            ahead={ahead}
            onFollow={setFollow}
          />
          {state.phase === "recording" && (
            <MarkBar
              set={cue ? undefined : set}
              begun={marking.begun}
              note={marking.note}
              onPress={marking.press}
              onNoteSaved={marking.saveNote}
              onNoteLeft={marking.leaveNote}
            />
          )}
        </div>
      </div>
      <Inspector>
        <SidePanel
          state={state}
          sets={sets}
          marks={marks}
          alarms={alarms}
          isSoundAllowed={isSoundAllowed}
          keys={keys}
          powerLineHz={settings.powerLineHz}
          isFollowing={follow?.isFollowing ?? true}
          onLive={() => follow?.toLive()}
        />
      </Inspector>
    </>
  );
}

/** Whom and what it is about, in the top bar. */
function Facts({ state }: { readonly state: RecorderState }): ReactNode {
  const t = useWords(recordWords);
  const c = useWords(common);
  const language = useLanguage();
  const shown = shownChannels(state).flatMap((at) => state.channels[at] ?? []);
  const [first] = shown;
  const whom = [state.setup?.subject, state.setup?.study].filter(Boolean).join(" · ");
  const isMany = shown.length > 4;
  const rates = [...new Set(shown.map(({ sampleRate }) => rate(sampleRate, language)))].join(c("listComma"));
  return (
    <>
      <TopBar>
        <h1 className={css["topTitle"]}>{t(state.phase === "armed" ? "titleArmed" : "titleRecording")}</h1>
        <span className={css["topChips"]} data-yields>
          {state.setup && <Chip title={whom}>{whom}</Chip>}
          {state.devices.map(({ protocol, port }, _, { length: several }) => (
            <Chip key={port}>
              {protocolName(protocol, language)}
              {several === 1 && ` · ${port}`}
            </Chip>
          ))}
          {first && (
            <Chip>
              {isMany
                ? t("channelsThere", { count: shown.length, rate: rates })
                : `${shown.map(({ label }) => label).join(" · ")} · ${rates}`}
            </Chip>
          )}
          {state.kind === "other" && <Chip>{c("kind.other")}</Chip>}
        </span>
      </TopBar>
      <Foot>
        <span data-digits>
          {t(
            state.phase === "armed"
              ? "state.armed"
              : state.phase === "stopping"
                ? "state.stopping"
                : "state.recording",
          )}
        </span>
      </Foot>
    </>
  );
}

interface FilterState {
  readonly filters: NonNullable<RecorderState["channels"][number]["filters"]> | undefined;
  readonly isOn: boolean;
  readonly toggle: () => void;
}

/** Whether the live filters are drawn: yes, where a channel on screen has any, until a person says no. */
function useFilter(state: RecorderState): FilterState {
  const [isWanted, setWanted] = useState(true);
  const filters = shownChannels(state)
    .map((at) => state.channels[at]?.filters)
    .find((one) => one !== undefined && one.length > 0);
  return {
    filters,
    isOn: isWanted && filters !== undefined,
    toggle: () => setWanted((before) => !before),
  };
}

function FilterBar({ filter, keys }: { readonly filter: FilterState; readonly keys: string }): ReactNode {
  const t = useWords(recordWords);
  const c = useWords(common);
  const language = useLanguage();
  const text = (filter.filters ?? [])
    .map(({ kind, hz }) => t(`filter.${kind}`, { hz: number(hz, language) }))
    .join(c("listComma"));
  return (
    <div className={css["filterBar"]}>
      <ActionButton
        size="compact-xs"
        keys={keys}
        aria-pressed={filter.isOn}
        data-testid={testIds.recordFilter}
        data-on={filter.isOn}
        onClick={filter.toggle}
      >
        {filter.isOn ? t("filterOn", { filters: text }) : t("filterOff")}
      </ActionButton>
      {filter.isOn && <span className={css["dim"]}>{t("filterNote")}</span>}
    </div>
  );
}

function AheadBar({ ahead, keys }: { readonly ahead: LiveFan; readonly keys: string }): ReactNode {
  const t = useWords(recordWords);
  const { isOn, forecast, toggle } = ahead;
  return (
    <div className={css["filterBar"]}>
      <ActionButton
        size="compact-xs"
        keys={keys}
        aria-pressed={isOn}
        data-testid={testIds.recordFan}
        data-on={isOn}
        onClick={toggle}
      >
        {t(isOn ? "fanOn" : "fanOff")}
      </ActionButton>
      {isOn && <span className={css["dim"]}>{t(forecast === undefined ? "fanWaits" : "fanNote")}</span>}
    </div>
  );
}

function useLanes(
  state: RecorderState,
  marks: readonly Annotation[],
  sets: readonly LabelSet[],
  set: LabelSet | undefined,
) {
  const t = useWords(recordWords);
  const language = useLanguage();
  const seen = useSeenCues(state.cue, state.recordingId);
  return useMemo(
    () => [
      ...(seen.length > 0 ? [cueLane(seen, set, t("cueLane"), language)] : []),
      markLane(marks, sets, t("marksLane"), language),
    ],
    [seen, marks, sets, set, t, language],
  );
}

/** Cues of this recording that were shown while the page was open. */
function useSeenCues(cue: Cue | undefined, recordingId: string | undefined): readonly Cue[] {
  const [seen, setSeen] = useState<{ readonly of: string | undefined; readonly cues: readonly Cue[] }>({
    of: recordingId,
    cues: [],
  });
  const before = seen.of === recordingId ? seen.cues : [];
  const cues = withCue(before, cue);
  if (cues !== before || seen.of !== recordingId) setSeen({ of: recordingId, cues });
  return cues;
}

/** A note's label is mostly reached by its own key. */
const isNoteKeyless = (set: LabelSet | undefined): boolean => {
  const label = noteLabel(set);
  return label !== undefined && label.key === undefined;
};

interface PageKeys {
  readonly state: RecorderState;
  readonly set: LabelSet | undefined;
  readonly keys: ReturnType<typeof letterKeys>;
  readonly doings: ReturnType<typeof useRecorderDoings>;
  readonly marking: ReturnType<typeof useMarking>;
  readonly follow: LiveFollow | undefined;
  readonly filter: FilterState;
  readonly ahead: LiveFan;
  readonly isSoundAllowed: boolean;
}

/** Keys of the page; those of the labels lie above them. */
function usePageKeys(page: PageKeys): void {
  const { state, set, keys, doings, marking, follow, filter, ahead } = page;
  const t = useWords(recordWords);
  const language = useLanguage();
  const { phase, cue } = state;
  const isRecording = phase === "recording";
  const escape = (): void => {
    if (!doings.callOff()) follow?.toLive();
  };
  const ofCourse: readonly KeyBinding[] = cue
    ? [
        {
          keys: "Space",
          what: t(cue.isPaused ? "resume" : "pause"),
          run: () => doings.guide(cue.isPaused ? "resume" : "pause"),
          hint: true,
        },
        { keys: keys.repeat, what: t("repeat"), run: () => doings.guide("repeat") },
        {
          keys: "ArrowRight",
          what: t("skip"),
          run: ({ repeat }) => !repeat && doings.guide("skip"), // held down it skips one
        },
      ]
    : [];
  useKeys(t("title"), [
    { keys: "Mod+Enter", what: t("start"), run: doings.start, enabled: phase === "armed", hint: true },
    {
      keys: "Mod+.",
      what: t(phase === "armed" ? "disconnect" : "stop"),
      run: doings.stop,
      inInputs: true,
      hint: true,
    },
    { keys: "Escape", what: t(doings.isPressed ? "callOff" : "backToLive"), run: escape },
    { keys: keys.sound, what: t("soundSwitch"), run: toggleSound, enabled: page.isSoundAllowed },
    { keys: keys.filter, what: t("filterSwitch"), run: filter.toggle, enabled: filter.filters !== undefined },
    { keys: keys.ahead, what: t("fanSwitch"), run: ahead.toggle, enabled: ahead.isThere },
    {
      keys: keys.note,
      what: t("noteNew"),
      run: (event) => marking.beginNote(momentOf(event)),
      enabled: isRecording && isNoteKeyless(set),
    },
    ...ofCourse,
  ]);
  const isWriting = marking.note !== undefined; // its letters are no marks
  const labels = isRecording && !cue && !isWriting ? (set?.labels ?? []) : [];
  useKeys(
    t("keysMarks"),
    labels.flatMap((label) =>
      label.key === undefined
        ? []
        : [
            {
              keys: label.key.toUpperCase(),
              what: label.name[language] || label.name.en,
              run: (event: KeyboardEvent) => marking.press(label, momentOf(event)),
            },
          ],
    ),
  );
}
