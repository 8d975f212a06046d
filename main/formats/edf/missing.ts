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

/** Nothing came, or nothing that was right: what a library holds beneath is a filling, and must not look measured. */
const nothingBeneath: ReadonlySet<number> = new Set([
  maskReasons.missingInSource,
  maskReasons.notRecorded,
  maskReasons.droppedPacket,
  maskReasons.damagedBlock,
  maskReasons.damagedPacket,
  maskReasons.linkDown,
  maskReasons.stalled,
  maskReasons.hostSlept,
  maskReasons.noSignal,
  maskReasons.notStored,
]);

/** Of no sample of a device: where that is so of every channel for a whole record, the record is left out (EDF+D). */
const nothingCame: ReadonlySet<number> = new Set([
  maskReasons.notRecorded,
  maskReasons.droppedPacket,
  maskReasons.damagedPacket,
  maskReasons.linkDown,
  maskReasons.stalled,
  maskReasons.hostSlept,
  maskReasons.notStored,
]);
export const isOutage = (reason: number): boolean => nothingCame.has(reason);

/** Under other reasons the sample still has a value, which is kept. */
export const keepsValue = (reason: number): boolean => !nothingBeneath.has(reason);
