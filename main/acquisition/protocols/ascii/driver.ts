import { maskReasons } from "../../../../preload/contract/mask.ts";
import { Beat, type Released } from "../beat.ts";
import { Outbox } from "../outbox.ts";
import type { Driver, DriverEvent, LossReason } from "../protocol.ts";
import { commentFacts, isComment, numbersOf, separatorFor, strictNumbers, type Separator } from "./fields.ts";
import { LineClock, type MissingLines } from "./line-clock.ts";
import { LineReader } from "./lines.ts";
import { columnsOf, type AsciiSetup, type ColumnRole } from "./setup.ts";

/** Lines in a row of the expected form before the first is believed, and of another before none is. */
const TO_LOCK = 5;
/** What is late by less was held up: hobby boards and USB gather lines. */
const LATE_S = 0.25;

interface Row {
  readonly values: readonly number[]; // NaN: marked as missing
  readonly counter: number | undefined;
  readonly time: number | undefined;
  readonly isAfterDamage: boolean;
  readonly arrivedS: number;
  readonly bytes: number;
}
/** What takes its place in time: a sample, or a line that was broken. */
type Item = Row | "broken";

export class AsciiDriver implements Driver {
  readonly #setup: AsciiSetup;
  readonly #columns: readonly ColumnRole[];
  readonly #lines: LineReader;
  #out: Outbox;
  #clock: LineClock;
  #beat: Beat<Item> | undefined;
  #separator: Separator | undefined;
  #waiting: Row[] = []; // before the form is believed
  #isLocked = false;
  #strange = 0; // lines of another form, in a row
  #isAfterDamage = false;
  #doubted: Row | undefined;
  #facts = ""; // told last

  constructor(setup: AsciiSetup) {
    this.#setup = setup;
    this.#columns = columnsOf(setup);
    this.#lines = new LineReader(setup.form === "strict" ? "$" : undefined);
    this.#out = new Outbox([setup.channels], true);
    this.#clock = new LineClock(setup);
    this.#beat = this.#newBeat();
    this.#isLocked = setup.form === "strict";
  }

  push(bytes: Uint8Array, arrivedS: number): readonly DriverEvent[] {
    if (this.#beat !== undefined) this.#release(this.#beat.tick(arrivedS, bytes.length > 0));
    this.#lines.push(bytes, {
      line: (text, count) => this.#line(text, count, arrivedS),
      garbage: (count) => this.#broken(count, arrivedS),
    });
    return this.#out.take();
  }

  get isHolding(): boolean {
    return this.#doubted !== undefined || this.#beat?.isHolding === true;
  }

  reset(): void {
    this.#lines.reset();
    this.#out = new Outbox([this.#setup.channels], true);
    this.#clock = new LineClock(this.#setup);
    this.#beat = this.#newBeat();
    this.#separator = this.#doubted = undefined;
    this.#waiting = [];
    this.#isLocked = this.#setup.form === "strict";
    this.#isAfterDamage = false;
    this.#strange = 0;
    this.#facts = "";
  }

  /** Only where nothing else counts, and the rate was promised. */
  #newBeat(): Beat<Item> | undefined {
    const { keepsRate, rate } = this.#setup;
    if (!keepsRate || this.#columns.includes("counter") || this.#columns.includes("time")) return undefined;
    const periodS = 1 / rate;
    const toleranceS = Math.max(LATE_S, 0.75 * periodS);
    return new Beat({ periodS, toleranceS, steadyS: LATE_S, followS: Math.max(2, 8 * periodS) });
  }

  #line(text: string, bytes: number, arrivedS: number): void {
    const numbers = this.#numbers(text);
    if (numbers !== undefined) {
      this.#strange = 0;
      this.#row({ ...this.#named(numbers), arrivedS, bytes });
    } else if (isComment(text)) this.#comment(text);
    else this.#broken(bytes, arrivedS);
  }

  /** As many as there are columns; undefined: the line is broken, or none of numbers. */
  #numbers(text: string): readonly number[] | undefined {
    const count = this.#columns.length;
    if (this.#setup.form === "strict") return strictNumbers(text, count);
    const separator = this.#isLocked ? this.#separator : separatorFor(text, count);
    if (separator === undefined) return undefined;
    const numbers = numbersOf(text, separator);
    if (numbers.length !== count || numbers.includes(undefined)) return undefined;
    if (Number.isNaN(numbers[this.#columns.indexOf("counter")])) return undefined;
    this.#separator = separator;
    return numbers.map((value) => value ?? NaN);
  }

  #named(numbers: readonly number[]): Pick<Row, "values" | "counter" | "time" | "isAfterDamage"> {
    const of = (role: ColumnRole): number | undefined => {
      const value = numbers[this.#columns.indexOf(role)];
      return value === undefined || Number.isNaN(value) ? undefined : value;
    };
    const values = numbers.filter((_, column) => this.#columns[column] === "value");
    const isAfterDamage = this.#isAfterDamage;
    this.#isAfterDamage = false;
    return { values, counter: of("counter"), time: of("time"), isAfterDamage };
  }

  #row(row: Row): void {
    if (this.#isLocked) {
      this.#place(row);
      return;
    }
    this.#waiting.push(row);
    if (this.#waiting.length < TO_LOCK) return;
    this.#isLocked = true;
    for (const one of this.#waiting) this.#place(one);
    this.#waiting = [];
  }

  #broken(bytes: number, arrivedS: number): void {
    this.#isAfterDamage = true;
    for (const row of this.#waiting) this.#out.skip(row.bytes);
    this.#waiting = [];
    this.#out.skip(bytes);
    if (this.#setup.form === "strict") return;
    this.#strange++;
    if (this.#isLocked && !this.#columns.includes("counter") && !this.#columns.includes("time"))
      this.#onBeat("broken", arrivedS);
    if (this.#strange >= TO_LOCK) this.#isLocked = false;
  }

  #place(row: Row): void {
    const { counter, time, arrivedS } = row;
    if (counter !== undefined) {
      this.#counted(row, counter);
      return;
    }
    const missing =
      time !== undefined && this.#setup.keepsRate ? this.#clock.byTime(time, arrivedS) : { count: 0 };
    this.#lost(missing, row, "cadence");
    this.#onBeat(row, arrivedS);
  }

  #counted(row: Row, counter: number): void {
    const { is, gap } = this.#clock.check(counter, row.arrivedS);
    const doubted = this.#doubted;
    this.#doubted = is === "doubtful" ? row : undefined;
    if (is === "doubtful") return;
    const first = is === "confirms" && doubted !== undefined ? doubted : row;
    this.#lost(this.#clock.byCounter(gap, first.time, first.arrivedS), first, "counter-gap");
    this.#sample(first);
    if (first === row) return;
    this.#clock.byCounter(0, row.time, row.arrivedS);
    this.#sample(row);
  }

  #lost({ count, uncertainty }: MissingLines, { isAfterDamage }: Row, reason: LossReason): void {
    const damage = this.#setup.form === "strict" ? "checksum" : "framing";
    if (count > 0) this.#out.lost(0, count, isAfterDamage ? damage : reason, uncertainty);
  }

  #onBeat(item: Item, arrivedS: number): void {
    this.#release(this.#beat === undefined ? [{ item, lost: 0 }] : this.#beat.frame(item, arrivedS));
  }

  #release(released: readonly Released<Item>[]): void {
    for (const { item, lost } of released) {
      if (lost > 0) this.#out.lost(0, lost, "cadence", Math.ceil(LATE_S * this.#setup.rate));
      if (item === "broken") this.#out.lost(0, 1, "framing");
      else this.#sample(item);
    }
  }

  #sample({ values }: Row): void {
    const reasons = values.map((value) => (Number.isNaN(value) ? maskReasons.missingInSource : 0));
    this.#out.sample(
      0,
      values.map((value) => (Number.isNaN(value) ? 0 : value)),
      reasons,
    );
  }

  #comment(text: string): void {
    const facts = commentFacts(text, this.#setup.channels);
    const told = JSON.stringify(facts);
    if (told !== this.#facts) this.#out.tell({ kind: "status", facts });
    this.#facts = told;
  }
}
