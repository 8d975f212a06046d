import { afterEach, expect, test, vi } from "vitest";
import { commands } from "./commands.ts";
import { main } from "./main.ts";
import { outputs } from "./schemas.ts";

afterEach(() => void vi.restoreAllMocks());

/** What a command leaves on standard output and standard error. */
async function said(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const all = { out: "", err: "" };
  const into = (name: "out" | "err", stream: NodeJS.WriteStream): void =>
    void vi.spyOn(stream, "write").mockImplementation((text, ...rest: unknown[]) => {
      all[name] += String(text);
      rest.find((one): one is () => void => typeof one === "function")?.();
      return true;
    });
  into("out", process.stdout);
  into("err", process.stderr);
  for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0); // each command adds one
  const code = await main({ argv, folder: import.meta.dirname, environment: process.env });
  vi.restoreAllMocks();
  return { code, ...all };
}

test.each([...Object.keys(commands), "no-such-command", "--json"])(
  "%s: what fails is one document for whoever asked for documents, besides the sentence and the exit code",
  async (name) => {
    const { code, out, err } = await said(name, "--no-such-option", "--json");
    const { error } = outputs.error.parse(JSON.parse(out));
    expect([code, error.code]).toEqual([2, "usage"]);
    expect(err).toBe(`usage: ${error.message}\n`);
    const plain = await said(name === "--json" ? "--quiet" : name, "--no-such-option");
    expect([plain.code, plain.out]).toEqual([2, ""]);
    expect((await said(name === "--json" ? "--quiet" : name, "--no-such-option", "--", "--json")).out).toBe(
      "",
    );
  },
);
