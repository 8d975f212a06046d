import type { AsyncLibrary } from "../storage/api.ts";
import { calm, type MadeChannel, record } from "./ctg.fixtures.ts";

/** A contraction signal that stays at one value for 90 s, as the rule was not known when it came. */
const stuck: MadeChannel = { role: "uc", valueAt: (s) => (s < 90 ? 20 : 20 + 9 * Math.sin(s / 7)) };

/** Recordings on which nothing lies, though the rule has something to say. */
export async function old(library: AsyncLibrary, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await record(library, 120, [calm, stuck]));
  const parts = ids.map((id) => ({ id, runs: [] }));
  for (let at = 0; at < count;)
    at += (await library.takeRules({ pass: "as it was", what: "lift", parts: parts.slice(at) })).length;
  return ids;
}
