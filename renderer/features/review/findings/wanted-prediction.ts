import {
  isCausal,
  settingsSeen,
  type Adaptation,
  type Prediction,
  type RunSummary,
} from "../../../../preload/contract/run.ts";

/** What a person chose on the page, and which wish of another page had been heard then. */
export interface Choice {
  readonly key: string | undefined; // of the prediction chosen
  readonly isOutdatedToo: boolean; // it was outdated when it was chosen
  readonly isVisible: boolean;
  readonly heard: number;
}
/** Another page sent here to see what this run predicts. */
export interface Wish {
  readonly runId: string;
  readonly asked: number;
}

type Key = Pick<Prediction, "runId" | "adaptation">;

/** A stored prediction; one from before masks came or went does not hold where they changed. */
interface Stored extends Key {
  readonly isOutdated: boolean;
}

export interface Wanted<P extends Key> {
  readonly prediction: P | undefined;
  readonly isVisible: boolean;
  readonly make: RunSummary | undefined; // what is wished for and not there yet
}

/** A prediction that is not stored yet and can be made. */
export interface Offer {
  readonly run: RunSummary;
  readonly adaptation: Adaptation;
}

/** Each model once, and those that adapt to the past of a stream with their first minute guided and without; what is outdated anew. */
export function predictionOffers(runs: readonly RunSummary[], stored: readonly Stored[]): Offer[] {
  return runs.flatMap((run) => {
    const own = settingsSeen(run.config).adaptation;
    const made = stored
      .filter((one) => one.runId === run.id && !one.isOutdated)
      .map(({ adaptation }) => adaptation);
    if (!isCausal(own)) return made.length === 0 ? [{ run, adaptation: own }] : [];
    return (["causal", "causal-guided"] as const)
      .filter((adaptation) => !made.includes(adaptation))
      .map((adaptation) => ({ run, adaptation }));
  });
}

export const keyOf = (prediction: Key): string => `${prediction.runId} ${prediction.adaptation}`;

/**
 * The prediction to show: the one a newer wish names, visible whatever was hidden before; else the one chosen here; else
 * that of the run in use; else the newest stored. One that is outdated is shown only where it was chosen.
 */
export function wantedPrediction<P extends Stored>(
  { stored, runs, used }: Stock<P>,
  choice: Choice,
  wish: Wish | undefined,
): Wanted<P> {
  const standing = stored.filter(({ isOutdated }) => !isOutdated);
  const usual =
    stored.find((one) => keyOf(one) === choice.key && (!one.isOutdated || choice.isOutdatedToo)) ??
    standing.find((one) => one.runId === used?.id) ??
    standing[0];
  if (wish === undefined || wish.asked <= choice.heard)
    return { prediction: usual, isVisible: choice.isVisible, make: undefined };
  const wished = standing.find((one) => one.runId === wish.runId);
  const run = runs.find((one) => one.id === wish.runId && one.phase === "done");
  return { prediction: wished ?? usual, isVisible: true, make: wished ? undefined : run };
}

interface Stock<P extends Stored> {
  readonly stored: readonly P[];
  readonly runs: readonly RunSummary[];
  readonly used: Pick<RunSummary, "id"> | undefined;
}
