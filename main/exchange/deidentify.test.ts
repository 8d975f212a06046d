import fc from "fast-check";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ChannelHeader, RecordingDetail } from "../../preload/contract/recording.ts";
import { writers } from "../formats/registry.ts";
import { builtInName, isPlainChannel, plainFacts } from "../privacy/plain-words.ts";
import { Pseudonyms } from "../privacy/pseudonyms.ts";
import { annotationTable } from "./annotation-table.ts";
import { deidentified } from "./deidentify.ts";
import { exportJob } from "./export-job.ts";
import type { Bench } from "./testing.ts";
import { withBench } from "./testing.ts";

/** A recording with something typed in every field that takes text. */
async function typed(bench: Bench, secret: (field: string) => string): Promise<string> {
  const { library } = bench.storage;
  const channel = (label: string, unit: string): ChannelHeader => ({
    ...{ label, unit, sampleRate: 4, role: "fhr", sampleType: "int16", gain: 1, offset: 0 },
  });
  const facts = [
    "patient name",
    "technician",
    "equipment",
    "channel 1 transducer",
    "pH",
    "format",
    "admin code",
  ];
  const id = await library.createRecording({
    header: {
      name: secret("name"),
      kind: "ctg",
      subject: secret("subject"),
      startedAt: "2031-04-05T06:07:08",
      channels: [channel("FHR", "bpm"), channel(secret("channel"), secret("unit"))],
      facts: Object.fromEntries([
        ...facts.map((name) => [name, secret(name)] as const),
        [secret("fact"), "1"],
        ["Apgar1", "9"],
      ]),
    },
    subject: secret("subject"),
    study: secret("study"),
    synthetic: false,
    source: { format: secret("format"), file: secret("file"), sha256: "0".repeat(64) },
    state: "importing",
  });
  const samples = Int16Array.from({ length: 40 }, (_, i) => 120 + i);
  await library.appendBlocks(
    id,
    [0, 1].map((position) => ({ channel: position, firstSample: 0, samples, mask: [] })),
  );
  await library.closeRecording(id, { state: "complete", repairs: [] });
  await library.changeRecording(id, { note: secret("note") });
  const set = await library.getLabelSet("ctg-events");
  const own = await library.saveLabelSet({
    ...set,
    id: "own",
    name: { en: secret("set"), ja: secret("set") },
    groups: [{ ...set.groups[0]!, name: { en: secret("group"), ja: secret("group") } }],
    labels: [
      {
        ...set.labels[0]!,
        code: secret("code").toLowerCase(),
        name: { en: secret("label"), ja: secret("label ja") },
      },
    ],
  });
  const renamed = await library.saveLabelSet({
    ...set,
    labels: set.labels.map((one) => ({ ...one, name: { en: secret("renamed"), ja: secret("renamed") } })),
  });
  const common = { recordingId: id, author: secret("author"), note: secret("annotation note") };
  await library.addAnnotations([
    {
      ...{ ...common, label: own.labels[0]!.code, labelSet: "own", labelSetVersion: own.version },
      ...{ onsetS: 1, durationS: 2, source: "person", channel: 1 },
    },
    {
      ...{ ...common, label: renamed.labels[0]!.code, labelSet: set.id, labelSetVersion: renamed.version },
      ...{ onsetS: 3, durationS: 0, source: "import", text: secret("text") },
    },
  ]);
  return id;
}

test("nothing that a person typed is in any byte, or file name, of what is written without names", () =>
  withBench(async (bench) => {
    const planted = new Set<string>();
    const secret = (field: string): string => {
      const word = `Tq7${Buffer.from(field).toString("hex")}`;
      planted.add(word);
      return word;
    };
    const id = await typed(bench, secret);
    const { library } = bench.storage;
    const everything = async (deidentify: boolean): Promise<readonly [string, Buffer][]> => {
      const folder = join(bench.folder, deidentify ? "without" : "with");
      mkdirSync(folder);
      for (const { id: format } of writers) {
        const common = { recordingIds: [id], directory: folder, withAnnotations: true, withMask: true };
        const job = await bench.run(exportJob(bench.context, { ...common, format, deidentify }));
        expect(job.files[0]?.error).toBeUndefined();
      }
      for (const file of ["all.csv", "all.edf"])
        await annotationTable(library, { recordingIds: [id], file: join(folder, file), deidentify });
      return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]);
    };
    const seen = (files: readonly [string, Buffer][]): string =>
      files
        .map(([name, bytes]) => `${name}\n${bytes.toString("latin1")}`)
        .join("\n")
        .toLowerCase();
    const [open, closed] = [seen(await everything(false)), seen(await everything(true))];
    for (const word of ["name", "subject", "text", "label", "author", "annotation note", "channel"])
      expect(open, word).toContain(secret(word).toLowerCase()); // the search can find what is there
    for (const word of planted) expect(closed, word).not.toContain(word.toLowerCase());
    expect(closed).not.toMatch(/2031|05-apr|05\.04\.31/);
    const codes = new Pseudonyms(await library.pseudonymKey());
    expect(closed).toContain(codes.subject(secret("subject")).toLowerCase()); // the same in every export
    expect(closed).toContain(
      builtInName("ctg-events", (await library.getLabelSet("ctg-events")).labels[0]!.code)!.en.toLowerCase(),
    );
    expect(closed).toContain("apgar1");
  }));

test("a code is of its library, of its kind and of its text alone", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const [here, there] = [new Pseudonyms("a".repeat(64)), new Pseudonyms("b".repeat(64))];
      expect(here.subject(one)).toBe(new Pseudonyms("a".repeat(64)).subject(one));
      expect(here.subject(one)).not.toBe(there.subject(one));
      expect(here.subject(one).slice(2)).not.toBe(here.author(one).slice(2));
      expect(here.subject(one) === here.subject(other)).toBe(one === other);
      expect(here.subject(one)).toMatch(/^S-[0-9a-f]{12}$/);
    }),
  );
});

test.each([
  ["FHR1", true],
  ["EMG biceps brachii L", true],
  ["Lead 2", true],
  ["EMG Tanaka", false],
  ["胎児心拍 田中", false],
  ["FHR 19790402", false],
  ["ch-12", true],
  ["FHR 12.03.85", false],
  ["EMG 123-456-789", false],
  ["us1 034", false],
  ["FHR1 quality", true],
  ["EMG 2 (2)", true],
  ["EMG 2 (28)", false],
  ["EMG Tanaka (2)", false],
])("a channel called %s may keep its label: %s", (label, isKept) =>
  expect(isPlainChannel(label)).toBe(isKept),
);

test("no date and no number of more than three digits passes as a channel's label, however it is set", () => {
  const digits = fc.stringMatching(/^[0-9]{4,10}$/);
  fc.assert(
    fc.property(digits, fc.constantFrom(" ", "-", ".", "/", "ch", "_"), fc.nat(), (number, between, seed) => {
      const at = 1 + (seed % 3);
      expect(isPlainChannel(`FHR ${number.slice(0, at)}${between}${number.slice(at)}`)).toBe(false);
    }),
  );
});

test("facts of the delivery stay as numbers, and nothing else does", () => {
  expect(
    plainFacts({ pH: "7.05", Apgar5: "9", BE: "-4.2", Age: "32", Sex: "2", "pH ": "7", pCO2: "Tanaka" }),
  ).toEqual({
    pH: "7.05",
    Apgar5: "9",
    BE: "-4.2",
  });
});

test("channels of several devices keep apart, and what a person called one takes no other's name", () => {
  const labels = ["Yamada left", "EMG 2", "EMG 1", "EMG 2 (2)", "Sato 1", "EMG 2 (28)", "filled Sato 1"];
  const detail = RecordingDetail.parse({
    ...{ id: "r", name: "r", kind: "emg", subject: "s", study: "", synthetic: true, state: "complete" },
    ...{ importedAt: "2026-11-28T10:00:00Z", durationS: 1, facts: {}, note: "", repairs: [], damaged: [] },
    ...{ missingShare: 0, annotationCount: 0, labelledS: 0, repairCount: 0 },
    source: { format: "sensor", file: "cobs+cyton", sha256: "" },
    channels: labels.map((label, position) => ({
      ...{ label, unit: "uV", sampleRate: 250, role: "emg", sampleType: "int16", gain: 1, offset: 0 },
      ...{ position, sampleCount: 250, observedCount: 250 },
    })),
  });
  const { channels } = deidentified(detail, [], new Pseudonyms("key")).header;
  expect(channels.map(({ label }) => label)).toEqual([
    "EMG 3",
    "EMG 2",
    "EMG 1",
    "EMG 2 (2)",
    "EMG 5",
    "EMG 6",
    "filled EMG 7",
  ]);
});
