import { describe, expect, test } from "vitest";
import { AppError } from "../../../preload/contract/errors.ts";
import { pack } from "../../compute/packed.ts";
import { anyModel } from "./model.fixtures.ts";
import { packModel, unpackModel } from "./model-file.ts";
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
    const [first, ...rest] = model.members[0] as Float32Array[];
    const short = [(first as Float32Array).subarray(1), ...rest];
    expect(() => unpackModel(packModel({ ...model, members: [short] }))).toThrow(/do not fit its network/);
    expect(() => unpackModel(packModel({ ...model, members: [rest] }))).toThrow(/do not fit its network/);
  });
});
