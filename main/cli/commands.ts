import { readFile, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { ParseArgsConfig } from "node:util";
import { z } from "zod";
import { requests } from "../../preload/contract/channels.ts";
import type { RequestName } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { ExportFormat, ImportOptions, TableOptions } from "../../preload/contract/exchange.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import { LabelSet } from "../../preload/contract/label-set.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import { Adaptation } from "../../preload/contract/run.ts";
import type { Run, RunProgress, TestReport } from "../../preload/contract/run.ts";
import type { Service, ServiceHandlers } from "../service/service.ts";
import { toJson } from "./json.ts";
import { csvOf, rowsOf } from "./prediction-rows.ts";
import type { PredictionRows } from "./schemas.ts";
import { jsonSchemas, outputs } from "./schemas.ts";
import type { OutputName } from "./schemas.ts";
import type { Flags } from "./train-config.ts";
import {
  chosenSet,
  completeConfig,
  fromFlags,
  listOf,
  numberOf,
  parseConfigFile,
  trainFlagNames,
} from "./train-config.ts";
import { exitCodes, UsageError } from "./usage.ts";

export interface CommandContext {
  readonly service: () => Promise<Service>; // opens the library on first use
  readonly libraryPath: string;
  readonly flags: Flags;
  readonly positionals: readonly string[];
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly out: (text: string) => Promise<void>;
  readonly progress: (line: string, last?: boolean) => void;
  readonly note: (line: string) => void; // standard error
}

interface Command {
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  run(context: CommandContext): Promise<number>;
}

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const texts = (...names: readonly string[]): NonNullable<ParseArgsConfig["options"]> =>
  Object.fromEntries(names.map((name) => [name, text]));

/** Prints a result as its documented document. A shape that differs from its schema is a bug and says so. */
async function answer<N extends OutputName>(
  context: CommandContext,
  name: N,
  value: z.input<(typeof outputs)[N]>,
  human: () => string,
): Promise<void> {
  if (!context.json) return context.out(human());
  const parsed = outputs[name].safeParse(value);
  if (!parsed.success) throw new AppError("contract/bad-result", `${name}: ${z.prettifyError(parsed.error)}`);
  return context.out(`${toJson(parsed.data)}\n`);
}

function readEnum<T extends z.ZodType>(schema: T, flags: Flags, name: string): z.output<T> | undefined {
  const given = flags[name];
  if (given === undefined) return undefined;
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--${name} ${String(given)}: ${parsed.error.issues[0]?.message ?? "not allowed"}`);
}

const textFlag = (flags: Flags, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
};

// ---- what names mean

async function findRecording(service: Service, nameOrId: string): Promise<RecordingSummary> {
  const all = await service.library.listRecordings();
  const byId = all.find(({ id }) => id === nameOrId);
  if (byId !== undefined) return byId;
  const named = all.filter(({ name }) => name === nameOrId);
  if (named.length === 1) return named[0]!;
  if (named.length > 1) {
    const message = `${named.length} recordings are named ${nameOrId}; say which by id: ${named.map(({ id }) => id).join(", ")}`;
    throw new AppError("data/recording-ambiguous", message, { value: nameOrId, recordings: named.length });
  }
  throw new AppError(
    "data/recording-unknown",
    `No recording ${nameOrId} in the library (it has ${all.length})`,
    { value: nameOrId, recordings: all.length },
  );
}

async function findRecordings(service: Service, names: readonly string[]): Promise<RecordingSummary[]> {
  const found = new Map<string, RecordingSummary>();
  for (const name of names) {
    const recording = await findRecording(service, name);
    found.set(recording.id, recording);
  }
  return [...found.values()];
}

async function findRun(service: Service, nameOrId: string): Promise<Run> {
  const all = await service.library.listRuns();
  const matches =
    [all.filter(({ id }) => id === nameOrId), all.filter(({ config }) => config.name === nameOrId)].find(
      (list) => list.length > 0,
    ) ?? [];
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) {
    const message = `${matches.length} runs are named ${nameOrId}; say which by id: ${matches.map(({ id }) => id).join(", ")}`;
    throw new AppError("data/run-ambiguous", message, { value: nameOrId, runs: matches.length });
  }
  throw new AppError("data/run-unknown", `No run ${nameOrId} in the library (it has ${all.length})`, {
    value: nameOrId,
    runs: all.length,
  });
}

// ---- jobs

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function progressOf(job: JobProgress): string {
  const left = job.secondsLeft === undefined ? "" : `, ${Math.ceil(job.secondsLeft)} s left`;
  return `${Math.round(job.done * 100)} %  ${basename(job.file)}  ${megabytes(job.bytesPerSecond)} MB/s${left}`;
}

/** Follows a job to its end. Exit code 0 only where every file went well. */
async function follow(
  context: CommandContext,
  service: Service,
  jobId: string,
): Promise<{ readonly job: JobProgress; readonly code: number }> {
  const stop = service.exchange.onProgress((job) => {
    if (job.jobId === jobId && job.state === "running" && job.file !== "") context.progress(progressOf(job));
  });
  const cancel = (): void => service.exchange.cancel(jobId);
  context.signal.addEventListener("abort", cancel);
  if (context.signal.aborted) cancel();
  try {
    const job = await service.exchange.finished(jobId);
    for (const file of job.files) {
      for (const repair of file.repairs) context.note(`${repair.severity} ${repair.code}: ${repair.message}`);
      if (file.state === "failed")
        context.note(
          `error ${file.error?.code ?? "internal/unexpected"}: ${file.error?.message ?? file.file}`,
        );
    }
    if (job.state === "cancelled")
      context.note("error cancelled/by-user: Cancelled; nothing of the file under way was kept");
    const failed = job.files.some(({ state }) => state === "failed") || job.state === "failed";
    return {
      job,
      code: job.state === "cancelled" ? exitCodes.cancelled : failed ? exitCodes.failed : exitCodes.ok,
    };
  } finally {
    context.signal.removeEventListener("abort", cancel);
    stop();
  }
}

const jobLine = ({ files }: JobProgress): string =>
  files
    .map(({ file, state, recordingIds, annotations, error }) =>
      state === "failed"
        ? `failed  ${file}  ${error?.code ?? ""}`
        : `${state}  ${file}  ${recordingIds.length} recordings, ${annotations} annotations`,
    )
    .join("\n") + "\n";

async function importInto(
  context: CommandContext,
  name: "import" | "sample",
  start: (service: Service) => string,
): Promise<number> {
  const service = await context.service();
  const { job, code } = await follow(context, service, start(service));
  const ids = new Set(job.files.flatMap(({ state, recordingIds }) => (state === "done" ? recordingIds : [])));
  const recordings = (await service.library.listRecordings()).filter(({ id }) => ids.has(id));
  await answer(context, name, { state: job.state, files: job.files, recordings }, () => jobLine(job));
  return code;
}

async function tableOptions(flags: Flags): Promise<TableOptions | undefined> {
  const file = textFlag(flags, "table");
  const fromFile = file === undefined ? {} : parseConfigFile(await readText(file), basename(file));
  const timeColumn = textFlag(flags, "time-column");
  const given = {
    ...fromFile,
    ...(flags.encoding === undefined ? {} : { encoding: flags.encoding }),
    ...(flags.separator === undefined
      ? {}
      : { separator: flags.separator === "\\t" || flags.separator === "tab" ? "\t" : flags.separator }),
    ...(flags.decimal === undefined ? {} : { decimal: flags.decimal }),
    ...(flags["header-rows"] === undefined
      ? {}
      : { headerRows: numberOf("header-rows", String(flags["header-rows"])) }),
    ...(timeColumn === undefined
      ? {}
      : { timeColumn: timeColumn === "none" ? null : numberOf("time-column", timeColumn) }),
    ...(flags["sample-rate"] === undefined
      ? {}
      : { sampleRate: numberOf("sample-rate", String(flags["sample-rate"])) }),
    ...(flags.missing === undefined ? {} : { missing: listOf(String(flags.missing)) }),
  };
  if (Object.keys(given).length === 0) return undefined;
  const parsed = TableOptions.strict().safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; "),
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new AppError("data/file-not-readable", `${basename(path)} cannot be read`, { file: path }, error);
  }
}

// ---- what people read

function recordingLine({
  name,
  kind,
  subject,
  study,
  durationS,
  state,
  channels,
  missingShare,
  annotationCount,
  synthetic,
}: RecordingSummary): string {
  const parts = [
    name,
    kind,
    `subject ${subject}`,
    study === "" ? "" : `study ${study}`,
    `${durationS.toFixed(1)} s`,
    `${channels.length} channels`,
  ];
  const rest = [
    `${(100 * missingShare).toFixed(1)} % missing`,
    `${annotationCount} annotations`,
    state,
    synthetic ? "synthetic" : "",
  ];
  return [...parts, ...rest].filter((part) => part !== "").join(", ");
}

const scores = (
  name: string,
  { accuracy, subjectAccuracy, balancedAccuracy, nll, ece, windows, subjects }: TestReport,
): string =>
  `${name.padEnd(18)} accuracy ${accuracy.toFixed(4)}  by subject ${subjectAccuracy.toFixed(4)}  balanced ${balancedAccuracy.toFixed(4)}  NLL ${nll.toFixed(4)}  ECE ${ece.toFixed(4)}  (${windows} windows, ${subjects} subjects)`;

function runText(run: Run): string {
  const lines = [
    `${run.config.name} (${run.id}): ${run.phase}, seed ${run.config.seed}, code ${run.codeVersion}`,
  ];
  if (run.windows !== undefined)
    lines.push(
      `windows: ${run.windows.labelled} labelled, ${run.windows.unlabelled} unlabelled, ${run.windows.unassessable} not assessable`,
    );
  if (run.engine !== undefined)
    lines.push(
      `engine: ${run.engine.name} ${run.engine.version}, ${run.engine.stepsPerSecond.toFixed(1)} steps/s`,
    );
  if (run.metrics !== undefined) {
    lines.push(
      scores("test", run.metrics.test),
      scores("LDA", run.metrics.lda),
      scores("supervised only", run.metrics.supervisedOnly),
    );
    if (run.metrics.transductive !== undefined) lines.push(scores("transductive", run.metrics.transductive));
  }
  if (run.error !== undefined) lines.push(`${run.error.code}: ${run.error.message}`);
  return `${lines.join("\n")}\n`;
}

const json = (value: unknown): string => `${JSON.stringify(JSON.parse(toJson(value)), null, 2)}\n`;

// ---- training

function trainingLine({
  phase,
  epoch,
  epochs,
  stepsPerSecond,
  secondsLeft,
  curve,
  done,
}: RunProgress): string {
  const last = curve.at(-1);
  const score =
    last === undefined
      ? ""
      : `  loss ${last.loss.toFixed(4)}  validation NLL ${last.validationNll.toFixed(4)}  ECE ${last.validationEce.toFixed(4)}`;
  const left = secondsLeft === undefined ? "" : `, ${Math.ceil(secondsLeft)} s left`;
  return `${phase} ${Math.round(done * 100)} %  epoch ${epoch}/${epochs}  ${stepsPerSecond.toFixed(1)} steps/s${left}${score}`;
}

async function followRun(context: CommandContext, service: Service, started: Run): Promise<number> {
  const stop = service.on((name, payload) => {
    if (name !== "runs.progress") return;
    const progress = payload as RunProgress;
    if (progress.runId === started.id) context.progress(trainingLine(progress));
  });
  const cancel = (): void => service.runs.cancel(started.id);
  context.signal.addEventListener("abort", cancel);
  if (context.signal.aborted) cancel();
  try {
    const run = await service.runs.finished(started.id);
    await answer(context, "train", run, () => runText(run));
    if (run.phase === "done") return exitCodes.ok;
    context.note(`error ${run.error?.code ?? "cancelled/by-user"}: ${run.error?.message ?? "Cancelled"}`);
    return run.phase === "cancelled" ? exitCodes.cancelled : exitCodes.failed;
  } finally {
    context.signal.removeEventListener("abort", cancel);
    stop();
  }
}

/** Without names: everything whole, of the study where one is named, of the kind the label set is for. */
function recordingsFor(
  all: readonly RecordingSummary[],
  study: string | undefined,
  kind: LabelSet["kind"],
): RecordingSummary[] {
  const fitting = all.filter(
    (one) =>
      (one.state === "complete" || one.state === "interrupted") && (kind === "other" || one.kind === kind),
  );
  const chosen = fitting.filter((one) => study === undefined || one.study === study);
  if (chosen.length > 0) return chosen;
  const where = study === undefined ? "The library has no" : `Study ${study} has no`;
  throw new AppError("data/no-recordings", `${where} recordings of kind ${kind}`, {
    study: study ?? "",
    kind,
    recordings: all.length,
  });
}

async function train(context: CommandContext): Promise<number> {
  const service = await context.service();
  const { flags } = context;
  const resume = textFlag(flags, "resume");
  if (resume !== undefined)
    return followRun(context, service, await service.runs.resume((await findRun(service, resume)).id));
  const file = textFlag(flags, "config");
  const fields = {
    ...(file === undefined ? {} : parseConfigFile(await readText(file), basename(file))),
    ...fromFlags(flags),
  };
  const named =
    context.positionals.length > 0
      ? context.positionals
      : z
          .array(z.string())
          .catch([])
          .parse((fields as { recordingIds?: unknown }).recordingIds);
  const study = textFlag(flags, "study");
  const labelSets = await service.library.listLabelSets();
  const recordings =
    named.length > 0
      ? await findRecordings(service, named)
      : recordingsFor(await service.library.listRecordings(), study, chosenSet(fields, labelSets).kind);
  const config = completeConfig(fields, { recordings, labelSets });
  if (flags.preview === true) {
    const preview = await service.handlers["runs.preview"](config);
    await context.out(json({ config, preview }));
    return preview.problems.length === 0 ? exitCodes.ok : exitCodes.failed;
  }
  return followRun(context, service, await service.runs.start(config));
}

async function predict(context: CommandContext): Promise<number> {
  const [runName, ...names] = context.positionals;
  if (runName === undefined || names.length === 0) throw new UsageError("predict RUN RECORDING...");
  const format =
    readEnum(z.enum(["json", "csv"]), context.flags, "format") ?? (context.json ? "json" : "csv");
  const service = await context.service();
  const run = await findRun(service, runName);
  if (run.phase !== "done")
    throw new AppError("model/not-trained", `${run.config.name} has no model: it is ${run.phase}`, {
      runId: run.id,
    });
  const adaptation = readEnum(Adaptation, context.flags, "adaptation") ?? run.config.adaptation;
  const predictions: PredictionRows[] = [];
  for (const recording of await findRecordings(service, names)) {
    if (context.signal.aborted) throw new AppError("cancelled/by-user", "Cancelled");
    context.progress(`predicting ${recording.name}`);
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
  if (out === undefined) await context.out(document);
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

// ---- the table

export const commands: Readonly<Record<string, Command>> = {
  import: {
    options: {
      ...texts(
        "study",
        "subject",
        "kind",
        "header-encoding",
        "table",
        "sample-rate",
        "encoding",
        "separator",
        "decimal",
        "header-rows",
        "time-column",
        "missing",
      ),
      synthetic: flag,
    },
    run: async (context) => {
      const { flags, positionals } = context;
      if (positionals.length === 0) throw new UsageError("import PATH...");
      const table = await tableOptions(flags);
      const options = ImportOptions.safeParse({
        ...(flags.study === undefined ? {} : { study: flags.study }),
        ...(flags.subject === undefined ? {} : { subject: flags.subject }),
        ...(flags.kind === undefined ? {} : { kind: flags.kind }),
        ...(flags.synthetic === true ? { synthetic: true } : {}),
        ...(flags["header-encoding"] === undefined ? {} : { headerEncoding: flags["header-encoding"] }),
        ...(table === undefined ? {} : { table }),
      });
      if (!options.success)
        throw new UsageError(
          options.error.issues
            .map(({ path, message }) => `--${path.map(String).join(".")}: ${message}`)
            .join("; "),
        );
      return importInto(context, "import", (service) =>
        service.exchange.startImport(
          positionals.map((path) => resolve(path)),
          options.data,
        ),
      );
    },
  },
  sample: {
    options: {},
    run: (context) => importInto(context, "sample", (service) => service.exchange.startSample()),
  },
  annotations: {
    options: { out: text },
    run: async (context) => {
      const [verb, ...rest] = context.positionals;
      const service = await context.service();
      if (verb === "import") {
        if (rest.length === 0) throw new UsageError("annotations import FILE...");
        const jobId = service.exchange.startAnnotationImport(rest.map((path) => resolve(path)));
        const { job, code } = await follow(context, service, jobId);
        await answer(context, "annotations import", { state: job.state, files: job.files }, () =>
          jobLine(job),
        );
        return code;
      }
      if (verb !== "export")
        throw new UsageError("annotations import FILE... or annotations export [RECORDING...] [--out FILE]");
      const recordings =
        rest.length > 0 ? await findRecordings(service, rest) : await service.library.listRecordings();
      const out = textFlag(context.flags, "out");
      const file = out === undefined ? undefined : resolve(out);
      const table = await service.exchange.annotationTable({
        recordingIds: recordings.map(({ id }) => id),
        file,
      });
      const rows = file === undefined ? { rows: [...table.rows] } : {};
      await answer(
        context,
        "annotations export",
        { file: file ?? null, annotations: table.rows.length, ...rows },
        () => (file === undefined ? table.text : `${table.rows.length} annotations in ${file}\n`),
      );
      return exitCodes.ok;
    },
  },
  list: {
    options: texts("study"),
    run: async (context) => {
      const service = await context.service();
      const study = textFlag(context.flags, "study");
      const recordings = (await service.library.listRecordings()).filter(
        (one) => study === undefined || one.study === study,
      );
      const runs = await service.library.listRuns();
      const human = (): string =>
        [
          ...recordings.map(recordingLine),
          ...runs.map((run) => `run ${run.config.name} (${run.id}): ${run.phase}`),
        ]
          .map((line) => `${line}\n`)
          .join("");
      await answer(context, "list", { library: context.libraryPath, recordings, runs }, human);
      return exitCodes.ok;
    },
  },
  export: {
    options: { ...texts("out", "format"), annotations: flag, mask: flag, deidentify: flag },
    run: async (context) => {
      const { flags, positionals } = context;
      const out = textFlag(flags, "out");
      if (positionals.length === 0 || out === undefined)
        throw new UsageError("export RECORDING... --out FOLDER [--format edf|wfdb|csv|json]");
      const format = readEnum(ExportFormat, flags, "format") ?? "edf";
      const service = await context.service();
      const recordings = await findRecordings(service, positionals);
      const jobId = service.exchange.startExport({
        recordingIds: recordings.map(({ id }) => id),
        format,
        directory: resolve(out),
        withAnnotations: flags.annotations === true,
        withMask: flags.mask === true,
        deidentify: flags.deidentify === true,
      });
      const { job, code } = await follow(context, service, jobId);
      await answer(context, "export", { state: job.state, files: job.files }, () => jobLine(job));
      return code;
    },
  },
  train: { options: { ...texts(...trainFlagNames, "config", "study", "resume"), preview: flag }, run: train },
  predict: { options: texts("format", "out", "adaptation"), run: predict },
  evaluate: {
    options: {},
    run: async (context) => {
      const [name] = context.positionals;
      if (name === undefined) throw new UsageError("evaluate RUN");
      const run = await findRun(await context.service(), name);
      if (run.metrics === undefined)
        throw new AppError("model/not-trained", `${run.config.name} has no scores: it is ${run.phase}`, {
          runId: run.id,
        });
      await answer(
        context,
        "evaluate",
        { runId: run.id, name: run.config.name, classes: run.classes, metrics: run.metrics },
        () => runText(run),
      );
      return exitCodes.ok;
    },
  },
  describe: {
    options: {},
    run: async (context) => {
      const [name] = context.positionals;
      if (name === undefined) throw new UsageError("describe RECORDING|RUN|schemas");
      if (name === "schemas") {
        await context.out(json(jsonSchemas()));
        return exitCodes.ok;
      }
      const service = await context.service();
      const runs = (await service.library.listRuns()).filter(
        ({ id, config }) => id === name || config.name === name,
      );
      const isRecording = (await service.library.listRecordings()).some(
        (one) => one.id === name || one.name === name,
      );
      if (!isRecording && runs.length > 0) {
        const run = await findRun(service, name);
        await answer(context, "describe run", run, () => runText(run));
      } else {
        const detail = await service.library.getRecording((await findRecording(service, name)).id);
        await answer(context, "describe recording", detail, () => json(detail));
      }
      return exitCodes.ok;
    },
  },
  "label-sets": {
    options: {},
    run: async (context) => {
      const [first, file] = context.positionals;
      const service = await context.service();
      let labelSets = await service.library.listLabelSets();
      if (first === "save") {
        if (file === undefined) throw new UsageError("label-sets save FILE.json");
        const given = LabelSet.safeParse({
          version: 1,
          ...parseConfigFile(await readText(file), basename(file)),
        });
        if (!given.success)
          throw new AppError(
            "data/bad-label-set",
            given.error.issues
              .map(({ path, message }) => `${path.map(String).join(".")}: ${message}`)
              .join("; "),
            { file },
          );
        labelSets = [await service.handlers["labelSets.save"](given.data)];
      } else if (first !== undefined) {
        labelSets = [await service.library.getLabelSet(first)];
      }
      const human = (): string =>
        labelSets
          .map(
            ({ id, version, labels }) =>
              `${id} ${version}: ${labels.map(({ code, name }) => `${code} (${name.en})`).join(", ")}\n`,
          )
          .join("");
      await answer(context, "label-sets", { labelSets }, human);
      return exitCodes.ok;
    },
  },
  log: {
    options: texts("limit"),
    run: async (context) => {
      const limit = numberOf("limit", textFlag(context.flags, "limit") ?? "50");
      const entries = await (await context.service()).library.readLog(limit);
      await answer(context, "log", { entries }, () =>
        entries
          .map(({ at, actor, action, subject, detail }) => `${at} ${actor} ${action} ${subject} ${detail}\n`)
          .join(""),
      );
      return exitCodes.ok;
    },
  },
  request: {
    options: {},
    run: async (context) => {
      const [name, params = "{}"] = context.positionals;
      if (name === undefined) throw new UsageError("request NAME [JSON]");
      const service = await context.service();
      if (!Object.hasOwn(requests, name) || !Object.hasOwn(service.handlers, name)) {
        throw new UsageError(`no request "${name}"; there is ${Object.keys(service.handlers).join(", ")}`);
      }
      const parsed = requests[name as RequestName].params.safeParse(
        parseConfigFile(params, "the request's parameters"),
      );
      if (!parsed.success)
        throw new AppError(
          "contract/bad-params",
          parsed.error.issues
            .map(({ path, message }) => `${path.map(String).join(".")}: ${message}`)
            .join("; "),
        );
      const handler = service.handlers[name as keyof ServiceHandlers] as (params: unknown) => unknown;
      const result: unknown = await handler(parsed.data);
      await context.out(json(result ?? null));
      const jobId = z.object({ jobId: z.string() }).safeParse(result);
      return jobId.success ? (await follow(context, service, jobId.data.jobId)).code : exitCodes.ok;
    },
  },
};
