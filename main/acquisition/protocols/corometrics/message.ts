import { joined } from "../bytes.ts";
import { bytesOf, textOf } from "../text.ts";

/** Monitor type, message type, monitor ID, data, ETX: no start byte, no checksum, no counter. */
const MONITOR_TYPE = 0x39;
const MONITOR_ID = 0x30;
export const ETX = 0x03;
const MESSAGE_MAX = 64; // bytes
const HEAD_BYTES = 3;

/** Letters of the message types [V-doc]. */
export const types = {
  heartRate1: "`",
  heartRate2: "e",
  uterine: "a",
  modes: "b",
  annotation: "c",
  eventMark: "d",
  movement: "f",
  recorder: "g",
} as const;
export type MessageType = keyof typeof types;

const names = Object.keys(types).filter((name): name is MessageType => Object.hasOwn(types, name));
const typeOf = new Map(names.map((name) => [types[name].charCodeAt(0), name]));

/** Values that stand for a pen that is lifted. */
export const NO_RATE = 0;
export const NO_UTERINE = 128;

const isRate = (data: string): boolean => {
  const value = Number(data);
  return /^\d{2,3}$/.test(data) && (value === NO_RATE || (value >= 30 && value <= 300));
};

const fits: Readonly<Record<MessageType, (data: string) => boolean>> = {
  heartRate1: isRate,
  heartRate2: isRate,
  uterine: (data) => /^\d{2,3}$/.test(data) && Number(data) <= NO_UTERINE,
  modes: (data) => /^[ -~]{2}$/.test(data),
  annotation: (data) => /^[ -~]+$/.test(data),
  eventMark: (data) => data === "",
  movement: (data) => /^[0124]$/.test(data),
  recorder: (data) => /^[01]$/.test(data),
};

export interface Message {
  readonly type: MessageType;
  readonly data: string;
}

export function encodeMessage(type: MessageType, data = ""): Uint8Array {
  return bytesOf(`9${types[type]}0${data}\x03`);
}

/**
 * The message that ends with the ETX at `end`, and where it begins. Of several the shortest, so that one whose
 * predecessor lost its ETX is not lost with it.
 */
function messageBefore(
  bytes: Uint8Array,
  from: number,
  end: number,
): (Message & { start: number }) | undefined {
  for (let start = end - HEAD_BYTES; start >= from; start--) {
    if (bytes[start] !== MONITOR_TYPE || bytes[start + 2] !== MONITOR_ID) continue;
    const type = typeOf.get(bytes[start + 1] ?? 0);
    if (type === undefined) continue;
    const data = textOf(bytes.subarray(start + HEAD_BYTES, end));
    if (fits[type](data)) return { type, data, start };
  }
  return undefined;
}

export interface MessageListener {
  message(message: Message): void;
  /** Something ended with ETX and was no message. */
  damaged(): void;
  skipped(bytes: number): void;
}

/** Finds messages in a stream cut anywhere. */
export class MessageReader {
  #kept = new Uint8Array(0); // since the last ETX, at most the longest message

  push(chunk: Uint8Array, listener: MessageListener): void {
    const bytes = joined(this.#kept, chunk);
    let from = 0;
    for (let end = bytes.indexOf(ETX); end >= 0; end = bytes.indexOf(ETX, from)) {
      const nearest = Math.max(from, end + 1 - MESSAGE_MAX);
      const message = messageBefore(bytes, nearest, end);
      const start = message?.start ?? end + 1;
      if (start > from) {
        listener.damaged();
        listener.skipped(start - from);
      }
      if (message !== undefined) listener.message(message);
      from = end + 1;
    }
    const kept = Math.max(from, bytes.length - (MESSAGE_MAX - 1));
    if (kept > from) listener.skipped(kept - from);
    this.#kept = bytes.slice(kept);
  }

  reset(): void {
    this.#kept = new Uint8Array(0);
  }
}
