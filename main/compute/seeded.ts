/** Numbers from a seed, the same on every machine: uniform in [0, 1) by mulberry32, normal by Box and Muller. */
export interface Seeded {
  readonly uniform: () => number;
  readonly normal: () => number;
  readonly normals: (count: number, deviation?: number) => Float32Array;
}

export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    normal,
    normals: (count, deviation = 1) => Float32Array.from({ length: count }, () => normal() * deviation),
  };
}
