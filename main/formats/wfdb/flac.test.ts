import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource, readWhole } from "../memory.ts";
import { countSamples, flacFrames, openFlac } from "./flac.ts";
import { kind, streamOf, type BitWriter } from "./flac-builder.ts";
import { wfdbReader } from "./reader.ts";

/**
 * Streams of 600 samples that libFLAC made (python soundfile 0.14: sf.write(file, samples, 250, format="FLAC")), its
 * comment block taken out: linear prediction, middle and side, three widths.
 */
const made: Readonly<Record<8 | 16 | 24, string>> = {
  8: "ZkxhQ4AAACIQABAAAAHdAAHdAA+icAAAAliwL2JoIFMad+lZcK68HD4Z//h+EgACVwAZIUb7CQwOUiYAHoBRMmyYCe9NtJgT/yWW0E6r757Qyq/v9/DK73220E7rbLJAa/zbSYCW1MiJkAksyImRANZU220A3t00lwN+st8tBFV/bb6GV3v/v4I6vbbLARVWSSaA3t0m2wEku2yZAJJMiJkwGsu0TJga3yXSQE6vJbbwyu/t9/BHd7/feCKq2yywE62SSaAS2zZMmA1s2TIiASSZEybAS2xNtMDfrpJbQbr77f6CKr3+/8Ed1/vtoIveW2WA1XyabIDW3ZETYCSzImREAklTZNsDX3bSSAy/y2yUEVV/l9oZXX/3+hnV7fZaDK/tkmoN/Zsk2AllREyZAJJUTIiYDWXbbRAJfZJJYDL1tstoZXe2++hnV/7/eCOq1O/gQKDw4UGRhSvgggf/vwgBhpkmEyUOYQmZIZJJhJJJkkknJmXMzzvNzn98/MnMkkyZkwmZIQyZkJhJDhkk5mTTymZfNp5/eT5mTmckmScJ4QmScJMhMMmSTyZMk+c5m6Z08pcymdDzKEmZkmZJDJmTJJJOTJJJOTJ85nM2nTM6XymWhmZQyTDMzhCThhMhkkhkJkkknOHzSeTc+580ukyzOckkkyTMkk5IZhkmEkhkySeTIBS0",
  16: "ZkxhQ4AAACIQABAAAAKOAAKOAA+i8AAAAlj49y8lOIunud2EWqvKGx/9//h+mAACVwAZ0E7/W3+v/9ff6+/2P/sn/Zf+17UgAB8Fb+v6r9yQBw8AR5WBEyrEfNQZW6pj7YGa92rk+BE1lh00AS19d/KAmseVZkDW30h7WBIhf2LW4E+/SC0lAjdVyHaUEarrhU2A1izTz4DaxZbIgJvlpC2oBMhfWLGoN0/SnqQGRa6Y7Wgjf2UVpQEvW6LbQEkq2LKQNvPWLawEiL1IfNQap+kPCQCJ+qYreBmnlp2mA163e/cBLKt/kYEv3iHtQCVH/Q+JQSt+kLWoM16pnawESefHJKAkq6RZIAkue1dEBr54h5UAlRVqFjcEqdUpakAidXJCtaDa+WHbUBJ30R7KAmsfRZiAlu8Y8qATI61nrQGqLUp6iAjdVSFSUESLlgrVAN6+lWygaSrKujBp56xZUAkR1pC5oCRFrUtbA2j9M7fAhOqenTQBPHicAooKEhGSGQIgTieMLqg1i2pu0GvlrP7fMJhjzIkAiaeVkir5k6nWWU7v5FU/Xp3KX5Op12SO92JIsQhtajCGbRjEGIlYwgzJmMYREyMYxIqMxtfczSvZEqu9idzv9lOd7IqirZO5bJov8xJ12IbT5jGbRDGGZsxjCG2IQQxEiGMZpEQxtFhGadbM1V1mncq37qKq6KUq3yuf/aq/iEvXsza/IYySYzDMkIQQxGxCCGE0QwgjSIQhppMxEq+M0c8k1Ur/ZXctsUp/fFcq/Tu91SKsxE1sZhNrmMY2iMIMRIhjDETIQQZk6MYQlsRiJVqI1UtiZ3dZcrn62cp3lquVfE5Srtqr2MS1YRDNOhDGbRCCDNoQgwjNUEMImzEIZtohDJXyMkq+RI5Vu3Kf+5Snf6qU62opS+xKpfka3hJf",
  24: "ZkxhQ4AAACIQABAAAAQWAAQWAA+jcAAAAlhZ8ozachR1ixxJqoYXysmu//h+rAACVwAZ0RgAo9AEZqsIJZkL3VIBqO6Ja/TvmZeiMStuWkhu/LjoqJTo6JzI8KDUvOC54KHxYUF70hL2BQoLFi14hXIWCrMtw7N+X94z1Pj9Tfa33Z1NXUW1bSSejs6y6rqu2rbP3J/VHZ0FR0rfPH7QZ9HvLg240nFAlqEHdeTLCAmcly4SuSo1Jy8vOSY6KTsuMDopLzknLi0oKyMwbkropVuiNRRoHCbEsVZs+Iowa6Tn+51f/5U2n+iua6gvay0pbeScpHXV9Ta1/+2/Xmi1/dajn90fs/TFqyaFWhejXMl7poRtCR6WvyU7WiUiOiUxPSY1MBC4ERqSmxMePS4xfvCwoYvSJe0XOk6ulYZk+Njsxf8tdiKv/SuoKn7a01hU2FrRX1dWWlrV2lfYUlxT1lBXVG692UW6k45/WjXpe7VSbWsYq2b9qsLiF2SFpGUlZoVkAnJTMuPSgyPSQ+cit8WmpAVkRi1JnTx2wIEbBoh0okuRdjc6O+ej9aL3VWerCq/W1RZUEp/11xZWVPdWdDb3P2rrqz3WUFH0/1OQk2c8LbDlV72NMk3PFD1kUNCV6VkRUXFBOfEBuZFZwXHRWZGB2RmZy1PSIxeEhU4fOCpRStkHJEtSZNC3ph0/uPGg90PeosuNpVVlHdVtNdVd/8v6+puau1/XVHY0NLV9an9y/8+nHbpyasOHcl1vF1SrfsXZYyKSE3XHZcUFxYfEhiflZMfm5MYHpCZFRmTNRGwKHROwbv1TdTVr9CpZhW4G+nzv8UVO/1wrf65IP9dgP+vgL/YRN/sde/2bVf7VDOYg7e8b6B++37GQsWOP+2AAhf6Nbl236wg6rlXje0Z+v2OKsJo04QtVKPiUo4eUa05xI5niBpxzmlmBbNEvFmMc4k1uCWkkEZY15nP6Y83u6fiPVeyRb/dehcyre3yfXf4ZfVrma8EdqF0doapvdMFl96wwty3kGJ6WWeeiso8Yr6xAsYgktotBKyxK1uMWa7uSTVP03FRFX9KxRmn/B1dOWestoo8OvqqwumuruJVG95wbvO2Hc/0skjS0SXbW8S9Lj3jE5pEjTEnNLHPS8QWe44hwt/GiSCFI2wYXzGCGL5vKhFOWY1I9zWJtl+8Yk0fkcFU2ew+z2K+CLvYIQXl+DG0Zoa5FKljC9PPOMUswoKTkosSIMaSWIS40k0Sqgo09uMVGmtw1lpOO5eunGO9Pk0Z62R63+zZNnudr7ZV4Kt/pW7aO9sE1Z79SNZ2QRnrSym9JMEN2o8WIQSY0IVa0oaWo45w1GKDBxCaFOFq5l7nK8vNgvfOpTTV7lY26ijC6q6KNyreU71Jq/rQyyzW2H9zVWdrmC0c0Qm1vuFC3pqWSMSl4goQ08kkc3xQwhiI=",
};
const bytesOf = (bits: 8 | 16 | 24): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(made[bits]), (c) => c.charCodeAt(0));

/** What was written into them. */
const value = (bits: number, channel: number, i: number): number =>
  channel === 0
    ? Math.round(2 ** (bits - 2) * Math.sin(i / 17)) + ((i * 7919) % 11) - 5
    : Math.round(2 ** (bits - 2) * Math.sin(i / 17 + 0.02)) + ((i * 104729) % 7) - 3;
const whole = (bits: number, channel: number): number[] =>
  Array.from({ length: 600 }, (_, i) => value(bits, channel, i));

async function decode(bytes: Uint8Array): Promise<{ channels: number[][]; isDamaged: boolean }> {
  const source = bytesSource("a.flac", bytes);
  const info = await openFlac(source);
  const channels = Array.from({ length: info.channels }, (): number[] => []);
  const frames = flacFrames(source, info);
  for (;;) {
    const next = await frames.next();
    if (next.done === true) return { channels, isDamaged: next.value.isDamaged };
    for (const [c, samples] of next.value.channels.entries())
      for (const one of samples) channels[c]!.push(one);
  }
}

describe("FLAC streams", () => {
  test.each([8, 16, 24] as const)("what libFLAC packed in %i bits comes out as it went in", async (bits) => {
    expect(await decode(bytesOf(bits))).toEqual({
      channels: [whole(bits, 0), whole(bits, 1)],
      isDamaged: false,
    });
  });

  test.each([
    ["a constant", (bits: BitWriter) => kind(bits, 0).signed(-7, 16), [-7, -7, -7, -7]],
    [
      "samples as they are",
      (bits: BitWriter) => [1, -2, 3, -32768].forEach((v) => (v === 1 ? kind(bits, 1) : bits).signed(v, 16)),
      [1, -2, 3, -32768],
    ],
    ["low bits that are always zero", (bits: BitWriter) => kind(bits, 0, 3).signed(5, 13), [40, 40, 40, 40]],
    [
      "differences from the last sample, Rice-coded",
      (bits: BitWriter) =>
        kind(bits, 9)
          .signed(100, 16)
          .put(0, 2)
          .put(0, 4)
          .put(1, 4)
          .put(0b1_0, 2)
          .put(0b1_1, 2)
          .put(0b01_0, 3),
      [100, 100, 99, 100],
    ],
    [
      "differences written in full",
      (bits: BitWriter) =>
        kind(bits, 8)
          .put(1, 2)
          .put(0, 4)
          .put(31, 5)
          .put(7, 5)
          .signed(-64, 7)
          .signed(63, 7)
          .signed(0, 7)
          .signed(1, 7),
      [-64, 63, 0, 1],
    ],
  ] as const)("%s", async (_, write, expected) => {
    expect(await decode(streamOf(4, (bits) => void write(bits)))).toEqual({
      channels: [[...expected]],
      isDamaged: false,
    });
  });

  test("cut or changed anywhere it gives sound frames or a named error, never a wrong sample", async () => {
    const bytes = bytesOf(16);
    const damage = fc.record({
      cut: fc.integer({ min: 43, max: bytes.length }),
      at: fc.integer({ min: 42, max: bytes.length - 1 }),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ cut, at, bit }) => {
        const changed = Uint8Array.from(bytes);
        changed[at]! ^= 1 << bit;
        const { channels, isDamaged } = await decode(changed.subarray(0, cut));
        expect(isDamaged).toBe(true); // one frame: its checksum covers every bit
        expect(channels).toEqual([[], []]);
      }),
      { numRuns: 300 },
    );
  });

  test("a stream that does not say how long it is is counted", async () => {
    const source = bytesSource(
      "a.flac",
      streamOf(4, (bits) => void kind(bits, 0).signed(1, 16), 0),
    );
    expect(await countSamples(source, await openFlac(source))).toBe(4);
  });
});

describe("descriptions of streams", () => {
  const patched = (at: number, ...values: readonly number[]): Uint8Array => {
    const bytes = bytesOf(16);
    bytes.set(values, at);
    return bytes;
  };
  test.each([
    ["too short to describe itself", bytesOf(16).subarray(0, 30), 0],
    ["without its mark", patched(0, 0x4f), 0],
    ["that begins with another block", patched(4, 0x84), 4],
    ["of 32 bits", patched(20, 0x03, 0xf0), 20],
    ["whose blocks never end", patched(4, 0).subarray(0, 43), 42],
  ] as const)("a stream %s is refused", async (_, bytes, offset) => {
    await expect(openFlac(bytesSource("a.flac", bytes))).rejects.toMatchObject({
      code: "data/bad-flac",
      detail: { file: "a.flac", offset },
    });
  });
});

describe("WFDB records in FLAC", () => {
  const text = (s: string): Uint8Array => new TextEncoder().encode(s);
  const record = (hea: string, dat: Uint8Array) =>
    readWhole(wfdbReader, bytesSource("r.hea", text(hea), new Map([["r.dat", dat]])));

  test.each([8, 16, 24] as const)("a channel of the stream is a signal (format 5%s)", async (bits) => {
    const code = 500 + bits;
    const { channels, header, repairs } = await record(
      `r 2 250 600\nr.dat ${code} 2/mV\nr.dat ${code} 2/mV\n`,
      bytesOf(bits),
    );
    expect(channels.map(({ samples }) => [...samples])).toEqual([whole(bits, 0), whole(bits, 1)]);
    expect(header.channels[0]!.sampleType).toBe(bits === 8 ? "int8" : bits === 16 ? "int16" : "int32");
    expect(repairs).toEqual([]);
  });

  test("several samples a frame, and fewer frames than the stream holds", async () => {
    const { channels } = await record("r 2 125 250\nr.dat 516x2 2\nr.dat 516x2 2\n", bytesOf(16));
    expect([...channels[1]!.samples]).toEqual(whole(16, 1).slice(0, 500));
  });

  test("a stream that breaks off leaves the rest not recorded, and says where", async () => {
    const { channels, repairs } = await record(
      "r 2 250 600\nr.dat 516 2\nr.dat 516 2\n",
      bytesOf(16).subarray(0, 400),
    );
    expect(channels[0]!.samples).toHaveLength(0);
    expect(repairs).toMatchObject([
      { code: "WFDB_FLAC_DAMAGED", values: { file: "r.dat", byte: 42, frames: 0 } },
    ]);
  });

  test.each([
    ["as many signals as channels", "r 1 250 600\nr.dat 516 2\n", bytesOf(16), "data/bad-flac"],
    [
      "no more bits than the format has",
      "r 2 250 600\nr.dat 508 2\nr.dat 508 2\n",
      bytesOf(16),
      "data/bad-flac",
    ],
    ["a FLAC stream", "r 1 250 600\nr.dat 516 2\n", new Uint8Array(600), "data/bad-flac"],
    [
      "no more samples than any signal needs",
      "r 1 250 600\nr.dat 516 2\n",
      streamOf(4, (bits) => void kind(bits, 0).signed(1, 16), 2 ** 35),
      "data/too-large",
    ],
  ])("refuses what is not %s", async (_, hea, dat, code) => {
    await expect(record(hea, dat)).rejects.toMatchObject({ code, detail: { file: "r.dat" } });
  });

  test("a stream of unknown length is counted, and samples before the first frame are passed over", async () => {
    const ramp = streamOf(
      6,
      (bits) => [1, 2, 3, 4, 5, 6].forEach((v) => (v === 1 ? kind(bits, 1) : bits).signed(v, 16)),
      0,
    );
    const { channels } = await record("r 1 250\nr.dat 516+2 2\n", ramp);
    expect([...channels[0]!.samples]).toEqual([3, 4, 5, 6]);
  });

  test("one stream has one rate", async () => {
    await expect(record("r 2 125 250\nr.dat 516x2 2\nr.dat 516 2\n", bytesOf(16))).rejects.toMatchObject({
      code: "data/bad-flac",
    });
  });
});
