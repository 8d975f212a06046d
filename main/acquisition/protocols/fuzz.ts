import { uniformFrom } from "../../signal/random.ts";
import { joined } from "./bytes.ts";
import { framesOf, lawCases, type LawCase } from "./laws.ts";
import type { Driver, DriverEvent } from "./protocol.ts";
import type { AnyProtocol } from "./registry.ts";

/** One run that broke the contract. `fuzzDriver` with the same seed and `first: run` meets it again. */
export interface BrokenRun {
  readonly run: number;
  readonly name: string;
  readonly mutations: readonly string[];
  readonly problem: string;
}

export interface FuzzRuns {
  readonly runs: number;
  readonly seed: number;
  readonly first?: number;
  readonly progress?: () => void; // before each run
}

const POOL_FRAMES = 64;
const COMPARED_EVERY = 16; // runs: what a driver says after `reset` is compared with what a new one says

/**
 * Feeds short streams of real frames, mutated, to a protocol's driver under each set-up of the laws: nothing is thrown,
 * every event fits its streams, indices follow each other, and nothing stays behind after a reset.
 */
export function fuzzDriver(
  protocol: AnyProtocol,
  { runs, seed, first = 0, progress }: FuzzRuns,
): BrokenRun[] {
  const targets = lawCases()
    .filter((tried) => tried.protocol === protocol)
    .map((tried) => new Target(tried));
  const broken: BrokenRun[] = [];
  for (let run = first; run < first + runs && broken.length < 100; run += 1) {
    progress?.();
    const target = targets[run % targets.length];
    if (target === undefined) break;
    const uniform = uniformFrom(seed, run);
    const mutations: string[] = [];
    const bytes = target.stream(uniform, mutations);
    const problem = target.problem(bytes, uniform, run % COMPARED_EVERY === 0);
    if (problem !== undefined) broken.push({ run, name: target.name, mutations, problem });
  }
  return broken;
}

/** A driver under one set-up, and frames that its device sends. */
class Target {
  readonly name: string;
  readonly #tried: LawCase;
  readonly #driver: Driver;
  readonly #channels: readonly number[];
  readonly #frames: readonly Uint8Array[];
  readonly #stepS: number;

  constructor(tried: LawCase) {
    const frames = framesOf(tried, POOL_FRAMES);
    this.name = tried.name;
    this.#tried = tried;
    this.#driver = tried.protocol.driver(tried.setup);
    this.#channels = tried.protocol.streams(tried.setup).map(({ channels }) => channels.length);
    this.#frames = frames.map(({ bytes }) => bytes);
    this.#stepS = (frames.at(-1)?.dueS ?? 0) / POOL_FRAMES;
  }

  /** A few consecutive frames, mutated one to four times. */
  stream(uniform: () => number, mutations: string[]): Uint8Array {
    let bytes = this.#piece(uniform);
    for (let left = 1 + Math.floor(uniform() * 4); left > 0; left -= 1) {
      const mutate = mutators[Math.floor(uniform() * mutators.length)] ?? flip;
      bytes = mutate(bytes, uniform, () => this.#piece(uniform));
      mutations.push(mutate.name);
    }
    return bytes;
  }

  #piece(uniform: () => number): Uint8Array {
    const from = uniform() < 0.5 ? 0 : Math.floor(uniform() * POOL_FRAMES);
    return joined(...this.#frames.slice(from, from + 3 + Math.floor(uniform() * 8)));
  }

  problem(bytes: Uint8Array, uniform: () => number, isCompared: boolean): string | undefined {
    const reads: { readonly bytes: Uint8Array; readonly arrivedS: number }[] = [];
    let arrivedS = uniform() * 10;
    for (let from = 0; from < bytes.length;) {
      const to = from + 1 + Math.floor(uniform() * 60);
      arrivedS += uniform() < 0.02 ? 40 * this.#stepS : uniform() * this.#stepS;
      reads.push({ bytes: bytes.subarray(from, to), arrivedS });
      from = to;
    }
    try {
      const said = (driver: Driver): DriverEvent[] =>
        reads.flatMap((read) => driver.push(read.bytes, read.arrivedS));
      this.#driver.reset();
      const events = said(this.#driver);
      const wrong = this.#misfit(events);
      if (wrong !== undefined || !isCompared) return wrong;
      const { protocol, setup } = this.#tried;
      const anew = JSON.stringify(said(protocol.driver(setup)));
      return anew === JSON.stringify(events)
        ? undefined
        : "after a reset it says something else than a new one";
    } catch (error) {
      return `threw ${String(error)}`;
    }
  }

  #misfit(events: readonly DriverEvent[]): string | undefined {
    const next = this.#channels.map(() => 0);
    for (const event of events) {
      if (event.kind === "resync" && !(event.bytes > 0)) return `${event.bytes} bytes skipped`;
      if (event.kind !== "samples" && event.kind !== "lost") continue;
      const channels = this.#channels[event.stream];
      if (channels === undefined) return `no stream ${event.stream}`;
      if (event.first !== next[event.stream] || !(Number.isInteger(event.count) && event.count > 0))
        return `${event.count} ${event.kind} from ${event.first}, after ${next[event.stream]}`;
      next[event.stream] = event.first + event.count;
      if (event.kind === "lost") continue;
      const length = event.count * channels;
      if (event.values.length !== length || (event.reasons?.length ?? length) !== length)
        return `${event.values.length} values for ${event.count} samples of ${channels} channels`;
    }
    return undefined;
  }
}

type Mutator = (bytes: Uint8Array, uniform: () => number, other: () => Uint8Array) => Uint8Array;
const place = (bytes: Uint8Array, uniform: () => number): number =>
  Math.floor(uniform() * (bytes.length + 1));

const flip: Mutator = (bytes, uniform) => {
  const at = place(bytes, uniform);
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(uniform() * 8));
  return copy;
};
const drop: Mutator = (bytes, uniform) => {
  const at = place(bytes, uniform);
  return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(uniform() * 5)));
};
const insert: Mutator = (bytes, uniform) => {
  const at = place(bytes, uniform);
  const noise = Uint8Array.from({ length: 1 + Math.floor(uniform() * 5) }, () => Math.floor(uniform() * 256));
  return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
};
const duplicate: Mutator = (bytes, uniform) => {
  const at = place(bytes, uniform);
  const piece = bytes.subarray(at, at + 1 + Math.floor(uniform() * 80));
  return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
};
const swap: Mutator = (bytes, uniform) => {
  const [a = 0, b = 0, c = 0] = [0, 1, 2].map(() => place(bytes, uniform)).sort((x, y) => x - y);
  return joined(bytes.subarray(0, a), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(c));
};
const cut: Mutator = (bytes, uniform) => {
  const [a = 0, b = 0] = [0, 1].map(() => place(bytes, uniform)).sort((x, y) => x - y);
  return uniform() < 0.5 ? bytes.subarray(0, b) : joined(bytes.subarray(0, a), bytes.subarray(b));
};
const concat: Mutator = (bytes, _uniform, other) => joined(bytes, other());

const mutators: readonly Mutator[] = [flip, drop, insert, duplicate, swap, cut, concat];
