import type { Alarm, RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Language } from "../../ui/words.ts";
import { protocolName, saidAlarm, type SaidAlarm } from "./said-problem.ts";

/** What kind of device it is, or at which port where there are several of a kind. */
function nameAmong(
  devices: RecorderState["devices"],
  { protocol, port }: RecorderState["devices"][number],
  language: Language,
): string {
  const isOnly = devices.filter((one) => one.protocol === protocol).length === 1;
  return isOnly ? protocolName(protocol, language) : port;
}

/** An alarm with what the recorder says of the device it is about. */
export function saidOf(alarm: Alarm, state: RecorderState, language: Language): SaidAlarm {
  const device = state.devices[alarm.device ?? 0];
  return saidAlarm(
    alarm,
    {
      elapsedS: alarm.device === undefined ? state.elapsedS : alarm.sinceS + (device?.silentS ?? 0),
      attempts: device?.attempts ?? 0,
      device:
        device === undefined || state.devices.length < 2
          ? undefined
          : nameAmong(state.devices, device, language),
      isRecorded: state.phase !== "armed",
      isSerialMonitor: device?.protocol === "series50" || device?.protocol === "corometrics",
    },
    language,
  );
}
