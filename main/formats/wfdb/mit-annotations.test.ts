import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bytesSource, readWhole } from "../memory.ts";
import { sharedFile } from "../shared-data.test-support.ts";
import { interpret } from "./events.ts";
import { mitSymbols, parseMitAnnotations, type MitAnnotation } from "./mit-annotations.ts";
import { wfdbReader } from "./reader.ts";

// The byte forms below were written by hand from annot(5), not by our own writer, which could be wrong the same way.
const N = 1;
const NOTE = 22;
const [SKIP, NUM, SUB, CHN, AUX] = [59, 60, 61, 62, 63] as const;
const word = (code: number, low10: number): number[] => [low10 & 0xff, (code << 2) | (low10 >> 8)];
const END = [0, 0];
const text = (words: string): number[] => [...new TextEncoder().encode(words)];
const parsed = (...words: number[][]) => parseMitAnnotations(Uint8Array.from(words.flat()));
const brief = ({ time, code, subtype, channel, num, aux }: MitAnnotation) => [
  time,
  mitSymbols[code],
  subtype,
  channel,
  num,
  new TextDecoder().decode(aux),
];

describe("annot(5): pseudo-annotations, byte by byte", () => {
  test("SKIP holds a signed 32-bit interval, high half first, to which the next annotation's own interval adds", () => {
    const { annotations, endsProperly } = parsed(
      word(N, 10),
      [...word(SKIP, 0), 0x01, 0x00, 0x02, 0x00], // 0x00010002 = 65538
      word(N, 5),
      [...word(SKIP, 0), 0xff, 0xff, 0xf6, 0xff], // -10
      word(N, 0),
      [...word(SKIP, 0), 0xff, 0x7f, 0xff, 0xff], // twice 2^31 - 1: times beyond 32 bits
      [...word(SKIP, 0), 0xff, 0x7f, 0xff, 0xff],
      word(N, 1),
      END,
    );
    expect(annotations.map(({ time }) => time)).toEqual([10, 65_553, 65_543, 65_543 + 2 * (2 ** 31 - 1) + 1]);
    expect(endsProperly).toBe(true);
  });

  test("SUB is of one annotation; NUM and CHN hold on until they are set anew", () => {
    const { annotations } = parsed(
      word(N, 1),
      word(SUB, 7),
      word(CHN, 3),
      word(NUM, 0x0ff), // -1
      word(N, 1),
      word(N, 1),
      word(CHN, 0),
      word(NUM, 5),
      END,
    );
    expect(annotations.map(brief)).toEqual([
      [1, "N", 7, 3, -1, ""],
      [2, "N", 0, 3, -1, ""],
      [3, "N", 0, 0, 5, ""],
    ]);
  });

  test("AUX of odd length is padded with one byte that is no part of it", () => {
    const { annotations, usedBytes } = parsed(
      word(28, 4),
      [...word(AUX, 5), ...text("(AFIB"), 0x3f], // the pad need not be 0
      word(NOTE, 4),
      [...word(AUX, 2), ...text("ab")],
      word(N, 4),
      [...word(AUX, 0)],
      word(N, 4),
      END,
    );
    expect(annotations.map(brief)).toEqual([
      [4, "+", 0, 0, 0, "(AFIB"],
      [8, '"', 0, 0, 0, "ab"],
      [12, "N", 0, 0, 0, ""],
      [16, "N", 0, 0, 0, ""],
    ]);
    expect(usedBytes).toBe(24);
  });

  test("codes without a meaning move the time and leave no annotation", () => {
    const { annotations } = parsed(word(0, 100), word(55, 20), word(N, 3), END);
    expect(annotations.map(({ time }) => time)).toEqual([123]);
  });

  test("a file cut inside a SKIP or a text keeps every annotation before the cut and says it has no end", () => {
    const cuts = [
      [...word(SKIP, 0), 1, 0],
      [...word(AUX, 6), ...text("abc")],
    ];
    for (const cut of cuts) {
      const { annotations, endsProperly, usedBytes } = parsed(word(N, 9), cut);
      expect([annotations.length, endsProperly, usedBytes]).toEqual([1, false, 2]);
    }
    expect(parsed(word(N, 9), [7]).endsProperly).toBe(false);
    expect(parseMitAnnotations(new Uint8Array(0))).toEqual({
      annotations: [],
      endsProperly: false,
      usedBytes: 0,
    });
  });

  test("a first note announces another resolution than the sample rate; its marks are at those ticks", () => {
    const resolution = "## time resolution: 1000";
    const { annotations } = parsed(
      [...word(NOTE, 0), ...word(AUX, resolution.length), ...text(resolution)],
      word(N, 500),
      word(CHN, 1),
      END,
    );
    const { annotations: events } = interpret(annotations, 4, 2, "r.atr", () => undefined);
    expect(events).toMatchObject([{ onsetS: 0.5, durationS: 0, label: "N", channel: 1, author: "r.atr" }]);
  });
});

const atr = sharedFile("formats/wfdb/100.atr");
describe.skipIf(atr === undefined)("100.atr of the MIT-BIH database [needs shared/data]", () => {
  const original = (): Uint8Array => new Uint8Array(readFileSync(atr!));

  test("has the beats PhysioNet counts: 2239 normal, 33 atrial and 1 ventricular premature, one rhythm mark", () => {
    const { annotations, endsProperly } = parseMitAnnotations(original());
    const counts: Record<string, number> = {};
    for (const { code } of annotations) counts[mitSymbols[code]!] = (counts[mitSymbols[code]!] ?? 0) + 1;
    expect(counts).toEqual({ N: 2239, A: 33, V: 1, "+": 1 });
    expect(annotations.at(-1)!.time).toBe(649_991);
    expect(endsProperly).toBe(true);
  });

  test("reads the same where intervals are written as SKIP and beats carry SUB, CHN, NUM and odd texts", () => {
    const plain = original();
    const wanted = parseMitAnnotations(plain).annotations;
    const out: number[] = [];
    for (let at = 0, beat = 0; at + 2 <= plain.length; at += 2) {
      const code = plain[at + 1]! >> 2;
      const interval = plain[at]! | ((plain[at + 1]! & 3) << 8);
      if (code === AUX) {
        const end = at + 2 + interval + (interval % 2);
        out.push(...plain.subarray(at, end));
        at = end - 2;
        continue;
      }
      const isBeat = code > 0 && code < 50;
      if (!isBeat) {
        out.push(plain[at]!, plain[at + 1]!);
        continue;
      }
      beat++;
      if (beat % 3 === 0)
        out.push(...word(SKIP, 0), 0, 0, ...[interval & 0xff, interval >> 8], ...word(code, 0));
      else out.push(...word(code, interval));
      if (beat % 5 === 1 && beat > 1) out.push(...word(SUB, 2), ...word(CHN, 1), ...word(NUM, 4));
      if (beat % 5 === 2 && beat > 2)
        out.push(...word(CHN, 0), ...word(NUM, 0), ...word(AUX, 3), ...text("odd"), 0);
    }
    const { annotations, endsProperly } = parseMitAnnotations(Uint8Array.from(out));
    expect(endsProperly).toBe(true);
    expect(annotations.map(({ time, code }) => [time, code])).toEqual(
      wanted.map(({ time, code }) => [time, code]),
    );
    expect(annotations.slice(4, 7).map(brief)).toEqual([
      [946, "N", 0, 0, 0, ""],
      [1231, "N", 2, 1, 4, ""],
      [1515, "N", 0, 0, 0, "odd"],
    ]);
  });
});

const clinical = sharedFile("ctg-ctu-uhb/clinical.csv");
describe.skipIf(clinical === undefined)("the markers of CTU-UHB headers [needs shared/data]", () => {
  // Their names in clinical.csv, which others took from the headers, against the names in the headers themselves.
  const named: Readonly<Record<string, string>> = {
    ph: "pH",
    bdecf: "BDecf",
    be: "BE",
    pco2: "pCO2",
    apgar1: "Apgar1",
    apgar5: "Apgar5",
    gest_weeks: "Gest. weeks",
    weight_g: "Weight(g)",
    liq_praecox: "Liq. praecox",
    hypertension: "Hypertension",
    noprogress: "NoProgress",
    ck_kp: "CK/KP",
    i_stage: "I.stage",
    ii_stage: "II.stage",
    deliv_type: "Deliv. type",
    dbid: "dbID",
    rec_type: "Rec. type",
    pos_ii_st: "Pos. II.st.",
    sig2birth: "Sig2Birth",
  };

  test("every record's facts are the table's: outcome, delivery, start of the second stage", async () => {
    const [head, ...lines] = readFileSync(clinical!, "utf8").trim().split(/\r?\n/);
    const columns = head!.split(",");
    let compared = 0;
    for (const line of lines) {
      const cells = line.split(",");
      const record = cells[columns.indexOf("record")]!;
      const hea = new Uint8Array(readFileSync(sharedFile(`ctg-ctu-uhb/records/${record}.hea`)!));
      // The facts stand in the header; a signal file of four bytes is enough to open it.
      const files = new Map([[`${record}.dat`, new Uint8Array(4)]]);
      const { header } = await readWhole(wfdbReader, bytesSource(`${record}.hea`, hea, files));
      for (const [column, fact] of Object.entries(named)) {
        const wanted = cells[columns.indexOf(column)]!;
        const got = header.facts[fact];
        if (wanted === "") expect(Number.isNaN(Number(got)), `${record} ${fact}: ${got}`).toBe(true);
        else expect(Number(got), `${record} ${fact}`).toBe(Number(wanted));
        compared++;
      }
      expect(header.facts["comment 1"], record).toBeUndefined(); // every line was taken apart
    }
    expect(compared).toBe(386 * Object.keys(named).length);
  });
});
