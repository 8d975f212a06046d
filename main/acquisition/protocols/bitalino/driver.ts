import { maskReasons } from "../../../../preload/contract/mask.ts";
import { CountedFrames, type FrameSink } from "../counted-frames.ts";
import type { Driver, DriverEvent } from "../protocol.ts";
import { SampleRun } from "../sample-run.ts";
import { analogOf, bitsOf, digitalOf, frameBytes, isFrame, sequenceOf } from "./frame.ts";
import { inputsOf, sensorOf, type BitalinoSetup } from "./setup.ts";

/**
 * A frame has no head, and a CRC of 4 bits lets one window in 16 through: four in a row that count on are asked for before
 * any is believed, and where the counter jumps. Where a byte was put in or left out, one place in 256 still reads as the
 * frame that was expected, and the intact frame that begins within it is lost.
 */
export function bitalinoDriver(setup: BitalinoSetup): Driver {
  const channels = inputsOf(setup).length;
  const length = frameBytes(channels);
  const run = new SampleRun(0, channels + (setup.digital ? 2 : 0));
  let events: DriverEvent[] = [];
  const tell = (event: DriverEvent): void => {
    run.flush(events);
    events.push(event);
  };
  // Only an amplifier that swings around half the supply is at its limit where the converter is.
  const tops = Array.from({ length: channels }, (_, channel) =>
    sensorOf(setup, channel).kind === "other" ? Infinity : 2 ** bitsOf(channel) - 1,
  );

  const sink: FrameSink = {
    frame(bytes, at, index) {
      run.begin(index, events);
      for (let channel = 0; channel < channels; channel += 1) {
        const value = analogOf(bytes, at + length, channel);
        const top = tops[channel] ?? Infinity;
        const isRailed = value >= top || (value === 0 && top < Infinity);
        run.set(channel, value, isRailed ? maskReasons.saturated : maskReasons.observed);
      }
      if (!setup.digital) return;
      const lines = digitalOf(bytes, at, length);
      run.set(channels, lines >> 3, maskReasons.observed);
      run.set(channels + 1, (lines >> 2) & 1, maskReasons.observed);
    },
    missing({ first, count, isDamaged, uncertainty }) {
      const reason = isDamaged ? "checksum" : "counter-gap";
      tell({
        ...({ kind: "lost", stream: 0, first, count, reason } as const),
        ...(uncertainty === undefined ? {} : { uncertainty }),
      });
    },
    skipped(bytes) {
      tell({ kind: "resync", bytes });
    },
  };
  const frames = new CountedFrames(
    {
      length,
      modulus: 16,
      rate: setup.sampleRate,
      isFrame: (bytes, at) => isFrame(bytes, at, length),
      counterOf: (bytes, at) => sequenceOf(bytes, at, length),
      seek: (bytes, from, to) => {
        let at = from;
        while (at < to && !isFrame(bytes, at, length)) at += 1;
        return at;
      },
      toLock: 4,
      toJump: 4,
      toResume: 3,
      firstIndex: () => 0, // it is idle before
      underWay: 0,
    },
    sink,
  );
  return {
    push(bytes, arrivedS) {
      frames.push(bytes, arrivedS);
      run.flush(events);
      const told = events;
      events = [];
      return told;
    },
    get isHolding() {
      return frames.isHolding;
    },
    reset() {
      frames.reset();
      run.clear();
      events = [];
    },
  };
}
