import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { sampleStudy } from "../synthesis/sample-study.ts";
import { sampleJob } from "./sample-job.ts";
import { withBench } from "./testing.ts";

const study = sampleStudy();
const small = () => ({ ...study, recordings: study.recordings.slice(2, 5) }); // one of each format

const leftovers = (folder: string) => readdirSync(folder).filter((name) => name.startsWith("kodo-sample-"));

test("the sample study comes in through the same files and readers as any other, marked synthetic", () =>
  withBench(async (bench) => {
    const job = await bench.run(sampleJob(bench.context, small, bench.folder));
    expect(job.files.map(({ state, error }) => [state, error])).toEqual([
      ["done", undefined],
      ["done", undefined],
      ["done", undefined],
    ]);
    const recordings = await bench.storage.library.listRecordings();
    expect(recordings).toHaveLength(3);
    for (const recording of recordings)
      expect(recording).toMatchObject({ synthetic: true, study: study.name, state: "complete" });
    for (const { source, baseName, subject } of small().recordings) {
      const stored = recordings.find(({ name }) => name === baseName);
      expect(stored).toMatchObject({
        kind: source.header.kind,
        subject,
        annotationCount: source.annotations.length,
      });
      expect(stored?.channels.map(({ label, sampleCount }) => [label, sampleCount])).toEqual(
        source.header.channels.map(({ label }, channel) => [label, source.sampleCounts[channel]]),
      );
      const annotations = await bench.storage.library.listAnnotations(stored!.id);
      expect(annotations.every(({ labelSet }) => labelSet !== "imported")).toBe(true);
      const { labelSet } = annotations[0]!;
      expect(await bench.storage.library.listReadings(stored!.id)).toMatchObject([
        { labelSet, onsetS: 0, durationS: stored!.durationS },
      ]);
      expect((await bench.storage.library.history(stored!.id)).undo).toBe(0);
      const written = (await source.read(0, 0, 2000)).samples;
      const { gain, offset } = source.header.channels[0]!;
      const { values, reasons } = await bench.storage.library.samples(stored!.id, 0, 0, 2000);
      const wrong = Array.from(values).filter(
        (value, i) => reasons[i] === 0 && Math.abs(value - (written[i]! * gain + offset)) > 1e-4,
      );
      expect(wrong).toEqual([]);
    }
    expect(leftovers(bench.folder)).toEqual([]);
  }));

test("opened a second time, the study is the one that is there", () =>
  withBench(async (bench) => {
    const first = await bench.run(sampleJob(bench.context, small, bench.folder));
    const again = await bench.run(sampleJob(bench.context, small, bench.folder));
    expect(again.state).toBe("done");
    expect(again.files.map(({ recordingIds }) => recordingIds)).toEqual(
      first.files.map(({ recordingIds }) => recordingIds),
    );
    expect(await bench.storage.library.listRecordings()).toHaveLength(3);
  }));

test("a cancelled sample study leaves nothing, not even the recordings that were done", () =>
  withBench(async (bench) => {
    const job = await bench.run((handle) => {
      const stop = new AbortController();
      return sampleJob(
        bench.context,
        small,
      )({
        ...handle,
        signal: stop.signal,
        outcome: (index, outcome) => {
          handle.outcome(index, outcome);
          if (index === 1 && outcome.state === "running") stop.abort();
        },
      });
    });
    expect(job.state).toBe("cancelled");
    expect(await bench.storage.library.listRecordings()).toEqual([]);
    expect(leftovers(bench.folder)).toEqual([]);
  }));
