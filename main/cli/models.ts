import { basename, dirname, resolve } from "node:path";
import type { ModelCard, ModelExport, StepCard } from "../../preload/contract/model-file.ts";
import { answer, textFlag } from "./context.ts";
import type { CommandContext } from "./context.ts";
import { findRun } from "./names.ts";
import { exitCodes, UsageError } from "./usage.ts";

const USAGE = "models export RUN --to FILE.onnx or models import FILE";

/** Models as files: a trained run out as ONNX, or such a file in as a run. */
export async function models(context: CommandContext): Promise<number> {
  const [verb, name, ...others] = context.positionals;
  if ((verb !== "export" && verb !== "import") || name === undefined || others.length > 0)
    throw new UsageError(USAGE);
  return verb === "export" ? exportModel(context, name) : importModel(context, name);
}

async function exportModel(context: CommandContext, name: string): Promise<number> {
  const to = textFlag(context.flags, "to");
  if (to === undefined) throw new UsageError(USAGE);
  const service = await context.service();
  const run = await findRun(service, name);
  context.progress(`exporting ${run.config.name}`);
  const path = resolve(to);
  const written = await service.handlers["models.export"]({
    runId: run.id,
    directory: dirname(path),
    name: basename(path),
  });
  await answer(context, "models export", written, () => exportedText(written));
  return exitCodes.ok;
}

async function importModel(context: CommandContext, file: string): Promise<number> {
  const service = await context.service();
  const imported = await service.handlers["models.import"]({ file: resolve(file) });
  await answer(
    context,
    "models import",
    imported,
    () => `${imported.run.config.name} (${imported.run.id})\n${cardText(imported.card)}`,
  );
  return exitCodes.ok;
}

function exportedText({ file, bytes, card, check }: ModelExport): string {
  const what = "model" in card ? "steps" : "windows";
  const checked = `checked in ONNX Runtime on ${check.windows} ${what}: largest difference from Kodo ${check.largestDifference.toExponential(1)}`;
  return `${file}  ${(bytes / 1e6).toFixed(1)} MB\n${"model" in card ? stepText(card) : cardText(card)}${checked}\n${card.notice.en}\n`;
}

function stepText({ classes, inputs, outputs }: StepCard): string {
  const line =
    (way: string) =>
    ({ name, shape, text }: StepCard["inputs"][number]) =>
      `${way} ${name}: [${shape.join(", ")}]  ${text}`;
  return [`classes: ${classes.join(", ")}`, ...inputs.map(line("input")), ...outputs.map(line("output"))]
    .map((one) => `${one}\n`)
    .join("");
}

function cardText({ classes, inputs, windowS, calibration, context }: ModelCard): string {
  const lines = [
    `classes: ${classes.map(({ code }) => code).join(", ")}`,
    ...inputs.map(
      ({ signal, observed, channels, samples, sampleRate }) =>
        `inputs ${signal}, ${observed}: [1, ${channels.length}, ${samples}] at ${sampleRate} Hz (${channels.join(", ")})`,
    ),
    context === null
      ? `window: ${windowS} s`
      : `window: ${windowS} s, within ${context.lengthS} s of signal that begin ${context.fromS} to ${context.toS} s before it`,
    ...(calibration === null
      ? []
      : [
          `calibrated on ${calibration.subjects.length} people, ${calibration.windows} windows (${calibration.estimated} with estimated labels), ECE ${calibration.eceAfter.toFixed(3)}`,
        ]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
