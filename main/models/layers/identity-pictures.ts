import type { Picture } from "../../../preload/contract/method.ts";
import type { NamedArrays } from "../../compute/parameters.ts";
import type { IdentityShape } from "./identity.ts";
import { identityDistances, identityLayers, isometryOf } from "./isometry.ts";

/** Multiplications beyond which the Jacobian is left out: a page must not wait for it. */
const MOST = 2e9;
const SWEEPS = 25; // about what the singular values cost, in products of two matrices

const isAffordable = ({ features, classes, layers }: IdentityShape): boolean =>
  (features + classes) ** 3 * (layers + SWEEPS) <= MOST;

const counted = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => i + 1);
const fixed = (value: number): string => value.toPrecision(4);

/** How far a network's layers are from the identity, and how evenly it passes on what it gets. */
export function identityPictures(shape: IdentityShape, params: NamedArrays): Picture[] {
  const distances = identityDistances(shape, params);
  const mean = distances.reduce((a, b) => a + b, 0) / distances.length;
  const layers: Picture = {
    kind: "curves",
    title: { en: "Distance of each layer from the identity", ja: "各層の恒等写像からの距離" },
    across: { en: "Layer", ja: "層" },
    up: { en: "‖W − I‖ / √width", ja: "‖W − I‖ / √幅" },
    series: [{ name: "‖W − I‖", at: counted(shape.layers), value: Float64Array.from(distances) }],
  };
  const facts: Picture = {
    kind: "facts",
    facts: [
      { name: { en: "Layers", ja: "層の数" }, value: String(shape.layers) },
      {
        name: { en: "Mean distance from the identity", ja: "恒等写像からの平均距離" },
        value: fixed(mean),
      },
    ],
  };
  if (!isAffordable(shape)) return [layers, facts];
  const spectrum = jacobianSpectrum(shape, params);
  return [spectrum.picture, layers, { ...facts, facts: [...facts.facts, ...spectrum.facts] }];
}

/** At the average window, which is 0 once standardised. The start is the identity, so each of its values is 1. */
function jacobianSpectrum(shape: IdentityShape, params: NamedArrays) {
  const n = shape.features + shape.classes;
  const centre = new Float64Array(shape.features);
  const start = isometryOf(identityLayers(shape, {}, centre), n);
  const trained = isometryOf(identityLayers(shape, params, centre), n);
  const picture: Picture = {
    kind: "curves",
    title: {
      en: "Singular values of the Jacobian at the average window, at the start and trained",
      ja: "平均的な窓におけるヤコビ行列の特異値（学習の前と後）",
    },
    across: { en: "Rank", ja: "順位" },
    up: { en: "Singular value", ja: "特異値" },
    series: [
      { name: "W = I", at: counted(n), value: start },
      { name: "W", at: counted(n), value: trained },
    ],
  };
  return {
    picture,
    facts: [
      {
        name: { en: "Largest and smallest singular value", ja: "最大と最小の特異値" },
        value: `${fixed(trained[0] ?? Number.NaN)}, ${fixed(trained.at(-1) ?? Number.NaN)}`,
      },
    ],
  };
}
