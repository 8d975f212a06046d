import { setTimeout as pause } from "node:timers/promises";

const TURN_MS = 8;
const IN_TIME_MS = 12; // late by no more, a turn had nothing to catch up with
const TURNS = 3;
const AT_MOST_MS = 1000;

/**
 * Resolves once what waits on the lines has been read: after some turns of the event loop in a row that were in time. A
 * process that stood still comes to its timers before it comes to its ports.
 */
export async function readOut(): Promise<void> {
  const beganMs = performance.now();
  for (let inTime = 0; inTime < TURNS;) {
    const turnMs = performance.now();
    if (turnMs - beganMs > AT_MOST_MS) return;
    await pause(TURN_MS);
    inTime = performance.now() - turnMs - TURN_MS < IN_TIME_MS ? inTime + 1 : 0;
  }
}
