import { AppError, reportOf } from "../../preload/contract/errors.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { Times } from "../storage/samples/arrivals.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Piece } from "../signal/piece.ts";
import { type Batch, blocksOf, bytesOf } from "./batch.ts";
import { SpillFile, type SpillHead } from "./spill.ts";

type Store = Pick<AsyncLibrary, "appendBlocks" | "getRecording" | "reopenRecording">;

export interface WriterOptions {
  readonly library: Store;
  readonly head: SpillHead;
  readonly spillPath: string;
  readonly durableS?: number; // of a recording that goes on, what is stored already
  /** How much waits in memory before it goes to the spill file; and, where that cannot be written, before it is let go. */
  readonly memoryBytes?: number;
  readonly limitBytes?: number;
  /** In place of waiting, in tests. */
  readonly pause?: (ms: number) => Promise<void>;
  readonly stored: (counts: readonly number[]) => void;
  /** The library did not take a batch; told once for each reason in a row. */
  readonly failed: (error: unknown) => void;
}

const MEMORY_BYTES = 8 << 20;
const LIMIT_BYTES = 64 << 20;
const RETRY_MS = [100, 250, 500, 1000];
/** Refused so often a batch is put where the end of this process leaves it: on a full disk a file takes what no log takes. */
const REFUSED_MOST = 2;

/**
 * From the recorder to the library, in order. While the library is slow or gone batches wait in memory, then in a spill
 * file; only where neither holds them are samples let go, and then their gap is kept in their place, with its reason.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #queue: Batch[] = [];
  #queueBytes = 0;
  #spill: SpillFile | undefined;
  #isSpilling = false;
  #isHeld = false; // the spill file does not take what waits
  #running: Promise<void> | undefined;
  #durableS: number;
  #lost = 0;
  #failure: string | undefined;
  #counts: number[];
  #isEnded = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#durableS = options.durableS ?? 0;
    this.#counts = options.head.streams.flatMap(({ channels }) => channels.map(() => 0));
  }

  /** What of the recording is on disk, in the library or in the spill file. */
  get durableS(): number {
    return this.#durableS;
  }

  get waiting(): { readonly memoryBytes: number; readonly spillBytes: number } {
    return { memoryBytes: this.#queueBytes, spillBytes: this.#spill?.waiting ?? 0 };
  }

  /** What waits is in memory alone: neither the library nor the spill file takes it. */
  get isHeld(): boolean {
    return this.#isHeld && this.#queueBytes > 0;
  }

  /** Samples that could be kept nowhere. */
  get lostSamples(): number {
    return this.#lost;
  }

  /** Why the library does not take what it is given; undefined while it does. */
  get failure(): string | undefined {
    return this.#failure;
  }

  add(batch: Batch): void {
    this.#queue.push(batch);
    this.#queueBytes += bytesOf(batch);
    if (this.#isSpilling || this.#queueBytes > (this.#options.memoryBytes ?? MEMORY_BYTES)) this.#spillAll();
    this.#go();
  }

  /** Resolves when everything is in the library; rejects when `withinMs` have gone by, and it stays where it is. */
  async drain(withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs;
    this.#go();
    while (this.#running !== undefined) {
      if (performance.now() > untilMs) {
        const reason = this.#failure ?? "it is slow";
        throw new AppError("storage/not-drained", `The library has not taken all samples yet (${reason})`, {
          reason,
        });
      }
      await Promise.race([this.#running, this.#pause(50)]);
      this.#go();
    }
  }

  /** One that an earlier process kept: what of it is there already is not stored twice. */
  async restore(batch: Batch): Promise<void> {
    await this.#catchUp();
    await this.#store(batch);
  }

  /** What has not been stored is put into the spill file, for the next start; what that does not take is lost, and counted. */
  end(): void {
    this.#isEnded = true;
    if (this.#queue.length > 0) this.#spillAll();
    const left = this.#queue.flatMap(({ pieces }) => pieces.filter(({ kind }) => kind === "samples"));
    this.#lost += left.reduce((sum, { count }) => sum + count, 0);
    this.#queue.length = 0;
    this.#queueBytes = 0;
  }

  /** Stores what waits, unless that is under way. */
  #go(): void {
    if (this.#queue.length === 0 && this.#spill === undefined) return;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async #run(): Promise<void> {
    for (let tries = 0; !this.#isEnded;) {
      const next = this.#next();
      if (next === undefined) return;
      try {
        await this.#store(next.batch);
        next.taken();
        tries = 0;
        this.#failure = undefined;
        this.#isHeld = false;
      } catch (error) {
        const { message } = reportOf(error);
        if (this.#failure !== message) this.#options.failed(error);
        this.#failure = message;
        if (tries === REFUSED_MOST) this.#spillAll();
        await this.#pause(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 1000);
        tries += 1;
      }
    }
  }

  /** What lies in the spill file came first. */
  #next(): { readonly batch: Batch; readonly taken: () => void } | undefined {
    const spilt = this.#spill?.peek();
    if (spilt !== undefined) return spilt;
    this.#spill?.remove();
    this.#spill = undefined;
    this.#isSpilling = false;
    const [batch] = this.#queue;
    if (batch === undefined) return undefined;
    const taken = (): void => {
      if (this.#queue[0] !== batch) return; // it is in the spill file now, and found there to be stored
      this.#queue.shift();
      this.#queueBytes -= bytesOf(batch);
    };
    return { batch, taken };
  }

  /** Of a batch whose answer was lost with the storage thread, only what is not there yet is stored again. */
  async #store(batch: Batch): Promise<void> {
    const { library, head, stored } = this.#options;
    if (this.#failure !== undefined) await this.#catchUp();
    const rest = { ...batch, pieces: batch.pieces.flatMap((piece) => this.#notYet(piece)) };
    let times: Times | undefined = batch.times;
    for (const blocks of blocksOf(rest, head.streams)) {
      const ends = blocks.map(
        ({ channel, firstSample, samples }) => [channel, firstSample + samples.length] as const,
      );
      await library.appendBlocks(head.recordingId, blocks, times);
      for (const [channel, end] of ends) this.#counts[channel] = end;
      times = undefined;
    }
    this.#durableS = Math.max(this.#durableS, batch.endS);
    stored(this.#counts);
  }

  async #catchUp(): Promise<void> {
    const { library, head } = this.#options;
    const { channels, state } = await library.getRecording(head.recordingId);
    if (state === "interrupted") await library.reopenRecording(head.recordingId);
    this.#counts = channels.map(({ sampleCount }) => sampleCount);
  }

  #notYet(piece: Piece): readonly Piece[] {
    const there = this.#counts[piece.channel] ?? 0;
    const skip = Math.min(piece.count, Math.max(0, there - piece.first));
    if (skip === 0) return [piece];
    const rest = { first: piece.first + skip, count: piece.count - skip };
    if (rest.count === 0) return [];
    if (piece.kind === "gap") return [{ ...piece, ...rest }];
    const width = piece.values.length / piece.count;
    return [
      {
        ...piece,
        ...rest,
        values: piece.values.subarray(skip * width),
        reasons: piece.reasons.subarray(skip * width),
      },
    ];
  }

  #spillAll(): void {
    const { head, spillPath, limitBytes = LIMIT_BYTES } = this.#options;
    this.#isSpilling = true;
    try {
      this.#spill ??= SpillFile.create(spillPath, head);
      for (let batch = this.#queue[0]; batch !== undefined; batch = this.#queue[0]) {
        this.#spill.append(batch);
        this.#queue.shift();
        this.#queueBytes -= bytesOf(batch);
        this.#durableS = Math.max(this.#durableS, batch.endS);
      }
      this.#isHeld = false;
    } catch (error) {
      this.#isHeld = true;
      if (this.#failure === undefined) this.#options.failed(error);
      this.#failure = reportOf(error).message;
      while (this.#queueBytes > limitBytes && this.#letGo());
    }
  }

  /** The newest samples become a gap: those before them are waited for, and the first are on their way. */
  #letGo(): boolean {
    const at = this.#queue.findLastIndex(({ pieces }) => pieces.some(({ kind }) => kind === "samples"));
    const batch = this.#queue[at];
    if (batch === undefined || at === 0) return false;
    this.#queueBytes -= bytesOf(batch);
    const pieces = batch.pieces.map((piece): Piece => {
      if (piece.kind === "gap") return piece;
      const { channel, first, count } = piece;
      this.#lost += count;
      return { kind: "gap", channel, first, count, reason: maskReasons.notStored };
    });
    const gap = { ...batch, pieces };
    this.#queue[at] = gap;
    this.#queueBytes += bytesOf(gap);
    return true;
  }

  #pause(ms: number): Promise<void> {
    return (this.#options.pause ?? ((wait) => new Promise((done) => setTimeout(done, wait))))(ms);
  }
}

/**
 * What an earlier process left in a spill file, put into its recording. Undefined where there was nothing to do: it is
 * another living process's, or the recording was deleted, and then the file goes.
 */
export async function recoverSpill(library: AsyncLibrary, path: string): Promise<string | undefined> {
  const spill = SpillFile.open(path);
  if (spill === undefined) return undefined;
  const { recordingId } = spill.head;
  const state = await stateOf(library, recordingId);
  if (state === "gone") spill.remove();
  else if (state !== "interrupted") spill.close();
  if (state !== "interrupted") return undefined;
  const writer = new Writer({
    ...{ library, head: spill.head, spillPath: path },
    stored: () => undefined,
    failed: () => undefined,
  });
  for (let next = spill.peek(); next !== undefined; next = spill.peek()) {
    await writer.restore(next.batch);
    next.taken();
  }
  await library.closeRecording(recordingId, { state: "interrupted", repairs: [] });
  spill.remove();
  return recordingId;
}

async function stateOf(library: AsyncLibrary, id: string): Promise<string> {
  try {
    return (await library.getRecording(id)).state;
  } catch (error) {
    if (error instanceof AppError && error.code === "storage/not-found") return "gone";
    throw error;
  }
}
