import { beforeEach, expect, test, vi } from "vitest";
import { AppError } from "../../../preload/contract/errors.ts";
import type { AsyncLibrary } from "../../storage/api.ts";
import { ClusterDesk } from "./desk.ts";

const { joined, answers } = vi.hoisted(() => ({
  joined: [] as { isClosed: boolean }[],
  answers: new Map<string, Promise<unknown>>(),
}));

vi.mock("../cluster.ts", () => ({
  joinCluster: () => {
    const own = { isClosed: false };
    joined.push(own);
    return Promise.resolve({
      shown: "db",
      works: { state: (id: string) => answers.get(id) },
      close: () => Promise.resolve(void (own.isClosed = true)),
    });
  },
}));
vi.mock("../archive.ts", () => ({ openArchive: () => Promise.resolve({ close: () => Promise.resolve() }) }));

beforeEach(() => {
  joined.length = 0;
  answers.clear();
});

const library = { getSettings: () => Promise.resolve({ author: "Ito" }) } as unknown as AsyncLibrary;
const lost = new AppError("device/cluster-lost", "db cannot be reached");
const how = { signal: new AbortController().signal } as never;

test("without a question its lines are closed, also where the last answer came by one that was lost before", async () => {
  const desk = new ClusterDesk(library, 20);
  await desk.handlers.open({ address: "db" }, how);
  const state = async (id: string): Promise<unknown> => desk.handlers.state({ id }, how);
  let fail = (): void => undefined;
  answers.set("slow", new Promise((_, reject) => (fail = () => reject(lost))));
  answers.set("good", Promise.resolve({ done: 1 }));
  const slow = state("slow");
  slow.catch(() => undefined);
  await expect.poll(() => joined.length).toBe(1);
  const gone = Promise.reject(lost);
  gone.catch(() => undefined);
  answers.set("gone", gone);
  await expect(state("gone")).rejects.toBe(lost);
  await expect(state("good")).resolves.toEqual({ done: 1 }); // by a new one, while an answer is waited for at the old
  fail();
  await expect(slow).rejects.toBe(lost);
  await expect.poll(() => joined.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  await expect(state("good")).resolves.toEqual({ done: 1 });
  expect(joined).toHaveLength(3);
});
