import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { Curves } from "../../../preload/contract/finding.ts";
import { ownNames, type OwnNames } from "../../../preload/contract/own-names.ts";
import type { RecordingDetail } from "../../../preload/contract/recording.ts";
import type { Run } from "../../../preload/contract/run.ts";
import type { Forecaster, SequenceJudge } from "../../models/model.ts";
import { modelOf, sequenceModelOf } from "../../models/registry.ts";
import { signalSource, soundRecording, wantedOf } from "../data/dataset.ts";
import { unpackSequenceModel } from "../model-file/sequence-file.ts";
import type { Forecasting, Tools, Trained } from "../work.ts";

/** Nobody moved a cursor for so long: the model and what it knows of the recording go. */
const IDLE_MS = 5 * 60_000;

interface Open {
  readonly key: string;
  readonly durationS: number;
  readonly stop: AbortController;
  readonly judge: Promise<SequenceJudge>;
  readonly forecaster: Promise<Forecaster>;
  readonly names: OwnNames;
}

/**
 * The model last asked and what it knows of the recording it was asked about, kept open: the first question reads the
 * recording, every further one costs milliseconds. Another run, another recording, or other samples in it replace them.
 */
export function openForecasting({ idleMs = IDLE_MS } = {}): Forecasting {
  let open: Open | undefined;
  let idle: NodeJS.Timeout | undefined;
  const close = async (): Promise<void> => {
    clearTimeout(idle);
    const last = open;
    open = undefined;
    last?.stop.abort();
    const judge = await last?.judge.catch(() => undefined);
    await last?.forecaster.catch(() => undefined); // it is not taken away while it is being made
    await judge?.dispose();
  };
  const opened = (key: string, trained: Trained, detail: RecordingDetail, tools: Tools): Open => {
    const stop = new AbortController();
    const judge = judgeOf(trained, tools);
    const forecaster = judge.then((one) => {
      throwIfCancelled(stop.signal);
      if (one.forecaster === undefined) throw cannot(trained.run, "model/no-forecast", "does not look ahead");
      return one.forecaster(signalSource(trained.run, tools.library, detail), { signal: stop.signal });
    });
    const names = ownNames(wantedOf(trained.run, tools.library), detail.channels);
    return { key, durationS: detail.durationS, stop, judge, forecaster, names };
  };
  return {
    at: async ({ runId, recordingId, atS }, tools, trained) => {
      const key = standing(runId, recordingId, tools);
      if (open?.key !== key) {
        const model = trained();
        refuseWindows(model.run, "model/no-forecast");
        const detail = soundRecording(tools.library, recordingId);
        void close();
        open = opened(key, model, detail, tools);
      }
      const asked = open;
      clearTimeout(idle);
      idle = setTimeout(() => void close(), idleMs).unref();
      try {
        const forecaster = await asked.forecaster;
        const forecast = atS > asked.durationS ? undefined : forecaster.at(atS)?.forecast;
        return forecast === undefined ? null : asked.names.forecast(forecast);
      } catch (error) {
        if (open === asked) await close();
        throw error;
      }
    },
    close,
  };
}

/**
 * What a forecast rests upon: as long as it is the same, so is every forecast. What a run has learned never changes, but
 * of one that was deleted for good nothing is said any more.
 */
function standing(runId: string, recordingId: string, { library }: Tools): string {
  library.getRun(runId);
  const { channels, durationS } = library.getRecording(recordingId);
  return JSON.stringify([runId, recordingId, durationS, channels, library.listMasks(recordingId)]);
}

/** What a model puts where samples of a recording are missing. Throws model/no-fill where it does not. */
export async function fillRecording(
  { recordingId, ...trained }: Trained & { readonly recordingId: string },
  tools: Tools,
): Promise<Curves> {
  const { run } = trained;
  refuseWindows(run, "model/no-fill");
  const judge = await judgeOf(trained, tools);
  try {
    if (judge.fill === undefined) throw cannot(run, "model/no-fill", "does not fill gaps");
    const detail = soundRecording(tools.library, recordingId);
    const source = signalSource(run, tools.library, detail);
    const { series, ...curves } = await judge.fill(source, { signal: tools.signal });
    const filled = { ...curves, series: series.map((one) => ({ ...one, as: "filled" as const })) };
    return ownNames(wantedOf(run, tools.library), detail.channels).content(filled);
  } finally {
    await judge.dispose();
  }
}

function judgeOf({ run, model }: Trained, { runtimeFor }: Tools): Promise<SequenceJudge> {
  const { kind, learned } = unpackSequenceModel(model);
  return sequenceModelOf(kind).open(learned, async () => (await runtimeFor(run.config.engine)).runtime);
}

function refuseWindows(run: Run, code: "model/no-forecast" | "model/no-fill"): void {
  if (modelOf(run.config.model.kind).over === "windows")
    throw cannot(run, code, "judges windows, and knows nothing of what lies between or after them");
}

const cannot = ({ id, config }: Run, code: "model/no-forecast" | "model/no-fill", why: string): AppError =>
  new AppError(code, `${config.name} ${why}`, { run: config.name, runId: id });
