import type { Comparison } from "../../preload/contract/comparison.ts";
import { comparisonCsv, pairBetween } from "../../preload/contract/comparison.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { pairedSentenceAt } from "../../preload/contract/paired.ts";
import type { Run } from "../../preload/contract/run.ts";
import type { Service } from "../service/service.ts";
import { answer, textFlag, type CommandContext } from "./context.ts";
import { findRun } from "./names.ts";
import { listOf } from "./train-config.ts";
import { followedRun, trainingConfig } from "./training.ts";
import { exitCodes, failureOf, UsageError } from "./usage.ts";

/**
 * Stored runs of one split, or methods trained now on the same windows, set side by side. A method that did not come to
 * its end is told beside those that did: what took hours is not lost to the reader for one that failed.
 */
export async function compare(context: CommandContext): Promise<number> {
  const service = await context.service();
  const models = textFlag(context.flags, "models");
  const runs =
    models === undefined
      ? await namedRuns(context, service)
      : await trained(context, service, listOf(models));
  const isDone = ({ phase }: Run): boolean => phase === "done";
  const left = models === undefined ? [] : runs.filter((run) => !isDone(run)).map(unfinished);
  const [first, ...others] = left;
  const compared = models === undefined ? runs : runs.filter(isDone);
  if (first !== undefined && compared.length < 2) throw first;
  const comparison = await service.handlers["comparisons.report"]({ runIds: compared.map(({ id }) => id) });
  const isCsv = context.flags.csv === true;
  await answer(context, "compare", comparison, () =>
    isCsv ? comparisonCsv(comparison) : tableOf(comparison),
  );
  if (first === undefined) return exitCodes.ok;
  for (const other of others) context.note(failureOf(other).line);
  throw first;
}

const unfinished = ({ id, config, phase, error }: Run): AppError =>
  new AppError(
    phase === "cancelled" ? "cancelled/by-user" : "model/not-trained",
    `${config.name} did not come to an end: ${error?.message ?? phase}`,
    { runId: id },
  );

async function namedRuns({ positionals }: CommandContext, service: Service): Promise<Run[]> {
  if (positionals.length < 2) throw new UsageError("compare RUN RUN... | compare --models KIND,KIND...");
  const runs: Run[] = [];
  for (const name of positionals) runs.push(await findRun(service, name));
  return runs;
}

async function trained(context: CommandContext, service: Service, kinds: readonly string[]): Promise<Run[]> {
  if (kinds.length < 2)
    throw new UsageError("compare --models takes two kinds at least, separated by commas");
  const config = await trainingConfig(context, service);
  const models = kinds.map((kind) => (kind === config.model.kind ? config.model : { kind }));
  const started = await service.handlers["comparisons.start"]({ ...config, models });
  const ended: Run[] = [];
  for (const { id } of started) ended.push(await followedRun(context, service, id));
  return ended;
}

function tableOf(comparison: Comparison): string {
  const { methods, reference, people, windows, score } = comparison;
  const lines = methods.map((method) => {
    const pair = pairBetween(comparison, method.id, reference);
    const figures = `${(100 * method[score]).toFixed(1)} %  macro-F1 ${method.macroF1.toFixed(3)}  NLL ${method.nll.toFixed(3)}  Brier ${method.brier.toFixed(3)}  ECE ${method.ece.toFixed(3)}`;
    const fit = method.fitS === undefined ? "" : `  fit ${method.fitS.toFixed(1)} s`;
    return `${method.name}\n  ${figures}${fit}\n  ${pair ? pairedSentenceAt(pair) : "the reference"}`;
  });
  return `${people} people, ${windows} windows, ${score === "accuracy" ? "share right" : "balanced accuracy"} against ${methods[0]?.name ?? ""}\n${lines.join("\n")}\n`;
}
