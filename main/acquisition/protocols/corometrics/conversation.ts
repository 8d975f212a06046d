import { AppError } from "../../../../preload/contract/errors.ts";
import { joined } from "../bytes.ts";
import type { Conversation, Step } from "../protocol.ts";
import { FrameReader } from "../series50/frame.ts";
import { bytesOf } from "../text.ts";
import { MessageReader, types, type Message, type MessageType } from "./message.ts";
import { measuredBy, type CorometricsSetup } from "./setup.ts";

/** Without a checksum, so many valid messages say that line settings are right. */
const MESSAGES_NEEDED = 5;
const LISTEN_S = 1.5;
const ATTEMPTS = 2;
const WAKE_S = 3;

/**
 * All that is ever sent to a monitor: which messages it shall send, and that it shall send none. Whether a request carries a
 * monitor ID the manual leaves open; its figure shows none.
 */
const CANCEL = Uint8Array.of(0x39, 0x03);

/** At most eight types. */
function request(setup: CorometricsSetup): Uint8Array {
  const wanted: readonly MessageType[] = [...measuredBy(setup), "modes", "eventMark", "movement"];
  return bytesOf(`9${wanted.map((type) => types[type]).join("")}\x03`);
}

const isAsked = ({ mode }: CorometricsSetup): boolean => mode === "transmit-receive";

export const startSteps = (setup: CorometricsSetup): readonly Step[] =>
  isAsked(setup) ? [{ send: request(setup), waitS: 0 }] : [];
export const stopSteps = (setup: CorometricsSetup): readonly Step[] =>
  isAsked(setup) ? [{ send: CANCEL, waitS: 0 }] : [];

/** A monitor in update mode needs to hear nothing. */
export const wakeUp = (setup: CorometricsSetup): { afterS: number; bytes: Uint8Array } => ({
  afterS: WAKE_S,
  bytes: isAsked(setup) ? request(setup) : new Uint8Array(0),
});

function messagesIn(bytes: Uint8Array): readonly Message[] {
  const messages: Message[] = [];
  new MessageReader().push(bytes, {
    message: (message) => messages.push(message),
    damaged: () => undefined,
    skipped: () => undefined,
  });
  return messages;
}

/** Asks, where it has to, and listens until enough is understood. What came meanwhile was measured, and is kept. */
export function* greet(setup: CorometricsSetup): Conversation {
  let all = new Uint8Array(0);
  const isEnough = (received: Uint8Array): boolean =>
    messagesIn(joined(all, received)).length >= MESSAGES_NEEDED;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const listening: Step = { until: isEnough, waitS: LISTEN_S };
    const reply = yield isAsked(setup) ? { ...listening, send: request(setup) } : listening;
    all = joined(all, reply.received);
    const messages = messagesIn(all);
    if (messages.length < MESSAGES_NEEDED) continue;
    return { identity: { facts: modesOf(messages) }, rest: all };
  }
  throw notUnderstood(all, setup);
}

function modesOf(messages: readonly Message[]): Record<string, string> {
  const modes = messages.findLast(({ type }) => type === "modes")?.data;
  return modes === undefined ? {} : { heartRateMode: modes.charAt(0), uterineMode: modes.charAt(1) };
}

function notUnderstood(bytes: Uint8Array, setup: CorometricsSetup): AppError {
  const messages = messagesIn(bytes).length;
  const detail = { bytes: bytes.length, messages };
  if (bytes.length === 0) {
    const hint = isAsked(setup) ? "" : "; one that waits for requests is silent until it is asked";
    return new AppError("device/silent", `Nothing came from the monitor${hint}`, detail);
  }
  if (holdsSeries50(bytes))
    return new AppError("device/other-protocol", "The monitor sends Series 50 blocks", detail);
  return new AppError(
    "device/not-understood",
    `${bytes.length} bytes came and held ${messages} valid messages, ${MESSAGES_NEEDED} needed`,
    detail,
  );
}

/** Some monitors of the make can be set to send what a Series 50 sends [R]. */
function holdsSeries50(bytes: Uint8Array): boolean {
  let blocks = 0;
  new FrameReader("transmitted").push(bytes, {
    frame: () => blocks++,
    damaged: () => undefined,
    skipped: () => undefined,
  });
  return blocks > 0;
}
