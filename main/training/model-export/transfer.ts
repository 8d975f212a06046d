import { AppError } from "../../../preload/contract/errors.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { ChannelHeader } from "../../../preload/contract/recording.ts";
import type { Run } from "../../../preload/contract/run.ts";
import type { Library } from "../../storage/api.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { needsOfRun } from "../dataset.ts";
import { unpackModel } from "../model-file.ts";
import type { Tools, Trained } from "../work.ts";
import { cardOf } from "./card.ts";
import { channelsOfModel } from "./channel-facts.ts";
import { checkModelFile } from "./check.ts";
import { readModelFile } from "./read.ts";
import type { ExportedModel, ImportedFile, ImportRequest } from "./results.ts";
import { modelFileBytes } from "./write.ts";

/** Beyond this a file does not say what the model says. What single precision makes of both is about 1e-6. */
const MOST_APART = 1e-4;

/** A trained run as the bytes of an `.onnx` file, run once and compared before anybody gets it. */
export async function exportModel({ run, model: packed }: Trained, tools: Tools): Promise<ExportedModel> {
  const model = unpackModel(packed);
  const channels = channelsOfModel(run, tools.library);
  const labelSet = labelSetOf(run, tools.library);
  const needs = needsOfRun(run.config, tools.library, chooseFront(model.front, []), channels);
  const card = cardOf({ run, model, channels, labelSet, needs });
  const bytes = modelFileBytes({ card, run, model, labelSet, needs });
  const { runtime } = await tools.runtimeFor(run.config.engine);
  const check = await checkModelFile(bytes, { card, model, runtime });
  if (check.windows > 0 && check.largestDifference <= MOST_APART) return { bytes, card, check };
  throw new AppError(
    "model/export-differs",
    `The file of ${card.name} was not written: on ${check.windows} windows it differs from the model by up to ${check.largestDifference}, allowed is ${MOST_APART}`,
    { windows: check.windows, value: String(check.largestDifference), allowed: MOST_APART },
  );
}

/** The newest version of the run's label set; absent where the library lost it. */
function labelSetOf(run: Run, library: Pick<Library, "listLabelSets">): LabelSet | undefined {
  return library.listLabelSets().find(({ id }) => id === run.config.labelSet);
}

/** What a model file holds, as a run of this library that says where it came from. */
export function importModel({ bytes, file, now }: ImportRequest): ImportedFile {
  const { card, run, model, labelSet, sha256 } = readModelFile(bytes, file);
  const channels = card.channels.map((channel) => ChannelHeader.parse(channel));
  return {
    run: { ...run, hasCheckpoint: false, imported: { file, sha256, importedAt: now, channels } },
    model,
    labelSet,
    card,
  };
}
