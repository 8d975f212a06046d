import type { ReactNode } from "react";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import type { Alarm, DeviceState, RecorderState } from "../../../preload/contract/acquisition.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { byteSize, clock, fixed, length, number, percent } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Facts, type Fact } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { toggleSound, useSound } from "./alarm-sound.ts";
import { DecisionPanel } from "./decision-panel.tsx";
import { Verified } from "./device-card.tsx";
import { Letter } from "./guide-panel.tsx";
import { heardS, shownChannels } from "./live-view.ts";
import { lostOf } from "./numbers.tsx";
import { Quality } from "./quality.tsx";
import css from "./record.module.css";
import { isLoss, protocolName, type SaidAlarm } from "./said-problem.ts";
import { recordWords } from "./words.ts";

export interface SideProps {
  readonly state: RecorderState;
  readonly sets: readonly LabelSet[];
  readonly marks: readonly Annotation[];
  readonly alarms: readonly { readonly alarm: Alarm; readonly said: SaidAlarm }[]; // heaviest first
  readonly isSoundAllowed: boolean; // by the settings
  readonly keys: { readonly sound: string };
  readonly powerLineHz: number;
  readonly onLive: () => void;
  readonly isFollowing: boolean;
}

/** What stands beside the trace: what to do where something is wrong, the signal, the devices, the marks. */
export function SidePanel(props: SideProps): ReactNode {
  const { state, sets, marks, alarms, keys, powerLineHz, onLive, isFollowing } = props;
  const t = useWords(recordWords);
  const isOn = useSound((one) => one.isOn) && props.isSoundAllowed;
  const channels = shownChannels(state).flatMap((at) => state.channels[at] ?? []);
  const isEmg = channels.some(({ role }) => role === "emg");
  const isWithModel = state.setup?.live !== undefined;
  return (
    <div className={css["side"]}>
      {alarms.length > 0 && <Recovery alarms={alarms} />}
      {isWithModel && <DecisionPanel sets={sets} comeS={heardS(state)} />}
      <Quality channels={channels} />
      {isEmg && <Electrodes channels={channels} powerLineHz={powerLineHz} />}
      {state.devices.map((device, i) => (
        <DeviceFacts key={i} device={device} state={state} />
      ))}
      <Marks marks={marks} sets={sets} isGuided={state.cue !== undefined} />
      <WhatIsVerified state={state} />
      <div className={css["sideFoot"]}>
        <ActionButton
          keys={keys.sound}
          data-testid={testIds.recordSound}
          data-on={isOn}
          aria-pressed={isOn}
          className={css["soundButton"] ?? ""}
          data-alarm={isOn && alarms.some(({ alarm }) => isLoss(alarm))}
          disabled={!props.isSoundAllowed}
          onClick={toggleSound}
        >
          {t(!props.isSoundAllowed ? "soundNever" : isOn ? "soundOn" : "soundOff")}
        </ActionButton>
        <ActionButton keys="Escape" disabled={isFollowing} data-testid={testIds.recordLive} onClick={onLive}>
          {t("backToLive")}
        </ActionButton>
        <span className={css["markHelp"]}>{t(isFollowing ? "backText" : "isBack")}</span>
      </div>
    </div>
  );
}

/** What to do about every alarm that stands. What the band says of the heaviest is not said again. */
function Recovery({ alarms }: Pick<SideProps, "alarms">): ReactNode {
  const t = useWords(recordWords);
  return (
    <section
      className={css["recovery"]}
      data-testid={testIds.recordRecovery}
      data-loss={alarms.some(({ alarm }) => isLoss(alarm))}
    >
      <h2>{t("recovery")}</h2>
      {alarms.map(({ alarm, said: { title, text, steps } }, i) => (
        <div key={i}>
          {(i > 0 || !isLoss(alarm)) && (
            <p>
              <strong>{title}</strong>
              <br />
              {text}
            </p>
          )}
          {steps.length > 0 && (
            <ol>
              {steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          )}
        </div>
      ))}
    </section>
  );
}

function Electrodes({
  channels,
  powerLineHz,
}: {
  readonly channels: RecorderState["channels"];
  readonly powerLineHz: number;
}): ReactNode {
  const t = useWords(recordWords);
  return (
    <section className={css["sideBlock"]}>
      <h2>{t("channels")}</h2>
      <ul className={css["electrodes"]}>
        {channels.map(({ device, label, quality, railedShare, powerLineShare, missingShare }) => (
          <li key={`${device} ${label}`}>
            <span className={css["dot"]} data-quality={quality} aria-hidden />
            {label}{" "}
            {railedShare > 0.01
              ? t("railed")
              : missingShare > 0.01
                ? `${t("lost")} ${percent(missingShare, 0)}`
                : t(`quality.${quality}`)}
            <span className={css["dim"]} data-digits>
              {powerLineShare === undefined ? "" : percent(powerLineShare)}
            </span>
          </li>
        ))}
      </ul>
      <p className={css["dim"]}>{t("powerLine", { hz: powerLineHz })}</p>
    </section>
  );
}

function DeviceFacts({
  device,
  state,
}: {
  readonly device: DeviceState;
  readonly state: RecorderState;
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const { link, clock: against, attempts, identity, port, protocol, received, lost, isLossExact } = device;
  const values = { lost: number(lostOf(lost), language, 0), total: number(received, language, 0) };
  const facts: Fact[] = [
    [t("lostSamples"), t(isLossExact ? "lostCounted" : "lostJudged", values)],
    [t("longestGap"), device.gaps === 0 ? "–" : length(device.longestGapS, language)],
    [t("gaps"), number(device.gaps, language, 0)],
    ...(device.skippedBytes === 0 ? [] : [[t("skipped"), byteSize(device.skippedBytes, language)] as const]),
    [
      t("clockAgainst"),
      against
        ? t("clockValue", { ppm: signed(against.ppm), error: fixed(against.errorMs, 1) })
        : t("notKnownYet"),
    ],
    [t("waitingToStore"), byteSize(state.waiting.memoryBytes + state.waiting.spillBytes, language)],
  ];
  return (
    <section className={css["sideBlock"]}>
      <h2>{t("clockTitle")}</h2>
      <p className={css["dim"]}>
        {identity.model ?? protocolName(protocol, language)} · {port}
        {link !== "streaming" && attempts > 0 && (
          <strong className={css["alarmText"]}> {t("reconnecting", { attempts })}</strong>
        )}
      </p>
      <Facts facts={facts} />
      <Says facts={Object.entries(identity.facts)} />
    </section>
  );
}

/** Modes, battery, failures: in the device's own words, as it tells them. */
function Says({ facts }: { readonly facts: readonly (readonly [string, string])[] }): ReactNode {
  const t = useWords(recordWords);
  if (facts.length === 0) return null;
  return (
    <details className={css["fold"]} data-testid={testIds.recordSays}>
      <summary>{t("deviceSays")}</summary>
      <Facts facts={facts} />
    </details>
  );
}

const signed = (value: number): string => `${value > 0 ? "+" : ""}${fixed(value, 0)}`;

function Marks({
  marks,
  sets,
  isGuided,
}: {
  readonly marks: readonly Annotation[];
  readonly sets: readonly LabelSet[];
  readonly isGuided: boolean;
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const newest = [...marks].sort((a, b) => b.onsetS - a.onsetS);
  return (
    <section className={css["sideBlock"]}>
      <header className={css["qualityHead"]}>
        <h2>{t(isGuided ? "labelsWritten" : "marksTitle")}</h2>
        <span className={css["dim"]} data-digits>
          {marks.length}
        </span>
      </header>
      {marks.length === 0 && <p className={css["dim"]}>{t("marksNone")}</p>}
      <ul className={css["markList"]}>
        {newest.map(({ id, onsetS, durationS, label: code, labelSet, note }) => {
          const label = sets.find((one) => one.id === labelSet)?.labels.find((one) => one.code === code);
          return (
            <li key={id} data-testid={testIds.recordMarked} data-label={code}>
              <time data-digits>{clock(onsetS)}</time>
              {label && <Letter label={label} />}
              <span>{label ? inLanguage(label.name, language) : code}</span>
              <span className={css["dim"]} title={note}>
                {[durationS > 0 ? length(durationS, language) : "", note].filter(Boolean).join(" · ")}
              </span>
            </li>
          );
        })}
      </ul>
      {isGuided && <p className={css["dim"]}>{t("trimNote")}</p>}
    </section>
  );
}

function WhatIsVerified({ state }: { readonly state: RecorderState }): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const list = useRequest("devices.list", {}).data;
  const kinds = [...new Set(state.devices.map(({ protocol }) => protocol))];
  const infos = list?.protocols.filter(({ kind }) => kinds.includes(kind)) ?? [];
  return (
    <section className={css["sideBlock"]}>
      <h2>{t("verifiedTitle")}</h2>
      {infos.map((info) => (
        <div key={info.kind}>
          {infos.length > 1 && <strong>{protocolName(info.kind, language)}</strong>}
          <Verified info={info} language={language} />
        </div>
      ))}
    </section>
  );
}
