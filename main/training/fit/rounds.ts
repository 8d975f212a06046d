import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { Rounds, RoundsModel, WindowRows } from "../../models/model.ts";
import { pickedRows } from "../../models/window-rows.ts";
import type { TrainingWindows } from "../data/batches.ts";

/** How far learning in rounds has come: the members that are done, and the one under way after its last whole round. */
export interface RoundsPlace {
  readonly done: readonly unknown[];
  readonly underway: { readonly learned: unknown; readonly rounds: number } | null;
}

export interface RoundsTools {
  readonly signal: AbortSignal;
  readonly resume: RoundsPlace | undefined;
  readonly onRound: (at: { readonly member: number; readonly round: number; readonly score: number }) => void;
  readonly onCheckpoint: (place: RoundsPlace) => Promise<void>;
}

const CHECKPOINT_EVERY_MS = 10_000;

/**
 * Fits the members of an ensemble one after the other, each on the windows of people it does not leave out. A cancel
 * between rounds keeps the last whole round; nothing of a round that was broken off stays.
 */
export async function fitInRounds<Config, Learned>(
  model: RoundsModel<Config, Learned>,
  config: Config,
  windows: TrainingWindows,
  { members, seed }: { readonly members: number; readonly seed: number },
  tools: RoundsTools,
): Promise<readonly Learned[]> {
  const { learning, file } = model;
  const done: Learned[] = (tools.resume?.done ?? []).map((one) => file.parse(one));
  const first = done.length;
  for (let member = first; member < members; member += 1) {
    const data = withoutGroup(windows, member);
    const before = member === first ? tools.resume?.underway : undefined;
    const from = before
      ? { learned: file.parse(before.learned), rounds: before.rounds }
      : { learned: learning.begin(config, data, (seed + member) % Number.MAX_SAFE_INTEGER), rounds: 0 };
    const learned = await untilSettled(learning, config, data, from, {
      signal: tools.signal,
      onRound: (round, score) => tools.onRound({ member, round, score }),
      onCheckpoint: (underway) => tools.onCheckpoint({ done: [...done], underway }),
    });
    done.push(file.parse(learned)); // its fields in their order, whether or not the fit was broken off
    await tools.onCheckpoint({ done: [...done], underway: null });
  }
  throwIfCancelled(tools.signal);
  return done;
}

/** What is learned after so many whole rounds. */
export interface AfterRounds<Learned> {
  readonly learned: Learned;
  readonly rounds: number;
}

export interface RoundHooks<Learned> {
  readonly signal: AbortSignal;
  readonly onRound: (round: number, score: number) => void;
  readonly onCheckpoint: (at: AfterRounds<Learned>) => Promise<void>;
}

/** Round after round until the method says that it is settled, or may do no more of them. */
export async function untilSettled<Config, Data, Learned>(
  learning: Rounds<Config, Data, Learned>,
  config: Config,
  data: Data,
  from: AfterRounds<Learned>,
  { signal, onRound, onCheckpoint }: RoundHooks<Learned>,
): Promise<Learned> {
  let { learned } = from;
  let saved = performance.now();
  for (let round = from.rounds; round < learning.mostRounds; round += 1) {
    throwIfCancelled(signal);
    const next = await learning.round(learned, config, data, signal);
    learned = next.learned;
    onRound(round + 1, next.score);
    if (next.isSettled) break;
    if (signal.aborted || performance.now() - saved >= CHECKPOINT_EVERY_MS) {
      saved = performance.now();
      await onCheckpoint({ learned, rounds: round + 1 });
    }
  }
  return learned;
}

/** The windows that a member learns from. */
function withoutGroup(windows: TrainingWindows, member: number): WindowRows {
  const kept = [...windows.group.keys()].filter((n) => windows.group[n] !== member);
  return kept.length === windows.count ? windows : pickedRows(windows, kept);
}
