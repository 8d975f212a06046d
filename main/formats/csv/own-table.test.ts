import { describe, expect, test } from "vitest";
import { bytesSource, exportSource, memoryFolder, readWhole, type RecordingContent } from "../memory.ts";
import { recognise } from "../registry.ts";
import { csvReader, previewTable } from "./reader.ts";
import { csvWriter } from "./writer.ts";

/** As many channels as `rates`, 12 samples each, told apart by their values. */
const content = (rates: readonly number[]): RecordingContent => ({
  header: {
    name: "trial",
    kind: "emg",
    subject: undefined,
    startedAt: "2026-01-02T03:04:05",
    channels: rates.map((sampleRate, i) => ({
      label: `右前腕 ${i + 1}`,
      unit: "uV",
      role: "emg",
      sampleRate,
      sampleType: "int16",
      gain: 0.25,
      offset: 0,
    })),
    facts: {},
  },
  channels: rates.map((_, i) => ({
    samples: Int16Array.from({ length: 12 }, (__, at) => (at === i % 12 ? 0 : 100 * i + at)),
    reason: Uint8Array.from({ length: 12 }, (__, at) => (at === i % 12 ? 3 : 0)),
  })),
  annotations: [
    { onsetS: 0.5, durationS: 0, label: "all", channel: undefined, note: "" },
    { onsetS: 1, durationS: 0.25, label: "last", channel: rates.length - 1, note: "n" },
  ],
});

async function written(made: RecordingContent): Promise<Map<string, Uint8Array>> {
  const folder = memoryFolder();
  const options = { baseName: "trial", withAnnotations: true, withMask: true };
  await csvWriter.write(exportSource(made), folder.open, options, () => undefined);
  return folder.files;
}
const sourceIn = (files: Map<string, Uint8Array>, name: string) =>
  bytesSource(name, files.get(name) ?? new Uint8Array(0), files);
const labels = (result: Awaited<ReturnType<typeof readWhole>>): string[] =>
  result.header.channels.map(({ label }) => label);

test("a description longer than the head that is looked at is recognised, previewed and read", async () => {
  const made = content(Array.from({ length: 64 }, () => 1000));
  const files = await written(made);
  const source = sourceIn(files, "trial.csv");
  const head = await source.read(0, 4096);
  expect(new TextDecoder().decode(head)).not.toContain("\n");
  expect(recognise(head, "trial.csv")?.id).toBe("csv");
  const preview = await previewTable(source, {});
  expect([preview.problems, preview.rows[0]?.length, preview.options.columns?.length]).toEqual([[], 129, 64]);
  expect((await readWhole(csvReader, source)).channels).toEqual(made.channels);
});

describe("a recording of several rates", () => {
  const made = content([1000, 4, 1000, 50, 4]);

  test("is several tables, and one recording again, channels and annotations in their places", async () => {
    const files = await written(made);
    expect([...files.keys()].filter((name) => /^trial(_\d)?\.csv$/.test(name))).toEqual([
      "trial.csv",
      "trial_2.csv",
      "trial_3.csv",
    ]);
    const result = await readWhole(csvReader, sourceIn(files, "trial.csv"));
    expect(result.header).toEqual(made.header);
    expect(result.channels).toEqual(made.channels);
    expect(result.annotations).toEqual(made.annotations);
    expect(result.repairs).toEqual([]);
  });

  test("a lost or foreign table is said, and the others are read", async () => {
    const files = await written(made);
    files.delete("trial_2.csv");
    files.set("trial_3.csv", (await written(content([50]))).get("trial.csv") ?? new Uint8Array(0));
    const result = await readWhole(csvReader, sourceIn(files, "trial.csv"));
    expect(labels(result)).toEqual(["右前腕 1", "右前腕 3"]);
    expect(result.channels).toEqual([made.channels[0], made.channels[2]]);
    expect(result.repairs.map(({ code, values }) => [code, values?.["part"]])).toEqual([
      ["CSV_PART_MISSING", "trial_2.csv"],
      ["CSV_PART_MISSING", "trial_3.csv"],
    ]);
  });

  test("a further table opened by itself is its own channels, and says what it belongs to", async () => {
    const result = await readWhole(csvReader, sourceIn(await written(made), "trial_2.csv"));
    expect(labels(result)).toEqual(["右前腕 2", "右前腕 5"]);
    expect(result.annotations.map(({ label, channel }) => [label, channel])).toEqual([["last", 1]]);
    expect(result.repairs.map(({ code }) => code)).toEqual(["CSV_PART_ALONE"]);
  });
});

test("is known by its first bytes whatever number of channels its own line and its names fill them with", async () => {
  const taken: boolean[] = [];
  for (let count = 1; count <= 80; count += 1) {
    const rates = Array.from({ length: count }, (_, i) => (i === 0 ? 500 : 1000));
    for (const [name, bytes] of await written(content(rates)))
      if (name.endsWith(".csv")) taken.push(csvReader.recognises(bytes.subarray(0, 4096), name));
  }
  expect(taken.length).toBeGreaterThan(100);
  expect(taken).not.toContain(false);
});

test("of another program is known though its names are longer than what is seen first; prose as long is not", () => {
  const head = (text: string): Uint8Array => new TextEncoder().encode(text).subarray(0, 4096);
  const names = Array.from({ length: 700 }, (_, i) => `EMG ${i}`).join(",");
  expect(csvReader.recognises(head(`${names}\n${"1,".repeat(699)}1\n`), "wide.csv")).toBe(true);
  expect(csvReader.recognises(head("word ".repeat(2000)), "prose.txt")).toBe(false);
});
