import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ProtocolKind } from "../../../preload/contract/acquisition.ts";
import { AppError, reportOf } from "../../../preload/contract/errors.ts";
import { protocolOf } from "../protocols/registry.ts";
import { Scenario, scenarioLine, type ScenarioLine } from "../simulation/scenario.ts";
import { syntheticSignal } from "../simulation/signals.ts";
import { monotonicS, type PortOpener } from "./port.ts";

const ADDRESS = /^simulated:(\w+)(?:\?(.*))?$/s;
const TICK_MS = 4;

/** Devices whose port was lost: what happens to them goes on until somebody opens them again. */
const away = new Map<string, Simulation>();

interface Simulation {
  readonly line: ScenarioLine;
  readonly beganS: number; // monotonic
  isPlugged: boolean;
}

/**
 * A device of our own at the end of a line, in real time: `simulated:cyton`, `simulated:cyton?seed=7`. The query may also
 * give `scenario`, a file of what happens to it, and `setup`, how it is set (JSON) where a host cannot tell it.
 */
export const openSimulated: PortOpener = async ({ path, listener }) => {
  const simulation = away.get(path) ?? (await begin(path));
  away.delete(path);
  const sinceS = (): number => monotonicS() - simulation.beganS;
  const look = (): void => {
    for (const event of simulation.line.due(sinceS())) {
      if (event.kind === "plugged") simulation.isPlugged = true;
      else if (event.kind === "unplugged") lose();
      else if (event.bytes.length > 0 && isOpen) listener.data(event.bytes, monotonicS());
    }
  };
  const lose = (): void => {
    simulation.isPlugged = false;
    if (!isOpen) return;
    end();
    away.set(path, simulation);
    listener.lost(new AppError("device/port-lost", `${path} is gone: it was pulled out`, { path }));
  };
  const end = (): void => {
    isOpen = false;
    clearInterval(timer);
  };
  let isOpen = false;
  look(); // what happened while it was away
  if (!simulation.isPlugged) {
    away.set(path, simulation);
    throw new AppError("device/not-found", `No device on ${path}`, { path });
  }
  isOpen = true;
  const timer = setInterval(look, TICK_MS);
  return {
    write: (bytes) => {
      if (!isOpen) return Promise.reject(new AppError("device/port-lost", `${path} is closed`, { path }));
      simulation.line.receive(bytes, sinceS());
      return Promise.resolve();
    },
    close: () => {
      if (isOpen) end();
      return Promise.resolve();
    },
  };
};

async function begin(path: string): Promise<Simulation> {
  try {
    const [, kind, query] = ADDRESS.exec(path) ?? [];
    const told = new URLSearchParams(query);
    const protocol = protocolOf(ProtocolKind.parse(kind));
    const setup = protocol.setup.parse(JSON.parse(told.get("setup") ?? "{}"));
    const file = told.get("scenario");
    const happens: unknown = file === null ? {} : JSON.parse(await readFile(file, "utf8"));
    const scenario = Scenario.parse(happens);
    const shapes = protocol.streams(setup);
    const seed = z.coerce
      .number()
      .int()
      .nonnegative()
      .parse(told.get("seed") ?? scenario.seed);
    const signal = syntheticSignal(shapes, seed);
    const line = scenarioLine({
      scenario,
      shapes,
      signal,
      deviceOf: (measured, ohm) => protocol.device(setup, measured, ohm),
    });
    return { line, beganS: monotonicS(), isPlugged: true };
  } catch (error) {
    const [problem] = error instanceof z.ZodError ? error.issues : [];
    const message = problem?.message ?? reportOf(error).message;
    throw new AppError("device/cannot-open", `${path} cannot be simulated: ${message}`, { path }, error);
  }
}
