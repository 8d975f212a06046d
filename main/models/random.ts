/** A seeded source of randomness. Same seed and stream, same numbers. */
export interface Random {
  next(): number; // uniform in [0, 1)
  below(limit: number): number; // integer in [0, limit)
  normal(): number; // standard normal
}

/**
 * Small fast counter generator (sfc32) started from a seed and a stream number, so that two uses of one seed do not
 * share their numbers.
 */
export function seededRandom(seed: number, stream = 0): Random {
  let a = 0x9e3779b9 ^ (stream >>> 0);
  let b = 0x243f6a88 ^ (seed >>> 0);
  let c = 0xb7e15162 ^ Math.floor(seed / 4294967296);
  let counter = 1;
  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i += 1) bits();
  const next = (): number => bits() / 4294967296;
  let spare: number | undefined;
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    normal() {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return kept;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      const angle = 2 * Math.PI * next();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/** Shuffles in place (Fisher and Yates). */
export function shuffle<T extends { length: number; [index: number]: number }>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    const held = items[i] as number;
    items[i] = items[j] as number;
    items[j] = held;
  }
  return items;
}
