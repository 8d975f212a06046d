import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { WholeRecording } from "../storage/api.ts";
import { RecordingGroup } from "./recording-group.ts";
import { withBench } from "./testing.ts";

const small = (samples: number, channel = 0): WholeRecording => ({
  id: randomUUID(),
  header: {
    name: "small",
    kind: "emg",
    subject: undefined,
    startedAt: undefined,
    facts: {},
    channels: [
      { label: "EMG", unit: "uV", sampleRate: 1000, role: "emg", sampleType: "int16", gain: 1, offset: 0 },
    ],
  },
  subject: "s",
  study: "",
  synthetic: false,
  source: { format: "test", file: "small", sha256: "00" },
  blocks: [{ channel, firstSample: 0, samples: new Int16Array(samples), mask: [] }],
  annotations: [],
  repairs: [],
});

test("a recording is said to be stored when the library has it, not before; a refused one is told alone", () =>
  withBench(async (bench) => {
    const calls: (() => void)[] = [];
    const library = {
      ...bench.storage.library,
      addRecordings: async (list: readonly WholeRecording[]) => {
        await new Promise<void>((go) => calls.push(go));
        return bench.storage.library.addRecordings(list);
      },
    };
    const group = new RecordingGroup({ ...bench.context, library });
    const said: string[] = [];
    const [good, bad] = [small(100), small(100, 7)];
    void group.add(good).then(() => said.push("good"));
    void group.add(bad).catch((error: unknown) => said.push(error instanceof AppError ? error.code : "?"));
    await group.makeRoom();
    expect(calls).toHaveLength(0); // two small ones wait for others
    const flushed = group.flush();
    await expect.poll(() => calls.length).toBe(1);
    expect([said, [...bench.held]]).toEqual([[], [good.id, bad.id]]);
    calls[0]?.();
    await flushed;
    expect(said).toEqual(["good", "data/bad-block"]);
    expect(bench.held.size).toBe(0);
    expect(bench.changes).toEqual([{ kind: "recordings", ids: [good.id] }]);
    expect((await bench.storage.library.listRecordings()).map(({ id }) => id)).toEqual([good.id]);
  }));

test("a group that nobody adds to any more goes off by itself, a large one at once", () =>
  withBench(async (bench) => {
    const group = new RecordingGroup(bench.context);
    await group.add(small(100)); // nobody flushes
    const large = group.add(small(1 << 20));
    await group.makeRoom();
    await large;
    expect(await bench.storage.library.listRecordings()).toHaveLength(2);
  }));

test("where the library fails, everything of the group and the next wait fail with it", () =>
  withBench(async (bench) => {
    const full = new AppError("storage/disk-full", "The disk is full");
    const library = { ...bench.storage.library, addRecordings: () => Promise.reject(full) };
    const group = new RecordingGroup({ ...bench.context, library });
    const [one, other] = [group.add(small(1 << 20)), group.add(small(10))];
    await group.makeRoom();
    await expect(one).rejects.toBe(full);
    await expect(other).rejects.toBe(full);
    await expect(group.flush()).rejects.toBe(full);
    expect(bench.held.size).toBe(0);
  }));

test("thousands of annotations are enough for a group, as a megabyte of samples is", () =>
  withBench(async (bench) => {
    const sizes: number[] = [];
    const library = {
      ...bench.storage.library,
      addRecordings: (list: readonly WholeRecording[]) => {
        sizes.push(list.length);
        return Promise.resolve(list.map(() => ({ ok: true, value: null }) as const));
      },
    };
    const group = new RecordingGroup({ ...bench.context, library });
    const note: Omit<NewAnnotation, "recordingId"> = {
      ...{ label: "rest", labelSet: "emg-gestures", labelSetVersion: 1, onsetS: 0, durationS: 1 },
      ...{ author: "a", source: "import", note: "" },
    };
    for (let i = 0; i < 6; i++) {
      const one = small(10);
      const annotations = Array.from({ length: 2000 }, () => ({ ...note, recordingId: one.id }));
      void group.add({ ...one, annotations });
      await group.makeRoom();
    }
    await group.flush();
    expect(sizes).toEqual([3, 3]);
  }));
