import { INSTALL } from "./addon.ts";
import { locate } from "./place.ts";

/** True where there is no library to test; said aloud, so that nobody takes a skipped test for a passed one. */
export function skipWithout(what: string): boolean {
  if (locate() !== undefined) return false;
  console.warn(`SKIPPED ${what} on libtensorflow: it is not installed here ("${INSTALL}")`);
  return true;
}
