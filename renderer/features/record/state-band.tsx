import {
  IconAlertTriangle,
  IconCircleDot,
  IconDatabaseX,
  IconHourglass,
  IconPlayerStopFilled,
  IconPlugConnectedX,
  IconPlugConnected,
} from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import type { Alarm, RecorderState } from "../../../preload/contract/acquisition.ts";
import { clock, length } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Keys } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./record.module.css";
import { isLoss, type SaidAlarm } from "./said-problem.ts";
import { recordWords } from "./words.ts";

export interface BandProps {
  readonly state: RecorderState;
  readonly alarms: readonly { readonly alarm: Alarm; readonly said: SaidAlarm }[]; // heaviest first
  readonly isPressed: boolean; // stop, once
  readonly isBusy: boolean;
  readonly onStop: () => void;
  readonly onStart: () => void;
}

const look = { size: 30, stroke: 1.8, "aria-hidden": true, style: { flex: "none" } } as const;

function BandIcon({
  state,
  alarm,
}: {
  readonly state: RecorderState;
  readonly alarm: Alarm | undefined;
}): ReactNode {
  if (alarm && isLoss(alarm)) {
    if (alarm.kind === "storage-lost" || alarm.kind === "storage-held") return <IconDatabaseX {...look} />;
    return alarm.kind === "loss" ? <IconAlertTriangle {...look} /> : <IconPlugConnectedX {...look} />;
  }
  switch (state.phase) {
    case "recording":
      return <IconCircleDot {...look} />;
    case "stopping":
      return <IconHourglass {...look} />;
    case "idle":
    case "connecting":
    case "armed":
      return <IconPlugConnected {...look} />;
  }
}

/** What the recorder does, unmistakable: by colour, icon and words. A lost signal changes all three. */
export function StateBand(props: BandProps): ReactNode {
  const { state, alarms } = props;
  const t = useWords(recordWords);
  const [first] = alarms;
  const isLost = first !== undefined && isLoss(first.alarm);
  return (
    <section
      className={css["band"]}
      data-testid={testIds.recordBand}
      data-state={isLost ? "alarm" : state.phase}
      data-alarm={first?.alarm.kind}
    >
      <BandIcon state={state} alarm={first?.alarm} />
      <div className={css["bandText"]}>
        <BandWords state={state} lost={isLost ? first.said : undefined} />
        {first && !isLost && <span className={css["bandNote"]}>{first.said.title}</span>}
        {alarms.length > 1 && (
          <span className={css["bandNote"]}>{t("more", { count: alarms.length - 1 })}</span>
        )}
      </div>
      <Announced state={state} alarms={alarms} isLost={isLost} />
      {state.phase !== "armed" && (
        <div className={css["elapsed"]}>
          <span>{t("elapsed")}</span>
          <time data-testid={testIds.recordElapsed} data-digits>
            {clock(Math.floor(state.elapsedS))}
          </time>
        </div>
      )}
      <BandActions {...props} />
    </section>
  );
}

/** Read aloud once, as it stood when the state or an alarm changed: what the band says runs on by the second. */
function Announced({
  state: { phase, cue },
  alarms,
  isLost,
}: Pick<BandProps, "state" | "alarms"> & { readonly isLost: boolean }): ReactNode {
  const t = useWords(recordWords);
  const stands = phase === "recording" ? (cue ? "state.guided" : "state.recording") : stateOf[phase];
  const text = [...(isLost ? [] : [t(stands)]), ...alarms.map(({ said }) => said.title)].join(" · ");
  const about = [t(stands), ...alarms.map(({ alarm }) => `${alarm.kind} ${alarm.device ?? ""}`)].join("\n");
  const [said, setSaid] = useState({ about, text });
  if (said.about !== about) setSaid({ about, text });
  return (
    <span className={css["heardOnly"]} role={isLost ? "alert" : "status"} data-testid={testIds.recordSaid}>
      {said.text}
    </span>
  );
}
const stateOf = {
  idle: "state.armed",
  connecting: "state.armed",
  armed: "state.armed",
  stopping: "state.stopping",
} as const;

function BandWords({ state, lost }: { readonly state: RecorderState; readonly lost: SaidAlarm | undefined }) {
  const t = useWords(recordWords);
  const language = useLanguage();
  if (lost)
    return (
      <>
        <strong>{lost.title}</strong>
        <span>{lost.text}</span>
      </>
    );
  const { phase, cue, elapsedS, durableS } = state;
  if (phase !== "recording")
    return (
      <>
        <strong>{t(phase === "stopping" ? "state.stopping" : "state.armed")}</strong>
        <span>{t(phase === "stopping" ? "stateText.stopping" : "stateText.armed")}</span>
      </>
    );
  return (
    <>
      <strong>{t(cue ? "state.guided" : "state.recording")}</strong>
      <span data-digits>
        {t("stateText.recording", { age: length(Math.max(0, elapsedS - durableS), language) })}
      </span>
    </>
  );
}

function BandActions({ state, isPressed, isBusy, onStop, onStart }: BandProps): ReactNode {
  const t = useWords(recordWords);
  if (state.phase === "armed")
    return (
      <span className={css["bandActions"]}>
        <ActionButton keys="Mod+." disabled={isBusy} data-testid={testIds.recordDisarm} onClick={onStop}>
          {t("disconnect")}
        </ActionButton>
        <ActionButton
          primary
          keys="Mod+Enter"
          disabled={isBusy}
          data-testid={testIds.recordStart}
          onClick={onStart}
        >
          {t("start")}
        </ActionButton>
      </span>
    );
  return (
    <button
      type="button"
      className={css["stopButton"]}
      disabled={isBusy || state.phase === "stopping"}
      data-testid={testIds.recordStop}
      data-pressed={isPressed ? "once" : undefined}
      aria-keyshortcuts="Control+."
      onClick={onStop}
    >
      <IconPlayerStopFilled size={14} aria-hidden />
      <span className={css["stopWords"]} aria-live="assertive">
        <strong>{t(isPressed ? "pressAgain" : "stop")}</strong>
        <span>{t(isPressed ? "callOff" : "pressTwice")}</span>
      </span>
      <Keys keys="Mod+." onAccent />
    </button>
  );
}
