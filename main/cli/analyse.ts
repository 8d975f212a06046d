import { BaselineMethod, CtgEngine, CtgSettings, EventSource } from "../../preload/contract/ctg.ts";
import { CtgRule, ctgRunsOf } from "../../preload/contract/ctg-reading.ts";
import { reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import type { Verdicts } from "../../preload/contract/verdict.ts";
import { referenceIn } from "../service/reference-file.ts";
import type { Service } from "../service/service.ts";
import { answer, flag, readEnum, textFlag, texts } from "./context.ts";
import type { Command, CommandContext } from "./context.ts";
import { csvLine } from "./json.ts";
import { everyRecording, findRecording, findRun } from "./names.ts";
import type { AnalysedRecording } from "./schemas.ts";
import { numberOf } from "./train-config.ts";
import { askStudy, isOnCluster } from "./study.ts";
import { exitCodes, UsageError } from "./usage.ts";

const USAGE =
  "analyse RECORDING... | --all [--baseline METHOD] [--rules figo,nichd,jsog,antepartum] [--events rule|network|both --run RUN] [--baseline-run RUN] [--false-signal-run RUN] [--reference TABLE.csv|none] [--draws N] [--reasons] [--csv], analyse --on cluster [--study NAME] [--search TEXT] [...]";

/** Reads cardiotocograms by rule, as the window does; what is found is kept in the library. */
export const analyse: Readonly<Record<"analyse", Command>> = {
  analyse: {
    options: {
      ...texts(
        "baseline",
        "rules",
        "events",
        "run",
        "baseline-run",
        "false-signal-run",
        "reference",
        "draws",
      ),
      ...texts("on", "study", "search", "priority"),
      ...{ all: flag, reasons: flag, csv: flag },
    },
    run,
  },
};

async function run(context: CommandContext): Promise<number> {
  const { flags, positionals } = context;
  const isThere = isOnCluster(context);
  if (
    isThere ? flags.all === true || positionals.length > 0 : (flags.all === true) === positionals.length > 0
  )
    throw new UsageError(USAGE);
  const service = await context.service();
  const settings = await settingsOf(context, service);
  const engines = enginesOf(textFlag(flags, "rules"));
  const rules = [...basic, ...engines.map((engine) => CtgRule.parse(`ctg/${engine}`))];
  if (isThere) return askStudy(context, service, { kind: "analyse", settings, rules });
  const recordings: AnalysedRecording[] = [];
  const wanted = flags.all === true ? await everyCtg(service) : namedIn(service, positionals);
  for (const [index, one] of wanted.entries()) {
    context.progress(`reading ${one.name} (${index + 1} of ${wanted.length})`);
    recordings.push(await analysed(context, service, one, { settings, rules }));
  }
  const print = flags.csv === true ? context.table : context.out;
  const human = (): string => (flags.csv === true ? csvOf(recordings) : tableOf(recordings, engines));
  await answer(context, "analyse", { settings, recordings }, human, print);
  for (const { recording, error } of recordings)
    if (error !== undefined) context.note(`${recording}: error ${error.code}: ${error.message}`);
  return recordings.some(({ error }) => error !== undefined) ? exitCodes.failed : exitCodes.ok;
}

/** For --reference: without the table that the library keeps. */
const NO_TABLE = "none";

/** Of what is proposed about the signal the codes are others. */
const EVENT_SET = "ctg-events";
const basic: readonly CtgRule[] = ["ctg/false-signal", "ctg/baseline", "ctg/events", "ctg/variability"];

/** By the first word of their names. */
function enginesOf(text: string | undefined): readonly CtgEngine[] {
  if (text === undefined) return CtgEngine.options;
  const named = text.split(",").map((name) => {
    const known = CtgEngine.options.find((engine) => engine === name || engine.split("-")[0] === name);
    if (known !== undefined) return known;
    const names = CtgEngine.options.map((engine) => engine.split("-")[0]).join(", ");
    throw new UsageError(`--rules ${name}: there is ${names}`);
  });
  return [...new Set(named)];
}

const runFlags = { baseline: "baseline-run", events: "run", falseSignal: "false-signal-run" } as const;

/** A run that the reading would not ask is a slip, and so is one that it would and nobody named. */
function refuseSlips({ flags }: CommandContext, settings: CtgSettings): void {
  const asked = ctgRunsOf(settings);
  if (textFlag(flags, "baseline-run") !== undefined && !asked.has("baseline"))
    throw new UsageError(`--baseline-run goes with --baseline run, not ${settings.baseline}`);
  if (textFlag(flags, "run") !== undefined && !asked.has("events"))
    throw new UsageError("--run goes with --events network or both");
  for (const [part, runId] of asked)
    if (runId === undefined) throw new UsageError(`the ${part} of a run: which one? --${runFlags[part]} RUN`);
}

/** The library's own, with what the command line says. */
async function settingsOf(context: CommandContext, service: Service): Promise<CtgSettings> {
  const { flags } = context;
  const runId = async (name: string): Promise<string | undefined> => {
    const given = textFlag(flags, name);
    return given === undefined ? undefined : (await findRun(service, given)).id;
  };
  const draws = textFlag(flags, "draws");
  const given = {
    baseline:
      readEnum(BaselineMethod, flags, "baseline") ??
      (textFlag(flags, "baseline-run") === undefined ? undefined : "run"),
    baselineRunId: await runId("baseline-run"),
    events: readEnum(EventSource, flags, "events"),
    eventRunId: await runId("run"),
    falseSignalRunId: await runId("false-signal-run"),
    draws: draws === undefined ? undefined : numberOf("draws", draws),
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const table = textFlag(flags, "reference");
  const parsed = CtgSettings.safeParse({
    ...(await service.handlers["settings.get"]({})).ctg,
    ...Object.fromEntries(set),
    ...(table === undefined
      ? {}
      : { antepartumReference: table === NO_TABLE ? undefined : await referenceIn(table) }),
  });
  if (parsed.success) {
    refuseSlips(context, parsed.data);
    return parsed.data;
  }
  throw new UsageError(
    parsed.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("; "),
  );
}

/** One that is asked for by a name: what it is called, and how to find it. */
interface Wanted {
  readonly name: string;
  readonly find: () => Promise<RecordingSummary> | RecordingSummary;
}

async function everyCtg(service: Service): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for await (const one of everyRecording(service))
    if (one.kind === "ctg") wanted.push({ name: one.name, find: () => one });
  return wanted;
}

/** Each by itself: a name that nobody has is that recording's failure. */
const namedIn = (service: Service, names: readonly string[]): readonly Wanted[] =>
  [...new Set(names)].map((name) => ({ name, find: () => findRecording(service, name) }));

interface How {
  readonly settings: CtgSettings;
  readonly rules: readonly CtgRule[];
}

/** A recording that cannot be read says why, and hides none of the others. */
async function analysed(
  context: CommandContext,
  service: Service,
  wanted: Wanted,
  how: How,
): Promise<AnalysedRecording> {
  throwIfCancelled(context.signal);
  try {
    return await readOne(context, service, await wanted.find(), how);
  } catch (error) {
    const report = reportOf(error);
    if (report.code.startsWith("cancelled/")) throw error;
    return { recording: wanted.name, error: report, events: [], notAssessable: [], classes: [] };
  }
}

async function readOne(
  { flags, signal }: CommandContext,
  service: Service,
  { id: recordingId, name, durationS }: RecordingSummary,
  { settings, rules }: How,
): Promise<AnalysedRecording> {
  const { handlers } = service;
  const cancel = (): void => void handlers["ctg.cancel"]({ recordingId });
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const found = await handlers["ctg.read"]({ recordingId, settings, rules: [...rules] });
    const read: AnalysedRecording = {
      ...{ recordingId, recording: name, events: [], notAssessable: [], classes: [] },
      numbers: await handlers["ctg.measure"]({ recordingId, settings, fromS: 0, toS: durationS }),
    };
    for (const { id } of found) {
      const { content } = await handlers["findings.get"]({ id });
      if (content.kind === "verdicts") read.classes.push(withShares(content, flags.reasons === true));
      if (content.kind !== "events" || content.labelSet !== EVENT_SET) continue;
      read.events.push(...content.events);
      read.notAssessable.push(...content.notAssessable);
    }
    return read;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** `hasReasons`: with why each minute is judged so, which is most of it. */
function withShares(
  { scheme, codes, verdicts }: Verdicts,
  hasReasons: boolean,
): AnalysedRecording["classes"][number] {
  const minutes: Record<string, number> = Object.fromEntries(codes.map((code) => [code, 0]));
  for (const { code } of verdicts) if (code !== null) minutes[code] = (minutes[code] ?? 0) + 1;
  return {
    scheme,
    minutes,
    notAssessable: verdicts.filter(({ code }) => code === null).length,
    verdicts: hasReasons ? verdicts : verdicts.map((one) => ({ ...one, reasons: [], missing: [] })),
  };
}

const shown = (value: number | null | undefined, places = 0): string => value?.toFixed(places) ?? "-";

/** A line a recording: its numbers, its events, and the minutes of each class. */
function tableOf(recordings: readonly AnalysedRecording[], engines: readonly CtgEngine[]): string {
  const head = [
    "recording",
    "min",
    "missing %",
    "baseline",
    "bandwidth",
    "A",
    "D",
    "U",
    "U/10 min",
    ...engines,
  ];
  const rows = recordings.map((one): string[] => {
    const { recording, numbers, classes } = one;
    if (numbers === undefined) return [recording, one.error?.code ?? ""];
    const count = (kind: string): string => counted(one, kind, numbers.toS);
    const contractions = numbers.uc === undefined ? "-" : count("contraction"); // there is nothing to see them in
    return [
      ...[recording, shown(numbers.toS / 60), shown(100 * numbers.fhr.missing, 1)],
      ...[shown(numbers.baseline.figo.value), shown(numbers.bandwidth.value, 1)],
      ...[count("acceleration"), count("deceleration"), contractions],
      shown(numbers.contractionRate.value, 1),
      ...engines.map((engine) => minutesOf(classes.find(({ scheme }) => scheme === engine))),
    ];
  });
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** Of any kind of it. Where none was found and more than half cannot be assessed nothing is counted: that is not none there. */
function counted({ events, notAssessable }: AnalysedRecording, kind: string, durationS: number): string {
  const isOf = (code: string): boolean => code === kind || code.endsWith(`-${kind}`);
  const unknownS = notAssessable
    .filter(({ codes }) => codes.some(isOf))
    .reduce((sum, one) => sum + one.durationS, 0);
  const count = events.filter(({ code }) => isOf(code)).length;
  return count === 0 && 2 * unknownS > durationS ? "-" : `${count}`;
}

/** `normal 63, suspicious 7, - 6`: minutes, the last of them those that cannot be assessed. */
const minutesOf = (one: AnalysedRecording["classes"][number] | undefined): string =>
  one === undefined
    ? "-"
    : [...Object.entries(one.minutes), ["-", one.notAssessable] as const]
        .filter(([, minutes]) => minutes > 0)
        .map(([code, minutes]) => `${code} ${minutes}`)
        .join(", ");

const columns = [
  "recording",
  "onset_s",
  "duration_s",
  "scheme",
  "code",
  "probability",
  "value",
  "assessable",
];

/** A line a minute and scheme; the code is empty where it cannot be assessed. */
const csvOf = (recordings: readonly AnalysedRecording[]): string =>
  [
    csvLine(columns),
    ...recordings.flatMap(({ recording, classes }) =>
      classes.flatMap(({ scheme, verdicts }) =>
        verdicts.map(({ onsetS, durationS, code, probability, value, assessable }) => {
          const own = code === null ? undefined : probability[code];
          return csvLine([
            recording,
            onsetS,
            durationS,
            scheme,
            code,
            own ?? null,
            value ?? null,
            assessable,
          ]);
        }),
      ),
    ),
  ].join("");
