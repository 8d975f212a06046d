import type { DeviceMark } from "../protocol.ts";

/** Content of a mark frame, our definition: a letter, then what belongs to it. `t` answers a clock probe and is no mark. */
const BUTTON = 0x62; // b
const NOTE = 0x6e; // n, and UTF-8 text
const TEXT_MAX = 200;

export const buttonContent = Uint8Array.of(BUTTON);

/** A device's answer to `t` and a token: the token again; the frame holds the device's time. */
export const probeContent = (token: Uint8Array): Uint8Array => Uint8Array.of(0x74, ...token);

export function markOf(content: Uint8Array): Pick<DeviceMark, "what" | "text"> | undefined {
  if (content[0] === BUTTON && content.length === 1) return { what: "button", text: "" };
  if (content[0] !== NOTE) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content.subarray(1));
    return { what: "note", text: text.slice(0, TEXT_MAX) };
  } catch {
    return undefined; // no text
  }
}
