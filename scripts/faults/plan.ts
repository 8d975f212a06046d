import type { z } from "zod";
import type { Scenario } from "../../main/acquisition/simulation/scenario.ts";
import { randomFrom, type Random } from "../../main/synthesis/random.ts";
import type { ProtocolKind } from "../../preload/contract/acquisition.ts";

/** What happens to a recording. Times are seconds since it began. */
export const faultKinds = [
  "unplug",
  "device-stall",
  "host-stall",
  "noise",
  "recorder-killed",
  "main-killed",
  "all-killed",
  "storage-killed",
  "locked",
  "locked-at-stop",
  "disk-full",
  "wall-jump",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly atS: number;
  readonly durationS: number; // 0 where it is over at once
}

export interface Plan {
  readonly seed: number;
  readonly protocol: ProtocolKind;
  readonly setup: Readonly<Record<string, unknown>>;
  readonly scenario: z.input<typeof Scenario>; // of the whole line
  readonly later: Pick<Scenario, "unplugs" | "stalls">; // since the recording began
  readonly faults: readonly Fault[];
  readonly endS: number; // the recording is stopped, unless a fault has ended it
}

interface Device {
  readonly protocol: ProtocolKind;
  readonly setup: Readonly<Record<string, unknown>>;
}

const devices: readonly Device[] = [
  { protocol: "cyton", setup: {} },
  { protocol: "cyton", setup: { board: "cyton-daisy" } },
  { protocol: "bitalino", setup: { inputs: [1, 2, 3, 4] } },
  { protocol: "bitalino", setup: { inputs: [1, 2, 3, 4, 5, 6], sampleRate: 100 } },
  { protocol: "series50", setup: {} },
  { protocol: "corometrics", setup: {} },
  { protocol: "corometrics", setup: { mode: "update", heartRate2: "none" } },
  { protocol: "ascii", setup: { form: "strict", channels: 3, rate: 500 } },
  { protocol: "ascii", setup: { channels: 2, rate: 100, columns: ["counter", "value", "value"] } },
  { protocol: "cobs", setup: { channels: 8, rate: 1000 } },
  { protocol: "cobs", setup: { framing: "slip", bits: 24, channels: 4, samplesPerFrame: 4, rate: 500 } },
];

/** The first fault: by then some seconds have been recorded. */
const FIRST_S = 3;
/** Between two faults, and from the last to the end: so long may it take until all is well again. */
const CALM_S = 3.6;
const LAST_FAULT_S = 12;

const pick = <T>(random: Random, of: readonly T[]): T => {
  const one = of[Math.floor(random.uniform(0, of.length))] ?? of[0];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
};

/** What a fault with an end lasts, seconds. */
const lasts: Readonly<Partial<Record<FaultKind, readonly [number, number]>>> = {
  unplug: [0.3, 3],
  "device-stall": [0.3, 3.5],
  "host-stall": [0.2, 1],
  locked: [0.5, 4],
  "disk-full": [1, 4],
};
const ending: readonly FaultKind[] = ["main-killed", "all-killed", "locked-at-stop"];
/** These need processes of their own; the wall clock can only be set within one. */
const ofProcesses: readonly FaultKind[] = [
  ...["host-stall", "recorder-killed", "main-killed", "all-killed", "storage-killed"],
] as FaultKind[];

function faultsOf(random: Random): Fault[] {
  const faults: Fault[] = [];
  let atS = FIRST_S + random.uniform();
  for (let left = 1 + Math.floor(random.uniform(0, 3)); left > 0 && atS < LAST_FAULT_S; left -= 1) {
    const isInside = faults.some(({ kind }) => kind === "wall-jump");
    const isOutside = faults.some(({ kind }) => ofProcesses.includes(kind));
    const kind = pick(
      random,
      faultKinds.filter((one) => {
        if (one === "wall-jump") return !isOutside;
        if (one === "noise") return !faults.some(({ kind: other }) => other === "noise");
        return !(isInside && ofProcesses.includes(one)) && !(ending.includes(one) && left > 1);
      }),
    );
    const [least, most] = lasts[kind] ?? [0, 0];
    const durationS = random.uniform(least, most);
    faults.push({ kind, atS, durationS });
    const isTogether = random.chance(0.2) && kind !== "unplug" && kind !== "device-stall";
    if (kind !== "noise")
      atS += isTogether ? 0.1 + durationS * random.uniform() : durationS + CALM_S + random.uniform(0, 0.5);
  }
  return faults;
}

function scenarioOf(random: Random, seed: number, faults: readonly Fault[]): z.input<typeof Scenario> {
  const isNoisy = faults.some(({ kind }) => kind === "noise");
  const adapter = random.chance(0.4);
  const noise = {
    frameLoss: random.uniform(0, 0.01),
    bitFlips: random.uniform(0, 1e-4),
    byteDrops: random.uniform(0, 1e-4),
  };
  return {
    seed,
    ppm: random.uniform(-100, 100),
    batchMs: adapter ? 16 : 0,
    jitterMs: random.chance(0.3) ? random.uniform(0, 3) : 0,
    ...(isNoisy ? noise : {}),
  };
}

function laterOf(random: Random, faults: readonly Fault[]): Plan["later"] {
  const spans = (kind: FaultKind): { atS: number; durationS: number }[] =>
    faults.filter((one) => one.kind === kind).map(({ atS, durationS }) => ({ atS, durationS }));
  return {
    unplugs: spans("unplug").map((span) => ({ ...span, keepsPower: random.chance(0.3) })),
    stalls: spans("device-stall").map((span) => ({ ...span, held: random.chance(0.3) })),
  };
}

/** The same for a seed every time. */
export function planOf(seed: number, only?: ProtocolKind): Plan {
  const random = randomFrom(seed, 71);
  const device = pick(
    random,
    devices.filter(({ protocol }) => only === undefined || protocol === only),
  );
  const faults = faultsOf(random);
  const last = faults.at(-1);
  const overS = Math.max(FIRST_S, ...faults.map(({ atS, durationS }) => atS + durationS));
  const isEnded = last !== undefined && ending.includes(last.kind);
  return {
    ...{ seed, ...device, faults },
    scenario: scenarioOf(random, seed, faults),
    later: laterOf(random, faults),
    endS: isEnded ? overS + 0.5 : overS + CALM_S + random.uniform(0.5, 1),
  };
}
