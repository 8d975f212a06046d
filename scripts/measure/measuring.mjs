// What the measurements share: options of the command line, who is tested, one run through the application's own
// functions, and results as rows with every comparison paired over people.
import { fitRun } from "../../main/training/fit/fit-run.ts";
import { pairedSentence } from "../../preload/contract/paired.ts";
import { pairedOverGroups } from "../../main/training/judge/paired.ts";
import { folds } from "./data.mjs";

const words = process.argv.slice(3);
export const isJson = words.includes("--json");
/** key=value pairs after the measurement's name. */
export const given = Object.fromEntries(
  words.filter((word) => word !== "--json").map((word) => [word.split("=")[0], word.split("=")[1] ?? ""]),
);
export const option = (name, fallback) => (given[name] === undefined ? fallback : Number(given[name]));

/** How samples are varied each epoch, where one of shiftS, gainSd, lossesPerMinute, lossS is given. */
export function variationGiven() {
  const named = ["shiftS", "gainSd", "lossesPerMinute", "lossS"].filter((name) => name in given);
  return named.length === 0
    ? {}
    : { variation: Object.fromEntries(named.map((name) => [name, option(name, 0)])) };
}

const namesIn = (list) => (list ?? "").split(",").filter((name) => name !== "");

/** Who the measurement is about: without=A,B takes people out of it altogether. */
export function people(recordings) {
  const known = new Set(recordings.map(({ subject }) => subject));
  const [held, without] = [namesIn(given.held), namesIn(given.without)];
  const strangers = [...held, ...without].filter((name) => !known.has(name));
  if (strangers.length > 0)
    throw new Error(`nobody is called ${strangers.join(", ")}; there are ${[...known].sort().join(", ")}`);
  const subjects = [...known].filter((name) => !without.includes(name)).sort();
  return { held, subjects, kept: recordings.filter(({ subject }) => subjects.includes(subject)) };
}

/** The people tested in each split: those held back where some are named, else five folds over everybody. */
export function splits({ held, subjects }) {
  const all =
    held.length > 0
      ? [{ name: "held", test: held }]
      : folds(subjects, 5, option("foldSeed", 0)).map((test, i) => ({ name: `fold ${i}`, test }));
  return all.slice(option("from", 0), option("folds", all.length));
}

/** Trains and tests one configuration. */
export async function fitMeasured(config, library, chosen) {
  const start = performance.now();
  const { run, model } = await fitRun(
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
  return { run, model, seconds: (performance.now() - start) / 1000 };
}

/** Reports of one method on different people, as if one model had judged them all. Bins are equally wide, so they add up. */
export function joined(reports) {
  const persons = reports.flatMap(({ perSubject }) => perSubject);
  const windows = reports.reduce((sum, report) => sum + report.windows, 0);
  const bins = grouped(reports.flatMap(({ reliability }) => reliability));
  const ece = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0) / windows;
  const weighted = (key) =>
    reports.reduce((sum, report) => sum + report[key] * report.windows, 0) / Math.max(1, windows);
  return {
    people: persons.length,
    windows,
    accuracy:
      reports.reduce((sum, report) => sum + report.subjectAccuracy * report.subjects, 0) / persons.length,
    lowest: Math.min(...persons.map(({ accuracy }) => accuracy)),
    nll: weighted("nll"),
    ece,
    eceOfSplits: mean(reports.map((report) => report.ece)),
    perPerson: new Map(persons.map(({ subject, accuracy }) => [subject, accuracy])),
  };
}

function grouped(reliability) {
  const bins = new Map();
  for (const { from, count, confidence, accuracy } of reliability) {
    const key = Math.round(from * 1000);
    const bin = bins.get(key) ?? { confidence: 0, right: 0 };
    bin.confidence += count * confidence;
    bin.right += count * accuracy;
    bins.set(key, bin);
  }
  return [...bins.values()];
}

/** Two methods, [name, Map of person to score] each, person by person. */
export function compared([a, first], [b, second]) {
  const paired = pairedOverGroups(first, second);
  return { a, b, ...paired, sentence: `${a} against ${b}: ${pairedSentence(paired)}` };
}

export const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
/** For JSON.stringify: numbers to four places, people by name. */
const shortened = (_key, value) => {
  if (value instanceof Map) return Object.fromEntries(value);
  return typeof value === "number" ? Number(value.toFixed(4)) : value;
};

const cell = (value) => {
  if (typeof value !== "number") return String(value ?? "");
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
};

function table(rows) {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) => key !== "perPerson");
  const lines = [keys, ...rows.map((row) => keys.map((key) => cell(row[key])))];
  const widths = keys.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Where a split stands, for whoever waits; never among the results. */
export const told = (line) => console.error(line);

export function show(result) {
  if (isJson) {
    console.log(JSON.stringify({ options: given, ...result }, shortened));
    return;
  }
  console.log(table(result.rows));
  for (const { sentence } of result.comparisons) console.log(sentence);
}
