import { expect, test, vi } from "vitest";
import { care } from "./care.ts";
import type { CommandContext } from "./context.ts";

test("a check that was stopped while its library was being opened does not begin", async () => {
  const stop = new AbortController();
  const verify = vi.fn();
  const context = {
    signal: stop.signal,
    service: () => {
      stop.abort();
      return Promise.resolve({ care: { verify }, on: () => () => undefined });
    },
  } as unknown as CommandContext;
  await expect(care["verify"]?.run(context)).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect(verify).not.toHaveBeenCalled();
});
