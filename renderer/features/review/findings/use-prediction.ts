import { useEffect, useMemo, useRef, useState } from "react";
import type { AppError } from "../../../../preload/contract/errors.ts";
import { predictionOf, type FindingSummary } from "../../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import {
  settingsSeen,
  type Adaptation,
  type Prediction,
  type RunSummary,
} from "../../../../preload/contract/run.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import { useRequest, useSend, useSummary } from "../../../bridge/hooks.ts";
import { predictionsAmong, type StoredPrediction } from "../../../state/findings.ts";
import { fittingRuns, runInUse, saysWindows } from "../../../state/runs.ts";
import { chooseRun, useSession } from "../../../state/session.ts";
import type { ShownPrediction } from "../../../trace/strip/layout.ts";
import { paletteOf } from "../../../trace/tracks/palette.ts";
import { BACKGROUND } from "../../../trace/tracks/prediction-names.ts";
import { unsureStretches, type Stretch } from "../../../trace/tracks/uncertain.ts";
import { notifyFailure } from "../../../ui/notify.tsx";
import type { Scheme } from "../../../ui/tokens.ts";
import { inLanguage, type Language } from "../../../ui/words.ts";
import { keyOf, wantedPrediction, type Choice, type Wish } from "./wanted-prediction.ts";

export interface PredictionInUse {
  readonly shown: (ShownPrediction & { readonly names: readonly string[] }) | undefined;
  readonly run: RunSummary | undefined; // of the shown one
  readonly unsure: readonly Stretch[];
  readonly isVisible: boolean;
  readonly setVisible: (isVisible: boolean) => void;
  readonly stored: readonly StoredPrediction[];
  readonly outdated: StoredPrediction | undefined; // shown because it was chosen, or what is not shown because of that
  readonly runs: readonly RunSummary[]; // finished, of models that can read this recording
  readonly nameOf: (runId: string) => string | undefined;
  readonly inUse: RunSummary | undefined; // the one that predicts unless told otherwise
  readonly choose: (
    prediction: Pick<Prediction, "runId" | "adaptation"> & { readonly isOutdated?: boolean },
  ) => void;
  readonly make: (run: RunSummary, adaptation?: Adaptation) => void;
  readonly find: (run: RunSummary) => void; // what a model of whole recordings says
  readonly isMaking: boolean;
  readonly error: AppError | undefined; // of the stored ones, which could not be read
}

const nothing: readonly FindingSummary[] = [];
const noRuns: readonly RunSummary[] = [];

/** The prediction under the trace: of the run in use where there is one, else the newest stored. */
export function usePrediction(
  recordingId: string,
  view: {
    readonly sets: readonly LabelSet[];
    readonly scheme: Scheme;
    readonly language: Language;
    readonly noneName: string;
    readonly isBlind: boolean; // nothing of a model is told, and none is asked
  },
): PredictionInUse {
  const list = useRequest("findings.list", { recordingId });
  const { isBlind } = view;
  const stored = useMemo(
    () => predictionsAmong((isBlind ? undefined : list.data) ?? nothing),
    [list.data, isBlind],
  );
  const allRuns = useRequest("runs.list", {}).data ?? noRuns;
  const reads = useRequest("runs.reads", {}).data;
  const recording = useSummary(recordingId);
  const fitting = useMemo(
    () => (recording && reads && !isBlind ? fittingRuns(allRuns, recording, reads) : noRuns),
    [allRuns, reads, recording, isBlind],
  );
  const runId = useSession((session) => session.runId);
  const focus = useSession((session) => session.focus);
  const wish = useMemo(
    (): Wish | undefined =>
      focus?.recordingId === recordingId && focus.runId !== undefined
        ? { runId: focus.runId, asked: focus.asked }
        : undefined,
    [focus, recordingId],
  );
  const [choice, setChoice] = useState<Choice>({
    ...{ key: undefined, isOutdatedToo: false },
    ...{ isVisible: true, heard: 0 },
  });
  const send = useSend("predictions.make");
  const find = useSend("findings.make");

  const used = runInUse(fitting, runId);
  const {
    prediction: wanted,
    isVisible,
    make: wished,
  } = wantedPrediction({ stored, runs: fitting, used }, choice, wish);
  // Of those that are stored only this one is read; the one before stays until it is there.
  const read = useRequest("findings.get", wanted && { id: wanted.id }, { keepPrevious: true });
  const prediction = useMemo(() => wanted && read.data && predictionOf(read.data), [wanted, read.data]);
  const run = allRuns.find((one) => one.id === (prediction ?? wanted)?.runId);
  const { sets, scheme, language, noneName } = view;
  const shown = useMemo(() => {
    if (!prediction) return undefined;
    const palette = paletteOf(scheme);
    const labels = sets.find((set) => set.id === run?.config.data.labelSet)?.labels ?? [];
    const found = prediction.classes.map((code) => labels.find((label) => label.code === code));
    return {
      prediction,
      colours: found.map((label, i) =>
        label
          ? palette.ofLabel(label.colour)
          : prediction.classes[i] === BACKGROUND
            ? palette.tokens.dim
            : sure(palette.categorical[i % palette.categorical.length]),
      ),
      names: found.map((label, i) => {
        const code = prediction.classes[i] ?? "";
        return label ? inLanguage(label.name, language) : code === BACKGROUND ? noneName : code;
      }),
    };
  }, [prediction, run, sets, scheme, language, noneName]);
  const unsure = useMemo(() => (prediction ? unsureStretches(prediction) : []), [prediction]);

  const heard = wish?.asked ?? 0;
  const ofUsed = stored.find((one) => one.runId === used?.id);
  const choose: PredictionInUse["choose"] = (one) => {
    setChoice({ key: keyOf(one), isOutdatedToo: one.isOutdated ?? false, isVisible: true, heard });
    chooseRun(one.runId);
  };
  // What a model of whole recordings says are findings: they are listed and drawn as such.
  const findIn = (one: RunSummary): void => {
    if (find.isPending) return;
    find.mutateAsync({ runId: one.id, recordingId }).then(() => chooseRun(one.id), notifyFailure);
  };
  const make = (one: RunSummary, adaptation = settingsSeen(one.config).adaptation): void => {
    if (send.isPending || find.isPending) return;
    if (!saysWindows(one)) {
      findIn(one);
      return;
    }
    // Unlike the callbacks of `mutate`, this is also told when the page has been left.
    send.mutateAsync({ runId: one.id, recordingId, adaptation }).then(choose, notifyFailure);
  };

  // Made once a wish, when it is known that it is not stored; one that fails is not tried again by itself.
  const isKnown = list.isSuccess;
  const making = useRef({ make, asked: 0 });
  useEffect(() => {
    making.current.make = make;
  });
  useEffect(() => {
    if (!isKnown || !wished || making.current.asked === heard) return;
    making.current.asked = heard;
    making.current.make(wished);
  }, [isKnown, wished, heard]);

  return {
    shown: isVisible ? shown : undefined,
    run,
    unsure,
    isVisible,
    setVisible: (visible) =>
      setChoice((known) => ({
        ...{ key: wanted && keyOf(wanted), isOutdatedToo: known.isOutdatedToo },
        isVisible: visible,
        heard: Math.max(known.heard, heard),
      })),
    stored,
    outdated: wanted ? (wanted.isOutdated ? wanted : undefined) : (ofUsed ?? stored[0]),
    runs: fitting,
    nameOf: (id) => allRuns.find((one) => one.id === id)?.config.name,
    inUse: used?.phase === "done" ? used : undefined,
    choose,
    make,
    find: findIn,
    isMaking: send.isPending || find.isPending,
    error: list.error ?? read.error ?? undefined,
  };
}
