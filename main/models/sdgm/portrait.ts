import type { GaussianMixture } from "../distributions/gaussian-mixture.ts";

/**
 * Components as normals of the inputs they answer for: moments weighted by the responsibilities. The weights themselves
 * do not say them, since one vector added to all of them changes nothing. inputs: [n x d]; shares: [n x k].
 */
export function portraitOf(
  inputs: Float64Array,
  shares: Float64Array,
  shape: Pick<GaussianMixture, "width" | "components" | "spread"> & { readonly logMix: Float64Array },
): GaussianMixture {
  const { width: d, components: k, spread } = shape;
  const rows = shares.length / Math.max(k, 1);
  const size = spread === "diagonal" ? d : d * d;
  const [means, covariances] = [new Float64Array(k * d), new Float64Array(k * size)];
  for (let j = 0; j < k; j += 1) {
    let mass = 1e-12;
    for (let n = 0; n < rows; n += 1) {
      const share = shares[n * k + j] ?? 0;
      mass += share;
      for (let i = 0; i < d; i += 1)
        means[j * d + i] = (means[j * d + i] ?? 0) + share * (inputs[n * d + i] ?? 0);
    }
    for (let i = 0; i < d; i += 1) means[j * d + i] = (means[j * d + i] ?? 0) / mass;
    const apart = (n: number, i: number): number => (inputs[n * d + i] ?? 0) - (means[j * d + i] ?? 0);
    for (let n = 0; n < rows; n += 1) {
      const share = (shares[n * k + j] ?? 0) / mass;
      if (share === 0) continue;
      for (let at = 0; at < size; at += 1) {
        const [i, l] = spread === "diagonal" ? [at, at] : [Math.floor(at / d), at % d];
        covariances[j * size + at] = (covariances[j * size + at] ?? 0) + share * apart(n, i) * apart(n, l);
      }
    }
  }
  return { spread, width: d, components: k, logWeights: shape.logMix, means, covariances };
}
