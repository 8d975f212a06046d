import type { Alarm, RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Language } from "../../ui/words.ts";
import { saidAlarm, type SaidAlarm } from "./said-problem.ts";

/** An alarm with what the recorder says of the device it is about. */
export function saidOf(alarm: Alarm, state: RecorderState, language: Language): SaidAlarm {
  const device = state.devices[alarm.device ?? 0];
  return saidAlarm(
    alarm,
    {
      elapsedS: alarm.device === undefined ? state.elapsedS : alarm.sinceS + (device?.silentS ?? 0),
      attempts: device?.attempts ?? 0,
      isRecorded: state.phase !== "armed",
      isSerialMonitor: device?.protocol === "series50" || device?.protocol === "corometrics",
    },
    language,
  );
}
