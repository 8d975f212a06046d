import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { skipWithoutSocat } from "../../main/acquisition/ports/pty.fixtures.ts";
import type { ProtocolKind } from "../../preload/contract/acquisition.ts";
import type { Fault, Plan } from "./plan.ts";
import { showsOf } from "./judge.ts";
import type { Seen } from "./messages.ts";
import { runPlan } from "./run.ts";
import { summaryOf } from "./summary.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const files = {
  main: at("./main-process.ts"),
  recorder: at("../../main/acquisition/process/recorder-process.ts"),
  storageWorker: at("../../main/storage/worker.ts"),
  hook: at("./recorder-hook.mjs"),
};

function plan(
  protocol: ProtocolKind,
  setup: Plan["setup"],
  faults: readonly Fault[],
  more: Partial<Plan> = {},
): Plan {
  const later = { unplugs: [], stalls: [] };
  return {
    ...{ seed: 1, protocol, setup, scenario: { ppm: 60, batchMs: 16 }, later, faults, endS: 6 },
    ...more,
  };
}

const fault = (kind: Fault["kind"], atS: number, durationS = 0): Fault => ({ kind, atS, durationS });
const cobs = { channels: 4, rate: 500 };

const runs: Readonly<Record<string, Plan>> = {
  "pulled out and put in again": plan("cyton", {}, [fault("unplug", 2, 0.6)], {
    later: { unplugs: [{ atS: 2, durationS: 0.6, keepsPower: false }], stalls: [] },
  }),
  "held up on its way": plan("cobs", cobs, [fault("device-stall", 2, 2.2)], {
    later: { unplugs: [], stalls: [{ atS: 2, durationS: 2.2, held: true }] },
  }),
  "its recorder stopped for a moment, then killed": plan(
    "cobs",
    cobs,
    [fault("host-stall", 1.5, 0.8), fault("recorder-killed", 3)],
    { endS: 12 },
  ),
  "its recorder killed while the device is away, which never comes back": plan(
    "cobs",
    cobs,
    [fault("unplug", 1.5, 30), fault("recorder-killed", 2.6)],
    { endS: 5, later: { unplugs: [{ atS: 1.5, durationS: 30, keepsPower: false }], stalls: [] } },
  ),
  "main killed": plan("bitalino", { inputs: [1, 2] }, [fault("main-killed", 3)]),
  "a storage thread that ends, and a library that another program writes": plan("cobs", cobs, [
    fault("storage-killed", 1.5),
    fault("locked", 2.5, 1.5),
  ]),
  "its recorder killed while the library is locked": plan(
    "cobs",
    cobs,
    [fault("locked", 1, 6.5), fault("recorder-killed", 1.2)],
    { endS: 10 },
  ),
  "the library locked when it ends": plan(
    "ascii",
    { form: "strict", channels: 2, rate: 200 },
    [fault("locked-at-stop", 2.5)],
    { endS: 3 },
  ),
};

test("what this machine does not allow is said, and counts for nothing else", () => {
  const quiet = {
    ...{ seed: 1, protocol: "cobs", problems: [], samples: 5, lostSamples: 0, unmarkedGaps: 0 },
    ...{
      damagedTaken: 0,
      untoldGaps: 0,
      excusedSamples: 0,
      timeErrorsMs: [],
      lineErrorsMs: [],
      shows: [],
      resumes: [],
    },
    lateness: { beginningMs: 0, loopMs: 0, deviceMsP99: 0, deviceMs: 0, readerMsP99: 0, readerMs: 0 },
  };
  const { notDone, perFault, success } = summaryOf([
    { ...quiet, faults: ["locked"], notDone: ["disk-full"] },
    { ...quiet, faults: ["locked"], notDone: [] },
  ]);
  expect([notDone, Object.keys(perFault), success]).toEqual([{ "disk-full": 1 }, ["locked"], 1]);
});

test("what took longer than is wanted is told, of which runs, and a run that is whole fails by none of it", () => {
  const whole = {
    ...{
      protocol: "cobs",
      faults: ["unplug" as const],
      notDone: [],
      problems: [],
      samples: 5,
      lostSamples: 0,
    },
    ...{ unmarkedGaps: 0, damagedTaken: 0, untoldGaps: 0, excusedSamples: 0, lineErrorsMs: [] },
    lateness: { beginningMs: 0, loopMs: 0, deviceMsP99: 0, deviceMs: 0, readerMsP99: 0, readerMs: 0 },
  };
  const took = (...ms: readonly number[]) => ms.map((one) => ({ fault: "unplug" as const, ms: one }));
  const { beyond, failed, missed } = summaryOf([
    { ...whole, seed: 1, timeErrorsMs: [1, 1], shows: took(900, 1000), resumes: took(2999) },
    { ...whole, seed: 2, timeErrorsMs: [2.5, 2.5], shows: took(1600), resumes: took(900, 3000, 7000.123) },
    { ...whole, seed: 3, timeErrorsMs: [], shows: [], resumes: [] },
  ]);
  expect(failed).toBe(0);
  expect(beyond).toEqual({
    timeErrorMsP99: { of: 2, count: 1, mostMs: 2.5, seeds: [2] },
    showMsP95: { of: 3, count: 1, mostMs: 1600, seeds: [2] },
    resumeMsP95: { of: 4, count: 2, mostMs: 7000.12, seeds: [2] },
  });
  expect(missed.map(({ goal, limit }) => `${goal} ${limit}`)).toEqual([
    "timeErrorMsP99 < 2 ms",
    "showMsP95 < 1500 ms",
    "resumeMsP95 < 3000 ms",
  ]);
});

test("what nobody showed is a failure, unless who would have was killed before it had to", () => {
  const killed = { kind: "recorder-killed" as const, fromS: 3, toS: 3, isShown: true };
  const main = (fromS: number) => ({ kind: "main-killed" as const, fromS, toS: fromS });
  const ms = (times: readonly ReturnType<typeof main>[], seen: readonly Seen[] = []): readonly number[] =>
    showsOf([killed], { seen, times }).map((one) => one.ms);
  expect(ms([main(3.1)])).toEqual([]);
  expect(ms([main(4.6)])).toEqual([Infinity]);
  expect(ms([main(2.9)])).toEqual([Infinity]);
  expect(ms([])).toEqual([Infinity]);
  const shown: Seen = {
    ...{ kind: "state", phase: "recording", link: "connecting", alarms: ["recorder-restarted"] },
    ...{ atS: 3.05, elapsedS: 3, durableS: 2 },
  };
  expect(ms([main(3.1)], [shown])).toEqual([expect.closeTo(50, 6)]);
});

test.skipIf(skipWithoutSocat("faults"))(
  "what is pulled out, held up, killed or locked loses no sample that was told to be stored, and leaves no gap without a reason",
  async () => {
    const found: Record<string, readonly string[]> = {};
    const left = Object.entries(runs);
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [name, one] = next;
        const { problems, samples } = await runPlan(one, files);
        found[name] = samples > 100 ? problems : [`${samples} samples`];
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(found).toEqual(Object.fromEntries(Object.keys(runs).map((name) => [name, []])));
  },
  120_000,
);
