import { maskReasons, type MaskReasonName } from "../../../preload/contract/mask.ts";

/**
 * EDF+ has no code for a missing sample. Our files hold the lowest digital value where nothing was observed and one
 * annotation `Missing:<reason>@@<label>` a run; any other reader sees a flat extreme value and the reason as an event.
 */
export const MISSING_EDF = -32768;
export const MISSING_BDF = -8388608;

export const missingText = (reason: number): string => {
  const name = (Object.keys(maskReasons) as MaskReasonName[]).find((key) => maskReasons[key] === reason);
  return `Missing:${name ?? `code${reason}`}`;
};

/** The mask code of a `Missing:` text, or undefined for any other text. */
export function missingReason(text: string): number | undefined {
  const match = /^Missing:([A-Za-z]+?)(\d{1,3})?$/.exec(text);
  if (match === null) return undefined;
  const [, name, digits] = match;
  if (name === "code" && digits !== undefined) return inRange(Number(digits));
  return digits === undefined && name !== undefined && Object.hasOwn(maskReasons, name)
    ? inRange(maskReasons[name as MaskReasonName])
    : undefined;
}

const inRange = (code: number): number | undefined => (code >= 1 && code <= 255 ? code : undefined);

/** Under these reasons the sample still has a value, which is kept; under the others there is nothing to keep. */
export const keepsValue = (reason: number): boolean =>
  reason !== maskReasons.missingInSource &&
  reason !== maskReasons.notRecorded &&
  reason !== maskReasons.droppedPacket &&
  reason !== maskReasons.damagedBlock;
