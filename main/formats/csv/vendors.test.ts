import { describe, expect, test } from "vitest";
import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { bytesSource, readWhole } from "../memory.ts";
import { csvReader, previewTable } from "./reader.ts";
import {
  discoverTable,
  emgWorksTable,
  noraxonTable,
  trignoSignals,
  valueAt,
  type VendorSignal,
} from "./vendor-tables.ts";

const source = (text: string) => bytesSource("trial.csv", new TextEncoder().encode(text));
const read = (text: string, table?: TableOptions) =>
  readWhole(csvReader, source(text), table === undefined ? {} : { table });
const codes = ({ repairs }: { readonly repairs: readonly { readonly code: string }[] }): string[] =>
  repairs.map(({ code }) => code);
type Read = Awaited<ReturnType<typeof read>>;

/** Every signal is a channel of its own rate, and holds its own samples, all of them and no more. */
function expectSignals(
  result: Read,
  signals: readonly VendorSignal[],
  label: (s: VendorSignal) => string,
): void {
  expect(result.header.channels.map((c) => c.label)).toEqual(signals.map(label));
  for (const [c, signal] of signals.entries()) {
    const header = result.header.channels[c];
    expect(Math.abs((header?.sampleRate ?? 0) / signal.rate - 1), signal.name).toBeLessThan(1e-6);
    const count = Math.floor(signal.rate * signal.seconds);
    const { samples, reason } = result.channels[c] ?? { samples: [], reason: [] };
    expect(samples.length, signal.name).toBe(count);
    expect(Array.from(reason).every((code) => code === 0)).toBe(true);
    for (const at of [0, 1, count - 1]) expect(samples[at]).toBeCloseTo(valueAt(c, at), 7);
  }
  const rates = new Set(result.header.channels.map(({ sampleRate }) => sampleRate));
  expect(rates.size).toBe(new Set(signals.map(({ rate }) => rate)).size);
}
const byColon = ({ sensor, name }: VendorSignal): string => `${sensor}: ${name}`;

describe("EMGworks", () => {
  test.each([
    ["alone", {}],
    ["with the lines that describe the signals", { preamble: true }],
    ["padded with zeros", { padding: "0" as const }],
    ["padded with zeros, with the lines", { preamble: true, padding: "0" as const }],
    ["with times of six digits", { timeDigits: 6 }],
  ])("pairs of X[s] and a signal, %s: each signal at its own rate", async (_, options) => {
    const signals = trignoSignals();
    const result = await read(emgWorksTable(signals, options));
    expectSignals(result, signals, byColon);
    expect(result.header.kind).toBe("emg");
    if ("preamble" in options)
      expect(result.header.channels.map((c) => c.unit)).toEqual(["V", "g", "V", "g"]);
    expect(codes(result)).toEqual("padding" in options && !("preamble" in options) ? ["CSV_PADDING"] : []);
  });

  test("a signal that starts later lies where its times say", async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i / 200},${i},${0.5 + i / 100},${i}`).join("\n");
    const result = await read(`X[s],EMG 1,X[s],ACC 1\n${rows}\n`);
    expect(result.header.channels.map((c) => c.sampleRate)).toEqual([200, 100]);
    expect(Array.from(result.channels[1]?.reason.slice(48, 52) ?? [])).toEqual([2, 2, 0, 0]);
    expect(codes(result)).toEqual(["CSV_ENDS_APART"]); // 2 s and 4.5 s
  });

  test("times that go back are refused with the file's name, not taken for padding", async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i / 200},${i},${(i % 100) / 100},${i + 1}`).join(
      "\n",
    );
    await expect(read(`X[s],EMG 1,X[s],ACC 1\n${rows}\n`)).rejects.toMatchObject({
      code: "data/irregular-time",
      detail: { file: "trial.csv" },
    });
  });

  test("a stated rate that the times contradict is asked about, not guessed", async () => {
    const text = emgWorksTable(trignoSignals(), { preamble: true }).replace("1925.93", "2148.15");
    await expect(read(text)).rejects.toMatchObject({ code: "data/rate-conflict" });
    expect(codes({ repairs: (await previewTable(source(text), {})).problems })).toEqual(["CSV_RATE_UNCLEAR"]);
  });

  test("a column left of every time column is asked about; choosing its times settles it", async () => {
    const rows = Array.from({ length: 200 }, (_, i) => `${i},${i / 200},${i},${i / 100},${i}`).join("\n");
    const text = `force,X[s],EMG 1,X[s],ACC 1\n${rows}\n`;
    await expect(read(text)).rejects.toMatchObject({ code: "data/unclear-times" });
    const preview = await previewTable(source(text), {});
    expect(codes({ repairs: preview.problems })).toEqual(["CSV_UNCLEAR_TIMES"]);
    const own = [3, 1, 3].map((timeColumn, i) => ({
      index: 2 * i,
      label: `c${i}`,
      unit: "",
      role: "other" as const,
      timeColumn,
    }));
    const result = await read(text, { ...preview.options, columns: own });
    expect(result.header.channels.map((c) => [c.label, c.sampleRate])).toEqual([
      ["c0", 100],
      ["c1", 200],
      ["c2", 100],
    ]);
  });

  test("what the preview found reads the same as the table read unasked", async () => {
    const text = emgWorksTable(trignoSignals(), { preamble: true });
    const { options, problems } = await previewTable(source(text), {});
    expect(problems).toEqual([]);
    expect(options.columns?.map((c) => [c.timeColumn, Math.round(c.sampleRate ?? 0)])).toEqual([
      [0, 1926],
      [2, 148],
      [4, 1926],
      [6, 148],
    ]);
    const [asked, unasked] = [await read(text, options), await read(text)];
    expect(asked).toEqual(unasked);
  });
});

describe("Trigno Discover", () => {
  const byColumn = ({ sensor, name }: VendorSignal): string => `${sensor}: ${name}`;
  const signals = (): VendorSignal[] =>
    ["Avanti Sensor 1 (75923)", "Avanti Sensor 2 (75924)"].flatMap((sensor) => [
      { sensor, name: "EMG 1", unit: "mV", rate: 17 / 0.0135, seconds: 2 },
      { sensor, name: "ACC X", unit: "G", rate: 2 / 0.0135, seconds: 2 },
      { sensor, name: "ORIENT", unit: "", rate: 1 / 0.0135, seconds: 2 },
    ]);

  test.each([
    ["2.1, with times", {}],
    ["1.7, without periods", { periods: false, version: "1.7.0" }],
    ["1.4, without rates", { periods: false, rates: false, version: "1.4.2" }],
    ["without time columns", { times: false }],
    ["with events to the right", { events: [0.5, 1.25] }],
  ])("%s: sensors name their channels, each at its own rate", async (_, options) => {
    const made = signals().map((s) => (s.name === "ORIENT" ? { ...s, unit: "deg" } : s));
    const result = await read(discoverTable(made, options));
    expectSignals(result, made, byColumn);
    expect(result.header.channels.slice(0, 2).map((c) => [c.unit, c.role])).toEqual([
      ["mV", "emg"],
      ["G", "other"],
    ]);
    expect(result.header.facts).toMatchObject({ "Date/Time": "2026/09/29 15:50:51" });
    expect(codes(result)).toEqual("events" in options ? ["CSV_COLUMNS_LEFT_OUT"] : []);
  });

  test("without times and without rates the rate is asked for", async () => {
    const text = discoverTable(signals(), { times: false, rates: false, periods: false });
    await expect(read(text)).rejects.toMatchObject({ code: "data/no-rate" });
  });
});

test("Noraxon: decimal commas, a preamble of two rows, one time column; the rate is that of the times", async () => {
  const muscles = ["LT VASTUS LAT.", "RT VASTUS LAT."];
  const signals = muscles.map((sensor) => ({ sensor, name: "", unit: "uV", rate: 2000.4, seconds: 2 }));
  const result = await read(noraxonTable(signals));
  expectSignals(result, signals, ({ sensor }) => sensor);
  expect(result.header.channels.map((c) => [c.unit, c.role])).toEqual([
    ["uV", "other"],
    ["uV", "other"],
  ]);
});
