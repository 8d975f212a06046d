import { rank3 } from "../../../compute/tensors.ts";
import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";
import { inOrder, namedMembers, specsOf } from "../../../compute/parameters.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { lackingAround, withAround } from "./around.ts";
import { calibratedProbabilities, type EventCalibration } from "./calibrate.ts";
import type { EventGroup } from "./config.ts";
import { type EventView, findEvents, support } from "./events.ts";
import { CHANNELS, type EventInput } from "./input.ts";
import type { Guide, LearnedEventNet, LearnedGroup } from "./learned.ts";
import { localLogits } from "./local.ts";
import { eventLogits, parameterShapes, REACH_S } from "./network.ts";

/** Seconds judged at a time. A longer recording is judged in stretches that overlap by what the network can see. */
export const STRETCH_S = 8192;

/** Probabilities of a group, a second each. What the group's own channel did not record is not assessable. */
export interface GroupJudgement {
  readonly group: string;
  readonly classes: readonly string[]; // "none" first
  readonly probability: Float32Array; // [seconds, classes], mean over the members
  readonly low: Float32Array; // [seconds, classes], the lowest and the highest member
  readonly high: Float32Array;
  readonly assessable: Uint8Array; // [seconds]
}

export interface FoundEvent {
  readonly group: string;
  readonly code: string;
  readonly onsetS: number;
  readonly durationS: number;
  readonly probability: number; // mean within
  readonly low: number;
  readonly high: number;
}

export interface EventJudgement {
  readonly seconds: number;
  readonly perSecond: readonly GroupJudgement[];
  readonly events: readonly FoundEvent[]; // by onset
}

export interface EventJudge {
  judge(input: EventInput, options?: JudgeOptions): Promise<EventJudgement>;
  dispose(): Promise<void>;
}
export interface JudgeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined; // share, 0 to 1
}

/** Compiled once for any number of recordings of any length. */
export async function eventJudge(learned: LearnedEventNet, runtime: Runtime): Promise<EventJudge> {
  const scorers: {
    readonly group: EventGroup;
    readonly learned: LearnedGroup;
    readonly scorer: EventScorer;
  }[] = [];
  for (const group of learned.config.groups) {
    const own = learned.groups.find(({ name }) => name === group.name);
    if (own === undefined)
      throw new AppError("model/wrong-parameters", `The group ${group.name} was not learned`, {
        group: group.name,
      });
    scorers.push({ group, learned: own, scorer: await eventScorer(runtime, group, own) });
  }
  return {
    judge: async (input, { signal, onProgress } = {}) => {
      const perSecond: GroupJudgement[] = [];
      const events: FoundEvent[] = [];
      for (const [at, { group, learned: own, scorer }] of scorers.entries()) {
        const logits = await scorer.logits(input, {
          signal,
          onProgress: (done) => onProgress?.((at + done) / scorers.length),
        });
        const judged = groupJudgement(input, group, own.calibration, logits);
        perSecond.push(judged);
        events.push(...eventsOf(judged, { input, group, learned: own, logits }));
      }
      events.sort((a, b) => a.onsetS - b.onsetS);
      return { seconds: input.seconds, perSecond, events };
    },
    dispose: async () => {
      for (const { scorer } of scorers) await scorer.dispose();
    },
  };
}

export interface EventScorer {
  /** Logits of each member. [seconds, codes] */
  logits(input: EventInput, options?: JudgeOptions): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}

/** The networks of one group, for recordings of any length. */
export async function eventScorer(
  runtime: Runtime,
  group: EventGroup,
  { members, guide, around }: Pick<LearnedGroup, "members" | "guide" | "around">,
): Promise<EventScorer> {
  const codes = group.codes.length;
  const shapes = parameterShapes(codes);
  const compiled = await runtime.compilePredict(
    (params, [x]) =>
      namedMembers(shapes, params, members.length).map((own) => eventLogits(own, rank3(x), codes)),
    members.flatMap((_, member) => specsOf(shapes, `member${member}.`)),
    [{ shape: [1, STRETCH_S, CHANNELS], dtype: "float32" }],
  );
  await compiled.write(members.flatMap((member) => inOrder(shapes, member)));
  return {
    logits: async (input, { signal, onProgress } = {}) => {
      const { seconds, x } = input;
      const out = members.map(() => new Float32Array(seconds * codes));
      for (const { start, from, to } of stretches(seconds)) {
        throwIfCancelled(signal);
        const seen = new Float32Array(STRETCH_S * CHANNELS);
        seen.set(x.subarray(start * CHANNELS, (start + STRETCH_S) * CHANNELS));
        const results = await compiled.run([seen]);
        results.forEach((logits, member) => {
          const own = logits.subarray((from - start) * codes, (to - start) * codes);
          out[member]?.set(own as Float32Array, from * codes);
        });
        onProgress?.(to / seconds);
      }
      const guided = guidedBy(out, guide, input);
      if (around === null) return guided;
      const lacking = lackingAround(input[group.channel].observed);
      return guided.map((own) => withAround(own, lacking, around));
    },
    dispose: () => compiled.dispose(),
  };
}

/** What members say with the logistic regression's part in it. Logits [seconds, codes] a member. */
export function guidedBy(
  members: readonly Float32Array[],
  guide: Guide | null,
  input: EventInput,
): readonly Float32Array[] {
  if (guide === null) return members;
  const local = localLogits(guide, input);
  const { share } = guide;
  return members.map((own) => own.map((logit, i) => (1 - share) * logit + share * (local[i] ?? 0)));
}

/** Stretches [start, start + STRETCH_S) of which [from, to) is kept: what lies further inside than the network can see. */
export function stretches(
  seconds: number,
): readonly { readonly start: number; readonly from: number; readonly to: number }[] {
  const kept: { start: number; from: number; to: number }[] = [];
  for (let from = 0; from < seconds;) {
    const start = from === 0 ? 0 : from - REACH_S;
    const to = Math.min(seconds, start + STRETCH_S - REACH_S);
    kept.push({ start, from, to });
    from = to;
  }
  return kept;
}

interface Scored {
  readonly input: EventInput;
  readonly group: EventGroup;
  readonly calibration: EventCalibration;
  readonly logits: readonly Float32Array[];
}

/** What events of the c-th code are found in. */
export function groupView({ input, group, calibration, logits }: Scored, c: number): EventView {
  const { probability } = groupJudgement(input, group, calibration, logits);
  return viewOf(input, group, probability, c);
}

function viewOf(input: EventInput, group: EventGroup, probability: Float32Array, c: number): EventView {
  const code = group.codes[c];
  if (code === undefined)
    throw new AppError("model/wrong-parameters", `${group.name} has no code ${c}`, { code: c });
  const classes = group.codes.length + 1;
  return {
    input,
    code,
    probability: column(probability, classes, c + 1),
    none: column(probability, classes, 0),
  };
}

const column = (table: Float32Array, width: number, at: number): Float32Array =>
  Float32Array.from({ length: table.length / width }, (_, row) => table[row * width + at] ?? 0);

function groupJudgement(
  input: EventInput,
  group: EventGroup,
  calibration: EventCalibration,
  logits: readonly Float32Array[],
): GroupJudgement {
  const each = logits.map((own) => calibratedProbabilities(own, calibration));
  const size = input.seconds * (group.codes.length + 1);
  const [probability, low, high] = [
    new Float32Array(size),
    new Float32Array(size).fill(1),
    new Float32Array(size),
  ];
  for (const own of each) {
    own.forEach((p, i) => {
      probability[i] = (probability[i] ?? 0) + p / each.length;
      low[i] = Math.min(low[i] ?? 1, p);
      high[i] = Math.max(high[i] ?? 0, p);
    });
  }
  probability.forEach((p, i) => {
    low[i] = Math.min(low[i] ?? p, p); // a mean of equal numbers may be rounded beyond them
    high[i] = Math.max(high[i] ?? p, p);
  });
  return {
    group: group.name,
    classes: ["none", ...group.codes.map(({ code }) => code)],
    probability,
    low,
    high,
    assessable: input[group.channel].observed.slice(),
  };
}

interface Judged {
  readonly input: EventInput;
  readonly group: EventGroup;
  readonly learned: LearnedGroup;
  readonly logits: readonly Float32Array[];
}

/** Most of an event must be observed: nothing is said about a gap. */
const LEAST_OBSERVED = 0.5;

function eventsOf(judged: GroupJudgement, { input, group, learned, logits }: Judged): FoundEvent[] {
  return group.codes.flatMap((code, c) => {
    const settings = learned.settings[c];
    if (settings === undefined) return [];
    const view = viewOf(input, group, judged.probability, c);
    const members = logits.map((own) =>
      column(calibratedProbabilities(own, learned.calibration), group.codes.length + 1, c + 1),
    );
    return findEvents(view, settings)
      .filter((span) => support(Float32Array.from(judged.assessable), span, "mean") >= LEAST_OBSERVED)
      .map((span): FoundEvent => {
        const each = members.map((own) => support(own, span, "mean"));
        return {
          group: group.name,
          code: code.code,
          onsetS: span.from,
          durationS: span.to - span.from,
          probability: support(view.probability, span, "mean"),
          low: Math.min(...each),
          high: Math.max(...each),
        };
      });
  });
}
