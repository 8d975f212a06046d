import { crc32, deflateSync } from "node:zlib";
import type { RecordingLook } from "./recording-alarms.ts";

type Colour = readonly [red: number, green: number, blue: number];
type Shape = (x: number, y: number) => Colour | undefined; // from -1 to 1, y downward; undefined: transparent

const red: Colour = [205, 43, 49];
const amber: Colour = [255, 178, 36];
const grey: Colour = [128, 132, 140];
const ink: Colour = [28, 28, 32];
const paper: Colour = [255, 255, 255];

/** Told apart by shape, not by colour alone: a ring, a disc in a ring, a triangle with an exclamation mark. */
const shapes: Readonly<Record<RecordingLook, Shape>> = {
  armed: (x, y) => {
    const r = Math.hypot(x, y);
    return r < 0.85 && r > 0.5 ? grey : undefined;
  },
  recording: (x, y) => {
    const r = Math.hypot(x, y);
    if (r < 0.62) return red;
    return r < 0.78 ? paper : r < 0.95 ? red : undefined;
  },
  alarm: (x, y) => {
    if (y < -0.95 || y > 0.85 || Math.abs(x) > (y + 0.95) * 0.55) return undefined;
    const isMark = Math.abs(x) < 0.14 && ((y > -0.3 && y < 0.35) || (y > 0.48 && y < 0.72));
    return isMark ? ink : amber;
  },
};

const FINE = 4; // samples along each side of a pixel

/** RGBA, row by row from the top. */
export function trayPixels(look: RecordingLook, size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 4);
  const at = (pixel: number, part: number): number => ((pixel + (part + 0.5) / FINE) / size) * 2 - 1;
  const parts = Array.from({ length: FINE * FINE }, (_, i) => [i % FINE, Math.floor(i / FINE)] as const);
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    const hit = parts.flatMap(([px, py]) => {
      const colour = shapes[look](at(x, px), at(y, py));
      return colour === undefined ? [] : [colour];
    });
    if (hit.length === 0) continue;
    const mean = (part: 0 | 1 | 2): number => hit.reduce((sum, one) => sum + one[part], 0) / hit.length;
    pixels.set([mean(0), mean(1), mean(2), (255 * hit.length) / parts.length], i * 4);
  }
  return pixels;
}

/** The picture as a PNG (ISO/IEC 15948): eight bits a channel with alpha, no filter. */
export function trayPicture(look: RecordingLook, size: number): Buffer {
  const pixels = trayPixels(look, size);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6], 8);
  const rows = Array.from({ length: size }, (_, y) => [
    Buffer.from([0]),
    pixels.subarray(y * size * 4, (y + 1) * size * 4),
  ]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(rows.flat()))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
