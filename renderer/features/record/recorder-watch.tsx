import { IconAlertTriangle, IconCircleDot, IconPlugConnected } from "@tabler/icons-react";
import { useEffect, type ReactNode } from "react";
import { useRequest } from "../../bridge/hooks.ts";
import { useSettings } from "../../state/settings.ts";
import { clock } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { soundAlarm, useSound } from "./alarm-sound.ts";
import css from "./record.module.css";
import { byWeight, isLoss } from "./said-problem.ts";
import { saidOf } from "./said-state.ts";
import { recordWords } from "./words.ts";

/** On every page: that a recording goes on, and its alarms, to be seen and heard. */
export function RecorderWatch({
  isHere,
  onOpen,
}: {
  readonly isHere: boolean; // the record page itself says more
  readonly onOpen: () => void;
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const state = useRequest("recorder.state", {}).data;
  const isOn = useSound((one) => one.isOn);
  const lost = state && byWeight(state.alarms).find(isLoss);
  const { recorderSound } = useSettings();
  const isHeard = lost !== undefined && state?.phase === "recording" && isOn && recorderSound;
  useEffect(() => (isHeard ? soundAlarm() : undefined), [isHeard]);
  if (!state || state.phase === "idle" || isHere) return null;
  const isConnected = state.phase === "armed" || state.phase === "connecting";
  const Icon = lost ? IconAlertTriangle : isConnected ? IconPlugConnected : IconCircleDot;
  return (
    <button
      type="button"
      className={css["elsewhere"]}
      data-testid={testIds.recordElsewhere}
      data-state={lost ? "alarm" : state.phase}
      title={t("toRecord")}
      onClick={onOpen}
    >
      <Icon size={15} aria-hidden />
      <span data-digits>
        {lost
          ? saidOf(lost, state, language).title
          : isConnected
            ? t(state.phase === "armed" ? "elsewhereArmed" : "connecting")
            : t("elsewhereRecording", { elapsed: clock(Math.floor(state.elapsedS)) })}
      </span>
    </button>
  );
}
