import { describe, expect, test } from "vitest";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sampleArrays, type SourceAnnotation } from "../../signal/block.ts";
import type { ByteSource } from "../format.ts";
import { bytesSource, exportSource, memoryFolder, readWhole, type RecordingContent } from "../memory.ts";
import { wfdbReader } from "./reader.ts";
import { wfdbWriter } from "./writer.ts";

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const record = (hea: string, files: Record<string, Uint8Array> = {}): ByteSource =>
  bytesSource("r.hea", text(hea), new Map([["r.hea", text(hea)], ...Object.entries(files)]));
const read = (hea: string, files: Record<string, Uint8Array> = {}) =>
  readWhole(wfdbReader, record(hea, files));
const segment = (name: string, rest = "A", frames = 2): Record<string, Uint8Array> => ({
  [`${name}.hea`]: text(`${name} 1 100 ${frames}\n${name}.dat 16 1(0)/u 16 0 1 3 0 ${rest}\n`),
  [`${name}.dat`]: Uint8Array.of(1, 0, 2, 0),
});

/** A source that says it is larger than it is, as a file does that shrinks or is sparse. */
const claiming = (source: ByteSource, sizes: Readonly<Record<string, number>>): ByteSource => ({
  ...source,
  size: sizes[source.name] ?? source.size,
  sibling: async (name) => {
    const found = await source.sibling(name);
    return found === undefined ? undefined : claiming(found, sizes);
  },
});

describe("headers that cannot be true", () => {
  test.each([
    ["a segment in another folder", "r/2 1 100 4\n../a 2\n~ 2\n", { value: "../a" }],
    ["a segment without a length", "r/1 1 100 4\na\n", { line: 2 }],
    [
      "segments beyond all time",
      `r/20 1 100 0\n${"~ 70000000000000\n".repeat(20)}`,
      { allowed: "0 to 3200000000 s" },
    ],
    [
      "no sample a frame",
      "r 1 100 4\nr.dat 16x0\n",
      { value: "16x0", allowed: "1 to 1000000 samples a frame" },
    ],
    ["a frame beyond memory", `r 20 100 1\n${"r.dat 16x1000000\n".repeat(20)}`, { value: 20_000_000 }],
    ["a length that is no number", "r 1 100 soon\n", { value: "soon" }],
    ["a rate that makes time endless", "r 1 1e-320 4\nr.dat 16\n", { line: 1, value: "1e-320" }],
    ["a rate beyond any converter", "r 1 1e300 4\nr.dat 16\n", { line: 1, value: "1e300" }],
    ["a frame that makes a rate beyond any", "r 1 99999999 4\nr.dat 16x1000\n", { line: 2 }],
    ["two formats in one file", "r 2 100 4\nr.dat 16\nr.dat 212\n", { value: 212, allowed: 16 }],
  ])("%s is refused by value and limit", async (_, hea, detail) => {
    await expect(read(hea, { "r.dat": new Uint8Array(8) })).rejects.toMatchObject({
      code: "data/bad-header",
      detail: { file: expect.stringMatching(/^r\./) as string, ...detail },
    });
  });

  test.each(["1e-320", "1e400", "1e300", "-1e-310", "1(99999999999999999999)", "200e", "5/"])(
    "a gain of %s is not used, and that is said",
    async (gain) => {
      const { header, repairs } = await read(`r 1 100 2\nr.dat 16 ${gain}\n`, { "r.dat": new Uint8Array(4) });
      expect(header.channels[0]).toMatchObject({ gain: 1 / 200, offset: 0 });
      expect(repairs.map(({ code }) => code)).toContain("WFDB_GAIN");
    },
  );

  test("a header of 17 MB is none", async () => {
    const source = claiming(record("r 1 100 4\nr.dat 16\n"), { "r.hea": 17 << 20 });
    await expect(readWhole(wfdbReader, source)).rejects.toMatchObject({
      code: "data/bad-header",
      detail: { value: 17 << 20, allowed: `at most ${16 << 20}` },
    });
  });

  test("a word for the number of signals is named, not taken for another format", () => {
    expect(wfdbReader.recognises(text("x two 4 19200\n"), "x.hea")).toBe(true);
    expect(wfdbReader.recognises(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1), "x.hea")).toBe(false);
  });
});

describe("damaged records", () => {
  test("a segment of another length than the master says is read as the master says, and said", async () => {
    const r = await read("r/2 1 100 5\na 2\nb 3\n", { ...segment("a"), ...segment("b", "A", 2) });
    expect(r.repairs.map(({ code }) => code)).toEqual(["WFDB_SEGMENT_LENGTH", "WFDB_TRUNCATED"]);
    expect([...r.channels[0]!.samples]).toEqual([1, 2, 1, 2]);
  });

  test("segments that are absent, or of another rate, stay gaps", async () => {
    const files = { ...segment("a"), "c.hea": text("c 1 50 2\nc.dat 16\n"), ...segment("d") };
    const r = await read("r/4 1 100 8\na 2\nb 2\nc 2\nd 2\n", files);
    expect(r.repairs.map(({ code }) => code)).toEqual(["WFDB_NO_SEGMENT", "WFDB_SEGMENT_RATE"]);
    expect([...r.channels[0]!.reason]).toEqual([0, 0, 2, 2, 2, 2, 0, 0]);
  });

  test("a signal the layout does not have is left out, and said", async () => {
    const layout = { "l.hea": text("l 1 100 0\n~ 0 1(0)/u 0 0 0 0 0 A\n") };
    const r = await read("r/3 1 100 4\nl 0\na 2\nb 2\n", {
      ...layout,
      ...segment("a"),
      ...segment("b", "B"),
    });
    expect(r.repairs.map(({ code }) => code)).toEqual(["WFDB_FOREIGN_SIGNAL"]);
    expect([...r.channels[0]!.samples]).toEqual([1, 2]);
  });

  test("a signal file that shrinks while it is read is an error with its place", async () => {
    const source = claiming(record("r 1 100 4\nr.dat 16 1(0)/u\n", { "r.dat": Uint8Array.of(1, 0, 2, 0) }), {
      "r.dat": 8,
    });
    await expect(readWhole(wfdbReader, source)).rejects.toMatchObject({
      code: "data/file-changed",
      detail: { file: "r.dat", offset: 0, value: 4 },
    });
  });

  test("an annotation file too long to be one is left out, and said", async () => {
    const files = { "r.dat": Uint8Array.of(1, 0), "r.atr": Uint8Array.of(0, 0) };
    const source = claiming(record("r 1 100 1\nr.dat 16 1(0)/u\n", files), { "r.atr": 257 << 20 });
    const r = await readWhole(wfdbReader, source);
    expect(r.repairs.map(({ code }) => code)).toEqual(["WFDB_ANNOTATIONS_TOO_LONG"]);
  });

  test("pseudo-annotations before the first annotation belong to none", async () => {
    const word = (code: number, low: number): number[] => [low & 0xff, (code << 2) | (low >> 8)];
    const atr = [...word(61, 3), ...word(62, 1), ...word(63, 2), 65, 66, ...word(1, 10), 0, 0];
    const r = await read("r 1 100 1\nr.dat 16 1(0)/u\n", {
      "r.dat": Uint8Array.of(1, 0),
      "r.atr": Uint8Array.from(atr),
    });
    expect(r.annotations).toMatchObject([{ onsetS: 0.1, label: "N", note: "" }]);
  });
});

describe("write then read, at the edges", () => {
  const channel = (header: Partial<ChannelHeader>): ChannelHeader => ({
    label: "A",
    unit: "u",
    sampleRate: 100,
    role: "other",
    sampleType: "int16",
    gain: 1,
    offset: 0,
    ...header,
  });
  async function written(
    channels: readonly { header: ChannelHeader; values: readonly number[]; reason?: readonly number[] }[],
    rest: { startedAt?: string; annotations?: readonly SourceAnnotation[]; baseName?: string } = {},
  ) {
    const content: RecordingContent = {
      header: {
        name: "w",
        kind: "other",
        subject: undefined,
        startedAt: rest.startedAt,
        channels: channels.map(({ header }) => header),
        facts: {},
      },
      channels: channels.map(({ header, values, reason }) => ({
        samples: new sampleArrays[header.sampleType](values),
        reason: Uint8Array.from(reason ?? values.map(() => 0)),
      })),
      annotations: rest.annotations ?? [],
    };
    const folder = memoryFolder();
    const codes: string[] = [];
    const options = {
      baseName: rest.baseName ?? "w",
      withAnnotations: true,
      withMask: true,
    };
    await wfdbWriter.write(exportSource(content), folder.open, options, ({ code }) => codes.push(code));
    const back = (name: string) =>
      readWhole(wfdbReader, bytesSource(name, folder.files.get(name)!, folder.files));
    return { folder, codes, back };
  }

  test("a measured lowest 32-bit value stays one, though it is the format's missing code", async () => {
    const lowest = -(2 ** 31);
    const values = [lowest, 5, lowest, lowest, 2 ** 31 - 1, 0];
    const reason = [0, 0, 3, 0, 0, 2];
    const { back } = await written([{ header: channel({ sampleType: "int32" }), values, reason }]);
    const r = await back("w.hea");
    expect(r.repairs).toEqual([]);
    expect([...r.channels[0]!.reason]).toEqual([0, 0, 3, 0, 0]); // a gap at the end is no longer there
    expect([0, 1, 3, 4].map((i) => r.channels[0]!.samples[i])).toEqual([lowest, 5, lowest, 2 ** 31 - 1]);
  });

  test("an observed value that is no number is written as missing", async () => {
    const { back } = await written([
      { header: channel({ sampleType: "float32" }), values: [0.5, NaN, Infinity, 2] },
    ]);
    const r = await back("w.hea");
    expect([...r.channels[0]!.reason]).toEqual([0, 1, 1, 0]);
  });

  test("rates without a common frame become records of their own, each whole", async () => {
    const { folder, codes, back } = await written(
      [
        { header: channel({ label: "A", sampleRate: 100 }), values: [1, 2, 3, 4] },
        { header: channel({ label: "B", sampleRate: 100 * Math.SQRT2 }), values: [5, 6, 7] },
        { header: channel({ label: "C", sampleRate: 100 }), values: [8, 9, 10, 11] },
      ],
      { annotations: [{ onsetS: 0.01, durationS: 0, label: "x", channel: 2, note: "" }] },
    );
    expect(codes).toEqual(["WFDB_SEVERAL_RATES"]);
    expect([...folder.files.keys()].sort()).toEqual(["w.atr", "w.dat", "w.hea", "w_2.dat", "w_2.hea"]);
    const [first, second] = [await back("w.hea"), await back("w_2.hea")];
    expect(first.header.channels.map(({ label }) => label)).toEqual(["A", "C"]);
    expect(first.channels.map(({ samples }) => [...samples])).toEqual([
      [1, 2, 3, 4],
      [8, 9, 10, 11],
    ]);
    expect(first.annotations).toMatchObject([{ label: "x", channel: 1 }]);
    expect(second.header.channels.map(({ sampleRate }) => sampleRate)).toEqual([100 * Math.SQRT2]);
    expect([...second.channels[0]!.samples]).toEqual([5, 6, 7]);
  });

  test("labels and notes longer than an annotation's 255 bytes go on in the next, whole characters only", async () => {
    const annotation = {
      onsetS: 0.02,
      durationS: 0.01,
      label: "陣痛".repeat(100),
      channel: undefined,
      note: `\\t${"é\t\0".repeat(90)}`,
      author: "w.atr",
    };
    const { folder, back } = await written([{ header: channel({}), values: [1, 2, 3, 4] }], {
      annotations: [annotation],
    });
    expect((await back("w.hea")).annotations).toEqual([annotation]);
    expect(folder.files.get("w.atr")!.length).toBeGreaterThan(1000);
  });

  test("a start without seconds, or without a time, and a name WFDB does not know are written as it can", async () => {
    const one = [{ header: channel({}), values: [1] }];
    const line = async (startedAt: string, baseName = "w"): Promise<string> =>
      new TextDecoder().decode(
        [...(await written(one, { startedAt, baseName })).folder.files].find(([name]) =>
          name.endsWith(".hea"),
        )![1],
      );
    expect(await line("2026-01-02T03:04")).toMatch(/^w 1 100 1 03:04:00 02\/01\/2026\n/);
    expect(await line("2026-01-02")).toMatch(/^w 1 100 1 00:00:00 02\/01\/2026\n/);
    const { codes, folder } = await written(one, { baseName: "右腕 1" });
    expect(codes).toEqual(["WFDB_RECORD_NAME"]);
    expect([...folder.files.keys()].sort()).toEqual(["recording-1.dat", "recording-1.hea"]);
  });
});

describe("records that ask for more than their files hold", () => {
  test("a segment listed twenty thousand times is refused before a sample is read", async () => {
    const files = { ...segment("a", "A", 100_000), "a.dat": new Uint8Array(200_000) };
    await expect(
      read(`r/20000 1 100 2000000000\n${"a 100000\n".repeat(20_000)}`, files),
    ).rejects.toMatchObject({
      code: "data/repeated-segments",
      detail: { file: "r.hea", allowed: expect.stringMatching(/^0 to \d+ bytes/) as string },
    });
  });

  test("a segment listed twice is read twice", async () => {
    const { channels } = await read("r/2 1 100 4\na 2\na 2\n", segment("a"));
    expect([...channels[0]!.samples]).toEqual([1, 2, 1, 2]);
  });

  test("a layout of four thousand signals opens at once", async () => {
    const lines = Array.from({ length: 4096 }, (_, i) => `~ 16 1/u 16 0 0 0 0 s${i}\n`).join("");
    const { header } = await read("r/2 4096 100 0\nl 0\nb 0\n", {
      "l.hea": text(`l 4096 100 0\n${lines}`),
      "b.hea": text(`b 4096 100 0\n${lines}`),
    });
    expect(header.channels).toHaveLength(4096);
  });
});
