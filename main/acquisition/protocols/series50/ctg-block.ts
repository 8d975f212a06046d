import { maskReasons } from "../../../../preload/contract/mask.ts";
import { CHANNELS, PER_BLOCK, QUALITY, TOCO } from "./setup.ts";

/** C block: what the monitor measured in one second. */
export const CTG_BYTES = 35;
const RATES = 3; // heart rates
const RATE_AT = 3; // first byte of them
const TOCO_AT = 27;
const RATE_MODE_AT = 31;
const TOCO_MODE_AT = 33;
const SPO2_AT = 34;

export const statusBits = {
  movementEnabled: 0x8000,
  twinOffset: 0x4000, // +20 bpm on the displayed trace; the values here are without it
  decgLogic: 0x0400,
  crossChannel: 0x0080, // the monitor suspects that two channels carry the same heart
  telemetry: 0x0040,
  fetalSpo2: 0x0010,
  deleted: 0x0004,
  inserted: 0x0002,
  on: 0x0001,
} as const;

const rateModes = [
  "no transducer",
  "ultrasound",
  "DECG",
  "MECG",
  "external",
  "reserved",
  "reserved",
  "unknown",
];
const tocoModes = [
  "no transducer",
  "external",
  "intrauterine",
  "reserved",
  "reserved",
  "reserved",
  "reserved",
  "unknown",
];
/** Bit of the lowest of three, in the heart-rate mode word: FHR1, FHR2, MHR. */
const modeShifts = [5, 9, 13];

export const statusOf = (block: Uint8Array): number => ((block[1] ?? 0) << 8) | (block[2] ?? 0);

const rateModeOf = (block: Uint8Array, rate: number): number =>
  ((((block[RATE_MODE_AT] ?? 0) << 8) | (block[RATE_MODE_AT + 1] ?? 0)) >> (modeShifts[rate] ?? 0)) & 7;

const tocoModeOf = (block: Uint8Array): number => ((block[TOCO_MODE_AT] ?? 0) >> 1) & 7;

/** A fetal movement goes on in sample `k`. Bits of a monitor that has the detection switched off mean nothing. */
export const isMoving = (block: Uint8Array, k: number): boolean =>
  (statusOf(block) & statusBits.movementEnabled) !== 0 && (((block[RATE_AT + 2 * k] ?? 0) >> 3) & 3) === 1;

/** Modes and switches of the monitor, in its own words. */
export function ctgFacts(block: Uint8Array): Record<string, string> {
  const status = statusOf(block);
  const spo2 = (block[SPO2_AT] ?? 0) & 0x7f;
  return {
    fhr1Mode: rateModes[rateModeOf(block, 0)] ?? "unknown",
    fhr2Mode: rateModes[rateModeOf(block, 1)] ?? "unknown",
    mhrMode: rateModes[rateModeOf(block, 2)] ?? "unknown",
    tocoMode: tocoModes[tocoModeOf(block)] ?? "unknown",
    monitor: status & statusBits.on ? "on" : "off",
    movementDetection: status & statusBits.movementEnabled ? "on" : "off",
    telemetry: status & statusBits.telemetry ? "on" : "off",
    decgLogic: status & statusBits.decgLogic ? "on" : "off",
    ...(status & statusBits.fetalSpo2 && spo2 > 0 ? { fetalSpO2: `${spo2} %` } : {}),
  };
}

/** Sample `k` of a block: values and reasons of all channels. */
export function readSample(
  block: Uint8Array,
  k: number,
  maskRed: boolean,
  values: Int32Array,
  reasons: Uint8Array,
): void {
  const off = statusOf(block) & statusBits.on ? maskReasons.observed : maskReasons.deviceInvalid;
  for (let rate = 0; rate < RATES; rate++) {
    const at = RATE_AT + 2 * PER_BLOCK * rate + 2 * k;
    const high = block[at] ?? 0;
    const raw = ((high & 7) << 8) | (block[at + 1] ?? 0);
    const quality = (high >> 5) & 3;
    const hasSignal = raw !== 0 && rateModeOf(block, rate) !== 0;
    const isRefused = maskRed && quality === 1;
    values[rate] = raw;
    reasons[rate] =
      off ||
      (!hasSignal ? maskReasons.noSignal : isRefused ? maskReasons.deviceInvalid : maskReasons.observed);
    values[QUALITY + rate] = quality;
    reasons[QUALITY + rate] = off;
  }
  values[TOCO] = block[TOCO_AT + k] ?? 0;
  reasons[TOCO] = off || (tocoModeOf(block) === 0 ? maskReasons.noSignal : maskReasons.observed);
}

/** A block of a monitor that is on: `valueOf(channel, k)` gives digital values, undefined where there is none. */
export function writeBlock(
  valueOf: (channel: number, k: number) => number | undefined,
  isIntrauterine: boolean,
): Uint8Array {
  const block = new Uint8Array(CTG_BYTES);
  const samples = Array.from({ length: PER_BLOCK }, (_, k) =>
    Array.from({ length: CHANNELS }, (_, channel) => valueOf(channel, k)),
  );
  block[0] = 0x43; // C
  block[2] = statusBits.on;
  samples.forEach((sample, k) => {
    for (let rate = 0; rate < RATES; rate++) {
      const raw = sample[rate] ?? 0;
      const at = RATE_AT + 2 * PER_BLOCK * rate + 2 * k;
      block[at] = ((sample[QUALITY + rate] ?? 0) << 5) | (raw >> 8);
      block[at + 1] = raw & 0xff;
    }
    block[TOCO_AT + k] = sample[TOCO] ?? 0;
  });
  // Ultrasound, ultrasound, MECG. The belt has no blank of its own: a block with a missing toco value has no transducer.
  const modes = (1 << (modeShifts[0] ?? 0)) | (1 << (modeShifts[1] ?? 0)) | (3 << (modeShifts[2] ?? 0));
  block[RATE_MODE_AT] = modes >> 8;
  block[RATE_MODE_AT + 1] = modes & 0xff;
  const hasToco = samples.every((sample) => sample[TOCO] !== undefined);
  block[TOCO_MODE_AT] = hasToco ? (isIntrauterine ? 2 : 1) << 1 : 0;
  return block;
}
