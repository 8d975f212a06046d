import { maskReasons } from "../../../../preload/contract/mask.ts";
import { Beat, type Released } from "../beat.ts";
import { Outbox } from "../outbox.ts";
import type { DeviceMark, Driver, DriverEvent } from "../protocol.ts";
import { MessageReader, NO_RATE, NO_UTERINE, type Message } from "./message.ts";
import { measuredBy, rateOf, type CorometricsSetup, type Measured } from "./setup.ts";

const TEXT_MAX = 200;
const FOLLOW_S = 4;
const UNCERTAINTY = 1; // samples: a loss is told by the beat alone

type Item = { readonly value: number; readonly isAfterDamage: boolean } | { readonly tell: () => void };

interface Line {
  readonly what: Measured;
  readonly beat: Beat<Item>;
  isAfterDamage: boolean; // something broken came since its last message
}

const movements: Readonly<Record<string, string>> = { "0": "on", "1": "on", "2": "absent", "4": "off" };
const papers: Readonly<Record<string, string>> = { "0": "loaded", "1": "out" };

/**
 * Values one by one, as they come. The guide would call a heart rate that jumps by more than 60 bpm for one sample
 * doubtful; telling that needs the next sample, and no value waits for it here.
 */
export class CorometricsDriver implements Driver {
  readonly #setup: CorometricsSetup;
  readonly #messages = new MessageReader();
  #out: Outbox;
  #lines: readonly Line[];
  #facts = new Map<string, string>(); // told last
  #isMoving = false;

  constructor(setup: CorometricsSetup) {
    this.#setup = setup;
    this.#lines = this.#newLines();
    this.#out = new Outbox(this.#lines.map(() => 1));
  }

  push(bytes: Uint8Array, arrivedS: number): readonly DriverEvent[] {
    this.#lines.forEach((line, stream) => this.#release(stream, line.beat.tick(arrivedS, bytes.length > 0)));
    this.#messages.push(bytes, {
      message: (message) => this.#take(message, arrivedS),
      damaged: () => this.#lines.forEach((line) => (line.isAfterDamage = true)),
      skipped: (count) => this.#out.skip(count),
    });
    return this.#out.take();
  }

  get isHolding(): boolean {
    return this.#lines.some(({ beat }) => beat.isHolding);
  }

  reset(): void {
    this.#messages.reset();
    this.#lines = this.#newLines();
    this.#out = new Outbox(this.#lines.map(() => 1));
    this.#facts = new Map();
    this.#isMoving = false;
  }

  #newLines(): readonly Line[] {
    return measuredBy(this.#setup).map((what) => {
      const periodS = 1 / rateOf(what);
      const beat = new Beat<Item>({ periodS, steadyS: periodS / 2, followS: FOLLOW_S });
      return { what, beat, isAfterDamage: false };
    });
  }

  #take({ type, data }: Message, arrivedS: number): void {
    switch (type) {
      case "heartRate1":
      case "heartRate2":
      case "uterine": {
        this.#value(type, Number(data), arrivedS);
        return;
      }
      case "modes": {
        // tables not found: the characters as they are
        this.#told({ heartRateMode: data.charAt(0), uterineMode: data.charAt(1) });
        return;
      }
      case "annotation": {
        this.#later(() => this.#mark("note", { text: data.trim().slice(0, TEXT_MAX) }));
        return;
      }
      case "eventMark": {
        this.#later(() => this.#mark("button"));
        return;
      }
      case "movement": {
        this.#movement(data);
        return;
      }
      case "recorder": {
        this.#told({ paper: papers[data] ?? data });
        return;
      }
    }
  }

  #value(what: Measured, value: number, arrivedS: number): void {
    const stream = this.#lines.findIndex((line) => line.what === what);
    const line = this.#lines[stream];
    if (line === undefined) return; // the second heart rate, where the set-up has none
    const { isAfterDamage } = line;
    line.isAfterDamage = false;
    this.#release(stream, line.beat.frame({ value, isAfterDamage }, arrivedS));
  }

  #movement(data: string): void {
    this.#told({ movementDetection: movements[data] ?? data });
    const isMoving = data === "1";
    if (isMoving !== this.#isMoving) this.#later(() => this.#mark("fetal-movement", { isOn: isMoving }));
    this.#isMoving = isMoving;
  }

  /** Facts that changed. */
  #told(facts: Readonly<Record<string, string>>): void {
    const fresh = Object.entries(facts).filter(([name, value]) => this.#facts.get(name) !== value);
    for (const [name, value] of fresh) this.#facts.set(name, value);
    if (fresh.length > 0)
      this.#later(() => this.#out.tell({ kind: "status", facts: Object.fromEntries(fresh) }));
  }

  #later(tell: () => void): void {
    const first = this.#lines[0];
    if (first !== undefined) this.#release(0, first.beat.aside({ tell }));
  }

  #release(stream: number, released: readonly Released<Item>[]): void {
    const isUterine = this.#lines[stream]?.what === "uterine";
    const missing = isUterine ? NO_UTERINE : NO_RATE;
    for (const { item, lost } of released) {
      if ("tell" in item) {
        item.tell();
        continue;
      }
      if (lost > 0) this.#out.lost(stream, lost, item.isAfterDamage ? "framing" : "cadence", UNCERTAINTY);
      const reason = item.value === missing ? maskReasons.noSignal : maskReasons.observed;
      this.#out.sample(stream, [item.value], [reason]);
    }
  }

  /** A mark at the sample of the first heart rate that comes next. */
  #mark(what: DeviceMark["what"], more: Partial<Pick<DeviceMark, "text" | "isOn">> = {}): void {
    this.#out.tell({ kind: "mark", what, stream: 0, sample: this.#out.next(0), text: "", ...more });
  }
}
