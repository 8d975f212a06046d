import { crc32, deflateSync } from "node:zlib";

/** A picture of 8 bits a colour, red, green and blue for each pixel, row by row. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly dotsPerInch: number;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const FILTER_UP = 2; // most rows of paper are as the row above
const METRES_PER_INCH = 0.0254;

/** As PNG, with its true size (W3C PNG, chunks IHDR, pHYs, IDAT, IEND). */
export function pngOf({ width, height, pixels, dotsPerInch }: Raster): Uint8Array {
  const stride = 3 * width;
  const filtered = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    const out = y * (stride + 1);
    filtered[out] = FILTER_UP;
    for (let i = 0; i < stride; i++)
      filtered[out + 1 + i] =
        (pixels[y * stride + i] ?? 0) - (y === 0 ? 0 : (pixels[(y - 1) * stride + i] ?? 0));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8); // 8 bits, colour; the one way to pack and to filter; not interlaced
  const size = Buffer.alloc(9);
  const perMetre = Math.round(dotsPerInch / METRES_PER_INCH);
  size.writeUInt32BE(perMetre, 0);
  size.writeUInt32BE(perMetre, 4);
  size[8] = 1; // metres
  return Buffer.concat([
    SIGNATURE,
    ...[
      chunk("IHDR", head),
      chunk("pHYs", size),
      chunk("IDAT", deflateSync(filtered)),
      chunk("IEND", Buffer.alloc(0)),
    ],
  ]);
}

function chunk(type: string, bytes: Buffer): Buffer {
  const whole = Buffer.alloc(bytes.length + 12);
  whole.writeUInt32BE(bytes.length, 0);
  whole.write(type, 4, "latin1");
  bytes.copy(whole, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + bytes.length)), 8 + bytes.length);
  return whole;
}
