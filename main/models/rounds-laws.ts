import { pack, unpack } from "../compute/packed.ts";
import { softmaxRows } from "./linear-algebra.ts";
import type { RoundsModel, WindowRows } from "./model.ts";
import { readBy, wrongNames } from "./named-laws.ts";
import { seededRandom, shuffle } from "./random.ts";

/** A model that learns windows in rounds, with settings of it that its own schema has filled. */
export interface RoundsCase<Config = unknown, Learned = unknown> {
  readonly model: RoundsModel<Config, Learned>;
  readonly config: Config;
}

/** A law looks at one model with its settings and says what is wrong, or undefined. */
type RoundsLaw = <Config, Learned>(of: RoundsCase<Config, Learned>) => Promise<string | undefined>;

const WIDTH = 3;
const CLASSES = 3;
const SEED = 11;

interface MadeUp {
  readonly count: number;
  readonly gaps: number; // share of inputs unobserved
  readonly labelled: number; // share of rows with a label
  readonly without?: number; // a class that does not occur
}

/** Classes apart by two units in inputs that are skewed and not independent. */
function madeUp({ count, gaps, labelled, without }: MadeUp): WindowRows {
  const random = seededRandom(5);
  const rows = { count, width: WIDTH, classes: CLASSES, ...emptyRows(count) };
  for (let n = 0; n < count; n += 1) {
    const c = n % CLASSES === without ? 0 : n % CLASSES;
    const shared = random.normal();
    for (let i = 0; i < WIDTH; i += 1) {
      const value = 0.5 * Math.sinh(0.7 * (shared + random.normal())) + (i === c ? 2 : 0);
      const isSeen = random.next() >= gaps;
      rows.observed[n * WIDTH + i] = isSeen ? 1 : 0;
      rows.x[n * WIDTH + i] = isSeen ? value : 0;
    }
    if (random.next() < labelled) rows.y[n * CLASSES + c] = 1;
  }
  return rows;
}

const emptyRows = (count: number): Pick<WindowRows, "x" | "observed" | "y"> => ({
  x: new Float32Array(count * WIDTH),
  observed: new Uint8Array(count * WIDTH),
  y: new Float32Array(count * CLASSES),
});

const usual: MadeUp = { count: 150, gaps: 0.1, labelled: 0.7 };

const spoiled = (rows: WindowRows): WindowRows => {
  const random = seededRandom(9);
  return { ...rows, x: rows.x.map((v, at) => (rows.observed[at] === 1 ? v : 1000 * random.normal())) };
};

async function fitted<Config, Learned>(
  { model: { learning, file }, config }: RoundsCase<Config, Learned>,
  rows: WindowRows,
  isSavedBetween = false,
): Promise<Learned> {
  const { signal } = new AbortController();
  let learned = learning.begin(config, rows, SEED);
  for (let round = 0; round < learning.mostRounds; round += 1) {
    const next = await learning.round(learned, config, rows, signal);
    learned = isSavedBetween ? file.parse(unpack(pack(next.learned))) : next.learned;
    if (next.isSettled) break;
  }
  return learned;
}

/** Probabilities and log densities of rows that nobody learned from, one after the other. */
function judged<Config, Learned>(
  { model }: RoundsCase<Config, Learned>,
  learned: Learned,
  rows: WindowRows = madeUp({ count: 40, gaps: 0.2, labelled: 0 }),
): Float64Array {
  const { logits, logDensity } = model.score(learned, rows);
  if (logits.length !== rows.count * CLASSES || logDensity.length !== rows.count) return Float64Array.of(NaN);
  return Float64Array.from([...softmaxRows(logits, CLASSES), ...logDensity]);
}

function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let most = 0;
  for (let i = 0; i < a.length; i += 1) {
    const difference = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    if (!(difference <= most)) most = difference; // NaN stays
  }
  return most;
}

const within = (name: string, found: number, limit: number): string | undefined =>
  found <= limit ? undefined : `${name}: ${found}, at most ${limit}`;

const areFinite = (values: Float64Array): string | undefined =>
  values.every(Number.isFinite) ? undefined : "a probability or a density is no number";

const sameBits = (a: unknown, b: unknown): boolean => apart(pack(a), pack(b)) === 0;

export const roundsLaws: Readonly<Record<string, RoundsLaw>> = {
  "unobserved inputs change neither what is learned nor what is said": async (of) => {
    const rows = madeUp(usual);
    const learned = await fitted(of, rows);
    if (!sameBits(learned, await fitted(of, spoiled(rows)))) return "what is learned differs";
    const other = madeUp({ count: 40, gaps: 0.3, labelled: 0 });
    return within("scores", apart(judged(of, learned, other), judged(of, learned, spoiled(other))), 0);
  },
  "the order of training rows does not matter": async (of) => {
    const rows = madeUp(usual);
    const order = shuffle(
      Int32Array.from({ length: rows.count }, (_, n) => n),
      seededRandom(2),
    );
    const turned = { ...rows, ...emptyRows(rows.count) };
    order.forEach((n, at) => {
      turned.x.set(rows.x.subarray(n * WIDTH, (n + 1) * WIDTH), at * WIDTH);
      turned.observed.set(rows.observed.subarray(n * WIDTH, (n + 1) * WIDTH), at * WIDTH);
      turned.y.set(rows.y.subarray(n * CLASSES, (n + 1) * CLASSES), at * CLASSES);
    });
    const [one, other] = [await fitted(of, rows), await fitted(of, turned)];
    const probabilities = (learned: typeof one): Float64Array =>
      judged(of, learned).subarray(0, 40 * CLASSES);
    return within("probabilities", apart(probabilities(one), probabilities(other)), 1e-6);
  },
  "probabilities and densities are finite, far outside of what was learned too": async (of) => {
    const learned = await fitted(of, madeUp(usual));
    const near = madeUp({ count: 40, gaps: 0.5, labelled: 0 });
    const far = { ...near, x: near.x.map((v) => 1e6 * v) };
    return areFinite(judged(of, learned, near)) ?? areFinite(judged(of, learned, far));
  },
  "a window says the same alone and among others; no window says nothing": async (of) => {
    const learned = await fitted(of, madeUp(usual));
    const rows = madeUp({ count: 12, gaps: 0.3, labelled: 0 });
    const all = of.model.score(learned, rows).logits;
    for (let n = 0; n < rows.count; n += 1) {
      const [from, to] = [n * WIDTH, (n + 1) * WIDTH];
      const one = {
        ...{ ...rows, count: 1 },
        ...{ x: rows.x.slice(from, to), observed: rows.observed.slice(from, to) },
      };
      const found = of.model.score(learned, one).logits;
      const wrong = within(`row ${n}`, apart(found, all.subarray(n * CLASSES, (n + 1) * CLASSES)), 1e-5);
      if (wrong !== undefined) return wrong;
    }
    return of.model.score(learned, madeUp({ ...usual, count: 0 })).logits.length === 0
      ? undefined
      : "logits of no window";
  },
  "the same seed gives the same bits": async (of) => {
    const [one, other] = [await fitted(of, madeUp(usual)), await fitted(of, madeUp(usual))];
    return sameBits(one, other) ? undefined : "what is learned differs";
  },
  "saved and read after every round, it goes on to the same bits and says the same": async (of) => {
    const [whole, resumed] = [await fitted(of, madeUp(usual)), await fitted(of, madeUp(usual), true)];
    if (!sameBits(of.model.file.parse(whole), resumed)) return "what is learned differs";
    return within("scores", apart(judged(of, whole), judged(of, resumed)), 0);
  },
  "saved by name: in whatever order its arrays lie, it is the same; one that is none of them or wrong is refused by its name":
    async (of) => {
      const learned = await fitted(of, madeUp(usual));
      const passed = hostile(learned).filter(({ value }) => of.model.file.safeParse(value).success);
      if (passed.length > 0) return `taken: ${passed.map(({ how }) => how).join("; ")}`;
      return wrongNames(learned, readBy(of.model.file));
    },
  "a round that is cancelled leaves nothing behind": async (of) => {
    const { learning } = of.model;
    const rows = madeUp(usual);
    const begun = learning.begin(of.config, rows, SEED);
    const before = pack([begun, of.config, rows]);
    const cancelled = new AbortController();
    cancelled.abort();
    await learning.round(begun, of.config, rows, cancelled.signal).catch(() => undefined);
    if (apart(pack([begun, of.config, rows]), before) !== 0) return "what the round was given has changed";
    const { signal } = new AbortController();
    const one = await learning.round(begun, of.config, rows, signal);
    const afresh = learning.begin(of.config, madeUp(usual), SEED);
    const other = await learning.round(afresh, of.config, madeUp(usual), signal);
    return sameBits(one.learned, other.learned) ? undefined : "the next round is another one";
  },
  "a class that does not occur, or hardly, does no harm": async (of) => {
    const rows = madeUp({ ...usual, without: 2 });
    const absent = judged(of, await fitted(of, rows));
    const lonely = { ...rows, y: rows.y.slice() };
    lonely.y.fill(0, 0, CLASSES);
    lonely.y[2] = 1;
    return areFinite(absent) ?? areFinite(judged(of, await fitted(of, lonely)));
  },
  "inputs that never change or are never observed do no harm": async (of) => {
    const rows = madeUp(usual);
    const dull = { ...rows, x: rows.x.map((v, at) => (at % WIDTH === 1 && rows.observed[at] === 1 ? 1 : v)) };
    const hidden = (at: number): boolean => at % WIDTH === 1;
    const blind = {
      ...rows,
      x: rows.x.map((v, at) => (hidden(at) ? 0 : v)),
      observed: rows.observed.map((v, at) => (hidden(at) ? 0 : v)),
    };
    return areFinite(judged(of, await fitted(of, dull))) ?? areFinite(judged(of, await fitted(of, blind)));
  },
  "one window over and over, labelled now so and now otherwise, does no harm": async (of) => {
    const rows = madeUp({ ...usual, gaps: 0 });
    const alike = { ...rows, x: rows.x.map((_, at) => rows.x[at % WIDTH] ?? NaN) };
    return areFinite(judged(of, await fitted(of, alike)));
  },
  "hardly any windows do no harm": async (of) => {
    for (const count of [1, 3, 6]) {
      const wrong = areFinite(judged(of, await fitted(of, madeUp({ count, gaps: 0, labelled: 1 }))));
      if (wrong !== undefined) return `${count} windows: ${wrong}`;
    }
    return undefined;
  },
};

interface Hostile {
  readonly how: string;
  readonly value: unknown;
}

/** What was learned, once for each of its numbers with that number spoiled. */
function hostile(learned: unknown): Hostile[] {
  if (typeof learned !== "object" || learned === null) return [];
  return Object.entries(learned).flatMap(([key, value]: [string, unknown]) => {
    const changed = (how: string, other: unknown): Hostile => ({
      how: `${key} ${how}`,
      value: { ...learned, [key]: other },
    });
    if (key === "width" || key === "classes")
      return [1e9, -1, 0.5, 7, "3"].map((other) => changed(`of ${other}`, other));
    return typeof value === "number" ? [changed("as text", "1")] : [];
  });
}
