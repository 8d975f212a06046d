import { maskReasons } from "../../../../preload/contract/mask.ts";
import { Outbox } from "../outbox.ts";
import type { DeviceMark, Driver, DriverEvent } from "../protocol.ts";
import { BodyReader, type BodyFrame, type DataFrame, type TextFrame } from "./body.ts";
import { cobsFraming, slipFraming } from "./framing.ts";
import { FrameReader } from "./frame-reader.ts";
import { factsOf, infoFacts, infoOf } from "./info.ts";
import { markOf } from "./mark.ts";
import type { CobsSetup } from "./setup.ts";
import { Timeline } from "./timeline.ts";

export class CobsDriver implements Driver {
  readonly #setup: CobsSetup;
  readonly #frames: FrameReader;
  #out: Outbox;
  #timeline: Timeline;
  #isAfterDamage = false;
  #doubted: { readonly frame: BodyFrame; readonly arrivedS: number } | undefined;

  constructor(setup: CobsSetup) {
    this.#setup = setup;
    this.#frames = new FrameReader(
      setup.framing === "cobs" ? cobsFraming : slipFraming,
      new BodyReader(setup.channels),
    );
    this.#out = new Outbox([setup.channels]);
    this.#timeline = new Timeline(setup.rate);
  }

  push(bytes: Uint8Array, arrivedS: number): readonly DriverEvent[] {
    this.#frames.push(bytes, {
      frame: (frame) => this.#take(frame, arrivedS),
      damaged: () => (this.#isAfterDamage = true),
      skipped: (count) => this.#out.skip(count),
    });
    return this.#out.take();
  }

  get isHolding(): boolean {
    return this.#doubted !== undefined;
  }

  reset(): void {
    this.#frames.reset();
    this.#out = new Outbox([this.#setup.channels]);
    this.#timeline = new Timeline(this.#setup.rate);
    this.#isAfterDamage = false;
    this.#doubted = undefined;
  }

  #take(frame: BodyFrame, arrivedS: number): void {
    const verdict = this.#timeline.accepts(frame, arrivedS);
    const doubted = this.#doubted;
    this.#doubted = undefined;
    if (verdict === "confirms" && doubted !== undefined) this.#tell(doubted.frame, doubted.arrivedS);
    if (verdict === "doubtful") this.#doubted = { frame: kept(frame), arrivedS };
    else this.#tell(frame, arrivedS);
  }

  #tell(frame: BodyFrame, arrivedS: number): void {
    if (frame.kind === "data") this.#tellData(frame, arrivedS);
    else this.#tellText(frame);
  }

  #tellData(frame: DataFrame, arrivedS: number): void {
    const { samples, values, missing } = frame;
    const { count, uncertainty } = this.#timeline.place(frame, samples, arrivedS);
    if (count > 0) this.#out.lost(0, count, this.#isAfterDamage ? "checksum" : "counter-gap", uncertainty);
    this.#isAfterDamage = false;
    const { channels } = this.#setup;
    const reasons = new Uint8Array(channels);
    for (let from = 0; from < values.length; from += channels) {
      const row = values.subarray(from, from + channels);
      for (let c = 0; c < channels; c++) reasons[c] = row[c] === missing ? maskReasons.deviceInvalid : 0;
      this.#out.sample(0, row, reasons);
    }
  }

  #tellText(frame: TextFrame): void {
    if (frame.kind === "mark") {
      const mark = markOf(frame.content);
      const sample = Math.max(0, this.#out.next(0) + this.#timeline.samplesTo(frame));
      if (mark !== undefined) this.#tellMark({ ...mark, sample });
      return;
    }
    const info = frame.kind === "info" ? infoOf(frame.content) : undefined;
    const facts = info === undefined ? factsOf(frame.content) : infoFacts(info);
    if (facts !== undefined) this.#out.tell({ kind: "status", facts });
  }

  #tellMark(mark: Pick<DeviceMark, "what" | "text" | "sample">): void {
    this.#out.tell({ kind: "mark", stream: 0, ...mark });
  }
}

/** A frame that outlives the next one. */
const kept = (frame: BodyFrame): BodyFrame =>
  frame.kind === "data" ? { ...frame, values: frame.values.slice() } : frame;
