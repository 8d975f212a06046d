import { pause } from "../../../compute/pause.ts";
import type { SequenceData } from "../../model.ts";
import type { StateSpaceRecording } from "./fit.ts";
import { namedBy, saidBySecond } from "./readers/told.ts";
import { followedChannels, seenSeconds, unitOf } from "./seen.ts";

/** Recordings as they are followed, in one unit; whether they are all of heart rates. */
export async function recordingsOf(data: SequenceData, signal: AbortSignal) {
  const isRate = data.sequences.every(({ source }) => source.channels.some(({ role }) => role === "fhr"));
  const codes = data.groups.flatMap((group) => group.codes);
  const all: StateSpaceRecording[] = [];
  for (const { part, source, marks } of data.sequences) {
    const seen = seenSeconds(source, 1, followedChannels(source.channels));
    all.push({ part, seen, said: saidBySecond(seen.y.length, marks, codes) });
    await pause(signal);
  }
  const unit = unitOf(
    all.filter(({ part }) => part === "train").map(({ seen }) => seen),
    isRate,
  );
  const recordings = all.map(({ part, seen, said }): StateSpaceRecording => ({
    ...{ part, said },
    seen: { ...seen, y: seen.y.map((v) => v / unit) },
  }));
  return { recordings, isRate, unit, named: namedBy(codes) };
}
