import { AppError } from "../../../../preload/contract/errors.ts";
import type { Conversation, Step } from "../protocol.ts";
import { textOf } from "../text.ts";
import { inputsOf, type BitalinoSetup } from "./setup.ts";

export const IDLE = 0x00; // while it is idle: the battery's warning at 3.4 V
export const VERSION = 0x07;
export const LIVE = 0x01;
export const SIMULATED = 0x02;
export const rateCommands = { 1: 0x03, 10: 0x43, 100: 0x83, 1000: 0xc3 } as const;

const PAUSE_S = 0.15; // between two commands, as the makers' own programs do
const STOP_S = 0.25;
const VERSION_S = 2;

const versionIn = (received: Uint8Array): string | undefined =>
  /BITalino[^\n]*(?=\n)/.exec(textOf(received))?.[0];
const askVersion: Step = {
  send: Uint8Array.of(VERSION),
  until: (received) => versionIn(received) !== undefined,
  waitS: VERSION_S,
};

/** Stops what was left running and reads the version; frames still under way may stand before it. */
export function* greetBitalino(): Conversation {
  yield { send: Uint8Array.of(IDLE), waitS: STOP_S };
  const { received } = yield { ...askVersion, flush: true };
  const version = versionIn(received);
  if (version === undefined)
    throw received.length === 0
      ? new AppError("device/no-answer", `Nothing answered on this port within ${VERSION_S} s`)
      : new AppError("device/not-recognised", "What answered on this port is not a BITalino", {
          received: textOf(received).slice(0, 200),
        });
  yield { waitS: PAUSE_S };
  const firmware = /\d+(?:\.\d+)*/.exec(version)?.[0];
  return {
    identity: { model: "BITalino", ...(firmware === undefined ? {} : { firmware }), facts: { version } },
    rest: new Uint8Array(0),
  };
}

/** The rate is set anew each time: a device that was off has forgotten it. */
export function startBitalino(setup: BitalinoSetup): readonly Step[] {
  const mask = inputsOf(setup).reduce((bits, input) => bits | (1 << (input - 1)), 0);
  return [
    { send: Uint8Array.of(rateCommands[setup.sampleRate]), waitS: PAUSE_S },
    { send: Uint8Array.of((mask << 2) | (setup.simulated ? SIMULATED : LIVE)), waitS: 0, flush: true },
  ];
}

/** The version's text behind the last frames shows that the device is idle. */
export const stopBitalino = (): readonly Step[] => [{ send: Uint8Array.of(IDLE), waitS: STOP_S }, askVersion];
