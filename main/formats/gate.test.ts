import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import {
  FACT_TEXT_MAX,
  NAME_MAX,
  SAMPLE_RATE_MAX,
  type ChannelHeader,
} from "../../preload/contract/recording.ts";
import type { RecordingHeader, SampleBlock, SourceAnnotation } from "../signal/block.ts";
import type { FormatReader } from "./format.ts";
import { guarded } from "./gate.ts";
import { bytesSource, readWhole } from "./memory.ts";
import { recognise } from "./registry.ts";

const channel = (change: Partial<ChannelHeader> = {}): ChannelHeader => ({
  label: "EMG",
  unit: "uV",
  sampleRate: 1000,
  role: "emg",
  sampleType: "float64",
  gain: 1,
  offset: 0,
  ...change,
});

/** A reader that trusts its file entirely. */
function careless(
  header: Partial<RecordingHeader>,
  blocks: readonly SampleBlock[] = [],
  annotations: readonly SourceAnnotation[] = [],
): FormatReader {
  const whole: RecordingHeader = {
    name: "trusting",
    kind: "emg",
    subject: undefined,
    startedAt: undefined,
    channels: [channel()],
    facts: {},
    ...header,
  };
  return guarded({
    id: "careless",
    title: "Careless",
    extensions: [".x"],
    recognises: () => true,
    open: () =>
      Promise.resolve({
        header: whole,
        blocks: async function* () {
          for (const block of blocks) yield await Promise.resolve(block);
        },
        annotations: () => Promise.resolve(annotations),
      }),
  });
}
const source = bytesSource("a.x", new Uint8Array(10));
const read = (reader: FormatReader) => readWhole(reader, source);

describe("the gate behind which every reader stands", () => {
  test.each([
    [{ sampleRate: 1e-320 }, "data/sample-rate", "1e-320"],
    [{ sampleRate: Infinity }, "data/sample-rate", "Infinity"],
    [{ sampleRate: NaN }, "data/sample-rate", "NaN"],
    [{ sampleRate: 2 * SAMPLE_RATE_MAX }, "data/sample-rate", "200000000"],
    [{ gain: 0 }, "data/scaling", "0"],
    [{ gain: 1e300 }, "data/scaling", "1e+300"],
    [{ gain: -1e-310 }, "data/scaling", "-1e-310"],
    [{ offset: Infinity }, "data/scaling", "Infinity"],
  ] as const)("refuses %o and names file, channel, value and range", async (change, code, value) => {
    const error = await read(
      careless({ channels: [channel(), channel({ ...change, label: "EMG 2" })] }),
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    const { message, detail, code: got } = error as AppError;
    expect(got).toBe(code);
    expect(message).toContain(value);
    expect(detail).toMatchObject({
      file: "a.x",
      channel: "EMG 2",
      allowed: expect.stringMatching(/ to /) as string,
    });
    expect(JSON.stringify(detail)).not.toContain("null");
  });

  test("refuses a sample later than any recording lasts", async () => {
    const far: SampleBlock = { channel: 0, firstSample: 2 ** 45, samples: new Float64Array(1), mask: [] };
    await expect(read(careless({}, [far]))).rejects.toMatchObject({ code: "data/too-long" });
  });

  test("masks what no tile can hold and counts it, and touches nothing else", async () => {
    const samples = Float64Array.of(1, NaN, Infinity, 1e300, -2, NaN);
    const mask = [{ first: 5, count: 1, reason: 1 }];
    const result = await read(careless({}, [{ channel: 0, firstSample: 0, samples, mask }]));
    expect(result.channels[0]).toEqual({
      samples: Float64Array.of(1, 0, 0, 0, -2, 0),
      reason: Uint8Array.of(0, 5, 5, 5, 0, 1),
    });
    expect(result.repairs).toMatchObject([{ code: "VALUES_TOO_LARGE", values: { count: 3, label: "EMG" } }]);
  });

  test("cuts names and says so; control characters and turned text become blanks", async () => {
    const { header, repairs } = await read(
      careless({
        name: "n".repeat(100_000),
        subject: "S\u0000\u001b[31m\u202e1",
        channels: [channel({ label: `${"a".repeat(NAME_MAX - 1)}😀`, unit: "x".repeat(5000) })],
        facts: { ["k".repeat(1000)]: "v".repeat(1e6), lines: "one\ntwo" },
      }),
    );
    expect(header.name).toHaveLength(NAME_MAX);
    expect(header.subject).toBe("S  [31m 1");
    expect(header.channels[0]!.label).toBe("a".repeat(NAME_MAX - 1));
    expect(header.channels[0]!.unit.length).toBeLessThan(100);
    expect(Object.values(header.facts).map(({ length }) => length)).toEqual([FACT_TEXT_MAX, 7]);
    expect(new Set(repairs.map(({ code }) => code))).toEqual(new Set(["TEXT_CUT", "TEXT_CONTROL"]));
    expect(JSON.stringify(repairs).length).toBeLessThan(5000);
  });

  test("any text comes out short, well-formed and without control characters; a plain one unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "binary", maxLength: 400 }),
        fc.string({ maxLength: 150 }),
        async (odd, plain) => {
          const { header } = await read(careless({ subject: odd, channels: [channel({ label: plain })] }));
          expect(header.subject!.length).toBeLessThanOrEqual(NAME_MAX);
          expect(header.subject).not.toMatch(/[\p{Cc}\p{Cs}]/u);
          expect(header.channels[0]!.label).toBe(plain);
        },
      ),
    );
  });

  test("keeps two thousand header fields and tells of the rest; a name of nothing gets one", async () => {
    const facts = Object.fromEntries(Array.from({ length: 2010 }, (_, i) => [`field ${i}\u0007`, "x"]));
    const { header, repairs } = await read(careless({ name: "", facts }));
    expect(header.name).toBe("recording");
    expect(Object.keys(header.facts)).toHaveLength(2000);
    expect(repairs.filter(({ code }) => code === "TEXT_CONTROL")).toHaveLength(20);
    expect(repairs).toContainEqual(
      expect.objectContaining({ code: "FACTS_LEFT_OUT", values: { file: "a.x", count: 10, limit: 2000 } }),
    );
  });

  test("leaves out annotations whose times are none", async () => {
    const at = (onsetS: number, durationS = 0): SourceAnnotation => ({
      onsetS,
      durationS,
      label: "x",
      channel: undefined,
      note: "",
    });
    const { annotations, repairs } = await read(
      careless({}, [], [at(1), at(1e63), at(NaN), at(2, Infinity), at(3, -1)]),
    );
    expect(annotations).toEqual([at(1)]);
    expect(repairs).toMatchObject([{ code: "ANNOTATIONS_FAR", values: { count: 4 } }]);
  });

  test("tells the first repairs of a kind and how many more there were", async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `s${i} 2\n`).join("");
    const bytes = new TextEncoder().encode(`r/60 1 100 120\n${lines}`);
    const { repairs } = await readWhole(recognise(bytes, "r.hea")!, bytesSource("r.hea", bytes));
    expect(repairs.filter(({ code }) => code === "WFDB_NO_SEGMENT")).toHaveLength(50);
    expect(repairs.at(-1)).toMatchObject({
      code: "REPAIRS_MORE",
      values: { code: "WFDB_NO_SEGMENT", count: 10 },
    });
  });
});
