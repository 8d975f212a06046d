import { maskReasons } from "../../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import type { Heard, Piece } from "../../signal/piece.ts";
import { WALK_RATE, WALK_SD, walkRecording } from "../data/walk.fixtures.ts";
import { libraryOf, runOf, toolsFor } from "../fit/fit.fixtures.ts";
import { packSequenceModel } from "../model-file/sequence-file.ts";

/** A wandering heart rate as it comes in, of which some did not come, and a run that is to judge it. */
export function liveWalk(isAway: (second: number) => boolean) {
  const recording = walkRecording("live", 5, isAway);
  const [channel] = recording.channels;
  const run = runOf(
    RunConfig.parse({
      name: "walk",
      data: {
        ...{ recordingIds: [recording.id], labelSet: "", labels: [], channels: ["FHR"] },
        windows: { windowS: 120, strideS: 10 },
      },
      split: { testSubjects: [], validationSubjects: [] },
      model: { kind: "walk" },
    }),
  );
  const header: ChannelHeader = {
    ...{ label: "FHR1", role: "fhr", unit: "bpm", sampleRate: WALK_RATE },
    ...{ sampleType: "float32", gain: 1, offset: 0 },
  };
  /** Samples [from, to) of it, all of which came or none. */
  const told = (from: number, to: number): Heard => {
    const count = to - from;
    const piece: Piece = isAway(from / WALK_RATE)
      ? { kind: "gap", channel: 0, first: from, count, reason: maskReasons.linkDown }
      : {
          ...{ kind: "samples", channel: 0, first: from, count },
          values: Float64Array.from(channel?.values.slice(from, to) ?? []),
          reasons: new Uint8Array(count),
        };
    return { piece, width: 1, arrivedS: to / WALK_RATE };
  };
  return {
    ...{ channel, run, header, told, tools: toolsFor(libraryOf([recording])) },
    trained: { run, model: packSequenceModel({ kind: "walk", learned: { sd: WALK_SD } }) },
    order: { runId: "run", kind: "ctg", adaptation: undefined, channels: [header] } as const,
  };
}
