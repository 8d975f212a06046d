import { fuzzDriver } from "../../main/acquisition/protocols/fuzz.ts";
import { protocols } from "../../main/acquisition/protocols/registry.ts";
import type { FuzzOptions, FuzzReport } from "./fuzz-formats.ts";

/** Mutated byte streams for the driver of every registered protocol, as many for each. */
export function fuzzProtocols({
  count,
  seed,
  first = 0,
  meters,
  progress,
}: FuzzOptions & { readonly first?: number }): FuzzReport {
  const drivers = Object.values(protocols);
  const runs = Math.ceil(count / drivers.length);
  let slowestMs = 0;
  let beganAt = meters.now();
  let input = first;
  const tick = (reader: string) => (): void => {
    const now = meters.now();
    slowestMs = Math.max(slowestMs, now - beganAt);
    beganAt = now;
    progress?.(input, reader);
    input += 1;
  };
  const crashes = drivers.flatMap((protocol) =>
    fuzzDriver(protocol, { runs, seed, first, progress: tick(protocol.kind) }).map(
      ({ run, name, mutations, problem }) => ({
        ...{ input: run, reader: protocol.kind, file: name },
        ...{ mutations, broken: [problem] },
      }),
    ),
  );
  return {
    inputs: runs * drivers.length,
    perReader: Object.fromEntries(drivers.map(({ kind }) => [kind, runs])),
    errors: { ok: runs * drivers.length - crashes.length },
    crashes,
    slowestMs,
  };
}
