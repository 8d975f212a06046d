import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { bytesSource, readWhole } from "../memory.ts";
import { sharedFile } from "../shared-data.test-support.ts";
import { fhrmReader, fhrReader } from "./reader.ts";

/** uint32 start, then rows of [FHR1, FHR2, (MHR,) UC, flags] in file units. */
function file(startS: number, bytesPerSample: 6 | 8, rows: readonly (readonly number[])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + rows.length * bytesPerSample));
  view.setUint32(0, startS, true);
  for (const [i, row] of rows.entries()) {
    let at = 4 + i * bytesPerSample;
    for (const [k, value] of row.entries()) {
      const isByte = k >= row.length - 2;
      if (isByte) view.setUint8(at, value);
      else view.setUint16(at, value, true);
      at += isByte ? 1 : 2;
    }
  }
  return new Uint8Array(view.buffer);
}

test(".fhr: rates in quarters of a beat, UC in halves, 4 Hz, Unix time of start", async () => {
  const bytes = file(1420113600, 6, [
    [672, 560, 40, 0],
    [0, 561, 41, 0],
    [65535, 0, 0, 0],
  ]);
  const { header, channels, repairs } = await readWhole(fhrReader, bytesSource("t.fhr", bytes));
  expect(header).toMatchObject({
    name: "t",
    kind: "ctg",
    startedAt: "2015-01-01T12:00:00Z",
    subject: undefined,
  });
  expect(
    header.channels.map(({ label, unit, role, gain, sampleRate, sampleType }) => [
      label,
      unit,
      role,
      gain,
      sampleRate,
      sampleType,
    ]),
  ).toEqual([
    ["FHR1", "bpm", "fhr", 0.25, 4, "int32"],
    ["FHR2", "bpm", "fhr", 0.25, 4, "int32"],
    ["UC", "", "uc", 0.5, 4, "uint8"],
  ]);
  expect(channels.map(({ samples }) => [...samples])).toEqual([
    [672, 0, 65535],
    [560, 561, 0],
    [40, 41, 0],
  ]);
  expect(channels.map(({ reason }) => [...reason])).toEqual([
    [0, 1, 0],
    [0, 0, 1],
    [0, 0, 0], // a belt at nought shows no activity; only a rate cannot be nought
  ]);
  expect(repairs).toEqual([]);
});

test(".fhrm: flags are kept as a channel and told as facts; they mask nothing", async () => {
  const bytes = file(0, 8, [
    [672, 0, 300, 40, 0b0110001],
    [673, 0, 301, 41, 0],
  ]);
  const { header, channels, repairs } = await readWhole(fhrmReader, bytesSource("t.fhrm", bytes));
  expect(header.channels.map(({ label }) => label)).toEqual(["FHR1", "MHR", "UC", "Flags"]);
  expect([...channels[3]!.samples]).toEqual([0b0110001, 0]);
  expect(channels.every(({ reason }) => reason.every((code) => code === 0))).toBe(true);
  expect(header.facts).toMatchObject({
    "FHR1 good": "50.0 % of samples",
    "MHR good": "50.0 % of samples",
    "MHR from toco belt": "50.0 % of samples",
  });
  expect(header.startedAt).toBeUndefined();
  expect(repairs.map(({ code }) => code)).toEqual(["FHRMA_UNUSED_CHANNEL", "FHRMA_NO_START"]);
});

test("bytes that are no whole sample are ignored and said; fewer than four are refused", async () => {
  const bytes = file(1, 6, [[672, 0, 40, 0]]);
  const { channels, repairs } = await readWhole(
    fhrReader,
    bytesSource("t.fhr", Uint8Array.from([...bytes, 1, 2, 3])),
  );
  expect(channels[0]!.samples.length).toBe(1);
  expect(repairs.find(({ code }) => code === "FHRMA_TAIL")).toMatchObject({ offset: 10, file: "t.fhr" });
  await expect(readWhole(fhrReader, bytesSource("t.fhr", new Uint8Array(3)))).rejects.toMatchObject({
    code: "data/fhrma-cut",
    detail: { file: "t.fhr", value: 3 },
  });
});

test("a long recording comes in blocks of at most 64 KiB", async () => {
  const rows = Array.from({ length: 40_000 }, (_, i) => [500 + (i % 200), 0, 20, 0]);
  const sizes: number[] = [];
  const { channels } = await readWhole(fhrReader, bytesSource("t.fhr", file(1, 6, rows)), {}, ({ samples }) =>
    sizes.push(samples.byteLength),
  );
  expect(Math.max(...sizes)).toBeLessThanOrEqual(65536);
  expect(channels[0]!.samples.every((value, i) => value === 500 + (i % 200))).toBe(true);
});

describe("public files", () => {
  const table = sharedFile("ctg-fhrma-fs/recordings.csv");
  const real = table === undefined ? test.skip : test;

  real("samples and shares of signal agree with the published table", async () => {
    const rows = readFileSync(table!, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","));
    for (const [name, dataset, , samples, , fhr1, fhr2, mhr] of rows.filter((_, i) => i % 60 === 0)) {
      const path = sharedFile(`ctg-fhrma-fs/${dataset!}/${name!}.gz`);
      if (path === undefined) continue;
      const { header, channels } = await readWhole(
        fhrmReader,
        bytesSource(name!, new Uint8Array(gunzipSync(readFileSync(path)))),
      );
      expect(channels[0]!.samples.length).toBe(Number(samples));
      for (const [label, share] of [
        ["FHR1", fhr1],
        ["FHR2", fhr2],
        ["MHR", mhr],
      ] as const) {
        const index = header.channels.findIndex((channel) => channel.label === label);
        const present =
          index === -1 ? 0 : channels[index]!.reason.filter((code) => code === 0).length / Number(samples);
        expect(present).toBeCloseTo(Number(share), 3);
      }
    }
  });

  real("train01.fhr starts at 168 bpm with UC 20", async () => {
    const path = sharedFile("ctg-fhrma-ma/signals/train01.fhr.gz")!;
    const { channels } = await readWhole(
      fhrReader,
      bytesSource("train01.fhr", new Uint8Array(gunzipSync(readFileSync(path)))),
    );
    expect([
      channels[0]!.samples.length,
      channels[0]!.samples[0]! / 4,
      channels.at(-1)!.samples[0]! / 2,
    ]).toEqual([14007, 168, 20]);
  });
});
