import { descentSettings } from "../../models/windows/settings.ts";
import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { RunConfig, Variation } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { FeatureTable, Front } from "../../models/fronts/front.ts";
import { varied } from "../../models/fronts/varied.ts";
import { windowGrid } from "../../signal/window.ts";
import { lessCentre, wornAs } from "../../models/adaptation/adaptation.ts";
import {
  extracted,
  inTurn,
  keepRows,
  signalSource,
  standardise,
  type Dataset,
  type ReadLibrary,
  type Standardisation,
} from "./dataset.ts";
import type { TrainingWindows } from "./batches.ts";

/** Some windows of a recording as an epoch sees them. */
export interface VariedRequest {
  readonly recordingId: string;
  readonly epoch: number;
  readonly windows: Int32Array; // their numbers in the recording's grid
}

/** Reads the library while a run trains. */
export interface VariedReader {
  read(request: VariedRequest): Promise<FeatureTable>;
  close(): Promise<void>;
}

/** What is read fails as cancelled once the signal is. */
export type OpenVaried = (signal: AbortSignal) => VariedReader;

const AS_RECORDED: Variation = { shiftS: 0, gainSd: 0, lossesPerMinute: 0, lossS: 0 };

/** Inputs of the windows asked for, with the recording's samples varied as the run says. [n x width] */
export async function readVaried(
  config: RunConfig,
  library: ReadLibrary,
  front: Front,
  { recordingId, epoch, windows }: VariedRequest,
  signal?: AbortSignal,
): Promise<FeatureTable> {
  const detail = library.getRecording(recordingId);
  const source = signalSource({ config }, library, detail);
  const variation = descentSettings(config.model).variation ?? AS_RECORDED;
  const table = await extracted(
    front,
    varied(source, front.mayScale ? variation : { ...variation, gainSd: 0 }, {
      seed: config.seed,
      epoch,
      recordingId,
    }),
    windowGrid(detail.durationS, config.data.windows.windowS, config.data.windows.strideS),
    signal,
  );
  return keepRows(table, windows, front.layout(config.data.channels, config.data.windows.windowS).width);
}

/** Where training windows come from: these rows of the dataset, of one recording. */
export interface Origin {
  readonly recordingId: string;
  readonly rows: Int32Array;
  readonly order: Int32Array | undefined; // of their inputs, as most people wear the bracelet
  readonly centre?: Float64Array | undefined; // taken out of them first
}

/** Training windows and where they come from, in the same order. */
export interface Taught {
  readonly windows: TrainingWindows;
  readonly origins: readonly Origin[];
}

export type Inputs = Pick<TrainingWindows, "x" | "observed">;

export interface VariedInputsOptions {
  readonly taught: Taught;
  readonly dataset: Pick<Dataset, "onsetS">;
  readonly standardisation: Standardisation;
  readonly strideS: number;
  readonly epochs: number;
  readonly reader: VariedReader;
  readonly signal: AbortSignal;
}

export interface VariedInputs {
  /** Of the training windows in an epoch, counted from 0. The same each time it is asked for. */
  at(epoch: number): Promise<Inputs>;
  /** Ends what is read ahead. */
  stop(): void;
}

/** Recordings asked for at a time: one is put in its place while the next is read. */
const DEPTH = 2;

/** Whether a run asks for anything but the samples as they were recorded. */
export const isVaried = ({ variation }: { readonly variation?: Variation | undefined }): boolean =>
  variation !== undefined &&
  (variation.shiftS > 0 || variation.gainSd > 0 || variation.lossesPerMinute * variation.lossS > 0);

/**
 * The first epoch sees the windows as they were recorded, each later one in a variation of its own. That of the next
 * epoch is read while the last is trained on, so two of them are in memory at most.
 */
export function variedInputs(options: VariedInputsOptions): VariedInputs {
  const { taught, epochs, signal } = options;
  const own = new AbortController();
  const either = AbortSignal.any([signal, own.signal]);
  let ahead: { readonly epoch: number; readonly inputs: Promise<Inputs> } | undefined;
  const begin = (epoch: number): Promise<Inputs> =>
    epoch === 0 ? Promise.resolve(taught.windows) : readEpoch(options, epoch, either);
  return {
    async at(epoch) {
      const inputs = await (ahead?.epoch === epoch ? ahead.inputs : begin(epoch));
      ahead = undefined;
      if (epoch + 1 < epochs) {
        ahead = { epoch: epoch + 1, inputs: begin(epoch + 1) };
        ahead.inputs.catch(() => undefined); // heard when it is asked for, if it is
      }
      return inputs;
    },
    stop: () => own.abort(),
  };
}

async function readEpoch(
  { taught, dataset, standardisation, strideS, reader }: VariedInputsOptions,
  epoch: number,
  signal: AbortSignal,
): Promise<Inputs> {
  const { windows, origins } = taught;
  const { width } = windows;
  const inputs = { x: new Float32Array(windows.x.length), observed: new Uint8Array(windows.x.length) };
  const read = ({ recordingId, rows }: Origin): Promise<FeatureTable> => {
    const numbers = rows.map((row) => Math.round(sure(dataset.onsetS[row]) / strideS));
    return reader.read({ recordingId, epoch, windows: numbers });
  };
  let at = 0;
  for await (const [index, table] of inTurn(origins, DEPTH, read)) {
    throwIfCancelled(signal);
    const { rows, order, centre } = origins[index] as Origin;
    const { observed } = table;
    const asWorn = { count: rows.length, x: standardise(table.x, observed, standardisation), observed };
    const own = centre ? lessCentre(asWorn, centre) : asWorn;
    const worn = order ? wornAs(own, order) : own;
    inputs.x.set(worn.x, at * width);
    inputs.observed.set(worn.observed, at * width);
    at += rows.length;
  }
  restoreEmpty(inputs, windows);
  return inputs;
}

/** A window of which the variation has left nothing is shown as it was recorded: empty it would teach nothing. */
function restoreEmpty({ x, observed }: Inputs, { width, ...recorded }: TrainingWindows): void {
  for (let from = 0; from < x.length; from += width) {
    const to = from + width;
    if (observed.subarray(from, to).includes(1)) continue;
    x.set(recorded.x.subarray(from, to), from);
    observed.set(recorded.observed.subarray(from, to), from);
  }
}
