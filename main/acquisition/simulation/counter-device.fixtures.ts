import type { DeviceSignal, SimulatedDevice, StreamShape } from "../protocols/protocol.ts";

const RATE = 100;

export const counterShapes: readonly StreamShape[] = [
  {
    rate: RATE,
    channels: [
      {
        ...{ label: "A", unit: "", role: "other", sampleType: "uint8", sampleRate: RATE },
        ...{ gain: 1, offset: 0 },
      },
    ],
  },
];

/** A device for tests of what lies between it and the host: "g" starts it, "s" stops it, a frame is AA, counter, value, 55. */
export function counterDevice(signal: DeviceSignal): SimulatedDevice {
  let [next, isStreaming] = [0, false];
  return {
    get isStreaming() {
      return isStreaming;
    },
    receive: (bytes) => {
      for (const byte of bytes) {
        if (byte === 0x67) [isStreaming, next] = [true, 0];
        if (byte === 0x73) isStreaming = false;
      }
      return bytes.includes(0x3f) ? Buffer.from("counter") : new Uint8Array(0);
    },
    frames: (untilS) => {
      const frames = [];
      for (; isStreaming && next <= untilS * RATE + 1e-9; next++)
        frames.push({
          bytes: Uint8Array.of(0xaa, next & 255, (signal(0, 0, next) ?? 0) & 255, 0x55),
          dueS: next / RATE,
          holds: [{ stream: 0, first: next, count: 1 }],
        });
      return frames;
    },
    restart: () => {
      isStreaming = false;
      return Buffer.from("hello");
    },
  };
}

/** Counters of the whole frames in a run of bytes. */
export function countersIn(bytes: Uint8Array): number[] {
  const counters: number[] = [];
  for (let at = 0; at + 3 < bytes.length; at++)
    if (bytes[at] === 0xaa && bytes[at + 3] === 0x55) {
      counters.push(bytes[at + 1] ?? 0);
      at += 3;
    }
  return counters;
}
