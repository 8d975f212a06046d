import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { tensor, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { AppError } from "../../../preload/contract/errors.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { valuesOf } from "../../compute/parameters.ts";
import { wrongNames } from "../../models/named-laws.ts";
import { models } from "../../models/registry.ts";
import { anyModel } from "./model.fixtures.ts";
import { estimatorOf, packModel, unpackModel } from "./model-file.ts";
import { packSequenceModel } from "./sequence-file.ts";

const model = anyModel(1);
const bytes = packModel(model);

describe("a trained model's bytes", () => {
  test("give the model back to the bit, template included", () => {
    expect(unpackModel(bytes)).toEqual(model);
    const template = {
      gaussian: {
        width: 1,
        classes: 2,
        means: Float64Array.of(0, 1),
        covariance: Float64Array.of(1),
        logPrior: Float64Array.of(-0.5, -1),
      },
      symmetries: [Int32Array.of(0)],
      logOrientation: Float64Array.of(0),
      centre: Float64Array.of(0.5),
    };
    expect(unpackModel(packModel({ ...model, template })).template).toEqual(template);
  });

  test("cut short or changed in any place are refused by name", () => {
    for (let cut = 0; cut < bytes.length; cut += 61)
      expect(() => unpackModel(bytes.subarray(0, cut))).toThrow(AppError);
    for (let at = 0; at < bytes.length; at += 37) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 16;
      expect(() => unpackModel(changed)).toThrow(AppError);
    }
  });

  test("of whole recordings, or of a kind there is not, are refused for what they are", () => {
    const refused = (kind: string) => () => unpackModel(packSequenceModel({ kind, learned: { groups: [] } }));
    expect(refused("event-net")).toThrow(expect.objectContaining({ code: "model/not-windows" }) as Error);
    expect(refused("of-tomorrow")).toThrow(expect.objectContaining({ code: "model/unknown-kind" }) as Error);
  });

  test("of something else, or of parameters that do not fit the network, are refused", () => {
    const corrupt = expect.objectContaining({ code: "storage/corrupt" }) as Error;
    expect(() => unpackModel(pack({ kind: "checkpoint" }))).toThrow(corrupt);
    expect(() => unpackModel(packModel({ ...model, members: [] }))).toThrow(corrupt);
    expect(() => unpackModel(packModel({ ...model, temperature: 0 }))).toThrow(corrupt);
  });

  test("keep the density of the inputs, refuse one of other inputs or that is none, and do without one", () => {
    const width = model.standardisation.mean.length;
    const density = {
      ...{ spread: "full" as const, width, components: 1, logWeights: Float64Array.of(0) },
      means: new Float64Array(width),
      covariances: Float64Array.from({ length: width * width }, (_, at) => Number(at % (width + 1) === 0)),
    };
    expect(unpackModel(packModel({ ...model, density })).density).toEqual(density);
    expect(unpackModel(bytes).density).toBeUndefined(); // as before there were any
    const other = { ...density, width: 1, means: new Float64Array(1), covariances: Float64Array.of(1) };
    expect(() => unpackModel(packModel({ ...model, density: other }))).toThrow(
      `density is of 1 inputs, its network of ${width}`,
    );
    const flat = { ...density, covariances: new Float64Array(width * width) };
    expect(() => unpackModel(packModel({ ...model, density: flat }))).toThrow(
      "density.covariances: holds what is no",
    );
  });

  test("of an older Kodo's making would not be taken for what it is not: those refuse it as newer", () => {
    expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)).toBe(2);
  });
});

describe("a parameter of a trained model", () => {
  interface Stored {
    name: string;
    shape: number[];
    values: Float32Array;
  }
  const changed = (change: (member: Stored[]) => unknown[]): (() => unknown) => {
    const raw = unpack(bytes) as { members: Stored[][] };
    const members = raw.members.map((member, at) => (at === 1 ? change(member) : member));
    return () => unpackModel(pack({ ...raw, members }));
  };
  const at = (member: Stored[], name: string, change: (one: Stored) => Stored[]): Stored[] =>
    member.flatMap((one) => (one.name === name ? change(one) : [one]));
  const refusal = (what: string): Error =>
    expect.objectContaining({
      code: "storage/corrupt",
      message: `This model's parameters do not fit its network: member 2: ${what}`,
    }) as Error;

  test("is found by its name, wherever in the file it stands", () => {
    expect(changed((member) => [...member].reverse())()).toEqual(model);
  });

  test.each([
    ["missing", () => [], "The parameter layer2.weights is missing"],
    ["doubled", (one: Stored) => [one, one], "The parameter layer2.weights is there twice"],
    [
      "doubled with the values of another",
      (one: Stored) => [one, { ...one, values: one.values.map((v) => v + 1) }],
      "The parameter layer2.weights is there twice",
    ],
    [
      "of another shape",
      (one: Stored) => [{ ...one, shape: [...one.shape].reverse() }],
      "The parameter layer2.weights is [9, 12] with 108 values, it has to be [12, 9]",
    ],
    [
      "cut short",
      (one: Stored) => [{ ...one, values: one.values.subarray(1) }],
      "The parameter layer2.weights is [12, 9] with 107 values, it has to be [12, 9]",
    ],
    [
      "under another name",
      (one: Stored) => [{ ...one, name: "layer9.weights" }],
      "There is no parameter layer9.weights",
    ],
    [
      "under a name that every object has",
      (one: Stored) => [one, { ...one, name: "constructor" }],
      "There is no parameter constructor",
    ],
  ])("that is %s is refused by its name", (_, change, what) => {
    expect(changed((member) => at(member, "layer2.weights", change))).toThrow(refusal(what));
  });

  test("without a name is taken in files of before alone, where none has one and none is lacking", () => {
    expect(changed((member) => member.map(({ values }) => values))()).toEqual(model);
    expect(changed((member) => member.slice(1).map(({ values }) => values))).toThrow(
      refusal("11 parameters without names, 12 are needed"),
    );
    expect(changed((member) => member.map((one, i) => (i === 0 ? one.values : one)))).toThrow(AppError);
    const [first] = model.members;
    const short = (member: Stored[]) =>
      member.map(({ values }, i) => (i === 2 ? values.subarray(1) : values));
    expect(first && changed(short)).toThrow(/The parameter layer2.weights is \[12, 9\] with 107 values/);
  });
});

/** What is registered and learns windows by descent, as a file keeps it. */
const networks = models().flatMap(({ kind, over, learning, config }) => {
  if (over !== "windows" || learning.kind !== "descent") return [];
  const shape = { features: 6, columns: 6, classes: 3, maskInputs: false, ring: undefined };
  const settings: unknown = config.parse({ kind });
  return [{ kind, learning, network: learning.network(settings, { ...shape, labelledCount: 1000 }) }];
});

test.each(networks)(
  "parameters of $kind are found by name in whatever order they lie; what is none of them or wrong is refused by its name",
  ({ kind, learning, network }) => {
    const members = [1, 2].map((seed) => learning.estimator(network).init(seed));
    const read = (saved: unknown): unknown =>
      unpackModel(pack({ ...model, kind, network, members: saved })).members;
    expect(read(members)).toEqual(members);
    expect(wrongNames(members, read)).toBeUndefined();
  },
);

interface Kept {
  readonly rows: number;
  readonly features: number;
  readonly x: Float32Array;
  readonly observed: Float32Array;
  readonly kept: readonly {
    readonly bytes: Uint8Array;
    readonly said: readonly { readonly logits: Float32Array; readonly logDensity: Float32Array }[];
  }[];
}

describe("models that were kept while parameters had no names", () => {
  const { rows, features, x, observed, kept } = unpack(
    gunzipSync(readFileSync(new URL("./testdata/by-place.gz", import.meta.url))),
  ) as Kept;
  const kinds = new Set(kept.map((one) => unpackModel(one.bytes).kind));

  test.each(kept.map((one) => [unpackModel(one.bytes).kind, one] as const))(
    "of %s open and say what they said, to the bit",
    (_, one) => {
      const old = unpackModel(one.bytes);
      const again = unpackModel(packModel(old));
      expect(again).toEqual(old);
      for (const read of [old, again]) {
        const estimator = estimatorOf(read);
        read.members.forEach((member, m) =>
          tidy(() => {
            const said = estimator.forward(
              (name) => tensor(valuesOf(member, name), [...(member[name]?.shape ?? [])]),
              tensor2d(x, [rows, features]),
              tensor2d(observed, [rows, features]),
            );
            expect(said.logits.dataSync()).toEqual(one.said[m]?.logits);
            expect(said.logDensity.dataSync()).toEqual(one.said[m]?.logDensity);
          }),
        );
      }
    },
  );

  test("are there of every kind that learned by descent then", () => {
    expect([...kinds].sort()).toEqual([
      "fix-match",
      "identity-coupled",
      "identity-sdgm",
      "pseudo-label",
      "raw-conv",
      "small-network",
      "vae-m2",
    ]);
  });

  test("keep the network for windows that are centred and oriented", () => {
    const read = kept.map((one) => [one, unpackModel(one.bytes)] as const).find(([, model]) => model.causal);
    const [one, { causal } = {}] = read ?? [];
    const raw = one && (unpack(one.bytes) as { causal: { members: Float32Array[][] } });
    expect(causal?.members.map((member) => Object.values(member).map(({ values }) => values))).toEqual(
      raw?.causal.members,
    );
    expect(Object.keys(causal?.members[0] ?? {})).toEqual([
      "layer1.weights",
      "layer1.biases",
      "layer2.weights",
      "layer2.biases",
    ]);
  });
});
