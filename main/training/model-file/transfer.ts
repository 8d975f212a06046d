import { AppError } from "../../../preload/contract/errors.ts";
import { withLabels, type LabelSet } from "../../../preload/contract/label-set.ts";
import { ChannelHeader } from "../../../preload/contract/recording.ts";
import type { Run } from "../../../preload/contract/run.ts";
import type { Library } from "../../storage/api.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { needsOfRun } from "../data/dataset.ts";
import { Pseudonyms } from "../../privacy/pseudonyms.ts";
import { runWithoutPeople } from "../../privacy/run.ts";
import { unpackModel, type TrainedModel } from "./model-file.ts";
import type { Tools, Trained } from "../work.ts";
import { cardOf } from "./card.ts";
import { channelsOfModel } from "./channel-facts.ts";
import { checkModelFile } from "./check.ts";
import { modelOf } from "../../models/registry.ts";
import { readModelFile } from "./read.ts";
import type { ExportedModel, ImportedFile, ImportRequest } from "./results.ts";
import { unpackSequenceModel } from "./sequence-file.ts";
import { exportStep } from "./steps.ts";
import { modelFileBytes } from "./write.ts";

/** Beyond this a file does not say what the model says. What single precision makes of both is about 1e-6. */
const MOST_APART = 1e-4;

/** A trained run as the bytes of an `.onnx` file, run and compared before anybody gets it. */
export async function exportModel(trained: Trained, tools: Tools): Promise<ExportedModel> {
  const { run, model } = trained;
  const isOfWindows = modelOf(run.config.model.kind).over === "windows";
  const exported = isOfWindows
    ? await exportWindows(trained, tools)
    : await exportStep(withoutPeople(run, tools), unpackSequenceModel(model));
  const { card, check } = exported;
  if (check.windows > 0 && check.largestDifference <= MOST_APART) return exported;
  throw new AppError(
    "model/export-differs",
    `The file of ${card.name} was not written: on ${check.windows} ${isOfWindows ? "windows" : "steps"} it differs from the model by up to ${check.largestDifference}, allowed is ${MOST_APART}`,
    { windows: check.windows, value: String(check.largestDifference), allowed: MOST_APART },
  );
}

const withoutPeople = (run: Run, { library }: Tools): Run =>
  runWithoutPeople(run, new Pseudonyms(library.pseudonymKey()));

async function exportWindows({ run: kept, model: packed }: Trained, tools: Tools): Promise<ExportedModel> {
  const model = unpackModel(packed);
  if (!modelOf(model.kind).can.includes("export"))
    throw new AppError("model/no-export", `${kept.config.name} has no graph that can be exported`, {
      kind: model.kind,
    });
  const channels = channelsOfModel(kept, tools.library);
  const run = withoutPeople(kept, tools);
  const labelSet = labelSetOf(run, model, tools.library);
  const needs = needsOfRun(run.config.data, tools.library, chooseFront(model.front, []), channels);
  const card = cardOf({ run, model, channels, labelSet, needs });
  const bytes = modelFileBytes({ card, run, model, labelSet, needs });
  const { runtime } = await tools.runtimeFor(run.config.engine);
  return { bytes, card, check: await checkModelFile(bytes, { card, model, runtime }) };
}

/**
 * Of the run's label set in its newest version the labels that are classes: others may be anything people or files
 * called an event. Absent where the library lost it.
 */
function labelSetOf(
  { config }: Run,
  { classes }: Pick<TrainedModel, "classes">,
  library: Pick<Library, "listLabelSets">,
): LabelSet | undefined {
  const set = library.listLabelSets().find(({ id }) => id === config.data.labelSet);
  const labels = set?.labels.filter(({ code }) => classes.includes(code)) ?? [];
  return set === undefined || labels.length === 0 ? undefined : withLabels(set, labels);
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
