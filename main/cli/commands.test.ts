import { expect, test, vi } from "vitest";
import { commands } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import { UsageError } from "./usage.ts";

test.each([
  ["import", { "read-complete": true, group: "baseline" }, /annotations import has no --group/],
  ["import", { "read-complete": true, from: "0", to: "60" }, /annotations import has no --from/],
  ["export", { reader: "Mori" }, /annotations export has no --reader/],
])("annotations %s %j is refused, not done without it", async (verb, flags, message) => {
  const service = vi.fn();
  const context = { flags, positionals: [verb, "marks.csv"], service } as unknown as CommandContext;
  await expect(commands["annotations"]?.run(context)).rejects.toThrow(message);
  expect(service).not.toHaveBeenCalled();
});

test("who asks to stop while the library is opened waits for no device", async () => {
  const arm = vi.fn().mockRejectedValue(new Error("armed"));
  const library = { info: () => Promise.resolve({ readOnly: false, path: "" }) };
  const context = {
    ...{ flags: { device: "cyton", port: "simulated:cyton", subject: "S1" }, positionals: [] },
    ...{ signal: AbortSignal.abort(), service: () => Promise.resolve({ acquisition: { arm }, library }) },
  } as unknown as CommandContext;
  await expect(commands["record"]?.run(context)).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect(arm).not.toHaveBeenCalled();
});

test.each([
  [[], {}],
  [["look"], { all: true }],
  [["lay"], {}],
  [["lay", "ward"], { all: true }],
  [["lift"], { all: true, study: "ward" }],
  [["lay"], { all: true, rule: "flat" }],
  [["undo"], {}],
  [["undo", "a", "b"], {}],
  [["undo", "a"], { "dry-run": true }],
])("masks %j %j makes no sense, and the library is not opened for it", async (positionals, flags) => {
  const service = vi.fn();
  const context = { flags, positionals, service } as unknown as CommandContext;
  await expect(commands["masks"]?.run(context)).rejects.toThrow(UsageError);
  expect(service).not.toHaveBeenCalled();
});
