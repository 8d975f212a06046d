import { AppError, type ErrorReport, reportOf } from "../../../../preload/contract/errors.ts";
import { maskReasons } from "../../../../preload/contract/mask.ts";
import type {
  ContactCheck,
  ContactFound,
  ContactOutcome,
  DriverEvent,
  Electrode,
  Reply,
  Samples,
  Step,
} from "../protocol.ts";
import { bytesOf } from "../text.ts";
import { channelCommand, leadOffCommand } from "./commands.ts";
import { setChannel, startCyton } from "./conversation.ts";
import { cytonDriver, PACKET_BYTES } from "./driver.ts";
import { CENTRE_HZ, impedanceOhm } from "./impedance.ts";
import { channelsUsed, cytonStreams, gainOf, PACKET_RATE, type CytonSetup } from "./setup.ts";

/** After the current was switched on the amplifier and the electrode settle [R]; then a second is enough for its 31.5 Hz. */
const SETTLE_S = 0.5;
const MEASURE_S = 1;
const GIVE_UP_S = 6;
const STOP_S = 0.1; // packets that are still under way
/** More of them at the converter's limit, and nothing can be made of its amplitude. */
const RAILED_MOST = 0.05;

/** The limits at which OpenBCI's own program changes its colour, in its source. */
const limits = { goodKOhm: 750, openKOhm: 2500 } as const;

/**
 * One electrode at a time: its test current on, a stretch of the stream, off again. Two electrodes a channel have their turn
 * each; with the common reference the electrode is at N, since P is tied to the reference pin [R].
 */
export const cytonContact: ContactCheck<CytonSetup> = {
  limits,
  electrodes(setup) {
    if (setup.source !== "electrodes")
      throw new AppError(
        "device/no-contact",
        `The board is set to measure a signal of its own (${setup.source}), so no electrode is connected to it`,
      );
    const labels = cytonStreams(setup)[0]?.channels ?? [];
    const inputs = setup.reference === "srb2" ? (["N"] as const) : (["P", "N"] as const);
    return channelsUsed(setup).flatMap((channel, i): Electrode[] =>
      inputs.map((input) => ({ channel, label: labels[i]?.label ?? "", input })),
    );
  },
  *measure(setup, told): Generator<Step, ContactOutcome, Reply> {
    const touched = new Set<number>();
    let problem: ErrorReport | undefined;
    try {
      for (const [i, { channel, input }] of this.electrodes(setup).entries()) {
        told(i);
        touched.add(channel);
        yield* setChannel(channel, leadOffCommand(channel, input));
        const found = yield* listened(setup, channel);
        yield* setChannel(channel, leadOffCommand(channel));
        told(i, found);
      }
    } catch (error) {
      problem = reportOf(error);
    }
    const areSettingsBack = yield* restored(setup, touched);
    return { areSettingsBack, ...(problem === undefined ? {} : { problem }) };
  },
};

/** No current on any channel that had one, and its settings as they were; false where the board did not take one. */
function* restored(setup: CytonSetup, touched: ReadonlySet<number>): Generator<Step, boolean, Reply> {
  try {
    yield stop;
    for (const channel of touched) {
      yield* setChannel(channel, leadOffCommand(channel));
      yield* setChannel(channel, channelCommand(setup, channel));
    }
    return true;
  } catch {
    return false;
  }
}

const stop: Step = { send: bytesOf("s"), waitS: STOP_S };

/** Streams until there is enough of a channel, and stops. */
function* listened(setup: CytonSetup, channel: number): Generator<Step, ContactFound, Reply> {
  const stretch = new Stretch(setup, channel);
  for (const step of startCyton()) yield { ...step, until: stretch.hear, waitS: GIVE_UP_S };
  yield stop;
  return stretch.found();
}

/** A stretch of one channel without a gap. */
class Stretch {
  readonly #driver: ReturnType<typeof cytonDriver>;
  readonly #setup: CytonSetup;
  readonly #channel: number;
  readonly #place: number; // among the channels of the stream
  readonly #rate: number;
  #taken = 0; // bytes
  #come = 0; // samples
  #run: number[] = []; // values since the last gap, once it has settled
  #railed = 0; // of them

  constructor(setup: CytonSetup, channel: number) {
    this.#driver = cytonDriver(setup);
    this.#setup = setup;
    this.#channel = channel;
    this.#place = channelsUsed(setup).indexOf(channel);
    this.#rate = cytonStreams(setup)[0]?.rate ?? PACKET_RATE;
  }

  /** Given all that has come; true once it is enough. */
  hear = (received: Uint8Array): boolean => {
    const more = received.subarray(this.#taken);
    this.#taken = received.length;
    const atS = this.#taken / PACKET_BYTES / PACKET_RATE; // as if nothing was lost: a gap is a gap however long
    for (const event of this.#driver.push(more, atS)) this.#take(event);
    return this.#isEnough;
  };

  get #isEnough(): boolean {
    return this.#run.length >= MEASURE_S * this.#rate;
  }

  #take(event: DriverEvent): void {
    if (event.kind === "lost") this.#begin();
    if (event.kind === "samples") for (let i = 0; i < event.count; i += 1) this.#sample(event, i);
  }

  #sample({ values, reasons, count }: Samples, i: number): void {
    const at = i * (values.length / count) + this.#place;
    const reason = reasons?.[at] ?? maskReasons.observed;
    this.#come += 1;
    if (this.#isEnough || this.#come <= SETTLE_S * this.#rate) return;
    if (reason !== maskReasons.observed && reason !== maskReasons.saturated) {
      this.#begin();
      return;
    }
    this.#run.push(values[at] ?? 0);
    if (reason === maskReasons.saturated) this.#railed += 1;
  }

  #begin(): void {
    if (this.#isEnough) return;
    this.#run = [];
    this.#railed = 0;
  }

  found(): ContactFound {
    if (this.#come === 0)
      throw new AppError(
        "device/silent",
        `The board sent nothing within ${GIVE_UP_S} s while channel ${this.#channel} was measured`,
        { channel: this.#channel },
      );
    if (!this.#isEnough) return { word: "unclear" };
    if (this.#railed > RAILED_MOST * this.#run.length) return { word: "open" };
    const kOhm = impedanceOhm(this.#volts(), this.#rate) / 1000;
    return { kOhm, word: kOhm < limits.goodKOhm ? "good" : kOhm < limits.openKOhm ? "poor" : "open" };
  }

  /** Values of a board with a Daisy are means of two samples 4 ms apart, which takes 8 % of 31.5 Hz. */
  #volts(): number[] {
    const scale = 4.5 / gainOf(this.#setup, this.#channel) / (2 ** 23 - 1);
    const share = this.#setup.board === "cyton" ? 1 : Math.cos((Math.PI * CENTRE_HZ) / PACKET_RATE);
    return this.#run.map((value) => (value * scale) / share);
  }
}
