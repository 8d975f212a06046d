import fc from "fast-check";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ExportFormat, ExportRequest } from "../../preload/contract/exchange.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { jsonWriter } from "../formats/json/writer.ts";
import { differencesOf, fidelity } from "../formats/laws.ts";
import { reasonsOf } from "../formats/mask-runs.ts";
import { exportSource as exportSourceOf, memoryFolder, type ReadResult } from "../formats/memory.ts";
import { recordings } from "../formats/recordings.test-support.ts";
import { writers } from "../formats/registry.ts";
import { annotationTable } from "./annotation-table.ts";
import { exportJob, exportSource, safeName } from "./export-job.ts";
import { codeOf } from "./labels.ts";
import type { Bench } from "./testing.ts";
import { emgTable, withBench } from "./testing.ts";

async function imported(bench: Bench, name: string, seed = 1): Promise<string> {
  const job = await bench.import(bench.put(`${name}.csv`, emgTable(400, seed)));
  return job.files[0]!.recordingIds[0]!;
}

function request(
  bench: Bench,
  recordingIds: string[],
  format: ExportFormat = "edf",
  change: Partial<ExportRequest> = {},
): ExportRequest {
  const directory = join(bench.folder, "out");
  mkdirSync(directory, { recursive: true });
  return {
    recordingIds,
    format,
    directory,
    withAnnotations: true,
    withMask: false,
    deidentify: false,
    ...change,
  };
}
const outFiles = (bench: Bench): string[] => readdirSync(join(bench.folder, "out")).sort();

test.each(writers.map(({ id }) => id))(
  "what is exported as %s and imported again has the same samples and annotations",
  (format) =>
    withBench(async (bench) => {
      const id = await imported(bench, "arm");
      const { library } = bench.storage;
      const [set] = (await library.listLabelSets()).filter(({ kind }) => kind === "emg");
      const label = set!.labels.find(({ shape }) => shape === "interval")!.code;
      const common = {
        recordingId: id,
        label,
        labelSet: set!.id,
        labelSetVersion: set!.version,
        author: "A",
        source: "person" as const,
        note: "",
      };
      await library.addAnnotations([
        { ...common, onsetS: 0.5, durationS: 1 },
        { ...common, onsetS: 2, durationS: 0.25 },
      ]);
      const job = await bench.run(exportJob(bench.context, request(bench, [id], format)));
      expect(job.files[0]).toMatchObject({ state: "done", annotations: 2 });
      await library.removeRecording(id);
      const again = await bench.import(job.files[0]!.file);
      expect(again.files[0]?.error).toBeUndefined();
      const copy = again.files[0]!.recordingIds[0]!;
      await library.restoreRecording(id);
      for (const channel of [0, 1]) {
        const [before, after] = [
          await library.samples(id, channel, 0, 400),
          await library.samples(copy, channel, 0, 400),
        ];
        expect(Array.from(after.values)).toEqual(Array.from(before.values));
      }
      const events = (await library.listAnnotations(copy)).map((one) => [
        one.labelSet,
        one.label,
        one.onsetS,
        one.durationS,
      ]);
      expect(events).toEqual([
        [set!.id, label, 0.5, 1],
        [set!.id, label, 2, 0.25],
      ]);
    }),
);

test.each(["csv", "json", "wfdb"] as const)(
  "curves of findings go out as %s after the recording's own channels when asked for, with their gaps",
  (format) =>
    withBench(async (bench) => {
      const { library } = bench.storage;
      const id = await imported(bench, "arm");
      const { channels } = await library.getRecording(id);
      const observed = Uint8Array.from({ length: 8 }, (_, i) => Number(i < 2 || i > 4));
      const value = Float32Array.from(observed, (one, i) => (one === 1 ? i / 4 : Number.NaN));
      const high = value.map((one) => one + 1);
      const series = { name: "level", unit: "uV", sampleRate: 4, value, high, observed };
      const content = { kind: "curves" as const, series: [series], forecasts: [] };
      const of = (version: string) => ({ kind: "rule" as const, rule: "toy", version, config: {} });
      await library.saveFinding({ recordingId: id, origin: of("1"), content });
      await library.saveFinding({ recordingId: id, origin: of("2"), content }); // the first is outdated now
      const asked = (which: { withFindings?: boolean; withFilled?: boolean; deidentify?: boolean }) =>
        exportJob(bench.context, request(bench, [id], format, which));
      const labelsOf = async (copy: string) =>
        (await library.getRecording(copy)).channels.map(({ label }) => label);
      const filled = { ...content, series: [{ ...series, name: "EMG 1", as: "filled" as const }] };
      await library.saveFinding({
        recordingId: id,
        origin: { ...of("1"), rule: "filling" },
        content: filled,
      });
      await library.removeRecording(id); // its samples would be known
      const filling = ["filled EMG 1", "filled EMG 1 high"];
      for (const [which, more] of [
        [{}, []],
        [{ withFindings: true }, ["level", "level high"]],
        [{ withFilled: true }, filling],
        [{ withFilled: true, deidentify: true }, filling],
      ] as const) {
        const job = await bench.run(asked(which));
        expect(job.files[0]?.error).toBeUndefined();
        const again = await bench.import(job.files[0]?.file ?? "");
        const copy = again.files[0]?.recordingIds[0] ?? "";
        const own = channels.map(({ label }) => label);
        expect(await labelsOf(copy)).toEqual([...own, ...more]);
        const { channels: read } = await library.getRecording(copy);
        expect(read.slice(own.length).map(({ role }) => role)).toEqual(more.map(() => "other")); // nobody measured them
        if (more.length > 0) {
          const read = await library.samples(copy, own.length + 1, 0, 8);
          expect([...read.reasons].map((reason) => Number(reason === 0))).toEqual([...observed]);
          expect(read.values[7]).toBeCloseTo(2.75);
        }
        await library.removeRecording(copy);
      }
    }),
);

test("classes, events and verdicts go out beside the samples, said to be of models and rules, and come back as nothing", () =>
  withBench(async (bench) => {
    const { library } = bench.storage;
    const id = await imported(bench, "arm");
    const own = await library.saveLabelSet({
      ...{ id: "tanaka-set", version: 1, name: { en: "Tanaka", ja: "" }, kind: "emg" },
      groups: [{ code: "all", name: { en: "All", ja: "" } }],
      labels: [
        {
          code: "tanaka",
          name: { en: "T", ja: "" },
          letter: "T",
          colour: "#112233",
          shape: "interval",
          group: "all",
        },
      ],
    });
    const origin = { kind: "rule" as const, rule: "toy", version: "2", config: {} };
    const verdict = { onsetS: 0, durationS: 1, assessable: 0.75 };
    const reason = {
      code: "baseline",
      clause: 'Table 3, "late"',
      evidence: "own" as const,
      values: { bpm: 165 },
    };
    for (const content of [
      {
        ...{ kind: "events" as const, labelSet: own.id },
        events: [
          {
            onsetS: 0.5,
            durationS: 1.25,
            code: "tanaka",
            probability: 0.9,
            facts: { depth: 31, type: "late" },
          },
        ],
        notAssessable: [{ onsetS: 2, durationS: 1, codes: ["tanaka"] }],
      },
      {
        ...{ kind: "verdicts" as const, scheme: "figo-2015", codes: ["normal", "suspicious"] },
        verdicts: [
          {
            ...verdict,
            code: "suspicious",
            probability: { normal: 0.2, suspicious: 0.8 },
            reasons: [reason],
            missing: [],
          },
          { ...verdict, onsetS: 1, code: null, probability: {}, reasons: [], missing: [reason] },
        ],
      },
    ])
      await library.saveFinding({ recordingId: id, origin, content });
    const files = async (change: Partial<ExportRequest>): Promise<Record<string, string>> => {
      const directory = join(bench.folder, `out-${JSON.stringify(change).replaceAll(/\W/g, "")}`);
      mkdirSync(directory);
      const job = await bench.run(
        exportJob(bench.context, request(bench, [id], "csv", { directory, ...change })),
      );
      expect(job.files[0]?.error).toBeUndefined();
      return Object.fromEntries(
        readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "utf8")]),
      );
    };
    expect(Object.keys(await files({})).some((name) => name.includes("findings"))).toBe(false);
    const told = await files({ withFindings: true });
    expect(told["arm.findings.csv"]).toBe(
      [
        "said_by,by,version,adaptation,scheme,what,start_s,end_s,code,probability,low,high,value,assessable,channel,clause,details",
        'rule,toy,2,,figo-2015,verdict,0,1,suspicious,0.8,,,,0.75,,"Table 3, ""late""","{""probabilities"":{""normal"":0.2,""suspicious"":0.8},""reasons"":[{""code"":""baseline"",""clause"":""Table 3, \\""late\\"""",""evidence"":""own"",""values"":{""bpm"":165}}],""missing"":[]}"',
        'rule,toy,2,,figo-2015,not-assessable,1,2,,,,,,0.75,,,"{""probabilities"":{},""reasons"":[],""missing"":[{""code"":""baseline"",""clause"":""Table 3, \\""late\\"""",""evidence"":""own"",""values"":{""bpm"":165}}]}"',
        'rule,toy,2,,tanaka-set,event,0.5,1.75,tanaka,0.9,,,,,,,"{""depth"":31,""type"":""late""}"',
        "rule,toy,2,,tanaka-set,not-assessable,2,3,tanaka,,,,,,,,{}",
        "",
      ].join("\n"),
    );
    const document: unknown = JSON.parse(told["arm.findings.json"] ?? "");
    expect(document).toMatchObject({
      ...{
        schema: "kodo-findings/1",
        recording: "arm",
        notice: expect.stringContaining("no labels of people") as string,
      },
      findings: [{ saidBy: "rule", by: "toy" }, { rows: [{ what: "event", code: "tanaka" }, {}] }],
    });
    const nameless = await files({ withFindings: true, deidentify: true });
    expect(Object.values(nameless).join("")).not.toMatch(/tanaka|arm/i);

    await library.removeRecording(id);
    const again = await bench.import(join(bench.folder, "out-withFindingstrue"));
    expect(again.files.map(({ state, annotations }) => [state, annotations])).toEqual([["done", 0]]);
    const named = await bench.import(join(bench.folder, "out-withFindingstrue", "arm.findings.csv"));
    expect(named.files[0]?.error?.code).toBe("data/findings-file");
  }));

/** A stored recording as the laws of formats compare them: every layer of the mask in it. */
async function contentOf({ storage: { library } }: Bench, id: string): Promise<ReadResult> {
  const { header, annotations, sampleCounts } = await exportSource(library, await library.getRecording(id), {
    deidentify: false,
  });
  const channels = await Promise.all(
    sampleCounts.map(async (count, channel) => {
      const { samples, mask } = await library.digitalBlock(id, channel, 0, count);
      return { samples, reason: reasonsOf(mask, samples.length) };
    }),
  );
  return { header, channels, annotations, repairs: [] };
}

/** A recording in which nothing was recorded is refused as one without samples. */
const hasSamples = ({ channels }: Pick<ReadResult, "channels">): boolean =>
  channels.some(({ reason }) => reason.some((one) => one !== maskReasons.notRecorded));

test.each(writers.map(({ id }) => id))(
  "through %s and back, layers of masks with their reasons, and annotations of channels, are the same",
  (format) =>
    withBench(async (bench) => {
      const { library } = bench.storage;
      const span = fc.record({
        onsetS: fc.integer({ min: 0, max: 40 }).map((n) => n / 16),
        durationS: fc.integer({ min: 1, max: 30 }).map((n) => n / 16),
        isWhole: fc.boolean(),
        kind: fc.constantFrom(
          { layer: "person", reason: maskReasons.artefactByPerson } as const,
          { layer: "model", reason: maskReasons.artefactByModel } as const,
        ),
      });
      let made = 0;
      await fc.assert(
        fc.asyncProperty(
          recordings({ oneRate: true, mostChannels: 4 }).filter(hasSamples),
          fc.array(span, { maxLength: 4 }),
          async (content, spans) => {
            const folder = memoryFolder();
            const all = { withAnnotations: true, withMask: true };
            const baseName = `made-${++made}`;
            const named = { ...content, header: { ...content.header, name: baseName } };
            await jsonWriter.write(exportSourceOf(named), folder.open, { ...all, baseName }, () => undefined);
            const first = await bench.import(
              bench.put(`${baseName}.json`, folder.files.get(`${baseName}.json`)!),
            );
            expect(first.files[0]?.error).toBeUndefined();
            const id = first.files[0]!.recordingIds[0]!;
            for (const { onsetS, durationS, isWhole, kind } of spans) {
              const where = isWhole ? {} : { channel: 0 };
              await library.addMask({ recordingId: id, ...where, ...kind, onsetS, durationS, author: "A" });
            }
            const job = await bench.run(
              exportJob(bench.context, request(bench, [id], format, { withMask: true })),
            );
            const before = await contentOf(bench, id);
            await library.purgeRecording(id); // the same file would be known
            const again = await bench.import(job.files[0]!.file);
            expect(again.files[0]?.error).toBeUndefined();
            const after = await contentOf(bench, again.files[0]!.recordingIds[0]!);
            expect(differencesOf(before, after, fidelity[format])).toEqual([]);
          },
        ),
        { numRuns: 6 },
      );
    }),
  60_000,
);

test("an export never overwrites: taken names get a number", () =>
  withBench(async (bench) => {
    const id = await imported(bench, "arm");
    const wanted = request(bench, [id, id]);
    writeFileSync(join(wanted.directory, "arm.edf"), "mine");
    const job = await bench.run(exportJob(bench.context, wanted));
    expect(job.state).toBe("done");
    expect(outFiles(bench).filter((name) => name.endsWith(".edf"))).toEqual([
      "arm-2.edf",
      "arm-3.edf",
      "arm.edf",
    ]);
    expect(readFileSync(join(wanted.directory, "arm.edf"), "utf8")).toBe("mine");
  }));

test("a cancelled export leaves no file, whole or part", () =>
  withBench(async (bench) => {
    const ids = [await imported(bench, "a", 1), await imported(bench, "b", 2)];
    const job = await bench.run((handle) => {
      const stop = new AbortController();
      stop.abort();
      return exportJob(bench.context, request(bench, ids))({ ...handle, signal: stop.signal });
    });
    expect(job.state).toBe("cancelled");
    expect(outFiles(bench)).toEqual([]);
  }));

test("exporting into what is no folder says so; one that is not there is made", () =>
  withBench(async (bench) => {
    const id = await imported(bench, "arm");
    bench.put("a-file", "x");
    const into = (name: string) =>
      bench.run(
        exportJob(bench.context, request(bench, [id], "edf", { directory: join(bench.folder, name) })),
      );
    expect((await into("a-file")).files[0]?.error?.code).toBe("data/not-a-folder");
    expect((await into("new/folder")).state).toBe("done");
    expect(readdirSync(join(bench.folder, "new", "folder"))).toEqual(["arm.edf"]);
  }));

test("a table of annotations goes out and comes back the same", () =>
  withBench(async (bench) => {
    const id = await imported(bench, "arm");
    await bench.import(
      bench.put(
        "events.csv",
        'recording,label,onset_s,duration_s,channel,note\narm,"slow, then fast",0.125,1.5,EMG triceps,"a ""b"""\narm,rest,3,0,,\n',
      ),
    );
    const before = await bench.storage.library.listAnnotations(id);
    const { text, rows } = await annotationTable(bench.storage.library, {
      recordingIds: [id],
      file: undefined,
      deidentify: false,
    });
    expect(rows[0]).toEqual({
      recording: "arm",
      label: "slow, then fast",
      code: codeOf("slow, then fast"),
      onset_s: 0.125,
      duration_s: 1.5,
      channel: "EMG triceps",
    });
    for (const { id: annotation } of before) await bench.storage.library.removeAnnotation(annotation);
    await bench.import(bench.put("again.csv", text));
    const essence = (list: typeof before) =>
      list.map(({ label, labelSet, onsetS, durationS, channel, note, author }) => ({
        label,
        labelSet,
        onsetS,
        durationS,
        channel,
        note,
        author,
      }));
    expect(essence(await bench.storage.library.listAnnotations(id))).toEqual(essence(before));
  }));

test("a file name is safe whatever the recording is called", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (name) => {
      const safe = safeName(name);
      expect(safe).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$|^[-][\p{L}\p{N}._-]*$/u);
      expect(safe.length).toBeLessThanOrEqual(180);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(210);
    }),
    { numRuns: 1000 },
  );
  expect(safeName("胎".repeat(80))).toBe("胎".repeat(66)); // whole characters
  expect(["../../etc/passwd", "CON", "", "胎児 1001", "a b"].map(safeName)).toEqual([
    "etc_passwd",
    "recording_CON",
    "recording_",
    "胎児_1001",
    "a_b",
  ]);
});
