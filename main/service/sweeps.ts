import { createHash } from "node:crypto";
import { reportOf } from "../../preload/contract/errors.ts";
import { isAtRest, type Run, type RunConfig } from "../../preload/contract/run.ts";
import type { SweepConfiguration } from "../../preload/contract/sweep.ts";
import type { Runs } from "./runs.ts";

/** Configurations to be tried on the same people, each once a seed. Plain data. */
export interface SweepOrder {
  readonly name: string; // the comparison that its runs stand in
  readonly configurations: readonly {
    readonly label: string;
    readonly values: Readonly<Record<string, unknown>>;
    readonly config: RunConfig; // its name and its seed are given here
  }[];
  readonly seeds: readonly number[];
}

interface Parts {
  readonly runs: Pick<Runs, "start" | "resume" | "dataOf">;
  readonly codeVersion: string;
  /** Ids of the runs that the library lists: one in the bin is not taken up again. */
  readonly listed: ReadonlySet<string>;
}

/**
 * Puts every configuration in line as a run of its own, with each seed. Asked again, with the same recordings and labels by
 * the same program, what is done or under way stays as it is, and what was stopped or failed goes on.
 */
export async function startSweep(parts: Parts, order: SweepOrder): Promise<SweepConfiguration[]> {
  const data = new Map<string, Run["data"]>(); // by what decides about it: reading it all for each run takes long
  const started: SweepConfiguration[] = [];
  for (const { label, values, config } of order.configurations) {
    const { recordingIds, labelSet, background } = config.data;
    const key = JSON.stringify([recordingIds, labelSet, background, config.model.kind]);
    const own = data.get(key) ?? (await parts.runs.dataOf(config));
    data.set(key, own);
    const runIds: string[] = [];
    for (const seed of order.seeds) {
      const seeded = order.seeds.length > 1 ? `, seed ${seed}` : "";
      const named = { ...config, seed, comparison: order.name, name: `${order.name}: ${label}${seeded}` };
      runIds.push((await startedOf(parts, named, own)).id);
    }
    started.push({ label, values: { ...values }, runIds });
  }
  return started;
}

async function startedOf(parts: Parts, config: RunConfig, data: Run["data"]): Promise<Run> {
  const asked = keyOf(parts.codeVersion, config, data);
  for (let time = 1; ; time += 1) {
    const run = await parts.runs.start(config, `${asked}/${time}`, { data });
    const isKnown = parts.listed.has(run.id);
    if (isKnown) return run.phase === "done" ? run : goneOn(parts, run);
    if (!isAtRest(run.phase)) return run; // new; one at rest is in the bin
  }
}

/** One that is under way, here or in another process, is left alone. */
async function goneOn({ runs }: Parts, run: Run): Promise<Run> {
  try {
    return await runs.resume(run.id, { isFromNothing: true });
  } catch (error) {
    if (reportOf(error).code === "model/already-running") return run;
    throw error;
  }
}

/** What makes a run the same: everything it is computed from, and the sweep that it stands in. */
function keyOf(codeVersion: string, config: RunConfig, data: Run["data"]): string {
  const lasting = data.map(({ recordingId, checksum, labels }) => [recordingId, checksum, labels]);
  const text = JSON.stringify([codeVersion, { ...config, name: "" }, lasting]);
  return `sweep/${createHash("sha256").update(text).digest("hex")}`;
}
