import { expect, test } from "vitest";
import { fuzzReaders, fuzzSeeds } from "../../../scripts/bench/fuzz-formats.ts";
import type { FileSet } from "../laws.ts";

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const set = (main: string, files: Record<string, string | Uint8Array>): FileSet => ({
  main,
  files: new Map(
    Object.entries(files).map(([name, content]) => [
      name,
      typeof content === "string" ? text(content) : content,
    ]),
  ),
});
const rows = (n: number, row: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => row(i)).join("\n");
const noise = (n: number): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => (i * 73 + (i >> 3) * 19) & 255);

/** Files as other programs write them: what our own writers never produce. */
const foreign: readonly FileSet[] = [
  set("plain.csv", {
    "plain.csv": `time (s),FHR (bpm),UC\n${rows(40, (i) => `${i / 4},${i % 9 === 0 ? "" : 140 + (i % 5)},${i}`)}\n`,
  }),
  set("semicolon.csv", { "semicolon.csv": `t;a;b\r\n${rows(30, (i) => `${i},5;${i},25;"${i}"\r`)}` }),
  set("dates.csv", {
    "dates.csv": `日時,心拍,label\n${rows(24, (i) => `2026/1/2 23:59:${String(40 + Math.floor(i / 4)).padStart(2, "0")},${i},${i < 12 ? "a" : "b"}`)}\n`,
  }),
  set("openbci.txt", {
    "openbci.txt": `%OpenBCI Raw EXG Data\n%Number of channels = 2\n%Sample Rate = 250 Hz\nSample Index, EXG Channel 0, EXG Channel 1, Timestamp (Formatted)\n${rows(30, (i) => `${(i * 7) % 256}, ${i}.5, -3, 12:00:0${i % 10}.1`)}`,
  }),
  set("signals.txt", {
    "signals.txt": `# OpenSignals Text File Format\n# {"00:11": {"sensor": ["EMG"], "column": ["nSeq", "A1"], "label": ["A1"], "sampling rate": 1000, "date": "2016-6-11", "time": "7:3:47.29"}}\n# EndOfHeader\n${rows(30, (i) => `${i % 16}\t${500 + i}\t`)}\n`,
  }),
  set("multi.hea", {
    "multi.hea": "multi/4 2 100 60 10:00:00 01/02/2020\nl 0\ns1 20\n~ 20\ns2 20\n",
    "l.hea": "l 2 100 0\n~ 0 200/mV 0 0 0 0 0 A\n~ 0 200/mV 0 0 0 0 0 B\n",
    "s1.hea": "s1 2 100 20\ns1.dat 212 200(1024)/mV 12 0 0 0 0 B\ns1.dat 212 200/mV 12 0 0 0 0 A\n",
    "s2.hea": "s2 1 100 20\ns2.dat 16+4 100/mV 16 0 0 0 0 B\n",
    "s1.dat": noise(60),
    "s2.dat": noise(44),
    "multi.atr": noise(64),
  }),
  ...[8, 80, 24, 32, 160, 310, 311, 61].map((format) =>
    set(`f${format}.hea`, {
      [`f${format}.hea`]: `f${format} 2 125 40\nf${format}.dat ${format}x2:3 10(5)/mV 12 0 1 2 0 I\nf${format}.dat ${format} 0 12 0 1 2 0 FHR\n# <age>: 3\n`,
      [`f${format}.dat`]: noise(480),
      [`f${format}.qrs`]: noise(40),
    }),
  ),
];

test("mutated tables and records of other programs are read or refused by name, in time and within memory", async () => {
  const taken = (await fuzzSeeds(foreign)).map((seed) => seed.main);
  for (const { main } of foreign) expect(taken).toContain(main);
  const report = await fuzzReaders({
    count: Number(process.env["KODO_FUZZ"] ?? 2500),
    seed: Number(process.env["KODO_FUZZ_SEED"] ?? 11),
    meters: { now: () => performance.now(), bufferBytes: () => process.memoryUsage().arrayBuffers },
    extra: foreign,
  });
  expect(report.crashes).toEqual([]);
  for (const code of ["ok", "data/bad-cell", "data/bad-header"])
    expect(report.errors[code], code).toBeGreaterThan(0);
}, 600_000);
