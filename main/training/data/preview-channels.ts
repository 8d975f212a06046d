import { AppError } from "../../../preload/contract/errors.ts";
import { someOf } from "../../../preload/contract/channel-advice.ts";
import type { ChannelMatch } from "../../../preload/contract/match-channels.ts";
import type { Channel, ChannelRole, RecordingDetail } from "../../../preload/contract/recording.ts";
import { problemOf, type Problem, type RunConfig } from "../../../preload/contract/run.ts";
import { pause } from "../../compute/pause.ts";
import { runtimes } from "../../compute/registry.ts";
import { soundRecording, type ReadLibrary } from "./dataset.ts";

/** Recordings looked at before a cancel is heard. */
const TOGETHER = 50;

/** Which of them are damaged. Looks at each, with pauses in which a cancel can be heard. */
export async function damagedOf(
  details: readonly RecordingDetail[],
  library: ReadLibrary,
  signal?: AbortSignal,
): Promise<RecordingDetail[]> {
  const damaged: RecordingDetail[] = [];
  for (const [index, detail] of details.entries()) {
    if (isDamaged(library, detail.id)) damaged.push(detail);
    if (index % TOGETHER === 0) await pause(signal);
  }
  return damaged;
}

function isDamaged(library: ReadLibrary, id: string): boolean {
  try {
    soundRecording(library, id);
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code === "storage/corrupt") return true;
    throw error;
  }
}

/** The ids are for leaving those recordings out. */
export function damagedProblems(damaged: readonly RecordingDetail[]): Problem[] {
  if (damaged.length === 0) return [];
  const recordingIds = damaged.map(({ id }) => id).join(" ");
  const values = { recordings: someOf(damaged), count: damaged.length, recordingIds };
  return [problemOf("RECORDING_DAMAGED", values)];
}

export interface Matched {
  readonly detail: RecordingDetail;
  readonly matches: readonly ChannelMatch<Channel>[];
}

/** Who lacks what, but for channels that may be lacking. The ids are for leaving those recordings out. */
export function missingChannels(
  matched: readonly Matched[],
  allowed: readonly ChannelRole[] = [],
): Problem[] {
  const wanted = matched[0]?.matches.map((match) => match.wanted) ?? [];
  return wanted.flatMap(({ label, role }, i) => {
    if (wanted.findIndex((one) => one.label === label) < i)
      return [problemOf("CHANNEL_TWICE", { channel: label })];
    if (role !== undefined && allowed.includes(role)) return [];
    const without = matched
      .filter(({ matches }) => matches[i]?.channel === undefined)
      .map(({ detail }) => detail);
    if (without.length === 0) return [];
    const recordingIds = without.map(({ id }) => id).join(" ");
    const values = { channel: label, recordings: someOf(without), count: without.length, recordingIds };
    return [problemOf("CHANNEL_MISSING", values)];
  });
}

/** An engine that was asked for by name and is not here. */
export function engineProblems(config: Pick<RunConfig, "engine">): Problem[] {
  const engine = runtimes.find(({ name }) => name === config.engine);
  return engine?.installed() === false ? [problemOf("ENGINE_ABSENT", { engine: engine.title })] : [];
}
