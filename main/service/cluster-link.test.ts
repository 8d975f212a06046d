import { expect, test } from "vitest";
import type { ArchiveTransfer } from "../../preload/contract/cluster.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { Run } from "../../preload/contract/run.ts";
import type { Archive } from "../cluster/archive.ts";
import type { ClusterThread } from "../cluster/process/host.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { keptBlind } from "./archive.ts";
import { ClusterLink, type Connected, type StudyThere } from "./cluster-link.ts";
import { ServiceEvents } from "./events.ts";

const at = (host: string, isAgreed = true): Connected => ({
  address: `postgresql://ito@${host}/kodo`,
  ...{ file: null, password: "x", isAgreed },
});
const pushed = {
  id: "p",
  isNew: true,
  bytes: 1,
  papers: 2,
  beside: 1,
  otherwise: ["Mori"],
  subject: null,
  findings: 3,
};

/** A window whose cluster answers at once, or when it is told to. */
async function linked(connected: Connected, isQuick = false, readBlind: readonly string[] = []) {
  const asked: string[] = [];
  const waiting: ((error?: AppError) => void)[] = [];
  const told: ArchiveTransfer[] = [];
  const thread = {
    open: () => {
      for (const end of waiting.splice(0)) end(new AppError("device/cluster-lost", "it was ended"));
      return Promise.resolve();
    },
    call: async (name: string, ask: { readonly id: string }) => {
      asked.push(`${name} ${ask.id}`);
      if (name === "state") throw new AppError("data/job-unknown", "No such work");
      if (isQuick) return pushed;
      await new Promise<void>((done, fail) => waiting.push((error) => (error ? fail(error) : done())));
      return pushed;
    },
    close: () => Promise.resolve(),
  } as unknown as ClusterThread;
  const library = {
    getSettings: () =>
      Promise.resolve({
        author: "Ito",
        blind: readBlind.map((recordingId) => ({ recordingId, reader: "Ito" })),
      }),
    getRecording: (id: string) => Promise.resolve({ name: id }),
  } as unknown as AsyncLibrary;
  const events = new ServiceEvents();
  events.on((name, payload) => name === "archive.moved" && told.push(payload as ArchiveTransfer));
  const link = new ClusterLink({ library, thread, trainer: {} as Trainer, events, codeVersion: "1" });
  await link.use(connected);
  const answer = (): void => waiting.shift()?.();
  return { link, asked, told, answer, waiting };
}

test("how many labels went along with what is read blind is not told, and is no 0 either", async () => {
  const { link, told } = await linked(at("here.example.org"), true, ["a"]);
  await link.handlers["archive.push"]({ ids: ["a", "b"] });
  await expect.poll(() => told.at(-1)?.state).toBe("done");
  expect(told.at(-1)?.recordings.map(({ papers, beside, otherwise }) => [papers, beside, otherwise])).toEqual(
    [
      [null, null, null],
      [2, 1, ["Mori"]],
    ],
  );
  await link.close();
});

test("the archive of the command line does not tell it either, whichever id the recording has there", async () => {
  const settings = { author: "Ito", blind: [{ recordingId: "here", reader: "Ito" }] };
  const library = { getSettings: () => Promise.resolve(settings) } as unknown as AsyncLibrary;
  const pulled = {
    id: "here",
    isNew: false,
    bytes: 1,
    added: 2,
    beside: 1,
    otherwise: ["Mori"],
    subject: null,
    findings: 3,
  };
  const archive = keptBlind(library, {
    push: () => Promise.resolve(pushed),
    pull: (id: string) => Promise.resolve(id === "there" ? pulled : { ...pulled, id }),
  } as unknown as Archive);
  const untold = { papers: null, beside: null, otherwise: null, findings: null };
  expect(await archive.push("here")).toMatchObject(untold);
  expect(await archive.pull("there")).toEqual({
    id: "here",
    isNew: false,
    bytes: 1,
    subject: null,
    ...untold,
  });
  expect(await archive.push("other")).toEqual(pushed);
  expect(await archive.pull("other")).toMatchObject({ papers: 2, beside: 1, findings: 3 });
});

test("what was to go to one place does not go on to another that the window is connected to meanwhile", async () => {
  const { link, asked, told, answer, waiting } = await linked(at("here.example.org"));
  await link.handlers["archive.push"]({ ids: ["a", "b", "c"] });
  await expect.poll(() => waiting.length).toBe(1);
  answer();
  await expect.poll(() => asked).toEqual(["push a", "push b"]);
  await link.use(at("there.example.org"));
  await expect.poll(() => told.at(-1)?.state).toBe("stopped");
  expect(asked).toEqual(["push a", "push b"]);
  expect(told.at(-1)).toMatchObject({
    at: "here.example.org/kodo",
    recordings: [{ state: "new" }, { state: "waiting" }, { state: "waiting" }],
  });
  await link.close();
});

test.each([
  ["data/archive-text", "done", ["failed", "new"]],
  ["storage/cluster-full", "stopped", ["waiting", "waiting"]],
  ["storage/disk-full", "stopped", ["waiting", "waiting"]],
] as const)(
  "what one recording cannot do keeps no other back, what none could do stops them all: %s",
  async (code, ended, states) => {
    const { link, told, answer, waiting } = await linked(at("here.example.org"));
    await link.handlers["archive.pull"]({
      recordings: [
        { id: "a", name: "A" },
        { id: "b", name: "B" },
      ],
    });
    await expect.poll(() => waiting.length).toBe(1);
    waiting.shift()?.(new AppError(code, "it cannot be"));
    if (ended === "done") {
      await expect.poll(() => waiting.length).toBe(1);
      answer();
    }
    await expect.poll(() => told.at(-1)?.state).toBe(ended);
    expect(told.at(-1)?.recordings.map(({ state }) => state)).toEqual(states);
    await link.close();
  },
);

test("a transfer of many is told as often as it can be looked at, and how it ended at once", async () => {
  const { link, told } = await linked(at("here.example.org"), true);
  const ids = Array.from({ length: 40 }, (_, i) => `r${i}`);
  await link.handlers["archive.push"]({ ids });
  await expect.poll(() => told.at(-1)?.state).toBe("done");
  expect(told.length).toBeLessThan(ids.length);
  expect(told.at(-1)?.recordings.every(({ state }) => state === "new")).toBe(true);
  await link.close();
});

test("a run that waited while its cluster was forgotten hands over nothing before it is agreed once more", async () => {
  const { link, asked } = await linked(at("here.example.org", false));
  const stop = new AbortController();
  const run = {
    ...{ id: "r", place: "here.example.org/kodo", config: { split: { folds: 2 } } },
    data: [{ recordingId: "a" }],
  } as unknown as Run;
  const lost: string[] = [];
  const training = link.train(
    { run, resume: false, isTakenUp: true },
    {
      signal: stop.signal,
      onProgress: ({ there }) => lost.push(there?.lost?.code ?? ""),
      onCheckpoint: () => Promise.resolve(),
    },
  );
  await expect.poll(() => lost).toContain("contract/cluster-not-agreed");
  expect(asked).toEqual(["state r"]);
  await link.use(at("here.example.org")); // agreed: it is asked at once
  await expect.poll(() => asked).toEqual(["state r", "freeze a"]);
  stop.abort("paused");
  await expect(training).rejects.toMatchObject({ code: "cancelled/by-user" });
  await link.close();
});

const study: StudyThere = {
  asked: {
    order: { kind: "predict", runId: "run", adaptation: "none" },
    ...{ name: "run", ids: ["a"], known: 0, again: false },
  },
  place: "here.example.org/kodo",
  keepWork: () => Promise.resolve(),
};

test("a study that is cancelled while the cluster is told of it is cancelled there once it has a name; before, nothing is", async () => {
  const { link, asked, answer, waiting } = await linked(at("here.example.org"));
  const judged = (signal: AbortSignal) => link.judge(study, { signal, onSaid: () => undefined });
  const early = new AbortController();
  const handing = judged(early.signal);
  await expect.poll(() => asked).toEqual(["push a"]);
  early.abort("cancelled");
  await expect(handing).rejects.toMatchObject({ code: "cancelled/by-user" });
  answer();

  const late = new AbortController();
  const submitting = judged(late.signal);
  await expect.poll(() => waiting.length).toBe(1);
  answer();
  await expect.poll(() => asked.at(-1)).toMatch(/^askStudy/);
  late.abort("cancelled");
  answer();
  await expect.poll(() => asked.at(-1)).toBe("cancelWork p");
  answer();
  await expect(submitting).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect(asked.filter((one) => one.startsWith("cancelWork"))).toHaveLength(1);
  await link.close();
});

test("a study that the cluster has forgotten goes there anew, with its recordings", async () => {
  const { link, asked } = await linked(at("here.example.org"), true);
  const stop = new AbortController();
  const kept: string[] = [];
  const judged = link.judge(
    {
      ...{ ...study, asked: { ...study.asked, work: "w" } },
      keepWork: (id) => {
        kept.push(id);
        return Promise.resolve();
      },
    },
    { signal: stop.signal, onSaid: () => undefined },
  );
  await expect.poll(() => kept, { timeout: 5000 }).toEqual(["p"]);
  expect(asked.slice(0, 3)).toEqual(["state w", "push a", expect.stringMatching(/^askStudy/)]);
  stop.abort("cancelled");
  await expect(judged).rejects.toMatchObject({ code: "cancelled/by-user" });
  await link.close();
});
