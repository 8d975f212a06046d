import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { keepQuiet, quietEnvironment } from "./quiet.ts";

const before = process.env["ORT_DISABLE_TELEMETRY"];
afterEach(() => {
  if (before === undefined) delete process.env["ORT_DISABLE_TELEMETRY"];
  else process.env["ORT_DISABLE_TELEMETRY"] = before;
});

test("whatever was set before, a process is quiet and so is what it starts", () => {
  for (const given of ["0", ""]) {
    process.env["ORT_DISABLE_TELEMETRY"] = given;
    expect(quietEnvironment()["ORT_DISABLE_TELEMETRY"]).toBe("1");
    keepQuiet();
    expect(process.env["ORT_DISABLE_TELEMETRY"]).toBe("1");
  }
});

/** What a thread with this environment says when it is about to load the library. */
const inThread = (value: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const file = new URL("./quiet.ts", import.meta.url).href;
    const program = `import(${JSON.stringify(file)}).then(({ keepQuiet }) => keepQuiet()).then(
      () => "quiet", (error) => error.code).then((said) => require("node:worker_threads").parentPort.postMessage(said))`;
    const worker = new Worker(program, {
      eval: true,
      env: { ...process.env, ORT_DISABLE_TELEMETRY: value },
      execArgv: ["--experimental-strip-types", "--no-warnings"],
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });

test.skipIf(Number.parseInt(process.versions.node, 10) < 22)(
  "a thread that was not begun quiet refuses to load the library",
  async () => {
    expect([await inThread("1"), await inThread("0")]).toEqual(["quiet", "internal/not-quiet"]);
  },
);
