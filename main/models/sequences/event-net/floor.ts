import type { Content, Series } from "../../../../preload/contract/finding.ts";
import { pause } from "../../../compute/pause.ts";
import type { SequenceData, SequenceJudge } from "../../model.ts";
import { calibratedProbabilities, uncalibrated } from "./calibrate.ts";
import type { EventNetConfig } from "./config.ts";
import type { Example } from "./crops.ts";
import { eventInput, type EventInput } from "./input.ts";
import { fitLocal, localLogits } from "./local.ts";
import { targetsOf } from "./targets.ts";

/**
 * The logistic regression of the marked training recordings, which says a probability a second and no events: what a
 * network of the same recordings must beat. About 80 ms a recording of 90 min and a group.
 */
export async function eventFloor(
  { groups, ...config }: EventNetConfig,
  { sequences }: Pick<SequenceData, "sequences">,
  signal: AbortSignal,
): Promise<SequenceJudge> {
  const lessons: { readonly input: EventInput; readonly marks: Parameters<typeof targetsOf>[1] }[] = [];
  for (const { part, marks, source } of sequences) {
    if (part !== "train" || marks === undefined) continue;
    lessons.push({ input: eventInput(source, config), marks });
    await pause(signal);
  }
  const fitted: {
    readonly group: (typeof groups)[number];
    readonly local: Awaited<ReturnType<typeof fitLocal>>;
  }[] = [];
  for (const group of groups) {
    const examples = lessons.map(({ input, marks }): Example => ({
      input,
      targets: targetsOf(input.seconds, marks, group),
    }));
    fitted.push({ group, local: await fitLocal(examples, group.codes.length, () => pause(signal)) });
  }
  return {
    judge: (source) => {
      const input = eventInput(source, config);
      const series = fitted.flatMap(({ group, local }): Series[] => {
        const width = group.codes.length + 1;
        const probability = calibratedProbabilities(localLogits(local, input), uncalibrated(width - 1));
        return group.codes.map(({ code }, c) => ({
          ...{ name: code, unit: "probability", sampleRate: 1, observed: input[group.channel].observed },
          value: Float32Array.from({ length: input.seconds }, (_, s) => probability[s * width + c + 1] ?? 0),
        }));
      });
      const content: Content[] = [{ kind: "curves", series, forecasts: [] }];
      return Promise.resolve(content);
    },
    dispose: () => Promise.resolve(),
  };
}
