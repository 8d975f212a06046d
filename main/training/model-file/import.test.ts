import type { onnx as schema } from "onnx-proto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { inPlaces, RunConfig } from "../../../preload/contract/run.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Run } from "../../../preload/contract/run.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { onnx } from "../../compute/onnx/protobuf.ts";
import { explainWindow } from "../predict/explain.ts";
import { runWithoutPeople } from "../../privacy/run.ts";
import { oneCore, toolsFor } from "../fit/fit.fixtures.ts";
import { packModel, unpackModel } from "./model-file.ts";
import {
  codes,
  ctgCase,
  emgCase,
  exported,
  meanCase,
  predicted,
  type Case,
  ofWindows,
} from "./exported.fixtures.ts";
import { readModelFile } from "./read.ts";
import { exportModel, importModel } from "./transfer.ts";
import { digestEntry, metadataKeys } from "./write.ts";

const one = emgCase();
let bytes: Uint8Array;
beforeAll(async () => {
  ({ bytes } = await exported(one));
});

const taken = (given: Uint8Array = bytes): ReturnType<typeof importModel> =>
  importModel({ bytes: given, file: "gestures.onnx", now: "2026-02-03T00:00:00.000Z" });

function refusal(given: Uint8Array): AppError {
  try {
    readModelFile(given, "given.onnx");
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

/** The file with some of its messages changed, and a digest that fits again: what only a person could make. */
function remade(change: (proto: schema.ModelProto) => void): Uint8Array {
  const proto = onnx.ModelProto.decode(bytes);
  proto.metadataProps = proto.metadataProps.filter(({ key }) => key !== metadataKeys.digest);
  change(proto);
  const body = onnx.ModelProto.encode(proto).finish();
  return Buffer.concat([body, digestEntry(body)]);
}

const metadata = (key: string, change: (value: string) => string) => (proto: schema.ModelProto) => {
  for (const entry of proto.metadataProps) if (entry.key === key) entry.value = change(entry.value ?? "");
};

describe("an imported model", () => {
  test.each([
    ["emg-amplitude", emgCase],
    ["window-mean", meanCase],
    ["ctg-deviation", ctgCase],
  ])("with the front %s is the exported one to the bit", async (_, make) => {
    const given = make();
    const { model, labelSet } = taken((await exported(given)).bytes);
    expect(unpackModel(model)).toEqual(given.model);
    expect(labelSet?.id).toBe("emg-gestures");
  });

  test("is a finished run that says where it came from and keeps what it was trained on and scored", () => {
    const { run } = taken();
    const before = one.run;
    expect(run).toMatchObject({
      id: before.id,
      phase: "done",
      config: runWithoutPeople(before, codes).config,
      metrics: runWithoutPeople(before, codes).metrics as object,
      codeVersion: before.codeVersion,
      data: [{ recordingId: "rec-p1", subject: codes.subject("S1"), checksum: "ab" }],
      imported: { file: "gestures.onnx", importedAt: "2026-02-03T00:00:00.000Z" },
    });
    expect(run.imported?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(run.imported?.channels.map(({ label }) => label)).toEqual(["EMG1", "EMG2", "EMG3", "EMG4"]);
    expect(run.note).toBeUndefined();
    expect(run.data[0]?.recording).toBeUndefined();
  });

  test("predicts the same, opens its layers, and exports again without the recordings it learned from", async () => {
    const { run, model } = taken();
    const here: Case = { ...one, run, model: unpackModel(model) };
    const [before, after] = [await predicted(one), await predicted(here)];
    expect({ ...after, createdAt: "" }).toEqual({ ...before, createdAt: "" });
    const tools = { ...toolsFor(one.library), runtimeFor: oneCore };
    const layers = await explainWindow({ run, model, recordingId: one.recordingId, timeS: 4 }, tools);
    expect(layers.layers).toHaveLength(3);
    const empty = {
      ...one.library,
      getRecording: (id: string): never => {
        throw new AppError("storage/not-found", `no recording ${id}`);
      },
    };
    const again = ofWindows(await exportModel({ run, model }, { ...tools, library: empty }));
    expect(again.card.channels.map(({ label }) => label)).toEqual(run.config.data.channels);
    const local: Run = { ...run };
    delete local.imported;
    await expect(
      exportModel({ run: local, model: packModel(one.model) }, { ...tools, library: empty }),
    ).rejects.toMatchObject({ code: "model/cannot-export", message: /rate and unit of channel EMG1/ });
  });
});

describe("a file that is no whole model of Kodo", () => {
  test("is refused wherever it was cut", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        const { code, message } = refusal(bytes.subarray(0, length));
        expect(message).toContain("given.onnx");
        expect(code).toMatch(/^data\/(model-damaged|not-onnx|foreign-model)$/);
      }),
      { numRuns: 300, examples: [[0], [1], [bytes.length - 1]] },
    );
  });

  test("is refused whichever of its bytes was changed", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ flip;
        expect(refusal(changed)).toMatchObject({ code: "data/model-damaged" });
      }),
      { numRuns: 500 },
    );
  });

  test("is refused when something was added to its end, or it was saved again by another program", () => {
    expect(refusal(Buffer.concat([bytes, Buffer.from([0])])).message).toMatch(
      /given.onnx is damaged: its last bytes are not the checksum/,
    );
    const again = onnx.ModelProto.decode(bytes);
    again.producerVersion = "2";
    const saved = onnx.ModelProto.encode(again).finish();
    expect(refusal(saved)).toMatchObject({ code: "data/model-damaged" });
  });

  test("is refused as anything at all that is no ONNX file", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (given) => {
        expect(refusal(given).code).toMatch(/^data\/(not-onnx|foreign-model)$/);
      }),
      { numRuns: 500 },
    );
  });

  test("is refused with the name of the program that made it", () => {
    const foreign = onnx.ModelProto.encode({
      irVersion: 8,
      producerName: "pytorch",
      producerVersion: "2.4",
      graph: { name: "main" },
    }).finish();
    expect(refusal(foreign)).toMatchObject({
      code: "data/foreign-model",
      message:
        "given.onnx holds a model made by pytorch 2.4; expected a model exported by Kodo (metadata kodo.card)",
    });
  });
});

describe("a file made to look like a model of Kodo", () => {
  const json = (key: string, change: (value: Record<string, unknown>) => object) =>
    metadata(key, (text) => JSON.stringify(change(JSON.parse(text) as Record<string, unknown>)));

  test.each([
    [
      "of a later format",
      json(metadataKeys.card, (card) => ({ ...card, format: 2 })),
      /model format 2; this Kodo reads format 1/,
    ],
    ["with a card that is no JSON", metadata(metadataKeys.card, () => "{"), /kodo.card is no JSON/],
    [
      "with a card that lacks a field",
      json(metadataKeys.card, (card) => ({ ...card, channels: undefined })),
      /kodo.card has channels/,
    ],
    ["without its run", metadata(metadataKeys.run, () => ""), /kodo.run is no JSON/],
    [
      "whose run never ended",
      json(metadataKeys.run, (run) => ({ ...run, phase: "training" })),
      /its run is training, not done/,
    ],
    ["whose run is another", json(metadataKeys.run, (run) => ({ ...run, id: "x" })), /different ids/],
    [
      "whose run has other classes",
      json(metadataKeys.run, (run) => ({ ...run, classes: ["a", "b", "c"] })),
      /different classes/,
    ],
    [
      "whose run has other channels",
      (proto: schema.ModelProto) =>
        json(metadataKeys.run, (run) => ({
          ...run,
          config: RunConfig.parse({ ...(run["config"] as object), channels: ["EMG1", "EMG2"] }),
        }))(proto),
      /different channels/,
    ],
    ["without its model", metadata(metadataKeys.model, () => ""), /trained model cannot be read/],
    ["with a model of noise", metadata(metadataKeys.model, () => "AAAA"), /trained model cannot be read/],
    [
      "with a parameter cut short",
      (proto: schema.ModelProto) => {
        const found = proto.graph?.initializer?.find(({ name }) => name === "member1.parameter2");
        if (found?.rawData) found.rawData = found.rawData.subarray(4);
      },
      /an initializer has \d+ bytes, \d+ are needed/,
    ],
    [
      "with a parameter that is no number",
      (proto: schema.ModelProto) => {
        const found = proto.graph?.initializer?.find(({ name }) => name === "member0.parameter0");
        if (found) found.rawData = new Uint8Array(found.rawData?.length ?? 0).fill(255);
      },
      /no number/,
    ],
    [
      "without members",
      (proto: schema.ModelProto) => {
        if (proto.graph) proto.graph.initializer = [];
      },
      /trained model cannot be read/,
    ],
  ])("%s is refused", (_, change, message) => {
    expect(refusal(remade(change)).message).toMatch(message);
  });

  test("but for its bytes is taken", () => {
    expect(taken(remade(() => undefined)).run.id).toBe(one.run.id);
  });
});

describe("a model file that asks for more than it holds", () => {
  const large = (field: string, value: number) =>
    metadata(metadataKeys.run, (text) => {
      const run = JSON.parse(text) as { config: unknown };
      return JSON.stringify({ ...run, config: inPlaces({ ...(run.config as object), [field]: value }) });
    });

  test.each([
    ["windowS", 1e9],
    ["strideS", 1e-9],
    ["layers", 1e6],
    ["members", 1e6],
    ["epochs", 1e9],
    ["batchSize", 1e9],
  ])("with %s %s is refused by that name", (field, value) => {
    const { code, message } = refusal(remade(large(field, value)));
    expect(code).toBe("data/model-damaged");
    expect(message).toMatch(new RegExp(String.raw`config\.[\w.]+\.${field}`));
  });

  test.each([
    ["features", 16_384],
    ["features", 1e9],
    ["layers", 1e9],
    ["classes", 1e9],
  ])("with a network of %s %s takes no memory for it", (field, value) => {
    const packed = metadata(metadataKeys.model, (text) => {
      const model = unpack(Buffer.from(text, "base64")) as { network: Record<string, number> };
      return Buffer.from(pack({ ...model, network: { ...model.network, [field]: value } })).toString(
        "base64",
      );
    });
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(remade(packed)).code).toBe("data/model-damaged");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6); // the file itself, a few times
  });

  test("with channels so fast that a window is gigabytes is refused", () => {
    const fast = metadata(metadataKeys.card, (text) => {
      const card = JSON.parse(text) as { windowS: number; channels: { sampleRate: number }[] };
      return JSON.stringify({
        ...card,
        windowS: 3600,
        channels: card.channels.map((one) => ({ ...one, sampleRate: 100_000 })),
      });
    });
    const long = large("windowS", 3600);
    const both = refusal(
      remade((proto) => {
        fast(proto);
        long(proto);
      }),
    );
    expect(both.message).toMatch(/window has \d+ samples, allowed are/);
    expect(refusal(remade(fast)).message).toMatch(/windows of 3600 s on the card/);
  });

  test("nested beyond measure is refused, as JSON and as a graph", () => {
    const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
    expect(refusal(remade(metadata(metadataKeys.card, () => `{"format":1,"name":${deep}}`))).code).toBe(
      "data/model-damaged",
    );
    expect(refusal(remade(metadata(metadataKeys.run, () => deep))).code).toBe("data/model-damaged");
    // A graph in an attribute of a node of a graph, and so on: lengths are written from the inside out.
    let inner = Buffer.alloc(0);
    const field = (number: number, content: Uint8Array): Buffer<ArrayBuffer> => {
      const head = [number * 8 + 2];
      for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
        head.push(rest >= 128 ? (rest % 128) + 128 : rest);
        if (rest < 128) return Buffer.concat([Uint8Array.from(head), content]);
      }
    };
    for (let depth = 0; depth < 3000; depth += 1) inner = field(1, field(5, field(6, inner)));
    expect(["data/not-onnx", "data/foreign-model"]).toContain(refusal(field(7, inner)).code);
  });
});
