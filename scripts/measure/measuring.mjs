// What the measurements share: options of the command line, one run through the application's own functions, means over folds.
import { fitRun } from "../../main/training/fit-run.ts";

/** key=value pairs after the measurement's name. */
export const given = Object.fromEntries(process.argv.slice(3).map((argument) => argument.split("=")));
export const option = (name, fallback) => (given[name] === undefined ? fallback : Number(given[name]));

/** How samples are varied each epoch, where one of shiftS, gainSd, lossesPerMinute, lossS is given. */
export function variationGiven() {
  const named = ["shiftS", "gainSd", "lossesPerMinute", "lossS"].filter((name) => name in given);
  return named.length === 0
    ? {}
    : { variation: Object.fromEntries(named.map((name) => [name, option(name, 0)])) };
}

/** Trains and tests one configuration. */
export async function fitMeasured(config, library, chosen) {
  const start = performance.now();
  const { run } = await fitRun(
    {
      id: config.name,
      config,
      classes: [],
      phase: "training",
      createdAt: "",
      codeVersion: "",
      data: [],
      curve: [],
      hasCheckpoint: false,
    },
    {
      library,
      runtimeFor: async () => chosen,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onCheckpoint: async () => undefined,
      resume: undefined,
    },
  );
  return { run, seconds: (performance.now() - start) / 1000 };
}

export const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
/** For JSON.stringify: numbers to four places. */
export const shortened = (_key, value) => (typeof value === "number" ? Number(value.toFixed(4)) : value);

/** The mean of each column. */
export const meansOf = (rows) =>
  Object.fromEntries(
    Object.keys(rows[0]).map((key) => [key, Number(mean(rows.map((row) => row[key])).toFixed(4))]),
  );
