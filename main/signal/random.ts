/**
 * Numbers in [0, 1) from a seed and a stream: sfc32, a small counter generator with 128 bits of state. The same seed and
 * stream give the same numbers on every machine.
 */
export function uniformFrom(seed: number, stream = 0): () => number {
  let a = 0x9e3779b9 ^ (stream >>> 0);
  let b = 0x243f6a88 ^ (seed >>> 0);
  let c = 0xb7e15162 ^ Math.floor(seed / 4294967296);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 16; i += 1) next();
  return next;
}

/** Standard normal numbers out of uniform ones, two at a time (Box and Muller). */
export function normalFrom(uniform: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** The same things in another order, every order as likely (Fisher and Yates). */
export function shuffled<T>(things: readonly T[], uniform: () => number): T[] {
  const order = [...things];
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(uniform() * (i + 1));
    order.splice(i, 1, ...order.splice(j, 1, ...order.slice(i, i + 1)));
  }
  return order;
}
