import { Beat, type Released } from "../beat.ts";
import { Outbox } from "../outbox.ts";
import type { DeviceMark, Driver, DriverEvent } from "../protocol.ts";
import { CTG_BYTES, ctgFacts, isMoving, readSample, statusBits, statusOf } from "./ctg-block.ts";
import { FrameReader, textFrame } from "./frame.ts";
import { identityFacts, otherFacts, noteText } from "./other-blocks.ts";
import { CHANNELS, PER_BLOCK, type Series50Setup } from "./setup.ts";

interface CtgBlock {
  readonly payload: Uint8Array;
  readonly isAfterDamage: boolean; // a block with a wrong checksum came since the last good one
}
type Item = { readonly ctg: CtgBlock } | { readonly tell: () => void };

/** One block a second. Its bytes take up to 0.35 s, at 1200 baud; the line is silent between them. */
const beatSettings = { periodS: 1, steadyS: 1.5, followS: 8 };

/** Marks of the status word that last for as long as their bit is set. */
const lastingMarks = [
  ["twin-offset", statusBits.twinOffset],
  ["cross-channel", statusBits.crossChannel],
] as const;
/** The monitor corrected its clock by one 250 ms sample. Four samples a block are kept [R]. */
const clockMarks = [
  ["deleted", statusBits.deleted],
  ["inserted", statusBits.inserted],
] as const;

export class Series50Driver implements Driver {
  readonly #setup: Series50Setup;
  readonly #frames: FrameReader;
  readonly #values = new Int32Array(CHANNELS);
  readonly #reasons = new Uint8Array(CHANNELS);
  #out = new Outbox([CHANNELS]);
  #beat = new Beat<Item>(beatSettings);
  #isAfterDamage = false;
  #isMoving = false;
  #status = 0; // word of the last block
  #facts = ""; // told last, as JSON

  constructor(setup: Series50Setup) {
    this.#setup = setup;
    this.#frames = new FrameReader(setup.checksum);
  }

  push(bytes: Uint8Array, arrivedS: number): readonly DriverEvent[] {
    this.#release(this.#beat.tick(arrivedS, bytes.length > 0));
    this.#frames.push(bytes, {
      frame: (payload) => this.#take(payload, arrivedS),
      damaged: () => (this.#isAfterDamage = true),
      skipped: (count) => this.#out.skip(count),
    });
    return this.#out.take();
  }

  get isHolding(): boolean {
    return this.#beat.isHolding;
  }

  reset(): void {
    this.#frames.reset();
    this.#out = new Outbox([CHANNELS]);
    this.#beat = new Beat(beatSettings);
    this.#isAfterDamage = this.#isMoving = false;
    this.#status = 0;
    this.#facts = "";
  }

  #take(payload: Uint8Array, arrivedS: number): void {
    const type = String.fromCharCode(payload[0] ?? 0);
    if (type === "C" && payload.length === CTG_BYTES) {
      const ctg = { payload, isAfterDamage: this.#isAfterDamage };
      this.#isAfterDamage = false;
      this.#release(this.#beat.frame({ ctg }, arrivedS));
    } else if (type === "I") {
      // It was switched on, or somebody asked: either way it sends only after it was told to.
      this.#out.tell({ kind: "answer", bytes: textFrame("G", this.#setup.checksum) });
      this.#later(() => this.#out.tell({ kind: "status", facts: identityFacts(payload) }));
    } else if (type === "M" && payload.length === 2 && payload[1] === 0x4d)
      this.#later(() => this.#mark("button"));
    else if (type === "N") this.#later(() => this.#mark("note", { text: noteText(payload) }));
    else {
      const facts = otherFacts(payload);
      if (facts !== undefined) this.#later(() => this.#out.tell({ kind: "status", facts }));
    }
  }

  #later(tell: () => void): void {
    this.#release(this.#beat.aside({ tell }));
  }

  #release(released: readonly Released<Item>[]): void {
    for (const { item, lost } of released) {
      if ("tell" in item) {
        item.tell();
        continue;
      }
      const { payload, isAfterDamage } = item.ctg;
      if (lost > 0) this.#out.lost(0, PER_BLOCK * lost, isAfterDamage ? "checksum" : "cadence", PER_BLOCK);
      this.#tellBlock(payload);
    }
  }

  #tellBlock(block: Uint8Array): void {
    this.#tellStatus(block);
    for (let k = 0; k < PER_BLOCK; k++) {
      const moves = isMoving(block, k);
      if (moves !== this.#isMoving) this.#mark("fetal-movement", { isOn: moves });
      this.#isMoving = moves;
      readSample(block, k, this.#setup.maskRed, this.#values, this.#reasons);
      this.#out.sample(0, this.#values, this.#reasons);
    }
  }

  #tellStatus(block: Uint8Array): void {
    const facts = ctgFacts(block);
    const told = JSON.stringify(facts);
    if (told !== this.#facts) this.#out.tell({ kind: "status", facts });
    this.#facts = told;
    const status = statusOf(block);
    for (const [what, bit] of lastingMarks)
      if ((status ^ this.#status) & bit) this.#mark(what, { isOn: (status & bit) !== 0 });
    for (const [text, bit] of clockMarks) if (status & bit) this.#mark("clock-corrected", { text });
    this.#status = status;
  }

  /** A mark at the sample that comes next. */
  #mark(what: DeviceMark["what"], more: Partial<Pick<DeviceMark, "text" | "isOn">> = {}): void {
    this.#out.tell({ kind: "mark", what, stream: 0, sample: this.#out.next(0), text: "", ...more });
  }
}
