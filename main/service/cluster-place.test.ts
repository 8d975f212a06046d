import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { type Run, RunConfig, type RunProgress } from "../../preload/contract/run.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { freezer, trainOnCluster, type SharedCluster } from "./cluster-place.ts";

const FOLDS = 2;
const run: Run = {
  id: "r",
  config: RunConfig.parse({
    ...{ name: "shared", recordingIds: ["r1", "r2"], labelSet: "s", labels: ["a"], channels: ["EMG"] },
    ...{ windowS: 1, strideS: 1, testSubjects: [], validationSubjects: [], folds: FOLDS },
  }),
  ...{
    classes: [],
    phase: "waiting",
    createdAt: "2026",
    codeVersion: "1",
    data: ["r1", "r2"].map((recordingId) => ({ recordingId, subject: "P", checksum: "0" })),
    curve: [],
    hasCheckpoint: false,
  },
};
const lost = () => new AppError("device/cluster-lost", "db cannot be reached");

/** A cluster whose workers finish a fit between two questions, and which fails as it is told. */
class Shared {
  done = 0;
  isThere = false;
  isCancelled = false;
  sending: Promise<void> = Promise.resolve(); // how long a submission is under way
  failing: AppError | undefined;
  forgets: number | undefined; // once asked for this fit, as a server that took over and lacks what another had confirmed
  readonly asked: string[] = [];
  readonly cluster: SharedCluster = {
    freeze: (_, id) =>
      this.#say(`freeze ${id}`, () => ({
        id,
        archived: id,
        sha256: "",
        header: {} as never,
        papers: {} as never,
      })),
    works: {
      submit: async () => {
        const submitted = await this.#say("submit", () => ({ version: "1", known: 0 }));
        await this.sending;
        this.asked.push("submitted");
        [this.isThere, this.isCancelled] = [true, false];
        return submitted;
      },
      state: () =>
        this.#say("state", () => {
          if (!this.isThere) throw new AppError("data/job-unknown", "No work r on the cluster");
          const done = Math.min(FOLDS + 1, this.done++);
          return {
            done,
            fits: FOLDS + 1,
            active: 1,
            waiting: 1,
            isCancelled: this.isCancelled,
            failure: undefined,
          };
        }),
      result: (_, fit) =>
        this.#say(`result ${fit}`, () => {
          if (fit !== this.forgets)
            return Uint8Array.of(fit, this.asked.filter((one) => one === "submit").length);
          [this.forgets, this.isThere, this.done] = [undefined, false, 0];
          return undefined;
        }),
      cancel: () => this.#say("cancel", () => undefined),
    },
  };
  async #say<T>(what: string, answer: () => T): Promise<T> {
    this.asked.push(what);
    await Promise.resolve();
    if (this.failing !== undefined) throw this.failing;
    return answer();
  }
}

function trained(
  shared: Shared,
  signal: AbortSignal,
  { woken, isTakenUp = false }: { woken?: () => Promise<void>; isTakenUp?: boolean } = {},
) {
  const told: RunProgress[] = [];
  const pooled: (readonly Uint8Array[])[] = [];
  const library = {
    getSettings: () => Promise.resolve({ author: "Ito" }),
    getLabelSet: () => Promise.resolve({}),
    getRecording: () => Promise.resolve({ subject: "P", name: "R" }),
    checksum: () => Promise.resolve({ sha256: "0" }),
    listAnnotations: () => Promise.resolve([]),
    listMasks: () => Promise.resolve([]),
    listReadings: () => Promise.resolve([]),
  } as unknown as AsyncLibrary;
  const trainer = {
    models: () => Promise.resolve([]),
    train: ({ run: given, fits = [] }: { run: Run; fits?: readonly Uint8Array[] }) => {
      pooled.push(fits);
      return Promise.resolve({ run: given, model: Uint8Array.of(1) });
    },
  } as unknown as Trainer;
  const patience = {
    passes: (code: string) => code.startsWith("device/cluster-"),
    longestMs: 60_000,
    woken: woken ?? (() => new Promise<void>(() => undefined)),
  };
  const ended = trainOnCluster(
    shared.cluster,
    {
      ...{ library, trainer, codeVersion: "1", priority: 0, note: () => undefined, patience },
      ...{ freezer: freezer(library), users: () => 1 },
    },
    { run, isTakenUp },
    { signal, onProgress: (progress) => told.push(progress), onCheckpoint: () => Promise.resolve() },
  );
  return { ended, told, pooled };
}

test("its recordings are frozen once; taken up again it is asked after, not sent again", async () => {
  const shared = new Shared();
  const first = trained(shared, new AbortController().signal);
  await first.ended;
  expect(shared.asked.filter((one) => one.startsWith("freeze"))).toHaveLength(
    run.config.data.recordingIds.length,
  );
  expect(first.pooled).toEqual([[Uint8Array.of(0, 1), Uint8Array.of(1, 1), Uint8Array.of(2, 1)]]);
  shared.asked.length = 0;
  await trained(shared, new AbortController().signal).ended;
  expect(shared.asked.filter((one) => one.startsWith("freeze"))).toEqual([]);
}, 20_000);

test("a cluster that is lost is told with its last word and when it is asked again; what a person does wakes it", async () => {
  const shared = new Shared();
  const waiting: (() => void)[] = [];
  const woken = () => new Promise<void>((resolve) => waiting.push(resolve));
  const { ended, told, pooled } = trained(shared, new AbortController().signal, { woken });
  await expect.poll(() => told.some(({ fits }) => fits?.done === 1), { timeout: 5000 }).toBe(true);
  shared.failing = lost();
  await expect.poll(() => told.at(-1)?.there?.lost, { timeout: 5000 }).toBeDefined();
  const { there, fits } = told.at(-1) ?? {};
  expect(fits?.done).toBe(1);
  expect(there?.lost).toMatchObject({ code: "device/cluster-lost" });
  expect(Date.parse(there?.retryAt ?? "")).toBeGreaterThan(Date.parse(there?.heardAt ?? ""));
  shared.failing = undefined;
  for (const wake of waiting) wake();
  await ended;
  expect(told.at(-1)?.there?.lost).toBeUndefined();
  expect(pooled).toHaveLength(1);
}, 20_000);

test("who stops waits for no server: closing leaves the work there, cancelling says where it could not", async () => {
  const closing = new AbortController();
  const left = new Shared();
  left.isThere = true;
  const closed = trained(left, closing.signal);
  await expect.poll(() => left.asked.includes("state")).toBe(true);
  closing.abort("paused");
  await expect(closed.ended).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect(left.asked).not.toContain("cancel");

  const stopping = new AbortController();
  const gone = new Shared();
  gone.failing = lost();
  const stopped = trained(gone, stopping.signal);
  await expect.poll(() => stopped.told.length).toBeGreaterThan(0);
  stopping.abort("cancelled");
  await expect(stopped.ended).rejects.toMatchObject({ code: "cancelled/not-told" });
  expect(gone.asked).toContain("cancel");
}, 20_000);

test("a cancel does not overtake what is being sent: it would go on there", async () => {
  const stopping = new AbortController();
  const shared = new Shared();
  let arrive = (): void => undefined;
  shared.sending = new Promise((resolve) => (arrive = resolve));
  const stopped = trained(shared, stopping.signal);
  await expect.poll(() => shared.asked.includes("submit")).toBe(true);
  stopping.abort("cancelled");
  arrive();
  await expect(stopped.ended).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect(shared.asked.slice(-2)).toEqual(["submitted", "cancel"]);
});

test("what was cancelled there while nobody looked stays so when it is taken up, and goes on when a person goes on", async () => {
  const shared = new Shared();
  [shared.isThere, shared.isCancelled] = [true, true];
  const { signal } = new AbortController();
  await expect(trained(shared, signal, { isTakenUp: true }).ended).rejects.toMatchObject({
    ...{ code: "cancelled/by-user", message: "Cancelled on the cluster" },
  });
  expect(shared.asked).not.toContain("submit");
  const { ended, pooled } = trained(shared, signal);
  await ended;
  await trained(shared, signal, { isTakenUp: true }).ended;
  expect(shared.asked.filter((one) => one === "submit")).toHaveLength(2); // jobs that are gone are sent again
  expect(pooled).toHaveLength(1);
}, 20_000);

test("what the cluster had confirmed and lacks is sent again with its recordings, and no fit of before is pooled", async () => {
  const shared = new Shared();
  shared.forgets = 1;
  const { ended, pooled } = trained(shared, new AbortController().signal);
  await ended;
  expect(shared.asked.filter((one) => one.startsWith("freeze"))).toHaveLength(
    2 * run.config.data.recordingIds.length,
  );
  expect(pooled).toEqual([[Uint8Array.of(0, 2), Uint8Array.of(1, 2), Uint8Array.of(2, 2)]]);
}, 20_000);

test("what does not pass ends the run with its own reason", async () => {
  const shared = new Shared();
  shared.failing = new AppError("data/archive-differs", "R1 is in the archive with other samples");
  await expect(trained(shared, new AbortController().signal).ended).rejects.toBe(shared.failing);
});
