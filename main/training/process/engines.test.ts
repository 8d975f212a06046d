import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EngineInstall, EngineReport } from "../../../preload/contract/engine.ts";
import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import { forked } from "./child.ts";
import type { ChildLine } from "../../calls/child.ts";
import type { TrainerCalls } from "./messages.ts";
import { checkFile } from "../../compute/tensorflow/install/fetch.ts";
import type { Source } from "../../compute/tensorflow/install/install.ts";
import { createEngines } from "./engines.ts";
import type { EngineHost } from "./engines.ts";

const fakeTrainer = fileURLToPath(new URL("./host.fake-trainer.ts", import.meta.url));

/** A process that answers the test of an engine with this report. */
const childThat = (report: () => Partial<EngineReport>) => (): ChildLine => {
  let listener: Parameters<ChildLine["receive"]>[0] = () => undefined;
  return {
    send: (message) => {
      if (message.kind !== "ask" || message.name !== "testEngine") return;
      const { engine: name } = message.ask as TrainerCalls["testEngine"]["ask"];
      const value: EngineReport = { name, state: "ready", ...report() };
      listener({ kind: "answer", call: message.call, outcome: { ok: true, value } });
    },
    receive: (given) => (listener = given),
    onLost: () => undefined,
    kill: () => undefined,
  };
};

/** Brings a library that is one file with this version in it. */
const bringing = (version: string): Source => ({
  bring: (folder, _, { onProgress }) => {
    onProgress("download", 0.5);
    writeFileSync(join(folder, "addon.node"), version);
    onProgress("compile", 0);
    return Promise.resolve({ version, licence: "Apache-2.0", source: "a test", addon: "addon.node" });
  },
});
const unreachable = (name: string): Source => ({
  bring: () => Promise.reject(new AppError("model/engine-install", `${name} cannot be reached`)),
});
/** Waits until it is cancelled. */
const endless: Source = {
  bring: async (folder, _, { signal, onProgress }) => {
    writeFileSync(join(folder, "half.node"), "");
    onProgress("unpack", 0.3);
    while (!signal.aborted) await new Promise((done) => setTimeout(done, 5));
    throwIfCancelled(signal);
    throw new Error("unreachable");
  },
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kodo-engines-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const host = (
  source: Source | readonly Source[],
  report: () => Partial<EngineReport> = () => ({}),
): EngineHost =>
  createEngines({
    workerFile: "none",
    spawn: childThat(report),
    place: { root, sources: Array.isArray(source) ? (source as readonly Source[]) : [source as Source] },
  });

const stateOf = async (engines: EngineHost): Promise<string | undefined> =>
  (await engines.list({ again: true })).engines.find(({ name }) => name === "libtensorflow")?.installed
    ?.version;

describe("the engines of a machine", () => {
  test("are tested each in its own process: a library that crashes is reported, the others are not touched", async () => {
    const engines = createEngines({
      workerFile: fakeTrainer,
      spawn: (file) => forked(file),
      place: { root },
    });
    const { engines: found } = await engines.list();
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      ["onnxruntime", "ready"],
      ["libtensorflow", "failed"],
      ["onnxruntime-webgpu", "ready"],
      ["onnxruntime-directml", "ready"],
      ["reference", "ready"],
    ]);
    expect(found[1]!.error).toMatchObject({
      code: "model/engine-crashed",
      message: "The process that tested it ended (signal SIGSEGV)",
    });
  });

  test("a test that does not end is ended", async () => {
    const silent = (): ChildLine => ({ ...childThat(() => ({}))(), send: () => undefined });
    const engines = createEngines({ workerFile: "none", spawn: silent, patienceMs: 20, place: { root } });
    const { engines: found } = await engines.list();
    expect(found[0]!.error!.message).toBe("Its test did not end within 0.02 s");
  });
});

describe("installing libtensorflow", () => {
  test("takes the first source that answers, tells its steps, and is found afterwards", async () => {
    const engines = host([unreachable("PyPI"), bringing("2.9.1")]);
    const told: EngineInstall[] = [];
    engines.onProgress((progress) => told.push(progress));
    const report = await engines.install("cpu");
    expect(report).toMatchObject({
      state: "ready",
      installed: { variant: "cpu", version: "2.9.1", bytes: 5, licence: "Apache-2.0", source: "a test" },
    });
    expect(told.map(({ step, state }) => `${step} ${state}`)).toEqual([
      "download running",
      "compile running",
      "test running",
      "test done",
    ]);
    expect(await stateOf(engines)).toBe("2.9.1");
    expect(readdirSync(root)).toEqual(["cpu"]);
  });

  test("stops where what came is another than the pinned one: no other source takes its place", async () => {
    const tampered: Source = {
      bring: async (folder) => {
        writeFileSync(join(folder, "wheel"), "another");
        await checkFile(join(folder, "wheel"), "sha256", "hex", "0".repeat(64));
        throw new Error("unreachable");
      },
    };
    const engines = host([tampered, bringing("2.9.1")]);
    await expect(engines.install("cpu")).rejects.toThrow(
      /^wheel has the checksum \w+, not the pinned 0+; nothing was installed$/,
    );
    expect(engines.progress()?.error?.code).toBe("model/engine-pin");
    expect(readdirSync(root)).toEqual([]);
    await expect(host([]).install("cpu")).rejects.toMatchObject({ code: "model/engine-unsupported" });
  });

  test("says in one line why no source could bring it, and leaves nothing", async () => {
    const engines = host([unreachable("PyPI"), unreachable("the official download")]);
    await expect(engines.install("cpu")).rejects.toThrow(
      "libtensorflow could not be installed: PyPI cannot be reached; the official download cannot be reached",
    );
    expect(engines.progress()).toMatchObject({ state: "failed", error: { code: "model/engine-install" } });
    expect(readdirSync(root)).toEqual([]);
  });

  test("that fails its test gives the place back to what was installed before", async () => {
    await host(bringing("2.18.1")).install("cpu");
    const crashing = host(bringing("2.21.0"), () => ({
      state: "failed",
      error: { code: "model/engine-wrong", message: "its gradients differ", detail: {} },
    }));
    await expect(crashing.install("cuda")).rejects.toThrow(
      "What was installed failed its test: its gradients differ",
    );
    expect(readdirSync(root)).toEqual(["cpu"]);
    expect(await stateOf(crashing)).toBe("2.18.1");
  });

  test("takes the place of the other variant", async () => {
    await host(bringing("2.18.1")).install("cpu");
    await host(bringing("2.21.0")).install("cuda");
    expect(readdirSync(root)).toEqual(["cuda"]);
  });

  test("can be cancelled, and leaves nothing half done", async () => {
    const engines = host(endless);
    const ended = engines.install("cpu");
    await expect(engines.install("cpu")).rejects.toMatchObject({ code: "model/engine-busy" });
    await expect(engines.remove()).rejects.toMatchObject({ code: "model/engine-busy" });
    while (engines.progress()?.step !== "unpack") await new Promise((done) => setTimeout(done, 5));
    engines.cancel();
    await expect(ended).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(engines.progress()).toMatchObject({ state: "cancelled" });
    expect(readdirSync(root)).toEqual([]);
  });

  test("can be undone: removing says how many bytes went, and none the second time", async () => {
    const engines = host(bringing("2.18.1"));
    await engines.install("cpu");
    expect(await engines.remove()).toBeGreaterThan(6);
    expect(existsSync(root)).toBe(false);
    expect(await engines.remove()).toBe(0);
    expect(await stateOf(engines)).toBeUndefined();
  });
});
