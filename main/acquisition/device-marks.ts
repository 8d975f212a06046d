import type { DeviceMark } from "./protocols/protocol.ts";

/** Label of the built-in set of bedside marks, and what it says of a mark that has none of its own. */
const marks: Readonly<Record<DeviceMark["what"], readonly [label: string, said: string]>> = {
  button: ["marker", ""],
  "fetal-movement": ["fetal-movement", ""],
  note: ["note", ""],
  "twin-offset": ["note", "twin offset: the second trace is shown 20 bpm higher on the monitor"],
  "cross-channel": ["note", "the monitor suspects one heart on two channels"],
  "clock-corrected": ["note", "the monitor corrected its clock by 250 ms"],
};

/** What a device marked, as an annotation. */
export function deviceMarks({ what, text, isOn }: DeviceMark): {
  readonly labelSet: string;
  readonly label: string;
  readonly note: string;
} {
  const [label, said] = marks[what];
  const state = isOn === undefined ? "" : isOn ? "begins" : "ends";
  return {
    labelSet: "recording-marks",
    label,
    note: [said, state, text].filter((one) => one !== "").join(", "),
  };
}
