import { basename, join } from "node:path";
import type { ModelExport, ModelExportRequest, ModelImport } from "../../preload/contract/model-file.ts";
import { FileGroup, shortened } from "../exchange/file-sink.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { readWhole } from "./read-whole.ts";

const EXTENSION = ".onnx";
/** It is read whole; a model of the widest and deepest settings stays well below. */
const MODEL_FILE = { what: "a model file", most: 512 * 2 ** 20 } as const;

export interface ModelFilesOptions {
  readonly library: AsyncLibrary;
  readonly trainer: Trainer;
}

/** Writes a run's model as a new file: whole under its name, or not there. An existing file is never overwritten. */
export async function exportModelFile(
  { library, trainer }: ModelFilesOptions,
  { runId, directory, name }: ModelExportRequest,
): Promise<ModelExport> {
  const run = await library.getRun(runId);
  const file = withExtension(name ?? fileNameOf(run.config.name));
  const group = new FileGroup(directory);
  try {
    const sink = await group.open(file); // a name that is taken is said before the work
    await library.pseudonymKey(); // made now where it was never asked for: the trainer only reads
    const { bytes, card, check } = await trainer.exportModel(runId);
    await sink.write(bytes);
    await sink.close();
    await group.publish();
    const path = join(directory, file);
    await library.log({ actor: "kodo", action: "model.export", subject: runId, detail: {} }); // the name of the file may say whose
    return { file: path, bytes: bytes.length, card, check };
  } catch (error) {
    await group.discard();
    throw error;
  }
}

/** Adds what such a file holds to the library as a run, or leaves the library as it was. */
export async function importModelFile(
  { library, trainer }: ModelFilesOptions,
  path: string,
): Promise<ModelImport> {
  const bytes = await readWhole(path, MODEL_FILE);
  const { run, model, labelSet, card } = await trainer.importModel({ file: basename(path), bytes });
  return { run: await library.addTrainedRun({ run, model, labelSet }), card };
}

const withExtension = (name: string): string =>
  name.toLowerCase().endsWith(EXTENSION) ? name : `${name}${EXTENSION}`;

/** A run's name without what a file system may not take. */
const fileNameOf = (name: string): string =>
  shortened(
    name
      .replaceAll(/[\\/:*?"<>|\p{Cc}\s]+/gu, " ")
      .replace(/^[. ]+/, "")
      .trim(),
    100,
  ) || "model";
