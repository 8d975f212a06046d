import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";
import { pause } from "../../../compute/pause.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { type Around, fitAround, lackingAround, withAround } from "./around.ts";
import { biasedByRate, fitCalibration, thinnedOut, type ThinnedOut, uncalibrated } from "./calibrate.ts";
import type { EventGroup } from "./config.ts";
import type { Example } from "./crops.ts";
import { chooseSettings, type EventRuleSettings, usualSettings } from "./events.ts";
import { eventScorer, groupView, guidedBy } from "./judge.ts";
import type { LearnedEventNet, LearnedGroup } from "./learned.ts";
import { type EventRecording, guidesWithout } from "./lessons.ts";
import { targetsOf } from "./targets.ts";

interface SettleTools {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal | undefined;
}

/** What was learned with calibration and event finding chosen anew: where validation recordings or their marks changed. */
export async function settleEventNet(
  recordings: readonly EventRecording[],
  { config, groups }: LearnedEventNet,
  tools: SettleTools,
): Promise<LearnedEventNet> {
  const settled: LearnedGroup[] = [];
  for (const group of config.groups) {
    const own = groups.find(({ name }) => name === group.name);
    if (own === undefined)
      throw new AppError("model/wrong-parameters", `The group ${group.name} was not learned`, {
        group: group.name,
      });
    settled.push(await settleGroup(recordings, group, own, tools));
  }
  return { config, groups: settled };
}

interface ScoredRecording extends Example {
  readonly logits: readonly Float32Array[]; // of the members that took no step on it
  readonly lacking: readonly Float32Array[]; // observed around, see lackingAround
}

/** The same with what is added to the logits. */
const added = <One extends Pick<ScoredRecording, "logits" | "lacking">>(
  one: One,
  around: Around | null,
): One =>
  around === null ? one : { ...one, logits: one.logits.map((own) => withAround(own, one.lacking, around)) };

/**
 * What is added where little is observed around, temperature and the settings of event finding by what members say of
 * recordings on which they took no step, the biases by all that were read.
 */
export async function settleGroup(
  recordings: readonly EventRecording[],
  group: EventGroup,
  { name, members, guide }: Pick<LearnedGroup, "name" | "members" | "guide">,
  { runtime, signal }: SettleTools,
): Promise<LearnedGroup> {
  const plain: LearnedGroup = {
    name,
    members,
    guide,
    around: null,
    calibration: uncalibrated(group.codes.length),
    settings: group.codes.map((code) => usualSettings(group.finding, code)),
  };
  const isUnseen = ({ part, leftOutBy }: EventRecording): boolean =>
    part === "validation" || (leftOutBy !== undefined && leftOutBy < members.length);
  const read = recordings.filter(({ labels }) => labels !== undefined);
  if (!read.some(isUnseen)) return plain;
  const guides = guide === null ? undefined : await guidesWithout(recordings, group, guide, signal);
  const scorer = await eventScorer(runtime, group, { members, guide: null, around: null });
  const codes = group.codes.length;
  const thinned = ({ logits, targets, lacking }: ScoredRecording): ThinnedOut =>
    thinnedOut(logits, targets.y, targets.weight, { codes, lacking });
  try {
    const scored: ScoredRecording[] = [];
    const all: ThinnedOut[] = [];
    for (const one of read) {
      if (one.labels === undefined || (!group.isCalibrated && !isUnseen(one))) continue;
      throwIfCancelled(signal);
      const { input, part, labels, leftOutBy = -1 } = one;
      const targets = targetsOf(input.seconds, labels, group);
      const lacking = lackingAround(input[group.channel].observed);
      const bare = await scorer.logits(input);
      const every = { input, targets, lacking, logits: guidedBy(bare, guide, input) };
      const own = bare.slice(leftOutBy, leftOutBy + 1);
      if (part === "validation") scored.push(every);
      else if (isUnseen(one))
        scored.push({ ...every, logits: guidedBy(own, guides?.get(leftOutBy) ?? null, input) });
      if (group.isCalibrated) all.push(thinned(every));
    }
    const rest = (): Promise<void> => pause(signal);
    const around = group.isCalibrated ? await fitAround(scored.map(thinned), codes, rest) : null;
    const unseen = scored.map((one) => added(one, around));
    const calibration = group.isCalibrated
      ? await biasedByRate(
          await fitCalibration(unseen.map(thinned), codes, rest),
          all.map((one) => added(one, around)),
          rest,
        )
      : plain.calibration;
    const settings: EventRuleSettings[] = [];
    for (const [c, code] of group.codes.entries()) {
      const views = unseen.map(({ input, targets, logits }) => ({
        ...groupView({ input, group, calibration, logits }, c),
        marked: targets.marked[c] ?? [],
        read: targets.read,
      }));
      settings.push(await chooseSettings(views, code, group.finding, rest));
    }
    return { ...plain, around, calibration, settings };
  } finally {
    await scorer.dispose();
  }
}
