import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { channelAdvice } from "../../preload/contract/channel-advice.ts";
import { matchChannels, wantedChannels } from "../../preload/contract/match-channels.ts";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { LabelSet } from "../../preload/contract/label-set.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import { Adaptation, runReport, settingsSeen } from "../../preload/contract/run.ts";
import type { Run, RunConfig, RunProgress } from "../../preload/contract/run.ts";
import type { Service } from "../service/service.ts";
import { answer, readEnum, textFlag } from "./context.ts";
import type { CommandContext } from "./context.ts";
import { readText } from "./exchange.ts";
import { toJson } from "./json.ts";
import { allOf, everyRecording, findRecordings, findRun, someRecordings } from "./names.ts";
import { csvOf, rowsOf } from "./prediction-rows.ts";
import { outputs } from "./schemas.ts";
import { askStudy, isOnCluster } from "./study.ts";
import { eventRowsOf, eventsCsv } from "./event-rows.ts";
import type { EventRows, PredictionRows } from "./schemas.ts";
import { json, runText } from "./text.ts";
import {
  chosenSet,
  completeConfig,
  type Fields,
  fromFlags,
  joinedFields,
  modelNamed,
  parseConfigFile,
  recordingsNamed,
} from "./train-config.ts";
import { exitCodes, UsageError } from "./usage.ts";

function trainingLine({
  phase,
  epoch,
  epochs,
  rounds,
  stepsPerSecond,
  secondsLeft,
  curve,
  done,
  fits,
}: RunProgress): string {
  const last = curve.at(-1);
  const score =
    last === undefined
      ? ""
      : `  loss ${last.loss.toFixed(4)}  validation NLL ${last.validationNll.toFixed(4)}  ECE ${last.validationEce.toFixed(4)}`;
  const left = secondsLeft === undefined ? "" : `, ${Math.ceil(secondsLeft)} s left`;
  const fit = fits === undefined ? "" : `  fit ${Math.min(fits.of, fits.done + 1)}/${fits.of}`;
  const pace =
    rounds !== undefined
      ? `  round ${rounds}`
      : epochs > 0
        ? `  epoch ${epoch}/${epochs}  ${stepsPerSecond.toFixed(1)} steps/s`
        : "";
  return `${phase} ${Math.round(done * 100)} %${fit}${pace}${left}${score}`;
}

/** Tells how a run goes until it has ended, however it ended. */
export async function followedRun(context: CommandContext, service: Service, id: string): Promise<Run> {
  const stop = service.on((name, payload) => {
    if (name !== "runs.progress") return;
    const progress = payload as RunProgress;
    if (progress.runId === id) context.progress(trainingLine(progress));
  });
  const cancel = (): void => service.runs.cancel(id);
  context.signal.addEventListener("abort", cancel);
  if (context.signal.aborted) cancel();
  try {
    return await service.runs.finished(id);
  } finally {
    context.signal.removeEventListener("abort", cancel);
    stop();
  }
}

async function followRun(context: CommandContext, service: Service, { id }: Run): Promise<number> {
  const run = await followedRun(context, service, id);
  await answer(context, "train", run, () => runText(run));
  if (run.phase === "done") return exitCodes.ok;
  context.note(`error ${run.error?.code ?? "cancelled/by-user"}: ${run.error?.message ?? "Cancelled"}`);
  return run.phase === "cancelled" ? exitCodes.cancelled : exitCodes.failed;
}

/** Without names: everything whole, of the study where one is named, of the kind the label set or else the model is for. */
function recordingsFor(
  all: readonly RecordingSummary[],
  study: string | undefined,
  kinds: readonly LabelSet["kind"][],
): RecordingSummary[] {
  const fitting = all.filter(
    (one) =>
      (one.state === "complete" || one.state === "interrupted") &&
      (kinds.includes("other") || kinds.includes(one.kind)),
  );
  const chosen = fitting.filter((one) => study === undefined || one.study === study);
  if (chosen.length > 0) return chosen;
  const where = study === undefined ? "The library has no" : `Study ${study} has no`;
  const kind = kinds.join(" or ");
  throw new AppError("data/no-recordings", `${where} recordings of kind ${kind}`, {
    study: study ?? "",
    kind,
    recordings: all.length,
  });
}

/** One kind: nothing is learned from heart rates and muscles at once. */
function ofOneKind(recordings: RecordingSummary[]): RecordingSummary[] {
  const kinds = [...new Set(recordings.map(({ kind }) => kind))].sort();
  if (kinds.length < 2) return recordings;
  throw new UsageError(`train needs --study or names: there are recordings of kind ${kinds.join(" and ")}`);
}

export async function train(context: CommandContext): Promise<number> {
  const service = await context.service();
  const { flags } = context;
  const resume = textFlag(flags, "resume");
  if (resume !== undefined)
    return followRun(context, service, await service.runs.resume((await findRun(service, resume)).id));
  const config = await trainingConfig(context, service);
  if (flags.preview === true) {
    const preview = await service.handlers["runs.preview"](config);
    await context.out(json({ config, preview }));
    return preview.problems.length === 0 ? exitCodes.ok : exitCodes.failed;
  }
  return followRun(context, service, await service.runs.start(config));
}

/** What the options and the file say, filled in from the library. */
export async function trainingConfig(
  { flags, positionals }: CommandContext,
  service: Service,
): Promise<RunConfig> {
  const file = textFlag(flags, "config");
  const fields = joinedFields(
    file === undefined ? {} : parseConfigFile(await readText(file), basename(file)),
    fromFlags(flags),
  );
  return configFrom({ flags }, service, fields, positionals);
}

/** Fields filled in from the library; recordings: those named, of the configuration, or all that fit. */
export async function configFrom(
  { flags }: Pick<CommandContext, "flags">,
  service: Service,
  fields: Fields,
  names: readonly string[],
): Promise<RunConfig> {
  const named = names.length > 0 ? names : recordingsNamed(fields);
  const study = textFlag(flags, "study");
  const labelSets = await service.library.listLabelSets();
  const models = await service.handlers["models.list"]({});
  const fitting = async (): Promise<RecordingSummary[]> => {
    const all = await allOf(everyRecording(service));
    const set = chosenSet(fields, labelSets, models);
    if (set !== undefined) return recordingsFor(all, study, [set.kind]);
    return ofOneKind(recordingsFor(all, study, modelNamed(fields, models)?.kinds ?? []));
  };
  const recordings = named.length > 0 ? await findRecordings(service, named) : await fitting();
  return completeConfig(fields, { recordings, labelSets, models });
}

export async function predict(context: CommandContext): Promise<number> {
  const [runName, ...names] = context.positionals;
  const isThere = isOnCluster(context);
  if (runName === undefined || (names.length === 0) !== isThere)
    throw new UsageError(
      "predict RUN RECORDING... | predict RUN --on cluster [--study NAME] [--search TEXT]",
    );
  const format =
    readEnum(z.enum(["json", "csv"]), context.flags, "format") ?? (context.json ? "json" : "csv");
  const service = await context.service();
  const run = await findRun(service, runName);
  if (run.phase !== "done")
    throw new AppError("model/not-trained", `${run.config.name} has no model: it is ${run.phase}`, {
      runId: run.id,
    });
  const isOfEvents = runReport(run)?.kind === "sequences";
  if (isOfEvents && textFlag(context.flags, "adaptation") !== undefined)
    throw new AppError(
      "model/no-adaptation",
      `${run.config.name} follows whole recordings and adapts to nobody`,
      {
        runId: run.id,
      },
    );
  if (isOfEvents && !isThere) return predictEvents(context, service, run, { names, format });
  const adaptation = readEnum(Adaptation, context.flags, "adaptation") ?? settingsSeen(run.config).adaptation;
  if (isThere) return askStudy(context, service, { kind: "predict", runId: run.id, adaptation });
  const predictions: PredictionRows[] = [];
  const learned = await someRecordings(service, run.imported ? [] : run.config.data.recordingIds);
  const channels = new Map(learned.map((one) => [one.id, one.channels]));
  const wanted = wantedChannels(run, (id) => channels.get(id));
  for (const recording of await findRecordings(service, names)) {
    throwIfCancelled(context.signal);
    context.progress(`predicting ${recording.name}`);
    const matches = matchChannels(wanted, recording.channels);
    for (const { code, message } of channelAdvice([{ name: recording.name, matches }]))
      context.note(`info ${code}: ${message}`);
    predictions.push(
      rowsOf(
        await service.handlers["predictions.make"]({ runId: run.id, recordingId: recording.id, adaptation }),
        recording.name,
      ),
    );
  }
  const document =
    format === "csv" ? csvOf(predictions) : `${toJson(outputs.predict.parse({ predictions }))}\n`;
  const out = textFlag(context.flags, "out");
  if (out === undefined) await (format === "csv" ? context.table : context.out)(document);
  else await writeNew(out, document);
  return exitCodes.ok;
}

/** The same of a model that follows whole recordings: its events, and where it can say nothing. */
async function predictEvents(
  context: CommandContext,
  service: Service,
  run: Run,
  { names, format }: { readonly names: readonly string[]; readonly format: "json" | "csv" },
): Promise<number> {
  const recordings: EventRows[] = [];
  for (const recording of await findRecordings(service, names)) {
    throwIfCancelled(context.signal);
    context.progress(`finding events in ${recording.name}`);
    const rows = await eventRowsOf(service, run.id, recording);
    recordings.push(rows);
    if (rows.curves.length > 0)
      context.note(
        `${recording.name}: curves kept beside the recording, written by export --findings: ${rows.curves.map(({ name }) => name).join(", ")}`,
      );
  }
  const document =
    format === "csv" ? eventsCsv(recordings) : `${toJson(outputs.events.parse({ recordings }))}\n`;
  const out = textFlag(context.flags, "out");
  if (out === undefined) await (format === "csv" ? context.table : context.out)(document);
  else await writeNew(out, document);
  return exitCodes.ok;
}

async function writeNew(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: "wx" });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    const what = exists ? "exists already and is not overwritten" : "cannot be written";
    throw new AppError(
      exists ? "data/file-exists" : "data/file-not-writable",
      `${basename(path)} ${what}`,
      { file: path },
      error,
    );
  }
}
