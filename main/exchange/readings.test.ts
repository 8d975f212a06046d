import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportJob } from "./export-job.ts";
import { emgTable, withBench, type Bench } from "./testing.ts";

const EVENTS = "recording,label,onset_s,duration_s,author\narm,Hand close,0.5,1,Sato\n";

async function arm(bench: Bench): Promise<string> {
  const job = await bench.import(bench.put("arm.csv", emgTable(400, 1)));
  return job.files[0]!.recordingIds[0]!;
}

test("a table made by somebody who read everything declares it for its label set, once, and undo takes it back", () =>
  withBench(async (bench) => {
    const { library } = bench.storage;
    const id = await arm(bench);
    const { durationS } = await library.getRecording(id);
    const events = bench.put("events.csv", EVENTS);
    await bench.import(events);
    expect(await library.listReadings(id)).toEqual([]);
    await bench.import(events, { readComplete: true }); // its label is there already, the declaration is new
    await bench.import(events, { readComplete: true });
    expect(await library.listReadings(id)).toMatchObject([
      { labelSet: "emg-gestures", author: "Sato", onsetS: 0, durationS },
    ]);
    const log = (await library.readLog(100)).filter(({ action }) => action === "reading.add");
    expect(log.map(({ actor }) => actor)).toEqual(["import"]); // a file's name may be a person's
    expect((await library.undo(id)).step).toEqual({ kind: "reading", what: "add" });
    expect(await library.listReadings(id)).toEqual([]);
  }));

test("readers whom a table names declare for themselves, each beside the others; who names nobody is called as the file", () =>
  withBench(async (bench) => {
    const { library } = bench.storage;
    const id = await arm(bench);
    const table = `${EVENTS}arm,Hand open,2,1,Mori\narm,Hand open,2.5,1,\n`;
    await bench.import(bench.put("first.csv", EVENTS), { readComplete: true });
    await bench.import(bench.put("events.csv", table), { readComplete: true });
    await bench.import(bench.put("again.csv", table.replaceAll(/,(Sato|Mori)$/gm, ",")), {
      readComplete: true,
    });
    const [read, labels] = [await library.listReadings(id), await library.listAnnotations(id)];
    expect(read.map(({ author }) => author).sort()).toEqual(["Mori", "Sato", "again.csv", "events.csv"]);
    expect(new Set(labels.map(({ author }) => author))).toEqual(new Set(["Mori", "Sato", "events.csv"]));
  }));

test("of a recording it declares nothing for labels that another file brought", () =>
  withBench(async (bench) => {
    const { library } = bench.storage;
    const id = await arm(bench);
    await bench.import(bench.put("quality.csv", EVENTS.replace("Hand close,0.5", "Noisy,1.5")));
    await bench.import(bench.put("events.csv", EVENTS), { readComplete: true });
    expect((await library.listReadings(id)).map(({ labelSet }) => labelSet)).toEqual(["emg-gestures"]);
  }));

test("words that only files know are declared for nothing: the imported set holds those of other files too", () =>
  withBench(async (bench) => {
    const { library } = bench.storage;
    const id = await arm(bench);
    await bench.import(bench.put("earlier.csv", EVENTS.replace("Hand close", "pause")));
    const events = bench.put("events.csv", `${EVENTS}arm,stumble,1.5,1,Sato\n`);
    const job = await bench.import(events, { readComplete: true });
    expect((await library.listReadings(id)).map(({ labelSet }) => labelSet)).toEqual(["emg-gestures"]);
    const codes = job.files[0]!.repairs.map(({ code }) => code);
    expect(codes).toContain("READ_FOR_OWN_WORDS");
    expect(codes).not.toContain("READ_FOR_NO_LABEL");
  }));

test("a file without an annotation does not say what was looked for", () =>
  withBench(async (bench) => {
    const job = await bench.import(bench.put("arm.csv", emgTable(400, 1)), { readComplete: true });
    expect(job.files[0]!.repairs.map(({ code }) => code)).toContain("READ_FOR_NO_LABEL");
    expect(await bench.storage.library.listReadings(job.files[0]!.recordingIds[0]!)).toEqual([]);
  }));

test.each(["json", "edf", "wfdb", "csv"] as const)(
  "what was read goes out as %s and comes back, for the labels that were looked for and no others",
  (format) =>
    withBench(async (bench) => {
      const { library } = bench.storage;
      const id = await arm(bench);
      const set = await library.getLabelSet("emg-gestures");
      const own = { ...set, id: "own", labels: set.labels.slice(0, 2) };
      await library.saveLabelSet(own);
      const reading = { recordingId: id, labelSetVersion: 1, author: "Mori", onsetS: 0.25, durationS: 1.5 };
      await library.addReading({ ...reading, labelSet: set.id });
      await library.addReading({ ...reading, labelSet: "own" });
      const main = { json: ".json", edf: ".edf", wfdb: ".hea", csv: ".csv" };
      const directory = join(bench.folder, "out");
      const exported = async (deidentify: boolean): Promise<string> => {
        mkdirSync(directory, { recursive: true });
        const before = new Set(readdirSync(directory));
        const what = { recordingIds: [id], withAnnotations: true, withMask: true };
        await bench.run(exportJob(bench.context, { ...what, format, directory, deidentify }));
        return join(
          directory,
          readdirSync(directory).find((name) => !before.has(name) && name.endsWith(main[format]))!,
        );
      };
      const back = async (path: string) => {
        const job = await bench.import(path);
        expect(job.files[0]?.error).toBeUndefined();
        const { recordingIds, repairs } = job.files[0]!;
        return { readings: await library.listReadings(recordingIds[0]!), repairs };
      };
      const open = await exported(false);
      const closed = await exported(true);
      const facts = { author: "Mori", onsetS: 0.25, durationS: 1.5, labelSetVersion: 1 };
      expect((await back(open)).readings).toMatchObject([
        { ...facts, labelSet: "emg-gestures" },
        { ...facts, labelSet: "own" },
      ]);
      const nameless = (await back(closed)).readings;
      expect(nameless).toMatchObject([{ labelSet: "emg-gestures", onsetS: 0.25, durationS: 1.5 }]);
      expect(nameless[0]!.author).not.toContain("Mori");
      // A set that has got a label since: an earlier version still says what was looked for; a set without one does not.
      await library.saveLabelSet({ ...own, labels: set.labels.slice(0, 3) });
      const again = await exported(false);
      await library.saveLabelSet({
        ...set,
        labels: [...set.labels, { ...set.labels[0]!, code: "pinch", key: "9" }],
      });
      expect((await back(again)).readings.map(({ labelSetVersion }) => labelSetVersion)).toEqual([1, 1]);
    }),
);
