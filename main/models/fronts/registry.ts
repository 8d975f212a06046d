import { AppError } from "../../../preload/contract/errors.ts";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import { ctgDeviation } from "./ctg-deviation.ts";
import { emgAmplitude } from "./emg-amplitude.ts";
import { emgEnvelope, emgPattern } from "./emg-envelope.ts";
import type { Front } from "./front.ts";
import { rawWindow } from "./raw-window.ts";
import { windowMean } from "./window-mean.ts";

export const fronts: readonly Front[] = [
  emgAmplitude,
  emgEnvelope,
  emgPattern,
  ctgDeviation,
  windowMean,
  rawWindow,
];

const ofKind: Readonly<Record<RecordingKind, Front>> = {
  emg: emgAmplitude,
  ctg: ctgDeviation,
  other: windowMean,
};

/** The front of that name; `auto` goes by the recordings' kind, and by means where the kinds are mixed. */
export function chooseFront(name: string, kinds: readonly RecordingKind[]): Front {
  if (name !== "auto") {
    const front = fronts.find((candidate) => candidate.name === name);
    if (front) return front;
    const known = fronts.map((candidate) => candidate.name).join(", ");
    throw new AppError("model/unknown-front", `No front is called ${name}; there are ${known}`, {
      name,
      known,
    });
  }
  const [kind, ...others] = [...new Set(kinds)];
  return kind === undefined || others.length > 0 ? windowMean : ofKind[kind];
}
