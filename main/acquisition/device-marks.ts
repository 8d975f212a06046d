import type { DeviceMark } from "./protocols/protocol.ts";

const said: Readonly<Record<DeviceMark["what"], string>> = {
  button: "event button",
  "fetal-movement": "fetal movement",
  note: "note",
  "twin-offset": "twin offset: the second trace is shown 20 bpm higher on the monitor",
  "cross-channel": "the monitor suspects one heart on two channels",
  "clock-corrected": "the monitor corrected its clock by 250 ms",
};

/** What a device marked, as an annotation of the set in use, or else of the one for CTG events: a note that says what it was. */
export function deviceMarks(
  { what, text, isOn }: DeviceMark,
  labelSet: string,
): { readonly labelSet: string; readonly label: string; readonly note: string } {
  const state = isOn === undefined ? "" : isOn ? " begins" : " ends";
  const own = text === "" ? "" : `: ${text}`;
  return {
    labelSet: labelSet.startsWith("ctg") ? labelSet : "ctg-events",
    label: "note",
    note: `${said[what]}${state}${own}`,
  };
}
