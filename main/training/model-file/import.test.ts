import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { onnx as schema } from "onnx-proto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { inPlaces, RunConfig } from "../../../preload/contract/run.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Run } from "../../../preload/contract/run.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { onnx } from "../../compute/onnx/protobuf.ts";
import { causalParts } from "../../models/adaptation/causal.ts";
import { causalSettings } from "../fit/causal.ts";
import { explainWindow } from "../predict/explain.ts";
import { runWithoutPeople } from "../../privacy/run.ts";
import { oneCore, toolsFor } from "../fit/fit.fixtures.ts";
import { packModel, type TrainedModel, unpackModel } from "./model-file.ts";
import { anyModel } from "./model.fixtures.ts";
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

  test("keeps the network for windows that are centred and oriented", async () => {
    const { network, members } = anyModel(8, { features: 8, layers: 2 });
    const temperatures = Object.fromEntries(causalParts.map((part) => [part, 1.2]));
    const settings = causalSettings(0.25, 0.4);
    const causal = { network, members: [...members], settings, temperatures } as TrainedModel["causal"] &
      object;
    const given: Case = { ...one, model: { ...one.model, causal } };
    expect(unpackModel(taken((await exported(given)).bytes).model).causal).toEqual(causal);
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

test("a file of the first format, whose parameters are numbered, is the same model to the bit", () => {
  const old = gunzipSync(readFileSync(new URL("./testdata/by-place.onnx.gz", import.meta.url)));
  const proto = onnx.ModelProto.decode(old);
  expect(proto.graph?.initializer?.map(({ name }) => name)).toContain("member1.parameter2");
  expect(unpackModel(taken(old).model)).toEqual(one.model);
});

test("parameters stand in a file by their names, so that other programs can tell them", () => {
  const names = onnx.ModelProto.decode(bytes).graph?.initializer?.map(({ name }) => name) ?? [];
  expect(names.filter((name) => name?.startsWith("member1."))).toEqual(
    Object.keys(one.model.members[1] ?? {}).map((name) => `member1.${name}`),
  );
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

  const parameter =
    (name: string, change: (one: schema.ITensorProto) => schema.ITensorProto[]) =>
    (proto: schema.ModelProto): void => {
      const { graph } = proto;
      if (graph)
        graph.initializer = (graph.initializer ?? []).flatMap((one) =>
          one.name === name ? change(one) : [one],
        );
    };

  test.each([
    [
      "of a later format",
      json(metadataKeys.card, (card) => ({ ...card, format: 3 })),
      /model format 3; this Kodo reads formats up to 2/,
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
      parameter("member1.layer2.weights", ({ rawData, ...one }) => [
        { ...one, rawData: rawData?.subarray(4) ?? null },
      ]),
      /the parameter member1.layer2.weights has \d+ bytes, \d+ are needed/,
    ],
    [
      "with a parameter of another shape",
      parameter("member1.layer2.weights", ({ dims, ...one }) => [
        { ...one, dims: (dims ?? []).map(Number).reverse() },
      ]),
      /the parameter member1.layer2.weights is \[11, 16\], it has to be \[16, 11\]/,
    ],
    [
      "with a parameter that is no number",
      parameter("member0.layer1.biases", (one) => [
        { ...one, rawData: new Uint8Array(one.rawData?.length ?? 0).fill(255) },
      ]),
      /the parameter member0.layer1.biases holds a value that is no number/,
    ],
    [
      "without a parameter",
      parameter("member0.density.means", () => []),
      /the parameter member0.density.means is missing/,
    ],
    [
      "with a parameter twice",
      parameter("member0.density.means", (one) => [one, one]),
      /the parameter member0.density.means is there twice/,
    ],
    [
      "with a parameter too many",
      parameter("member0.density.means", (one) => [one, { ...one, name: "member2.density.means" }]),
      /its network has no parameter member2.density.means/,
    ],
    [
      "whose card speaks of another member",
      json(metadataKeys.card, (card) => ({ ...card, members: 3 })),
      /the parameter member2.layer1.weights is missing/,
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
