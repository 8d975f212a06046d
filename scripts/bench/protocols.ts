import { framesOf, lawCases, noiseFrom, type LawCase } from "../../main/acquisition/protocols/laws.ts";
import type { Row } from "./import.ts";

const REQUIRED = 20; // MB/s on one core, of noise: /shared/protocols, driver contract 3
const NOISE_BYTES = 10_000_000;
const READ_BYTES = 4096;
const ROUNDS = 5;

/** Every driver on random bytes and on its own device's frames, in reads of 4 KiB; best of five. */
export function benchProtocols(): Row[] {
  return lawCases().flatMap((tried) => {
    const noise = noiseFrom(1)(NOISE_BYTES);
    const clean = streamOf(tried);
    return [
      row(`${tried.name}: random bytes`, megabytesASecond(tried, noise)),
      row(`${tried.name}: its own stream`, megabytesASecond(tried, clean)),
    ];
  });
}

const row = (name: string, value: number): Row => ({
  ...{ name: `driver: ${name}`, value, unit: "MB/s" },
  ...{ peer: "what is asked of every driver", peerValue: REQUIRED, ratio: value / REQUIRED },
});

/** Some 2 MB, in as many reads as it takes. */
function streamOf(tried: LawCase): Uint8Array {
  const frameBytes = framesOf(tried, 20).reduce((sum, { bytes }) => sum + bytes.length, 0) / 20;
  const frames = framesOf(tried, Math.ceil(2e6 / frameBytes));
  return new Uint8Array(Buffer.concat(frames.map(({ bytes }) => bytes)));
}

function megabytesASecond({ protocol, setup }: LawCase, bytes: Uint8Array): number {
  let bestMs = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const driver = protocol.driver(setup);
    const began = performance.now();
    for (let at = 0; at < bytes.length; at += READ_BYTES)
      driver.push(bytes.subarray(at, at + READ_BYTES), at / 11_520);
    bestMs = Math.min(bestMs, performance.now() - began);
  }
  return bytes.length / 1000 / bestMs;
}
