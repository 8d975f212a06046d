import { basename, resolve } from "node:path";
import { z } from "zod";
import { requests } from "../../preload/contract/channels.ts";
import type { RequestName } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { ExportFormat, ImportOptions } from "../../preload/contract/exchange.ts";
import { type Label, labelsByGroup, LabelSet, wordIn } from "../../preload/contract/label-set.ts";
import { runReport } from "../../preload/contract/run.ts";
import type { ServiceHandlers } from "../service/service.ts";
import { answer, flag, readEnum, textFlag, texts } from "./context.ts";
import type { Command, CommandContext } from "./context.ts";
import { analyse } from "./analyse.ts";
import { archive } from "./archive.ts";
import { masks } from "./masks.ts";
import { agreement } from "./agreement.ts";
import { care } from "./care.ts";
import { cluster } from "./cluster.ts";
import { engines } from "./engines.ts";
import { follow, importInto, jobLine, readText, tableOptions, repairLine } from "./exchange.ts";
import { models } from "./models.ts";
import { list } from "./list.ts";
import { allOf, everyRecording, findRecording, findRecordings, findRun } from "./names.ts";
import { recorder } from "./recorder.ts";
import { declareReadings } from "./readings.ts";
import { jsonSchemas, withShares } from "./schemas.ts";
import { json, runText } from "./text.ts";
import { numberOf, parseConfigFile, trainFlagNames } from "./train-config.ts";
import { forecasts } from "./forecasts.ts";
import { sweep } from "./sweep.ts";
import { report } from "./report.ts";
import { compare } from "./compare.ts";
import { predict, train } from "./training.ts";
import { exitCodes, problemsOf, UsageError } from "./usage.ts";

/** What a declaration alone is about. */
const ofComplete = ["label-set", "group", "from", "to", "reader"] as const;

/** Left out, they would be taken for heard: what is imported as read completely would be so for everything. */
function refuseOfComplete({ flags }: CommandContext, verb: string): void {
  const stray = [...ofComplete, "undo"].find((name) => flags[name] !== undefined);
  if (stray !== undefined)
    throw new UsageError(`annotations ${verb} has no --${stray}; annotations complete has`);
}

export const commands: Readonly<Record<string, Command>> = {
  ...care,
  ...recorder,
  ...forecasts,
  ...archive,
  masks,
  ...cluster,
  ...agreement,
  ...analyse,
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
      "read-complete": flag,
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
        ...(flags["read-complete"] === true ? { readComplete: true } : {}),
        ...(flags["header-encoding"] === undefined ? {} : { headerEncoding: flags["header-encoding"] }),
        ...(table === undefined ? {} : { table }),
      });
      if (!options.success) throw new UsageError(problemsOf(options.error, (path) => `--${path}`));
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
    options: {
      ...texts("out", "recording", ...ofComplete),
      "read-complete": flag,
      undo: flag,
      deidentify: flag,
    },
    run: async (context) => {
      const [verb, ...rest] = context.positionals;
      if (verb === "complete") return declareReadings(context, rest);
      if (verb !== "import" && verb !== "export")
        throw new UsageError(
          "annotations import FILE... [--recording NAME], annotations export [RECORDING...] [--out FILE] [--deidentify] or annotations complete RECORDING... --label-set ID",
        );
      if (verb === "import" && rest.length === 0)
        throw new UsageError("annotations import FILE... [--recording NAME]");
      refuseOfComplete(context, verb);
      const service = await context.service();
      if (verb === "import") {
        const named = textFlag(context.flags, "recording");
        const attachTo = named === undefined ? undefined : (await findRecording(service, named)).id;
        const jobId = service.exchange.startAnnotationImport(
          rest.map((path) => resolve(path)),
          {
            ...(attachTo === undefined ? {} : { attachTo }),
            ...(context.flags["read-complete"] === true ? { readComplete: true } : {}),
          },
        );
        const { job, code } = await follow(context, service, jobId);
        await answer(context, "annotations import", { state: job.state, files: job.files }, () =>
          jobLine(job),
        );
        return code;
      }
      const recordings =
        rest.length > 0 ? await findRecordings(service, rest) : await allOf(everyRecording(service));
      const out = textFlag(context.flags, "out");
      const file = out === undefined ? undefined : resolve(out);
      const table = await service.annotationTable({
        recordingIds: recordings.map(({ id }) => id),
        file,
        deidentify: context.flags.deidentify === true,
      });
      for (const repair of table.repairs) context.note(repairLine(repair, file ?? ""));
      const rows = file === undefined ? { rows: [...table.rows] } : {};
      await answer(
        context,
        "annotations export",
        { file: file ?? null, annotations: table.rows.length, ...rows },
        () => (file === undefined ? table.text : `${table.rows.length} annotations in ${file}\n`),
        file === undefined ? context.table : context.out,
      );
      return exitCodes.ok;
    },
  },
  list,
  export: {
    options: {
      ...texts("out", "format"),
      annotations: flag,
      mask: flag,
      findings: flag,
      filled: flag,
      deidentify: flag,
    },
    run: async (context) => {
      const { flags, positionals } = context;
      const out = textFlag(flags, "out");
      if (positionals.length === 0 || out === undefined)
        throw new UsageError("export RECORDING... --out FOLDER [--format edf|wfdb|csv|json]");
      const format = readEnum(ExportFormat, flags, "format") ?? "edf";
      const service = await context.service();
      const recordings = await findRecordings(service, positionals);
      const { jobId } = await service.handlers["export.start"]({
        recordingIds: recordings.map(({ id }) => id),
        format,
        directory: resolve(out),
        withAnnotations: flags.annotations === true,
        withMask: flags.mask === true,
        withFindings: flags.findings === true,
        withFilled: flags.filled === true,
        deidentify: flags.deidentify === true,
      });
      const { job, code } = await follow(context, service, jobId);
      await answer(context, "export", { state: job.state, files: job.files }, () => jobLine(job));
      return code;
    },
  },
  report,
  train: {
    options: { ...texts(...trainFlagNames, "config", "study", "resume", "on", "priority"), preview: flag },
    run: train,
  },
  compare: {
    options: { ...texts(...trainFlagNames, "config", "study", "models"), csv: flag },
    run: compare,
  },
  ...sweep,
  predict: {
    options: texts("format", "out", "adaptation", "on", "study", "search", "priority"),
    run: predict,
  },
  models: { options: texts("to"), run: models },
  engines: { options: { cuda: flag }, run: engines },
  evaluate: {
    options: {},
    run: async (context) => {
      const [name] = context.positionals;
      if (name === undefined) throw new UsageError("evaluate RUN");
      const run = await findRun(await context.service(), name);
      const report = runReport(run);
      if (report === undefined)
        throw new AppError("model/not-trained", `${run.config.name} has no scores: it is ${run.phase}`, {
          runId: run.id,
        });
      await answer(
        context,
        "evaluate",
        {
          runId: run.id,
          name: run.config.name,
          classes: run.classes,
          ...(report.kind === "sequences"
            ? { events: report.events, forecast: report.forecast }
            : { metrics: report.metrics }),
        },
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
      const isRecording = (await service.library.recordingsNamed(name)).length > 0;
      if (!isRecording && runs.length > 0) {
        const run = await findRun(service, name);
        await answer(context, "describe run", run, () => runText(run));
      } else {
        const detail = await service.library.getRecording((await findRecording(service, name)).id);
        const described = withShares(detail);
        await answer(context, "describe recording", described, () => json(described));
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
          throw new AppError("data/bad-label-set", `${basename(file)}: ${problemsOf(given.error)}`, { file });
        labelSets = [await service.handlers["labelSets.save"](given.data)];
      } else if (first !== undefined) {
        labelSets = [await service.library.getLabelSet(first)];
      }
      const named = (labels: readonly Label[]): string =>
        labels.map(({ code, name }) => `${code} (${wordIn(name, "en")})`).join(", ");
      const grouped = (set: LabelSet): string =>
        set.groups.length < 2
          ? named(set.labels)
          : labelsByGroup(set)
              .map(({ group, labels }) => `${group.code}: ${named(labels)}`)
              .join("; ");
      const human = (): string =>
        labelSets.map((set) => `${set.id} ${set.version}: ${grouped(set)}\n`).join("");
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
      if (!parsed.success) throw new AppError("contract/bad-params", problemsOf(parsed.error));
      const handler = service.handlers[name as keyof ServiceHandlers] as (params: unknown) => unknown;
      const result: unknown = await handler(parsed.data);
      await context.out(json(result ?? null));
      const jobId = z.object({ jobId: z.string() }).safeParse(result);
      return jobId.success ? (await follow(context, service, jobId.data.jobId)).code : exitCodes.ok;
    },
  },
};
