import { expect, test, vi } from "vitest";
import type { Run } from "../../preload/contract/run.ts";
import { compare } from "./compare.ts";
import type { CommandContext } from "./context.ts";

const ends = new Map<string, Pick<Run, "phase" | "error">>();
vi.mock("./training.ts", () => ({
  trainingConfig: () => Promise.resolve({ name: "few", model: { kind: "lda" } }),
  followedRun: (_context: unknown, _service: unknown, id: string) =>
    Promise.resolve({ id, config: { name: id }, ...ends.get(id) }),
}));

/** What the command prints, notes and asks a report of. */
function asked(kinds: readonly string[]) {
  const seen = { out: "", notes: [] as string[], compared: [] as string[] };
  const report = ({ runIds }: { readonly runIds: string[] }) => {
    seen.compared = runIds;
    return Promise.resolve({
      methods: [],
      reference: "",
      people: 1,
      windows: 4,
      score: "accuracy",
      pairs: [],
    });
  };
  const start = ({ models }: { readonly models: readonly { readonly kind: string }[] }) =>
    Promise.resolve(models.map(({ kind }) => ({ id: kind })));
  const handlers = { "comparisons.start": start, "comparisons.report": report };
  const context = {
    ...{ flags: { models: kinds.join(",") }, positionals: [], json: false },
    service: () => Promise.resolve({ handlers }),
    out: (text: string) => Promise.resolve(void (seen.out += text)),
    note: (line: string) => void seen.notes.push(line),
  } as unknown as CommandContext;
  return { seen, done: compare(context) };
}

test("methods that came to their end are compared although others failed, and each of those is told", async () => {
  ends.set("lda", { phase: "done" }).set("qda", { phase: "done" });
  ends.set("sdgm", { phase: "failed", error: { code: "model/diverged", message: "No number", detail: {} } });
  ends.set("logistic", { phase: "failed", error: { code: "x", message: "Too few", detail: {} } });
  const { seen, done } = asked(["lda", "sdgm", "qda", "logistic"]);
  await expect(done).rejects.toThrow(/sdgm did not come to an end: No number/);
  expect(seen.compared).toEqual(["lda", "qda"]);
  expect(seen.out).toContain("1 people, 4 windows");
  expect(seen.notes).toEqual([expect.stringMatching(/logistic did not come to an end: Too few/)]);
});

test("where fewer than two came to their end nothing is compared", async () => {
  ends.set("lda", { phase: "done" }).set("qda", { phase: "cancelled" });
  const { seen, done } = asked(["lda", "qda"]);
  await expect(done).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect([seen.compared, seen.out]).toEqual([[], ""]);
});

test("all that came to their end are compared, and that is that", async () => {
  ends.set("lda", { phase: "done" }).set("qda", { phase: "done" });
  const { seen, done } = asked(["lda", "qda"]);
  expect(await done).toBe(0);
  expect(seen.notes).toEqual([]);
});
