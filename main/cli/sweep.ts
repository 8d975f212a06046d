import { basename } from "node:path";
import { AppError, errorFrom, reportOf } from "../../preload/contract/errors.ts";
import { pairedSentence, pairedSentenceAt } from "../../preload/contract/paired.ts";
import { type RunConfig, type RunPreview, type RunProgress, unpacked } from "../../preload/contract/run.ts";
import type { SweepConfiguration, SweepReport, SweepRow } from "../../preload/contract/sweep.ts";
import type { Service } from "../service/service.ts";
import { answer, type Command, type CommandContext, flag, textFlag, texts } from "./context.ts";
import { readText } from "./exchange.ts";
import { type GridPoint, parseGrid, pointsOf, type SweepGrid } from "./sweep-grid.ts";
import {
  type Fields,
  fromFlags,
  joinedFields,
  listOf,
  numberOf,
  parseConfigFile,
  trainFlagNames,
} from "./train-config.ts";
import { configFrom } from "./training.ts";
import { exitCodes, UsageError } from "./usage.ts";

const USAGE =
  "sweep GRID.json [RECORDING...] [options of train] [--seeds 0,1] [--folds N] [--on here|cluster] [--preview]";
const USUAL_FOLDS = 5;

/** Configurations that could all be trained, and what they would be trained on. */
interface Sweep {
  readonly name: string;
  readonly points: readonly (GridPoint & { readonly config: RunConfig })[];
  readonly seeds: readonly number[];
  readonly preview: RunPreview; // of the first
}

export const sweep: Readonly<Record<"sweep", Command>> = {
  sweep: {
    options: { ...texts(...trainFlagNames, "study", "on", "priority", "seeds"), preview: flag },
    run,
  },
};

async function run(context: CommandContext): Promise<number> {
  const [file, ...names] = context.positionals;
  if (file === undefined) throw new UsageError(USAGE);
  const service = await context.service();
  const wanted = await sweepFrom(context, service, { file, names });
  const { name, points, seeds, preview } = wanted;
  const fits = points.length * seeds.length * fitsOf(points[0]?.config);
  const size = `${points.length} configurations, ${seeds.length} seed(s), ${fits} fits`;
  if (context.flags.preview === true) {
    const document = { name, fits, seeds: [...seeds], configurations: points.map(shownPoint), preview };
    await answer(context, "sweep preview", document, () =>
      [`${name}: ${size}\n`, ...points.map(({ label }) => `  ${label}\n`)].join(""),
    );
    return exitCodes.ok;
  }
  context.note(`${name}: ${size}`);
  const configurations = await service.startSweep({ name, seeds, configurations: points });
  const left = await followed(context, service, { configurations, fits });
  if (context.signal.aborted) {
    context.note(
      `${left} of ${points.length * seeds.length} runs were stopped; the same command goes on with them`,
    );
    throw new AppError("cancelled/by-user", "Cancelled");
  }
  const report = await service.sweepReport(configurations);
  await answer(context, "sweep", { name, fits, report }, () => sweepText(name, report));
  return report.rows.some(({ failure }) => failure !== undefined) ? exitCodes.failed : exitCodes.ok;
}

const shownPoint = ({ label, values }: GridPoint): { label: string; values: Record<string, unknown> } => ({
  label,
  values: { ...values },
});

/** One a fold, and one for the model that is kept. */
const fitsOf = (config: RunConfig | undefined): number => 1 + (config?.split.folds ?? 0);

async function sweepFrom(
  context: CommandContext,
  service: Service,
  { file, names }: { readonly file: string; readonly names: readonly string[] },
): Promise<Sweep> {
  const { flags } = context;
  const shown = basename(file);
  const seeds = textFlag(flags, "seeds");
  const grid = parseGrid(
    parseConfigFile(await readText(file), shown),
    shown,
    seeds === undefined ? undefined : listOf(seeds).map((one) => numberOf("seeds", one)),
  );
  const base = joinedFields(grid.base, { ...foldsIn(grid, flags), ...fromFlags(flags) });
  const points: Sweep["points"][number][] = [];
  let preview: RunPreview | undefined;
  for (const [at, point] of pointsOf(grid, base, shown).entries()) {
    context.progress(`checking configuration ${at + 1}`);
    try {
      const config = await configFrom(context, service, point.fields, names);
      const own = unpacked(await service.handlers["runs.preview"](config));
      preview ??= own;
      refuseUnlike(own, preview);
      points.push({ ...point, config: { ...config, model: own.model } });
    } catch (error) {
      throw inConfiguration(error, { file: shown, at, label: point.label });
    }
  }
  if (preview === undefined) throw new UsageError(USAGE);
  return {
    name: textFlag(flags, "name") ?? grid.name ?? shown.replace(/\.json$/i, ""),
    points,
    seeds: grid.seeds ?? [points[0]?.config.seed ?? 0],
    preview,
  };
}

/** Where nobody is named to be tested, everybody is in turn. */
function foldsIn({ folds, base }: SweepGrid, flags: CommandContext["flags"]): Fields {
  if (folds !== undefined) return { folds };
  const isNamed =
    textFlag(flags, "test-subjects") !== undefined || /"(testSubjects|folds)"/.test(JSON.stringify(base));
  return isNamed ? {} : { folds: USUAL_FOLDS };
}

function refuseUnlike(own: RunPreview, first: RunPreview): void {
  const [problem] = own.problems;
  if (problem !== undefined)
    throw new AppError("model/cannot-start", own.problems.map(({ message }) => message).join(" "), {
      problems: own.problems.length,
    });
  if (own.unit !== "windows")
    throw new AppError(
      "model/not-windows",
      "it follows whole recordings; a sweep chooses by the validation score of windows, and such runs keep none",
    );
  if (own.classes.join() !== first.classes.join())
    throw new AppError(
      "model/not-comparable",
      `it tells ${own.classes.join(", ")} apart, the first ${first.classes.join(", ")}`,
    );
}

const inConfiguration = (
  error: unknown,
  { file, at, label }: { readonly file: string; readonly at: number; readonly label: string },
): unknown => {
  const { code, message, detail } = reportOf(error);
  if (code.startsWith("cancelled/") || error instanceof UsageError) return error;
  const where = `${file}, configuration ${at + 1} (${label})`;
  return errorFrom({
    code,
    message: `${where}: ${message}`,
    detail: { ...detail, file, configuration: at + 1 },
  });
};

/** Tells how all of them go until each has ended or, once it is cancelled, been stopped. Says how many are not done. */
async function followed(
  context: CommandContext,
  service: Service,
  { configurations, fits }: { readonly configurations: readonly SweepConfiguration[]; readonly fits: number },
): Promise<number> {
  const ids = configurations.flatMap(({ runIds }) => runIds);
  const shares = new Map(ids.map((id) => [id, 0]));
  const begun = performance.now();
  const tell = (): void => {
    const done = [...shares.values()].reduce((sum, one) => sum + one, 0) / ids.length;
    const whole = [...shares.values()].filter((one) => one === 1).length;
    const leftS = (((performance.now() - begun) / 1000) * (1 - done)) / Math.max(1e-3, done);
    const left = done > 0.02 ? `, ${Math.ceil(leftS)} s left` : "";
    context.progress(
      `${whole} of ${ids.length} runs, about ${Math.round(done * fits)} of ${fits} fits${left}`,
    );
  };
  const stop = service.on((event, payload) => {
    if (event !== "runs.progress") return;
    const { runId, done } = payload as RunProgress;
    if (!shares.has(runId)) return;
    shares.set(runId, done);
    tell();
  });
  const cancel = (): void => [...ids].reverse().forEach((id) => service.runs.cancel(id)); // who waits first: else the next would begin
  context.signal.addEventListener("abort", cancel);
  if (context.signal.aborted) cancel();
  try {
    let left = 0;
    for (const id of ids) {
      const { phase } = await service.runs.finished(id);
      shares.set(id, 1);
      if (phase !== "done") left += 1;
    }
    return left;
  } finally {
    context.signal.removeEventListener("abort", cancel);
    stop();
  }
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** What was found, with what it may be taken for. */
function sweepText(name: string, report: SweepReport): string {
  const { rows, chosen, estimate, people, folds, seeds, score } = report;
  const [first] = rows;
  const how = folds > 0 ? `${folds} folds` : "named test people";
  const best = chosen === null ? undefined : rows[chosen];
  const choice =
    best === undefined
      ? "nothing can be chosen: no configuration has a validation score\n"
      : `Chosen by validation alone (people left out of training): ${best.label}\n`;
  return [
    `${name}: ${rows.length} configurations on ${people} people, ${how}, ${seeds} seed(s); ${score === "accuracy" ? "share right" : "balanced accuracy"}, against ${first?.label ?? ""}\n`,
    ...rows.map((row, at) => rowText(row, at, chosen)),
    choice,
    ...(estimate === null ? [] : [estimateText(estimate, folds)]),
    ...(rows.length === 1
      ? []
      : [
          `The highest test score of ${rows.length} was looked for: it is optimistic, and no estimate of anything.\n`,
        ]),
  ].join("");
}

function rowText(
  { label, failure, validationNll, score, windows, pair }: SweepRow,
  at: number,
  chosen: number | null,
): string {
  const mark = at === chosen ? "*" : " ";
  if (failure !== undefined) return `${mark} ${label}\n    failed: ${failure}\n`;
  const validation = `validation NLL ${validationNll?.toFixed(4) ?? "-"}`;
  const told = pair === null ? (at === 0 ? "the first" : "") : pairedSentenceAt(pair);
  return `${mark} ${label}\n    ${validation}  test ${score === null ? "-" : `${percent(score)} of ${windows ?? 0} windows`}  ${told}\n`;
}

function estimateText(
  { score, interval, gain, picked }: NonNullable<SweepReport["estimate"]>,
  folds: number,
): string {
  const ends = interval === null ? "" : ` [${percent(interval.low)}, ${percent(interval.high)}]`;
  const how =
    folds > 0
      ? "each fold judged by what validation chose without its people"
      : "test people had no part in the choice";
  const isTold = picked.length > 1 && gain.groups > 0; // the first may have failed
  const told = isTold ? `; less the first configuration: ${pairedSentence(gain)}` : "";
  return `What choosing so reaches on people it never saw: ${percent(score)}${ends} (${how})${told}\n`;
}
