import { AppError } from "../../preload/contract/errors.ts";
import type { Forecast } from "../../preload/contract/finding.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import type { Run } from "../../preload/contract/run.ts";
import type { Service } from "../service/service.ts";
import { answer, text, flag, textFlag } from "./context.ts";
import type { Command, CommandContext } from "./context.ts";
import { findRecording, findRecordings, findRun } from "./names.ts";
import type { FilledRecording } from "./schemas.ts";
import { numberOf } from "./train-config.ts";
import { exitCodes, UsageError } from "./usage.ts";

const FORECAST = "forecast RECORDING --run RUN --at SECONDS";
const FILL = "fill RECORDING... --run RUN [--remove]";

/** What may come, and what may have been where samples are missing. */
export const forecasts: Readonly<Record<"forecast" | "fill", Command>> = {
  forecast: { options: { run: text, at: text }, run: forecast },
  fill: { options: { run: text, remove: flag }, run: fill },
};

async function forecast(context: CommandContext): Promise<number> {
  const [name, ...others] = context.positionals;
  const [runName, at] = [textFlag(context.flags, "run"), textFlag(context.flags, "at")];
  if (name === undefined || others.length > 0 || runName === undefined || at === undefined)
    throw new UsageError(FORECAST);
  const atS = numberOf("at", at);
  if (atS < 0) throw new UsageError(`--at takes seconds from the recording's start, not ${at}`);
  const service = await context.service();
  const run = await trainedRun(service, runName);
  const recording = await findRecording(service, name);
  if (atS > recording.durationS)
    throw new AppError(
      "data/beyond-end",
      `${recording.name} lasts ${recording.durationS.toFixed(1)} s; nothing is seen from ${at} s`,
      { recording: recording.name, durationS: recording.durationS, atS },
    );
  context.progress(`reading ${recording.name}`);
  const asked = { runId: run.id, recordingId: recording.id, atS };
  const said = await unlessStopped(context, service.handlers["forecasts.at"](asked));
  if (said === null)
    throw new AppError(
      "model/too-little-known",
      `Too little of ${recording.name} is known at ${at} s to look ahead from there`,
      { recording: recording.name, atS },
    );
  await answer(
    context,
    "forecast",
    { runId: run.id, recordingId: recording.id, recording: recording.name, forecast: said },
    () => forecastText(said, recording.name, run.config.name),
  );
  return exitCodes.ok;
}

async function trainedRun(service: Service, name: string): Promise<Run> {
  const run = await findRun(service, name);
  if (run.phase === "done") return run;
  throw new AppError("model/not-trained", `${run.config.name} has no model: it is ${run.phase}`, {
    runId: run.id,
  });
}

/** Ends as cancelled at Ctrl-C; what was asked ends with the service. */
function unlessStopped<T>({ signal }: CommandContext, asked: Promise<T> | T): Promise<T> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new AppError("cancelled/by-user", "Cancelled"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  return Promise.race([Promise.resolve(asked), stopped]);
}

const BANDS = [0.5, 0.8, 0.9, 0.95] as const;
const AHEAD_S = [1, 15, 30, 60, 120, 240, 480] as const;

/** Ends of the middle bands at some moments ahead, the branches, and what was taken for granted. */
export function forecastText(said: Forecast, recording: string, run: string): string {
  const { fromS, horizonS, stepS, over = "signal", unit = "", branches, assumed } = said;
  const quantile = (share: number, step: number): string =>
    said.quantiles.find((one) => Math.abs(one.share - share) < 1e-6)?.value[step]?.toFixed(1) ?? "-";
  const usual = AHEAD_S.filter((one) => one >= stepS && one < horizonS);
  const rows = [...(usual.length > 0 ? usual : [horizonS / 4, horizonS / 2]), horizonS].map((aheadS) => {
    const step = Math.max(0, Math.round(aheadS / stepS) - 1);
    const ends = BANDS.map(
      (share) => `${quantile((1 - share) / 2, step)} to ${quantile((1 + share) / 2, step)}`,
    );
    return [`+${(step + 1) * stepS} s`, quantile(0.5, step), ...ends];
  });
  const head = ["ahead", "middle", ...BANDS.map((share) => `${Math.round(100 * share)} %`)];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    `${over} of ${recording} seen from ${fromS} s${unit === "" ? "" : `, in ${unit}`} (${run})`,
    ...lines,
    ...branches.map(branchLine(horizonS)),
    ...assumed.map(
      ({ channel, untilS }) =>
        `assumed: ${channel} as given until +${untilS} s, of which nothing was observed`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

const branchLine =
  (horizonS: number) =>
  ({ code, probability, low, high, value }: Forecast["branches"][number]): string => {
    const share = (one: number): string => `${(100 * one).toFixed(0)} %`;
    const ends = low === undefined || high === undefined ? "" : ` (${share(low)} to ${share(high)})`;
    const last = value.at(-1);
    const then =
      last === undefined || Number.isNaN(last) ? "" : `, then ${last.toFixed(1)} at +${horizonS} s`;
    return `${code ?? "another way"} ${share(probability)}${ends}${then}`;
  };

async function fill(context: CommandContext): Promise<number> {
  const names = context.positionals;
  const runName = textFlag(context.flags, "run");
  if (names.length === 0 || runName === undefined) throw new UsageError(FILL);
  const service = await context.service();
  const isRemoving = context.flags.remove === true;
  const run = isRemoving ? await findRun(service, runName) : await trainedRun(service, runName);
  const recordings: FilledRecording[] = [];
  for (const recording of await findRecordings(service, names)) {
    context.progress(`${isRemoving ? "clearing" : "filling"} ${recording.name}`);
    recordings.push(
      isRemoving ? await removed(service, run, recording) : await filled(context, service, run, recording),
    );
  }
  await answer(context, "fill", { runId: run.id, recordings }, () => recordings.map(filledLine).join(""));
  return exitCodes.ok;
}

async function filled(
  context: CommandContext,
  service: Service,
  { id: runId }: Run,
  { id: recordingId, name }: RecordingSummary,
): Promise<FilledRecording> {
  const made = await unlessStopped(context, service.handlers["findings.fill"]({ runId, recordingId }));
  const { content } = await service.handlers["findings.get"]({ id: made.id });
  const series = content.kind === "curves" ? content.series : [];
  return {
    ...{ recordingId, recording: name, findingId: made.id, removed: 0 },
    series: series.map(({ name: called, unit, over, sampleRate, observed }) => ({
      ...{ name: called, unit },
      ...(over === undefined ? {} : { over }),
      seconds: observed.reduce((sum, one) => sum + one, 0) / sampleRate,
    })),
  };
}

/** What this run put into the gaps of a recording goes; what others put there stays. */
async function removed(
  service: Service,
  { id: runId }: Run,
  { id: recordingId, name }: RecordingSummary,
): Promise<FilledRecording> {
  const ids = (await service.handlers["findings.list"]({ recordingId }))
    .filter(({ origin }) => origin.kind === "run" && origin.runId === runId && origin.step === "fill")
    .map(({ id }) => id);
  if (ids.length > 0) await service.handlers["findings.remove"]({ ids });
  return { recordingId, recording: name, findingId: null, removed: ids.length, series: [] };
}

const filledLine = ({ recording, findingId, removed: gone, series }: FilledRecording): string =>
  findingId === null
    ? `${recording}: ${gone === 0 ? "nothing was filled by this run" : "what was filled is removed"}\n`
    : `${recording}: ${series.map(({ over, name, seconds }) => `${seconds.toFixed(1)} s of ${over ?? name} filled`).join(", ")}\n`;
