import { describe, expect, test } from "vitest";
import { reportOn } from "../self-check/self-check.ts";
import { runtimes } from "../registry.ts";
import { checkGraphics } from "./graphics.ts";
import type { GraphicsDevice } from "./graphics.ts";
import { loadOrt } from "./ort.ts";
import type { Ort } from "./ort.ts";

const listing = (...names: string[]): ReturnType<Ort["listSupportedBackends"]> =>
  names.map((name) => ({ name, bundled: true }));

describe.each(["webgpu", "directml"] as const)("%s", (device: GraphicsDevice) => {
  test("is reported with the reason where it is no use, and its own test decides where it is", async () => {
    const report = await reportOn(`onnxruntime-${device}`);
    if (report.state === "ready") {
      expect(report.selfTest!.largestError).toBeLessThanOrEqual(report.selfTest!.tolerance);
      return;
    }
    const said = {
      "model/engine-no-card": /^(WebGPU|DirectML) found no graphics card to compute on: .{5}/,
      "model/engine-unsupported": /^The ONNX Runtime of \w+ \w+ has no part for (WebGPU|DirectML)$/,
    } as Readonly<Record<string, RegExp>>;
    expect(report.error!.message).toMatch(said[report.error!.code] ?? /no such code/);
    expect(report.error!.message).not.toContain("onnxruntime_src");
  });

  test("trains only where a person asks for it", () => {
    expect(runtimes.find(({ name }) => name === `onnxruntime-${device}`)!.byNameOnly).toBe(true);
  });
});

describe("a graphics card", () => {
  test("that this build of ONNX Runtime has no part for is refused before anything is opened", async () => {
    const { InferenceSession } = await loadOrt();
    await expect(
      checkGraphics({ InferenceSession, listSupportedBackends: () => listing("cpu") }, "directml"),
    ).rejects.toMatchObject({ code: "model/engine-unsupported", detail: { device: "directml" } });
  });

  test("that opens is accepted", async () => {
    const { InferenceSession } = await loadOrt();
    const opened: unknown[] = [];
    const create = (_: unknown, options: unknown) => {
      opened.push(options);
      return Promise.resolve({ release: () => Promise.resolve() });
    };
    await checkGraphics(
      {
        InferenceSession: { ...InferenceSession, create } as unknown as Ort["InferenceSession"],
        listSupportedBackends: () => listing("cpu", "dml"),
      },
      "directml",
    );
    expect(opened).toEqual([expect.objectContaining({ executionProviders: ["dml"] })]);
  });
});
