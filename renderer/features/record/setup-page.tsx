import { Loader, Select, Textarea, TextInput } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import type { DeviceList } from "../../../preload/contract/acquisition.ts";
import type { AppError } from "../../../preload/contract/errors.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { liveRuns } from "../../state/runs.ts";
import { openRecording } from "../../state/session.ts";
import { common } from "../../ui/common-words.ts";
import { useKeys } from "../../ui/keys.ts";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { errorLine } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Failure, Panel, Scroll, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { callOffDevices, connectDevices, lookAtArming, useArming } from "./arming.ts";
import { CaptureTool } from "./capture-tool.tsx";
import { ChannelsStep } from "./channels-step.tsx";
import { DeviceCard } from "./device-card.tsx";
import { changeDraft, useDraft } from "./draft-store.ts";
import { useEnded } from "./ended.ts";
import css from "./record.module.css";
import { setupProblemText } from "./said-problem.ts";
import {
  anotherDevice,
  emptyDraft,
  problemsOf,
  protocolOf,
  setupOf,
  type Draft,
  type SetupProblem,
} from "./setup-draft.ts";
import { StepTitle } from "./step-title.tsx";
import { Templates } from "./templates.tsx";
import { recordWords } from "./words.ts";

const kinds: readonly RecordingKind[] = ["ctg", "emg", "other"];

/** Everything before a device is connected: who, with what, and how; three steps on one page. */
export function SetupPage({ isConnecting }: { readonly isConnecting: boolean }): ReactNode {
  const t = useWords(recordWords);
  const list = useRequest("devices.list", {}, { keepPrevious: true });
  const sets = useRequest("labelSets.list", {});
  const failed = list.error ?? sets.error;
  return (
    <>
      <TopBar>
        <h1>{t("title")}</h1>
      </TopBar>
      {failed && (
        <div className={css["pad"]}>
          <Failure error={failed} onRetry={() => void Promise.all([list.refetch(), sets.refetch()])} />
        </div>
      )}
      {!failed && (!list.data || !sets.data) && <Skeleton height={400} />}
      {list.data && sets.data && (
        <Filled
          list={list.data}
          sets={sets.data}
          isConnecting={isConnecting}
          onRefresh={() => void list.refetch()}
        />
      )}
    </>
  );
}

interface FilledProps {
  readonly list: DeviceList;
  readonly sets: readonly LabelSet[];
  readonly isConnecting: boolean; // the recorder says so, whoever asked
  readonly onRefresh: () => void;
}

function Filled({ list, sets, isConnecting, onRefresh }: FilledProps): ReactNode {
  const t = useWords(recordWords);
  const draft = useDraft();
  useUsualSet(draft, sets);
  const { isAsked: isArming, error } = useArming();
  const isPending = isArming || isConnecting;
  useEffect(lookAtArming, []);
  const models = useRequest("models.list", {}).data;
  const known = useRequest("runs.list", {}).data;
  const runs = models && known ? liveRuns(known, models) : undefined;
  const problems = problemsOf(draft, list, { sets, runs });
  const measuring = draft.devices.find(({ protocol }) => protocolOf(list, protocol)?.measuresContact);
  const canArm = problems.length === 0 && !isPending;
  const [isAsked, setAsked] = useState(false); // to start, so that what is in the way may be told
  const connect = (): void => {
    setAsked(true);
    if (canArm) void connectDevices(setupOf(draft, list), onRefresh); // a port may be gone
  };
  const add = (): void => {
    const device = anotherDevice(list, draft);
    if (device) changeDraft({ devices: [...draft.devices, device] });
  };
  useKeys(t("keysSetup"), [
    { keys: "Mod+Enter", what: t("connect"), run: connect, inInputs: true, hint: true },
    {
      keys: "Mod+.",
      what: t("callOffConnecting"),
      run: callOffDevices,
      enabled: isConnecting,
      inInputs: true,
      hint: isConnecting,
    },
    { keys: "Mod+Shift+A", what: t("addDevice"), run: add, inInputs: true },
    { keys: "Mod+Shift+F", what: t("refresh"), run: onRefresh, inInputs: true },
  ]);
  return (
    <>
      <Scroll label={t("title")} className={css["setup"]}>
        <Ended />
        <WhoStep draft={draft} sets={sets} />
        <Panel
          title={<StepTitle number={2} text={t("devicesTitle")} />}
          aside={
            <div className={css["row"]}>
              <ActionButton size="compact-sm" keys="Mod+Shift+F" onClick={onRefresh}>
                {t("refresh")}
              </ActionButton>
              <ActionButton
                size="compact-sm"
                keys="Mod+Shift+A"
                data-testid={testIds.recordAddDevice}
                onClick={add}
              >
                {t("addDevice")}
              </ActionButton>
            </div>
          }
        >
          {list.problems.length > 0 && <PortProblems problems={list.problems} />}
          {draft.devices.length === 0 && <p className={css["dim"]}>{t("noDevicesYet")}</p>}
          <div className={css["devices"]}>
            {draft.devices.map((device, i) => (
              <DeviceCard
                key={device.key}
                device={device}
                number={i + 1}
                list={list}
                isConnecting={isPending}
                hasContactKeys={device === measuring}
              />
            ))}
          </div>
          {draft.devices.length > 0 && <p className={css["isolation"]}>{t("isolation")}</p>}
        </Panel>
        <ChannelsStep draft={draft} sets={sets} list={list} />
        <CaptureTool list={list} />
      </Scroll>
      <Inspector>
        <Checks
          problems={problems}
          isAsked={isAsked}
          error={error}
          isPending={isPending}
          canCallOff={isConnecting}
          onConnect={connect}
        />
        <Templates draft={draft} list={list} canKeep={draft.devices.length > 0} />
      </Inspector>
    </>
  );
}

/** At the bedside marks are made, not findings: those come with the reading. */
const usualSetOf = (kind: RecordingKind, sets: readonly LabelSet[]): string | undefined =>
  (sets.find(({ id }) => kind === "ctg" && id === "recording-marks") ?? sets.find((set) => set.kind === kind))
    ?.id;

/** Keys of the kind's own labels, once the sets are known. Whoever wants none says so after that. */
function useUsualSet(draft: Draft, sets: readonly LabelSet[]): void {
  const usual = usualSetOf(draft.kind, sets);
  const isFresh = draft === emptyDraft;
  useEffect(() => {
    if (isFresh && usual !== undefined) changeDraft({ labelSet: usual });
  }, [isFresh, usual]);
}

/** The recording that has just been ended, and the way to it. */
function Ended(): ReactNode {
  const t = useWords(recordWords);
  const last = useEnded((one) => one.last);
  if (!last) return null;
  return (
    <div className={css["ended"]} role="status">
      {t("ended", { name: last.name })}
      <ActionButton size="compact-sm" onClick={() => openRecording(last.recordingId)}>
        {t("openReview")}
      </ActionButton>
    </div>
  );
}

function WhoStep({ draft, sets }: { readonly draft: Draft; readonly sets: readonly LabelSet[] }): ReactNode {
  const t = useWords(recordWords);
  const c = useWords(common);
  const chooseKind = (kind: RecordingKind): void =>
    changeDraft({ kind, labelSet: usualSetOf(kind, sets) ?? "", way: "free" });
  return (
    <Panel title={<StepTitle number={1} text={t("whoTitle")} />}>
      <div className={css["fields"]}>
        <TextInput
          label={t("subject")}
          description={t("subjectHint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={draft.subject}
          data-testid={testIds.recordSubject}
          onChange={(event) => changeDraft({ subject: event.currentTarget.value })}
        />
        <TextInput
          label={t("study")}
          value={draft.study}
          data-testid={testIds.recordStudy}
          onChange={(event) => changeDraft({ study: event.currentTarget.value })}
        />
        <Select
          label={t("kind")}
          data-testid={testIds.recordKind}
          data={kinds.map((kind) => ({ value: kind, label: c(`kind.${kind}`) }))}
          value={draft.kind}
          onChange={(kind) => chooseKind(kinds.find((one) => one === kind) ?? "other")}
        />
        <Textarea
          className={css["wide"] ?? ""}
          label={t("note")}
          description={t("noteHint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          autosize
          minRows={1}
          maxRows={4}
          value={draft.note}
          data-testid={testIds.recordNote}
          onChange={(event) => changeDraft({ note: event.currentTarget.value })}
        />
      </div>
    </Panel>
  );
}

/** Why a port may be missing from the list, and what helps. */
function PortProblems({ problems }: { readonly problems: DeviceList["problems"] }): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  return (
    <div className={css["warning"]} role="note">
      <strong>{t("portsTitle")}</strong>
      {problems.map((problem) => (
        <span
          key={problem.code + problem.message}
          data-testid={testIds.recordPortProblem}
          data-code={problem.code}
        >
          {errorLine(problem, language)}
        </span>
      ))}
      <span>{t("portsAdvice")}</span>
    </div>
  );
}

interface ChecksProps {
  readonly problems: readonly SetupProblem[];
  readonly isAsked: boolean;
  readonly error: AppError | undefined;
  readonly isPending: boolean;
  readonly canCallOff: boolean;
  readonly onConnect: () => void;
}

/** What is in the way of connecting, one sentence each, and the way on where nothing is. */
function Checks({ problems, isAsked, error, isPending, canCallOff, onConnect }: ChecksProps): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  return (
    <section className={css["sideBlock"]} aria-live="polite">
      <h2>{t("checks")}</h2>
      {problems.length === 0 ? (
        <p className={css["dim"]}>{t("checksGood")}</p>
      ) : (
        <ul className={css["problems"]} data-asked={isAsked}>
          {problems.map((problem, i) => (
            <li key={i} data-testid={testIds.recordProblem} data-code={problem.code}>
              {setupProblemText(problem, language)}
            </li>
          ))}
        </ul>
      )}
      {error && !isPending && <Failure error={error} />}
      <ActionButton
        primary
        fullWidth
        keys="Mod+Enter"
        leftSection={isPending && <Loader size={14} color="currentColor" aria-hidden />}
        aria-busy={isPending}
        aria-disabled={problems.length > 0 || isPending}
        data-testid={testIds.recordArm}
        onClick={onConnect}
      >
        {t(isPending ? "connecting" : "connect")}
      </ActionButton>
      {canCallOff && (
        <ActionButton fullWidth keys="Mod+." data-testid={testIds.recordDisarm} onClick={callOffDevices}>
          {t("callOffConnecting")}
        </ActionButton>
      )}
    </section>
  );
}
