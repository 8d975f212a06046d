import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../../../preload/contract/errors.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { bytesSource, exportSource, memoryFolder, readWhole } from "../memory.ts";
import { recordings } from "../recordings.test-support.ts";
import { jsonReader } from "./reader.ts";
import { jsonWriter } from "./writer.ts";

const options = { baseName: "r", withAnnotations: true, withMask: true };
const read = (text: string | Uint8Array) =>
  readWhole(
    jsonReader,
    bytesSource("r.json", typeof text === "string" ? new TextEncoder().encode(text) : text),
  );
async function written(content: Parameters<typeof exportSource>[0], more = {}): Promise<Uint8Array> {
  const folder = memoryFolder();
  await jsonWriter.write(exportSource(content), folder.open, { ...options, ...more }, () => undefined);
  return folder.files.get("r.json") as Uint8Array;
}

const channel = {
  label: "FHR",
  unit: "bpm",
  sampleRate: 4,
  role: "fhr",
  sampleType: "int16",
  gain: 0.25,
  offset: 0,
} as const;
const small = {
  header: {
    name: "n",
    kind: "ctg" as const,
    subject: "S",
    startedAt: "2026-01-02T03:04:05",
    channels: [channel],
    facts: { a: "b" },
  },
  channels: [{ samples: Int16Array.of(560, 0, 563), reason: Uint8Array.of(0, maskReasons.droppedPacket, 0) }],
  annotations: [{ onsetS: 0.25, durationS: 0, label: "x", channel: 0, note: "named" }],
};

describe("a recording as JSON", () => {
  test("says what was read completely, for which labels and by whom", async () => {
    const readings = [{ onsetS: 0, durationS: 0.5, labelSet: "own", labels: ["x", "y"], author: "Mori" }];
    expect((await read(await written({ ...small, readings }))).readings).toEqual(readings);
    expect((await read(await written(small))).readings).toBeUndefined();
    const bare = await written({ ...small, readings }, { withAnnotations: false });
    expect((await read(bare)).readings).toBeUndefined();
  });

  test("is what any JSON parser reads: physical values, null where not observed, and why", async () => {
    const object = JSON.parse(new TextDecoder().decode(await written(small))) as { [key: string]: unknown };
    expect(object).toMatchObject({
      schema: "kodo-recording/1",
      samples: [[140, null, 140.75]],
      masks: [[[1, 1, 3]]],
      annotations: [{ onsetS: 0.25, label: "x", channel: 0 }],
      channels: [{ sampleCount: 3 }],
    });
  });
  test("comes back the same: samples, mask, header, annotations", async () => {
    await fc.assert(
      fc.asyncProperty(
        recordings({ types: ["int8", "uint8", "int16", "int32"], mostChannels: 4 }),
        async (content) => {
          const back = await read(await written(content));
          expect(back.repairs).toEqual([]);
          expect(back.header).toEqual(content.header);
          expect(back.annotations).toEqual(content.annotations);
          back.channels.forEach((c, i) => {
            const wanted = content.channels[i] as (typeof content.channels)[number];
            const end = wanted.reason.findLastIndex((r) => r !== maskReasons.notRecorded) + 1;
            expect(Array.from(c.reason)).toEqual(Array.from(wanted.reason.slice(0, end)));
            expect(Array.from(c.samples)).toEqual(
              Array.from(wanted.samples.slice(0, end)).map((v, k) => (wanted.reason[k] === 0 ? v : 0)),
            );
          });
        },
      ),
      { numRuns: 60 },
    );
  });
  test("may be indented and have its keys in another order", async () => {
    const { samples, ...rest } = JSON.parse(new TextDecoder().decode(await written(small))) as {
      samples: unknown;
    };
    const back = await read(JSON.stringify({ samples, ...rest }, null, 2));
    expect(Array.from(back.channels[0]?.samples ?? [])).toEqual([560, 0, 563]);
  });
  test("cut within its samples it gives those it holds, and says so", async () => {
    const text = new TextDecoder().decode(await written(small));
    const back = await read(text.slice(0, text.indexOf("140.75")));
    expect(Array.from(back.channels[0]?.reason ?? [])).toEqual([0, 1]); // why is told after the samples
    expect(back.repairs.map((r) => r.code)).toEqual(["JSON_CUT"]);
  });
  test.each([
    ["[1]", "an object"],
    [`{"schema":"kodo-recording/1","samples":[[1]]}`, "does not fit the schema"],
    [
      `{"schema":"kodo-recording/1","name":"n","kind":"ctg","channels":[${JSON.stringify(channel)}],"samples":[[1,"x"]]}`,
      "a number or null",
    ],
    [
      `{"schema":"kodo-recording/1","name":"n","kind":"ctg","channels":[${JSON.stringify(channel)}],"samples":[[1],[2]]}`,
      "samples of 1 channel",
    ],
  ])("refuses %s", async (text, words) => {
    await expect(read(text)).rejects.toThrow(words);
    await expect(read(text)).rejects.toBeInstanceOf(AppError);
  });
  test.each([
    [
      "a key whose value is none",
      (t: string) => t.replace('"kind":"ctg"', '"kind":ctg'),
      '"kind" is not JSON',
    ],
    [
      "a key that does not fit",
      (t: string) => t.replace('"sampleRate":4', '"sampleRate":"4"'),
      '"channels.0.sampleRate"',
    ],
    ["a sample without an end", (t: string) => t.replace("[[140", `[[${"1".repeat(80)}`), "a number or null"],
    ["a word for a sample", (t: string) => t.replace("[[140", "[[soon"), "a number or null"],
    [
      "samples of a channel it does not have",
      (t: string) => t.replace("140.75]]", "140.75],[1]]"),
      "samples of 1 channel",
    ],
    [
      "samples of no channel",
      (t: string) => t.replace("[[140,null,140.75]]", "[140]"),
      "an array of samples a channel",
    ],
    ["samples too deep", (t: string) => t.replace("[[140", "[[[140"), "a number or null"],
  ])("refuses %s, by name and place", async (_, damage, words) => {
    const whole = new TextDecoder().decode(await written(small)).replace(/\s/g, "");
    const damaged = damage(whole);
    expect(damaged).not.toBe(whole);
    await expect(read(damaged)).rejects.toMatchObject({
      code: "data/bad-json",
      message: expect.stringContaining(words) as string,
      detail: { file: "r.json" },
    });
  });
  test("cuts mask runs that overlap, and keeps the reason of the first", async () => {
    const whole = new TextDecoder().decode(await written(small)).replace(/\s/g, "");
    const back = await read(whole.replace("[[[1,1,3]]]", "[[[1,2,3],[1,1,4],[0,2,5]]]"));
    expect([...back.channels[0]!.reason]).toEqual([5, 5, 3]);
  });
});

describe("JSON that was made to do harm", () => {
  const text = (change: object, rest = ""): string =>
    JSON.stringify({
      schema: "kodo-recording/1",
      name: "n",
      kind: "ctg",
      channels: [channel],
      ...change,
      samples: [[1, 2]],
    }).replace("}]", `}]${rest}`);

  test.each([
    [{ sampleRate: 1e-320 }, "data/sample-rate", "1e-320"],
    [{ sampleRate: 1e300 }, "data/sample-rate", "1e+300"],
    [{ gain: 1e300 }, "data/scaling", "1e+300"],
    [{ gain: 0 }, "data/scaling", "of 0 "],
    [{ offset: -1e300 }, "data/scaling", "-1e+300"],
  ])("%o is refused with place, value and range", async (change, code, value) => {
    const file = text({ channels: [{ ...channel, ...change }] });
    const error = await read(file).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code,
      detail: { file: "r.json", offset: file.indexOf("[{"), channel: "FHR" },
    });
    expect((error as AppError).message).toContain(value);
  });

  test("a value nested deep is refused where it gets too deep", async () => {
    await expect(read(text({}, `,"facts":${"[".repeat(1e6)}`))).rejects.toMatchObject({
      code: "data/bad-json",
    });
    await expect(read(text({}, `,"unknown":${'{"a":'.repeat(1e6)}`))).rejects.toMatchObject({
      detail: { offset: expect.any(Number) as number, allowed: expect.stringMatching(/32 deep/) as string },
    });
  });

  test("an endless list or key is refused before it fills the memory", async () => {
    await expect(read(text({}, `,"masks":[${"[],".repeat(8e6)}`))).rejects.toMatchObject({
      detail: { allowed: expect.stringMatching(/8000000 values/) as string },
    });
    await expect(read(text({}, `,"${"k".repeat(1e6)}":1`))).rejects.toMatchObject({
      detail: { allowed: expect.stringMatching(/key of at most/) as string },
    });
  });

  test("a value that the channel's type cannot hold is out of range, not another value", async () => {
    const file = text({ channels: [{ ...channel, sampleType: "int8", gain: 1 }] }).replace(
      "[1,2]",
      "[1000,-128,127,128]",
    );
    const { channels } = await read(file);
    expect(channels[0]).toEqual({
      samples: Int8Array.of(0, -128, 127, 0),
      reason: Uint8Array.of(5, 0, 0, 5),
    });
  });
});
