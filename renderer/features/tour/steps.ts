import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import type { Page } from "../../state/session.ts";
import type { KeyOf } from "../../ui/words.ts";
import type { tourWords } from "./words.ts";

type Key = KeyOf<typeof tourWords>;

export interface Step {
  readonly id: Extract<Key, `${string}.title`> extends `${infer Id}.title` ? Id : never;
  readonly page: Page;
  readonly opens?: "ctg"; // a recording of the synthetic study is open here
}

/** The tour, in order. Each step stands on a real page; what it says is done there can be done there. */
export const steps: readonly Step[] = [
  { id: "library", page: "library" },
  { id: "review", page: "review", opens: "ctg" },
  { id: "label", page: "review", opens: "ctg" },
  { id: "train", page: "train" },
  { id: "predict", page: "review", opens: "ctg" },
  { id: "models", page: "models" },
  { id: "settings", page: "settings" },
  { id: "own", page: "library" },
];

/** The recording a step opens: of the synthetic study, the first by name. */
export function recordingFor(
  step: Step,
  recordings: readonly RecordingSummary[],
): RecordingSummary | undefined {
  if (step.opens === undefined) return undefined;
  return recordings
    .filter((one) => one.synthetic && one.kind === step.opens && one.state === "complete")
    .sort((a, b) => a.name.localeCompare(b.name))[0];
}
