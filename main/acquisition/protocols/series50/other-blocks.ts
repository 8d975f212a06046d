import { asciiText } from "../text.ts";

const TEXT_MAX = 200;

const uint16 = (block: Uint8Array, at: number): number => ((block[at] ?? 0) << 8) | (block[at + 1] ?? 0);

/** I block: ID code 6, protocol revision 3, software revision 7, serial number 10 characters. Other monitors' codes are taken as they are. */
export function identityFacts(block: Uint8Array): Record<string, string> {
  const field = (from: number, to: number): string => asciiText(block.subarray(from, to)).trim();
  return {
    model: field(1, 7),
    protocol: field(7, 10),
    firmware: field(10, 17),
    serial: field(17, 27),
  };
}

/** N block: length of the user's id, the id, the text. What was written, without who wrote it. */
export function noteText(block: Uint8Array): string {
  const idBytes = block[1] ?? 0;
  const from = 2 + idBytes <= block.length ? 2 + idBytes : 1; // a length that does not fit is none
  return asciiText(block.subarray(from)).trim().slice(0, TEXT_MAX);
}

/** 0 and 0xFFFF are "special" in the guide and are left out. */
function maternalRate(block: Uint8Array, at: number): Record<string, string> {
  const raw = uint16(block, at);
  return raw === 0 || raw === 0xffff ? {} : { maternalHeartRate: `${raw / 4} bpm` };
}

/** Facts of failures, blood pressure, oxygen and temperature; undefined for a block that is none of these. */
export function otherFacts(block: Uint8Array): Record<string, string> | undefined {
  const type = `${String.fromCharCode(block[0] ?? 0)}${block.length}`;
  if (type === "F4") return { failure: asciiText(block.subarray(1)) };
  if (type === "P9")
    return {
      bloodPressure: `${uint16(block, 1)}/${uint16(block, 3)} (${uint16(block, 5)}) mmHg`, // systolic, diastolic, mean
      ...maternalRate(block, 7),
    };
  if (type === "S4")
    return {
      ...((block[1] ?? 0) <= 200 ? { spO2: `${(block[1] ?? 0) / 2} %` } : {}),
      ...maternalRate(block, 2),
    };
  if (type === "T2") return { temperature: `${(25 + (block[1] ?? 0) / 10).toFixed(1)} °C` };
  return undefined;
}
