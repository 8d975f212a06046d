import { z } from "zod";
import { basename, resolve } from "node:path";
import {
  type ContactState,
  type DeviceState,
  LineChoice,
  type ParsedSessionSetup,
  ProtocolKind,
  type RecorderState,
  SessionSetup,
} from "../../preload/contract/acquisition.ts";
import { AppError, errorFrom, reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import { strayField } from "../../preload/contract/stray-field.ts";
import type { Acquisition } from "../acquisition/process/host-api.ts";
import type { Service } from "../service/service.ts";
import { answer, flag, readEnum, textFlag, texts } from "./context.ts";
import type { Command, CommandContext } from "./context.ts";
import { Decisions } from "./decisions.ts";
import { readText } from "./exchange.ts";
import { findRun } from "./names.ts";
import { type Flags, numberOf } from "./train-config.ts";
import { exitCodes, problemsOf, UsageError } from "./usage.ts";

/** What a file of a session says itself. */
const inSession = ["device", "subject", "study", "name", "note", "kind", "baud", "setup"] as const;
const recordOptions = texts(...inSession, "seconds", "live", "adaptation");

/** What the window does with sensors, by the same recorder. */
export const recorder: Readonly<Record<"devices" | "record" | "replay" | "capture", Command>> = {
  devices: {
    options: { ...texts("device", "port", "baud", "setup"), impedance: flag },
    run: async (context) => {
      refusePositionals(context);
      const { acquisition } = await context.service();
      const { flags } = context;
      if (flags["impedance"] === true) return impedance(context, acquisition);
      if (["device", "port", "baud", "setup"].some((name) => flags[name] !== undefined))
        return identify(context, acquisition);
      const found = await acquisition.devices();
      await answer(context, "devices", found, () =>
        [
          ...found.ports.map(({ path, maker, name, serial }) =>
            [path, maker, name, serial].filter(Boolean).join("  "),
          ),
          ...found.problems.map(({ message }) => message),
          `protocols: ${found.protocols.map(({ kind }) => kind).join(", ")} (none confirmed on a device yet)`,
        ]
          .map((line) => `${line}\n`)
          .join(""),
      );
      return exitCodes.ok;
    },
  },
  record: {
    options: { ...recordOptions, ...texts("port", "session") },
    run: async (context) => {
      refusePositionals(context);
      return record(context, "record", await withLive(context, await sessionOf(context)));
    },
  },
  replay: {
    options: { ...recordOptions, ...texts("speed") },
    run: async (context) => {
      const [file] = context.positionals;
      if (file === undefined || context.positionals.length > 1)
        throw new UsageError("replay FILE --device KIND --subject CODE [--speed N]");
      const speed = aboveZero(context.flags, "speed");
      const port = `replay:${resolve(file)}${speed === undefined ? "" : `?speed=${speed}`}`;
      return record(context, "replay", await withLive(context, sessionFrom(context, port)));
    },
  },
  capture: {
    options: texts("port", "out", "baud", "seconds"),
    run: async (context) => {
      const [port, out] = [textFlag(context.flags, "port"), textFlag(context.flags, "out")];
      refusePositionals(context);
      if (port === undefined || out === undefined)
        throw new UsageError("capture --port PATH --out FILE [--baud N] [--seconds N]");
      const limitS = aboveZero(context.flags, "seconds");
      const { acquisition } = await context.service();
      const off = acquisition.on({ ...silent, captured: ({ bytes }) => context.progress(`${bytes} bytes`) });
      const line = lineOf(context) ?? LineChoice.parse({ baudRate: 9600 });
      await acquisition.capture({ port, line, path: resolve(out) });
      await ended(context, limitS, () => acquisition.captureState()?.isRunning === false);
      const state = await acquisition.stopCapture();
      off();
      const { problem } = state; // it ended by itself
      if (problem !== undefined) context.note(`error ${problem.code}: ${problem.message}`);
      await answer(context, "capture", state, () => `${state.bytes} bytes in ${state.path}\n`);
      return problem === undefined ? exitCodes.ok : exitCodes.failed;
    },
  },
};

/** A name that was typed without quotes would be recorded as its first word. */
function refusePositionals({ positionals }: Pick<CommandContext, "positionals">): void {
  const [first] = positionals;
  if (first !== undefined)
    throw new UsageError(`"${first}" belongs to no option; put what has spaces in it into quotes`);
}

const LiveAdaptation = z.enum(["none", "causal"]);

const silent = {
  changed: () => undefined,
  samples: () => undefined,
  grew: () => undefined,
  annotated: () => undefined,
  captured: () => undefined,
  contact: () => undefined,
  decided: () => undefined,
};

async function identify(context: CommandContext, acquisition: Acquisition): Promise<number> {
  const [choice] = sessionFrom(context, textFlag(context.flags, "port") ?? "").devices;
  if (choice === undefined) throw new UsageError("devices [--device KIND --port PATH]");
  const found = await acquisition.identify(choice);
  await answer(context, "devices identify", found, () => {
    const { model, firmware, serial } = found.identity;
    const named = [model, firmware, serial].filter((one) => one !== undefined).join(", ");
    return `${named === "" ? "it answers" : named}: ${found.channels.map(({ label }) => label).join(", ")}\n`;
  });
  return exitCodes.ok;
}

/** How the electrodes of one device lie; Ctrl-C ends it, and the device has its settings again. */
async function impedance(context: CommandContext, acquisition: Acquisition): Promise<number> {
  const [choice] = sessionFrom(context, textFlag(context.flags, "port") ?? "").devices;
  if (choice === undefined) throw new UsageError("devices --impedance --device KIND --port PATH");
  const off = acquisition.on({
    ...silent,
    contact: (state) => context.progress(contactProgress(state), !state.isRunning),
  });
  throwIfCancelled(context.signal); // while the library was opened
  await acquisition.contact(choice);
  await ended(context, undefined, () => acquisition.contactState()?.isRunning === false);
  const state = await acquisition.stopContact(); // as it ended, or called off
  off();
  const { problem, areSettingsBack } = state;
  if (problem !== undefined)
    throw errorFrom({ ...problem, message: `${problem.message}${settingsText(areSettingsBack)}` });
  await answer(context, "devices impedance", state, () => contactText(state));
  return areSettingsBack === false ? exitCodes.failed : exitCodes.ok;
}

const NOT_BACK = "its settings could not be put back: switch it off and on";
const settingsText = (areBack: boolean | undefined): string =>
  areBack === undefined ? "" : `; ${areBack ? "its settings are as they were" : NOT_BACK}`;

const contactProgress = ({ port, electrodes }: ContactState): string => {
  const now = electrodes.find(({ stands }) => stands === "measuring");
  const done = electrodes.filter(({ stands }) => stands === "measured").length;
  return `${port}: ${now === undefined ? "" : `${now.label} ${now.input}, `}${done} of ${electrodes.length} electrodes`;
};

const contactText = ({ electrodes, limits, areSettingsBack }: ContactState): string =>
  [
    ...electrodes.map(
      ({ label, input, kOhm, word }) =>
        `${label.padEnd(8)} ${input}  ${(kOhm === undefined ? "-" : `${kOhm.toFixed(kOhm < 100 ? 1 : 0)} kOhm`).padStart(12)}  ${word ?? ""}`,
    ),
    `good below ${limits.goodKOhm} kOhm, open from ${limits.openKOhm} kOhm on: the limits of OpenBCI's own program. Not yet confirmed on a device`,
    ...(areSettingsBack === false ? [`The device: ${NOT_BACK}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join("");

/** Until the time is over, somebody asks to stop, or what was played back has ended; then it is closed whole. */
async function record(
  context: CommandContext,
  name: "record" | "replay",
  setup: ParsedSessionSetup,
): Promise<number> {
  const limitS = aboveZero(context.flags, "seconds");
  const { acquisition, library } = await context.service();
  await refuseReadOnly(library);
  await connected(context, acquisition, setup);
  const { recordingId } = await acquisition.record();
  let last: RecorderState = acquisition.state();
  const said = setup.live === undefined ? undefined : new Decisions(setup.live.runId);
  const off = acquisition.on({
    ...silent,
    decided: (decision) => said?.add(decision),
    changed: (state) => {
      if (state.devices.length > 0) last = state; // also while it ends: the last samples come then
      context.progress(`${progressOf(state)}${said?.line() ?? ""}`, state.phase !== "recording");
      for (const { kind, message } of state.alarms) warnOnce(context, kind, message);
    },
  });
  await ended(context, limitS, () => acquisition.state().devices.every(({ link }) => link === "failed"));
  const stopped = await acquisition.stop();
  off();
  if (stopped === null)
    throw new AppError(
      "device/nothing-came",
      `Nothing came from ${setup.devices.map(({ port }) => port).join(", ")}; nothing was stored`,
    );
  const { durationS, channels, state } = await library.getRecording(recordingId);
  const { lostSamples = 0 } = stopped;
  const lost = [
    ...last.devices.map(lostOf),
    ...(lostSamples > 0 ? [`${lostSamples} samples kept nowhere`] : []),
  ];
  await answer(
    context,
    name,
    {
      ...{ recordingId, state, durationS, channels, devices: last.devices, lostSamples },
      ...(said === undefined ? {} : { live: said.counts() }),
    },
    () =>
      `${setup.name || setup.subject}: ${durationS.toFixed(1)} s, ${lost.join("; ")} (${recordingId})\n${said?.text() ?? ""}`,
  );
  if (lostSamples > 0)
    throw new AppError(
      "storage/not-kept",
      `${lostSamples} samples came and could be kept nowhere: the disk took none`,
      { samples: lostSamples },
    );
  return state === "complete" ? exitCodes.ok : exitCodes.failed;
}

const CONNECTING_MS = 2000;

/** Until every device answers, one does not, or somebody asks to stop. */
async function connected(
  { signal, progress }: Pick<CommandContext, "signal" | "progress">,
  acquisition: Acquisition,
  setup: ParsedSessionSetup,
): Promise<void> {
  throwIfCancelled(signal); // while the library was opened
  const ports = setup.devices.map(({ port }) => port).join(", ");
  const waiting = setInterval(() => progress(`connecting ${ports}`), CONNECTING_MS);
  const callOff = (): void => void acquisition.stop().catch(() => undefined); // what it rejects with, arming does too
  signal.addEventListener("abort", callOff, { once: true });
  try {
    await acquisition.arm(setup);
  } finally {
    clearInterval(waiting);
    signal.removeEventListener("abort", callOff);
  }
}

/** Before a device is opened and set up for nothing. */
async function refuseReadOnly(library: Service["library"]): Promise<void> {
  const { readOnly, path } = await library.info();
  if (!readOnly) return;
  const file = basename(path);
  throw new AppError("storage/read-only", `${file} can only be read here; nothing can be recorded into it`, {
    file,
  });
}

/** The same set-up with the run that decides, where one is named. */
async function withLive(context: CommandContext, setup: ParsedSessionSetup): Promise<ParsedSessionSetup> {
  const name = textFlag(context.flags, "live");
  const adaptation = readEnum(LiveAdaptation, context.flags, "adaptation");
  if (name === undefined && adaptation !== undefined)
    throw new UsageError("--adaptation says how the run of --live RUN adapts");
  if (name === undefined) return setup;
  const { id } = await findRun(await context.service(), name);
  return { ...setup, live: { runId: id, ...(adaptation === undefined ? {} : { adaptation }) } };
}

const warned = new Set<string>();
function warnOnce(context: CommandContext, kind: string, message: string): void {
  if (warned.has(kind)) return;
  warned.add(kind);
  context.note(message);
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, one) => total + one, 0);

const lostOf = ({ port, received, lost, isLossExact }: DeviceState): string =>
  `${port}: ${received} samples, ${isLossExact ? "" : "about "}${sum(lost)} lost`;

const progressOf = ({ phase, elapsedS, durableS, devices }: RecorderState): string =>
  `${phase} ${elapsedS.toFixed(0)} s, on disk to ${durableS.toFixed(1)} s, ${devices
    .map(({ link, lost }) => `${link}, ${sum(lost)} lost`)
    .join("; ")}`;

const LOOK_MS = 100;

async function ended(
  context: CommandContext,
  limitS: number | undefined,
  isOver: () => boolean,
): Promise<void> {
  const untilMs = performance.now() + (limitS ?? Infinity) * 1000;
  while (!context.signal.aborted && performance.now() < untilMs && !isOver())
    await new Promise((done) =>
      setTimeout(done, Math.min(LOOK_MS, Math.max(1, untilMs - performance.now()))),
    );
}

async function sessionOf(context: CommandContext): Promise<ParsedSessionSetup> {
  const file = textFlag(context.flags, "session");
  if (file === undefined) return sessionFrom(context, textFlag(context.flags, "port") ?? "");
  const also = [...inSession, "port"].filter((name) => context.flags[name] !== undefined);
  if (also.length > 0)
    throw new UsageError(`--session ${file} says all of that itself: leave out --${also.join(", --")}`);
  const given = jsonOf(file, await readText(file));
  const parsed = SessionSetup.safeParse(given);
  if (!parsed.success) throw new UsageError(`${file}: ${problemsOf(parsed.error)}`);
  const stray = strayField(given, parsed.data);
  if (stray !== undefined) throw new UsageError(`${file}: ${stray}: a session has no such field`);
  return parsed.data;
}

/** One device, as the options say. */
function sessionFrom(context: CommandContext, port: string): ParsedSessionSetup {
  const { flags } = context;
  const protocol = readEnum(ProtocolKind, flags, "device");
  if (protocol === undefined || port === "")
    throw new UsageError(
      `--device ${ProtocolKind.options.join("|")} --port PATH --subject CODE, or --session FILE.json`,
    );
  const setup = textFlag(flags, "setup");
  const line = lineOf(context);
  const isCtg = protocol === "series50" || protocol === "corometrics";
  const parsed = SessionSetup.safeParse({
    ...Object.fromEntries(["name", "study", "note"].flatMap((key) => entryOf(key, textFlag(flags, key)))),
    subject: textFlag(flags, "subject") ?? "unnamed",
    kind: textFlag(flags, "kind") ?? (isCtg ? "ctg" : "emg"),
    devices: [
      {
        ...{ protocol, port },
        ...(line === undefined ? {} : { line }),
        ...(setup === undefined ? {} : { setup: jsonOf("--setup", setup) }),
      },
    ],
  });
  if (!parsed.success)
    throw new UsageError(problemsOf(parsed.error, (path) => `--${path.replace(/^devices\.0\./, "")}`));
  return parsed.data;
}

/** A number that makes no sense is said before anything is opened. */
function aboveZero(flags: Flags, name: string): number | undefined {
  const text = textFlag(flags, name);
  const value = text === undefined ? undefined : numberOf(name, text);
  if (value !== undefined && value <= 0) throw new UsageError(`--${name} ${value}: a number above 0`);
  return value;
}

const entryOf = (key: string, value: string | undefined): [string, string][] =>
  value === undefined ? [] : [[key, value]];

function lineOf({ flags }: CommandContext): LineChoice | undefined {
  const baud = textFlag(flags, "baud");
  if (baud === undefined) return undefined;
  const parsed = LineChoice.safeParse({ baudRate: Number(baud) });
  if (parsed.success) return parsed.data;
  throw new UsageError(`--baud ${baud}: 110 to 4000000`);
}

function jsonOf(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where} is no JSON: ${reportOf(error).message}`);
  }
}
