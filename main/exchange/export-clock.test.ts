import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { writers } from "../formats/registry.ts";
import { exportJob } from "./export-job.ts";
import { withBench } from "./testing.ts";

const RATE = 100;
const COUNT = 3000; // of the first device
const OTHER = 3333; // of the second, which goes on for longer: 33.33 s by its rate, and 33 by the first one's clock
const header = (label: string): ChannelHeader => ({
  ...{ label, unit: "uV", sampleRate: RATE, role: "emg", sampleType: "int16", gain: 1, offset: 0 },
});
/** A spike at the same moments of both devices. */
const spikes = (rate: number, count: number): Int16Array =>
  Int16Array.from({ length: count }, (_, i) => (i % Math.round(rate) === 0 ? 1000 : 1 + (i % 7)));

test.each(writers.map(({ id }) => id))(
  "as %s a second device's samples are at their places in the recording's time, and by how much is told",
  (format) =>
    withBench(async (bench) => {
      const { library } = bench.storage;
      const id = await library.createRecording({
        header: {
          ...{ name: "two", kind: "emg", subject: "S1", startedAt: undefined, facts: {} },
          channels: [header("A"), header("B")],
        },
        ...{ subject: "S1", study: "", synthetic: true, state: "recording" },
        source: { format: "sensor", file: "cobs", sha256: "" },
      });
      const block = (channel: number, samples: Int16Array) => ({
        channel,
        firstSample: 0,
        samples,
        mask: [],
      });
      const fit = { session: 0, first: 0, atS: 0, errorMs: 1 };
      await library.appendBlocks(id, [block(0, spikes(RATE, COUNT)), block(1, spikes(1.01 * RATE, OTHER))], {
        arrivals: [],
        fits: [
          { ...fit, channel: 0, rate: RATE },
          { ...fit, channel: 1, rate: 1.01 * RATE }, // it sends 101 samples in a second of the first
        ],
      });
      await library.closeRecording(id, { state: "complete", repairs: [] });
      const directory = join(bench.folder, "out");
      mkdirSync(directory);
      const job = await bench.run(
        exportJob(bench.context, {
          ...{ recordingIds: [id], format, directory },
          ...{ withAnnotations: true, withMask: true, deidentify: false },
        }),
      );
      const [file] = job.files;
      expect(file?.state).toBe("done");
      const told = file?.repairs.find(({ code }) => code === "OTHER_CLOCK");
      expect(told).toMatchObject({
        severity: "warning",
        values: { names: "B", from: "0.000", to: "-0.330", leftOut: 33, empty: 0 },
      });
      expect((await library.getRecording(id)).durationS).toBeCloseTo(33, 9);
      await library.removeRecording(id);
      const again = await bench.import(file?.file ?? "");
      const copy = again.files[0]?.recordingIds[0] ?? "";
      const { channels, facts, durationS } = await library.getRecording(copy);
      expect(durationS, "as long as it was listed").toBeCloseTo(33, 9);
      expect(channels[1]?.label).toBe("B");
      const named = (await library.samples(copy, 1, 0, OTHER - 33)).values;
      const at = [...named].flatMap((value, i) => (value > 900 ? [i] : []));
      expect(at).toEqual(Array.from({ length: 33 }, (_, s) => s * RATE));
      expect(facts["channel.2.moved"]).toBe(
        "by whole samples, 0.000 s at its begin, -0.330 s at its end; 33 left out, 0 empty",
      );
    }),
);
