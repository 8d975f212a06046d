import type { EstimateAsk, RunEstimate } from "../../../preload/contract/estimate.ts";
import type { AsyncLibrary } from "../../storage/api.ts";

/** Recordings that are summed up in one call: the thread is free again soon. */
const TOGETHER = 2000;
/** The class of a window without an annotation, where the run has one: as in dataset.ts, which brings models along. */
const BACKGROUND = "none";

/** About what a training would learn from, a bounded part of its recordings at a time. */
export async function estimateOf(
  library: Pick<AsyncLibrary, "trainingSums">,
  { recordingIds, ...data }: EstimateAsk,
): Promise<RunEstimate> {
  const people = new Set<string>();
  const [sum, perLabel] = [emptySum(), data.labels.map((code) => ({ code, windows: 0, events: 0 }))];
  let known: Awaited<ReturnType<AsyncLibrary["trainingSums"]>>["wanted"] = [];
  for (let from = 0; from < recordingIds.length; from += TOGETHER) {
    const part = await library.trainingSums({ data, ids: recordingIds.slice(from, from + TOGETHER), known });
    for (const key of addends) sum[key] += part[key];
    for (const subject of part.subjects) people.add(subject);
    part.perLabel.forEach(({ windows, events }, i) => {
      const own = perLabel[i];
      if (own === undefined) return;
      own.windows += windows;
      own.events += events;
    });
    known = part.wanted;
  }
  const ofLabels = perLabel.reduce((all, { windows }) => all + windows, 0);
  const perClass = [
    ...(data.background === "never" ? [] : [{ code: BACKGROUND, windows: sum.background, events: 0 }]),
    ...perLabel,
  ];
  const labelled = Math.round(ofLabels + sum.background);
  return {
    ...{ recordings: sum.recordings, lacking: sum.lacking, marked: sum.marked },
    ...{ people: people.size, hours: sum.seconds / 3600 },
    windows: {
      ...{ labelled, unassessable: Math.round(sum.unassessable) },
      unlabelled: Math.max(0, Math.round(sum.assessable) - labelled),
    },
    perClass: perClass.map((one) => ({ ...one, windows: Math.round(one.windows) })),
  };
}

const addends = [
  ...(["recordings", "seconds", "lacking", "marked"] as const),
  ...(["background", "assessable", "unassessable"] as const),
] as const;
const emptySum = (): Record<(typeof addends)[number], number> => ({
  ...{ recordings: 0, seconds: 0, lacking: 0, marked: 0 },
  ...{ background: 0, assessable: 0, unassessable: 0 },
});
