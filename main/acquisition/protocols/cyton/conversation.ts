import { AppError } from "../../../../preload/contract/errors.ts";
import type { Conversation, Reply, Step } from "../protocol.ts";
import { bytesOf, textOf } from "../text.ts";
import { channelCommands } from "./commands.ts";
import { packetsIn, UNDER_WAY_PACKETS } from "./driver.ts";
import { boardChannels, type CytonSetup } from "./setup.ts";

const END = "$$$";
const isEnded = (received: Uint8Array): boolean => textOf(received).includes(END);
const asks = (command: string, waitS: number): Step => ({
  send: bytesOf(command),
  until: isEnded,
  waitS,
  flush: true,
});

const RESET_S = 6; // the board looks for its accelerometer and a Daisy first
const REPLY_S = 1;
const ATTEMPTS = 3;
const streams = (received: Uint8Array): boolean => packetsIn(received) >= UNDER_WAY_PACKETS;

/** Stop, reset, Daisy, defaults, channel settings: every step is answered before the next. */
export function* greetCyton(setup: CytonSetup): Conversation {
  const hello = textAnswered(yield* reset());
  yield* matchDaisy(setup);
  refuseFailure(textOf((yield asks("d", REPLY_S)).received));
  for (const [index, command] of channelCommands(setup).entries()) yield* setChannel(index + 1, command);
  if (setup.source === "test-slow") yield asks("-", REPLY_S);
  if (setup.source === "test-fast") yield asks("=", REPLY_S);
  if (setup.timeStamps) yield asks("<", REPLY_S);
  return { identity: identityOf(setup, hello), rest: new Uint8Array(0) };
}

/** A board that was out of reach has heard neither command, and streams when it is back: it is told again at once. */
function* reset(): Generator<Step, Reply, Reply> {
  const ask = asks("v", RESET_S);
  const until = (received: Uint8Array): boolean => isEnded(received) || streams(received);
  for (let left = ATTEMPTS; ; left -= 1) {
    yield { send: bytesOf("s"), waitS: 0.1 };
    const reply = yield { ...ask, until };
    if (left === 1 || isEnded(reply.received) || !streams(reply.received)) return reply;
  }
}

/** The board says nothing when it starts or stops. */
export const startCyton = (): readonly Step[] => [{ send: bytesOf("b"), waitS: 0, flush: true }];
export const stopCyton = (): readonly Step[] => [{ send: bytesOf("s"), waitS: 0.05 }];

function textAnswered({ received, isComplete }: Reply): string {
  const text = textOf(received);
  refuseFailure(text);
  if (received.length === 0)
    throw new AppError("device/no-answer", `Nothing answered on this port within ${RESET_S} s`);
  if (!isComplete || !/OpenBCI|ADS1299/.test(text))
    throw new AppError("device/not-recognised", "What answered on this port is not an OpenBCI Cyton", {
      received: text.slice(0, 200),
    });
  return text;
}

function refuseFailure(text: string): void {
  if (text.includes("Failure"))
    throw new AppError(
      "device/board-off",
      "The dongle is there and the board does not answer: switch the board on (to PC), or change its batteries",
      { received: text.slice(0, 200) },
    );
}

/** Attaches or removes the Daisy. The wording of the replies differs between firmwares [R]; `16$$$` and `8$$$` do not. */
function* matchDaisy(setup: CytonSetup): Generator<Step, void, Reply> {
  if (setup.board === "cyton") {
    yield asks("c", REPLY_S);
    return;
  }
  const text = textOf((yield asks("C", REPLY_S)).received);
  refuseFailure(text);
  if (!text.includes(`16${END}`))
    throw new AppError(
      "device/no-daisy",
      "The board has no Daisy module, and the set-up asks for 16 channels",
      {
        received: text.slice(0, 200),
      },
    );
}

/** Once more where it was refused: gains are not in the stream, so one that was not taken must not be recorded under. */
export function* setChannel(number: number, command: string): Generator<Step, void, Reply> {
  for (let left = 2; left > 0; left -= 1) {
    const text = textOf((yield asks(command, REPLY_S)).received);
    if (text.includes("Success")) return;
    if (text.includes("Communications timeout")) refuseFailure(text);
  }
  throw new AppError("device/setting-refused", `Channel ${number} did not take its settings (${command})`, {
    channel: number,
    command,
  });
}

function identityOf(
  setup: CytonSetup,
  hello: string,
): { model: string; facts: Record<string, string>; firmware?: string } {
  const firmware = /Firmware: *(v?[\d.]+)/.exec(hello)?.[1];
  const converter = /ADS1299 Device ID: *(0x[0-9A-Fa-f]+)/.exec(hello)?.[1];
  const accelerometer = /LIS3DH Device ID: *(0x[0-9A-Fa-f]+)/.exec(hello)?.[1];
  return {
    model: setup.board === "cyton" ? "OpenBCI Cyton" : "OpenBCI Cyton + Daisy",
    ...(firmware === undefined ? {} : { firmware }),
    facts: {
      ...(converter === undefined ? {} : { converter }),
      ...(accelerometer === undefined ? {} : { accelerometer }),
      channels: String(boardChannels(setup)),
    },
  };
}
