import "@tensorflow/tfjs-backend-cpu";
import { tensor, tensor2d, tidy } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IdentityCoupledConfig } from "../../models/windows/identity-coupled.ts";
import { sizeOf } from "../../compute/feeds.ts";
import { arraysFrom, named, type NamedArrays, valuesOf } from "../../compute/parameters.ts";
import { layerNames } from "../../models/layers/identity.ts";
import { seededRandom } from "../../models/random.ts";
import { distancesFromIdentity, traceLayers } from "./explain.ts";
import { anyModel } from "../model-file/model.fixtures.ts";
import { estimatorOf } from "../model-file/model-file.ts";

const cases = [
  ["with mask inputs", { maskInputs: true }],
  ["without mask inputs", { maskInputs: false }],
  ["on a bracelet", { ring: { electrodes: 6, blocks: 1 } }],
] as const;

describe.each(cases)("the layers of a network %s taken apart", (_name, change) => {
  test("end in the logits of the network, and their evidence adds up to them", () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const model = anyModel(seed, change);
        const random = seededRandom(seed, 1);
        const observed = Float32Array.from({ length: 6 }, () => (random.next() < 0.7 ? 1 : 0));
        const x = observed.map((seen) => (seen === 1 ? random.normal() : 0));
        const trace = traceLayers(model, x, observed);
        const estimator = estimatorOf(model);
        const members = model.members.map((member) =>
          tidy(() =>
            estimator
              .forward(
                (name) => tensor(valuesOf(member, name), [...(member[name]?.shape ?? [])]),
                tensor2d(x, [1, 6]),
                tensor2d(observed, [1, 6]),
              )
              .logits.dataSync(),
          ),
        );
        const width = (trace.evidence[0] as Float64Array).length / 3;
        for (let c = 0; c < 3; c += 1) {
          const logit = trace.logits[c] as number;
          const mean = members.reduce((sum, own) => sum + (own[c] as number), 0) / members.length;
          expect(Math.abs(logit - mean)).toBeLessThan(1e-4);
          let total = 0;
          for (const bias of trace.bias) total += bias[c] as number;
          for (const evidence of trace.evidence)
            for (let i = 0; i < width; i += 1) total += evidence[c * width + i] as number;
          expect(Math.abs(total - logit)).toBeLessThan(1e-10);
        }
        for (const likelihood of trace.likelihood)
          expect(likelihood.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      }),
      { numRuns: 20 },
    );
  });
});

describe("an input that is missing", () => {
  const [d, k] = [6, 3];
  const width = (layer: number, layers: number): number => (layer === layers - 1 ? k : d + k);

  test("says what the weights of its mask say, layer by layer, beside what its feature has become", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(d - 1), (seed, gone) => {
        const many = anyModel(seed);
        const member = many.members[0] as NamedArrays;
        const { layers } = IdentityCoupledConfig.parse(many.network);
        const random = seededRandom(seed, 1);
        const observed = Float32Array.from({ length: d }, (_, i) => (i === gone ? 0 : 1));
        const x = observed.map((seen) => (seen === 1 ? random.normal() : 0));
        const trace = traceLayers({ ...many, members: [member] }, x, observed);
        for (let l = 0; l < layers; l += 1) {
          const columns = width(l, layers);
          const feature = l === 0 ? 0 : (trace.contribution[l - 1]?.[gone] as number); // x is 0 where unobserved
          for (let c = 0; c < k; c += 1) {
            const weight = (row: number): number =>
              valuesOf(member, layerNames(l).weights)[row * columns + columns - k + c] as number;
            const wanted = weight(gone) * feature - weight(d + gone);
            expect(trace.evidence[l]?.[c * d + gone]).toBeCloseTo(wanted, 10);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test("changes in the first layer what it says itself, not what the others say", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(d - 1), (seed, gone) => {
        const model = anyModel(seed);
        const random = seededRandom(seed, 1);
        const x = Float64Array.from({ length: d }, (_, i) => (i === gone ? 0 : random.normal()));
        const whole = traceLayers(model, x, new Float32Array(d).fill(1)).evidence[0] as Float64Array;
        const observed = Float32Array.from({ length: d }, (_, i) => (i === gone ? 0 : 1));
        const lacking = traceLayers(model, x, observed).evidence[0] as Float64Array;
        whole.forEach((said, at) => {
          if (at % d !== gone) expect(lacking[at]).toBe(said);
          else {
            expect(said).toBeCloseTo(0, 12); // seen, and at the mean
            expect(Math.abs(lacking[at] as number)).toBeGreaterThan(0);
          }
        });
      }),
      { numRuns: 20 },
    );
  });
});

test("the distance from the identity is the norm of what the weights have moved", () => {
  const model = anyModel(1, { features: 2, classes: 2, layers: 2, maskInputs: false, generativeWeight: 0 });
  const { parameters } = estimatorOf(model);
  const still = arraysFrom(parameters, (_, shape) => new Float32Array(sizeOf(shape)));
  const member = named(parameters, [
    Float32Array.of(3, 0, 0, 0, 0, 4, 0, 0),
    new Float32Array(4),
    Float32Array.of(0, 0, 6, 0),
    new Float32Array(2),
  ]);
  expect(
    distancesFromIdentity({ kind: model.kind, network: model.network, members: [member, still] }),
  ).toEqual([5 / 2 / 2, 6 / 2 / 2]);
});
