import { AppError } from "../../../../preload/contract/errors.ts";
import { pause } from "../../../compute/pause.ts";
import { calibratedProbabilities, uncalibrated } from "./calibrate.ts";
import type { EventGroup, EventNetConfig } from "./config.ts";
import type { Example } from "./crops.ts";
import type { EventInput } from "./input.ts";
import type { Guide } from "./learned.ts";
import { fitLocal, localLogits } from "./local.ts";
import { ruleEvents } from "./rule-events.ts";
import { type RecordingLabels, targetsOf, targetsOfProbabilities, targetsOfSpans } from "./targets.ts";

/** A recording to learn from. Without labels only what a rule finds in it is learned. */
export interface EventRecording {
  readonly id: string;
  readonly input: EventInput;
  readonly labels: RecordingLabels | undefined;
  /** Validation: the temperature of calibration and the settings of event finding, never a step. */
  readonly part: "train" | "validation";
  /** Of the training: the member that never takes a step on it, and for which it is validation. Absent: there is none. */
  readonly leftOutBy?: number | undefined;
}

/** What the members of a group learn, and how. */
export interface Lessons {
  readonly members: readonly MemberLessons[];
  readonly steps: number;
  readonly rate: number;
  readonly guide: Guide | null;
}

interface MemberLessons {
  readonly before: readonly Example[]; // of the pretraining; none where there is nothing to learn from
  readonly marked: readonly Example[];
}

/** A fit on few recordings takes at least these steps, and at most this learning rate. */
const FEWEST_STEPS = 120;
const CAREFUL_RATE = 1e-3;

interface Lesson extends Example {
  readonly leftOutBy: number | undefined;
}

/** The training recordings that were read for a group. */
function markedOf(recordings: readonly EventRecording[], group: EventGroup): readonly Lesson[] {
  return recordings
    .filter(({ part }) => part === "train")
    .flatMap(({ input, labels, leftOutBy }): Lesson[] =>
      labels === undefined ? [] : [{ input, targets: targetsOf(input.seconds, labels, group), leftOutBy }],
    )
    .filter(({ targets }) => targets.read.length > 0);
}

/** Throws model/too-few-labels where a member has no training recording that was read, cancelled/by-user. */
export async function lessonsOf(
  recordings: readonly EventRecording[],
  group: EventGroup,
  { guidedBelow, members }: EventNetConfig,
  signal: AbortSignal | undefined,
): Promise<Lessons> {
  const training = recordings.filter(({ part }) => part === "train");
  const marked = markedOf(recordings, group);
  const share = marked.length / Math.max(1, guidedBelow);
  const isGuided = share < 1;
  const takesLocal =
    group.pretrainSteps > 0 && (isGuided ? group.pretrainFewOn : group.pretrainOn) === "local";
  const ruled: Lesson[] = [];
  for (const { input, leftOutBy } of group.pretrainSteps === 0 || takesLocal ? [] : training) {
    const spans = group.codes.map((code) => ruleEvents(input, group, code));
    ruled.push({ input, targets: targetsOfSpans(spans, input[group.channel].observed), leftOutBy });
    await pause(signal);
  }
  const own: MemberLessons[] = [];
  for (let member = 0; member < members; member += 1) {
    const seen = seenBy(marked, member);
    if (seen.length === 0)
      throw new AppError("model/too-few-labels", `No training recording was read for ${group.name}`, {
        group: group.name,
        recordings: training.length,
      });
    const before = takesLocal
      ? await saidLocally(seenBy(training, member), seen, group, signal)
      : seenBy(ruled, member);
    const isLesson = takesLocal || before.some(({ targets }) => targets.marked.flat().length > 0);
    own.push({ before: isLesson ? before : [], marked: seen });
  }
  return {
    members: own,
    steps: isGuided
      ? Math.min(group.steps, Math.max(FEWEST_STEPS, Math.round(share * group.steps)))
      : group.steps,
    rate: isGuided ? Math.min(group.rate, CAREFUL_RATE) : group.rate,
    guide: isGuided ? await guideOf(marked, group, 0.5 * (1 - share), signal) : null,
  };
}

const seenBy = <One extends { readonly leftOutBy?: number | undefined }>(
  all: readonly One[],
  member: number,
): readonly One[] => all.filter(({ leftOutBy }) => leftOutBy !== member);

const guideOf = async (
  marked: readonly Example[],
  { codes }: EventGroup,
  share: number,
  signal: AbortSignal | undefined,
): Promise<Guide> => ({ ...(await fitLocal(marked, codes.length, () => pause(signal))), share });

/** What the logistic regression of the marked recordings says about each. */
async function saidLocally(
  inputs: readonly { readonly input: EventInput }[],
  marked: readonly Example[],
  group: EventGroup,
  signal: AbortSignal | undefined,
): Promise<readonly Example[]> {
  const codes = group.codes.length;
  const model = await fitLocal(marked, codes, () => pause(signal));
  const said: Example[] = [];
  for (const { input } of inputs) {
    const probability = calibratedProbabilities(localLogits(model, input), uncalibrated(codes));
    said.push({ input, targets: targetsOfProbabilities(probability, codes, input[group.channel].observed) });
    await pause(signal);
  }
  return said;
}

/**
 * The guide as each member that leaves marked recordings out would have it: learned without them, for what it says of
 * them is to be calibrated.
 */
export async function guidesWithout(
  recordings: readonly EventRecording[],
  group: EventGroup,
  { share }: Pick<Guide, "share">,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, Guide>> {
  const marked = markedOf(recordings, group);
  const guides = new Map<number, Guide>();
  for (const member of new Set(marked.flatMap(({ leftOutBy }) => leftOutBy ?? [])))
    guides.set(member, await guideOf(seenBy(marked, member), group, share, signal));
  return guides;
}
