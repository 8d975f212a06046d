import { pause } from "../../../compute/pause.ts";
import type { SequenceData } from "../../model.ts";
import type { StateSpaceRecording } from "./fit.ts";
import { followedChannels, seenSeconds, unitOf, type SeenSeconds } from "./seen.ts";

/** Recordings as they are followed, in one unit; whether they are all of heart rates. */
export async function recordingsOf(data: SequenceData, signal: AbortSignal) {
  const isRate = data.sequences.every(({ source }) => source.channels.some(({ role }) => role === "fhr"));
  const all: { readonly part: StateSpaceRecording["part"]; readonly seen: SeenSeconds }[] = [];
  for (const { part, source } of data.sequences) {
    all.push({ part, seen: seenSeconds(source, 1, followedChannels(source.channels)) });
    await pause(signal);
  }
  const unit = unitOf(
    all.filter(({ part }) => part === "train").map(({ seen }) => seen),
    isRate,
  );
  const recordings = all.map(({ part, seen }): StateSpaceRecording => ({
    part,
    seen: { ...seen, y: seen.y.map((v) => v / unit) },
  }));
  return { recordings, isRate, unit };
}
