import fc from "fast-check";
import { appendFileSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AppError } from "../../../preload/contract/errors.ts";
import { uniformFrom } from "../../signal/random.ts";
import { createCaptureReader, openCapture, writeCapture, type CaptureRecord } from "./capture.ts";
import { describeCapture, repeatOf } from "./describe-capture.ts";
import { recordingListener } from "./pty.fixtures.ts";
import { openReplay } from "./replay.ts";

const line = { baudRate: 115200, dataBits: 8, parity: "none", stopBits: 1 } as const;
const header = { port: "/dev/ttyUSB0", line, beganAt: "2026-11-28T18:00:00.000Z", beganS: 100.5 };
const never = (cause: AppError): void => expect.fail(cause.message);

async function captureOf(chunks: readonly (readonly [sinceS: number, bytes: Uint8Array])[]): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), "kodo-capture-")), "port.kodocap");
  const writer = await writeCapture(path, header, never);
  for (const [sinceS, bytes] of chunks) writer.write(bytes, header.beganS + sinceS);
  await writer.close();
  return path;
}

async function readAll(path: string) {
  const capture = await openCapture(path);
  const records: CaptureRecord[] = [];
  for (;;) {
    const next = await capture.records.next();
    if (next.done === true) {
      await capture.close();
      return { header: capture.header, records, ...next.value };
    }
    records.push(next.value);
  }
}

const three = [
  [0, Uint8Array.of(1, 2, 3)],
  [0.25, Uint8Array.of(4)],
  [1.5, new Uint8Array(1000).fill(7)],
] as const;

describe("a capture", () => {
  test("is read as it was written, by its owner alone", async () => {
    const path = await captureOf(three);
    const read = await readAll(path);
    expect(read.header).toEqual(header);
    expect(read.records.map(({ sinceS, bytes }) => [sinceS, bytes])).toEqual(three);
    expect(read).toMatchObject({ end: "whole", offset: statSync(path).size });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("is on the disk within about a second, while it goes on", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "kodo-capture-")), "c");
    const writer = await writeCapture(path, header, never);
    writer.write(Uint8Array.of(1, 2, 3), header.beganS);
    await expect.poll(async () => statSync(path).size, { timeout: 1500 }).toBeGreaterThan(0);
    expect((await readAll(path)).records).toHaveLength(1);
    await writer.close();
  });

  test("that is there already is not written over", async () => {
    const path = await captureOf(three);
    const before = readFileSync(path);
    await expect(writeCapture(path, header, never)).rejects.toMatchObject({
      code: "storage/capture-failed",
      message: `${path} cannot be written: there is such a file already, and none is overwritten`,
    });
    const nowhere = join(path, "..", "no", "c");
    await expect(writeCapture(nowhere, header, never)).rejects.toMatchObject({
      message: `${nowhere} cannot be written: its folder is not there`,
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("that cannot be written any more says so once", async () => {
    const said: string[] = [];
    const writer = await writeCapture(
      join(mkdtempSync(join(tmpdir(), "kodo-capture-")), "c"),
      header,
      ({ code }) => said.push(code),
    );
    for (let i = 0; i < 20; i++) writer.write(new Uint8Array(1024 * 1024), header.beganS);
    await expect(writer.close()).rejects.toMatchObject({ code: "storage/capture-failed" });
    expect(said).toEqual(["storage/capture-failed"]);
  });

  test("that was cut off anywhere is good up to there", async () => {
    const path = await captureOf(three);
    const whole = readFileSync(path);
    const third = whole.length - 1016;
    for (const cut of [1, 500, 1015]) {
      truncateSync(path, whole.length - cut);
      expect(await readAll(path)).toMatchObject({ end: "cut-off", offset: third });
      expect((await readAll(path)).records).toHaveLength(2);
    }
  });

  test("with any byte of its records changed is told as damaged, at that record, and never misread", async () => {
    const path = await captureOf(three);
    const whole = readFileSync(path);
    const from = whole.indexOf("}\n") + 2;
    fc.assert(
      fc.property(
        fc.integer({ min: from, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const changed = Buffer.from(whole);
          changed[at] = (changed[at] ?? 0) ^ by;
          const reader = createCaptureReader();
          const records = reader.push(changed);
          expect(records).toEqual(
            three.slice(0, records.length).map(([sinceS, bytes]) => ({ sinceS, bytes })),
          );
          const { end, offset } = reader.end();
          expect(end).not.toBe("whole"); // a length that grew reads as cut off
          expect(offset).toBeLessThanOrEqual(at);
        },
      ),
    );
  });

  test("is read the same however it is cut, and anything else is refused by name", () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          bytes.map((b) => Buffer.concat([Buffer.from(whole), b])),
        ),
        fc.nat(60),
        (file, cut) => {
          const read = (...pieces: Uint8Array[]): unknown => {
            try {
              const reader = createCaptureReader();
              const records = pieces.flatMap((piece) => reader.push(piece));
              return [records, reader.end()];
            } catch (error) {
              if (error instanceof AppError) return error.code;
              throw error;
            }
          };
          const once = read(file);
          expect(read(file.subarray(0, cut), file.subarray(cut))).toEqual(once);
          if (typeof once === "string") expect(once).toBe("data/not-a-capture");
        },
      ),
    );
  });
});

const whole = `KODO-CAPTURE 1\n${JSON.stringify(header)}\n`;

async function replay(address: string) {
  const heard = recordingListener();
  const port = await openReplay({ path: address, line, listener: heard.listener });
  return { port, ...heard };
}

describe("a replay", () => {
  test("brings the bytes at the speed at which they came, or as told", { retry: 2 }, async () => {
    const path = await captureOf([...three]);
    const { received, times, losses, until, port } = await replay(`replay:${path}?speed=5`);
    await until(() => losses.length > 0);
    expect(received()).toEqual(Buffer.concat(three.map(([, bytes]) => bytes)));
    const took = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(took).toBeGreaterThan(0.28);
    expect(took).toBeLessThan(0.6);
    expect(losses.map(({ code }) => code)).toEqual(["device/replay-ended"]);
    await port.close();
  });

  test("of a capture with a torn end plays what is whole and warns", async () => {
    const path = await captureOf([...three]);
    appendFileSync(path, Uint8Array.of(1, 2, 3, 4, 5));
    const { received, losses, warnings, until } = await replay(`replay:${path}?speed=100`);
    await until(() => losses.length > 0);
    expect(received().length).toBe(1004);
    expect(warnings).toEqual(["device/replay-cut-off"]);
  });

  test("ends at once when it is closed, and says nothing then", { retry: 2 }, async () => {
    const path = await captureOf([[3600, Uint8Array.of(1)]]);
    const { port, losses, received } = await replay(`replay:${path}`);
    const began = performance.now();
    await port.close();
    expect(performance.now() - began).toBeLessThan(100);
    expect([losses.length, received().length]).toEqual([0, 0]);
  });

  test("of what is no capture is refused", async () => {
    const other = join(mkdtempSync(join(tmpdir(), "kodo-capture-")), "other");
    await expect(replay(`replay:${other}`)).rejects.toMatchObject({ code: "device/not-found" });
    writeFileSync(other, "time,value\n");
    await expect(replay(`replay:${other}`)).rejects.toMatchObject({ code: "device/cannot-open" });
    await expect(replay(`replay:${other}?speed=1e-7`)).rejects.toThrow("no capture");
    for (const speed of ["0", "1e+300", "1001", "", "fast"])
      await expect(replay(`replay:${other}?speed=${speed}`)).rejects.toThrow(
        `${other} cannot be played back at ${speed} times its speed; up to 1000 times is possible`,
      );
  });
});

describe("what a capture looks like", () => {
  const uniform = uniformFrom(3);
  const byte = (): number => Math.floor(256 * uniform());
  /** Frames of 33 bytes: a start, a counter, noise, an end. */
  const frames = Uint8Array.from({ length: 33 * 200 }, (_, i) => {
    const at = i % 33;
    return at === 0 ? 0xa0 : at === 32 ? 0xc0 : at === 1 ? Math.floor(i / 33) & 255 : byte();
  });

  test("tells the length of a frame, and none of noise", () => {
    expect(repeatOf(frames)).toBe(33);
    const noise = Uint8Array.from({ length: 8000 }, byte);
    expect(repeatOf(noise)).toBeUndefined();
    expect(repeatOf(new Uint8Array(1000))).toBeUndefined();
    expect(repeatOf(new Uint8Array(0))).toBeUndefined();
  });

  test("shows its head, its rate and what it is made of", () => {
    const { rows, bytesPerS, printableShare, histogram } = describeCapture(
      Buffer.from("FHR 140\r\n\u0001"),
      2,
    );
    expect(rows).toEqual(["000000  46 48 52 20 31 34 30 0d 0a 01                    FHR 140..."]);
    expect(bytesPerS).toBe(5);
    expect(printableShare).toBe(0.9);
    expect(histogram[0x46]).toBe(1);
  });
});
