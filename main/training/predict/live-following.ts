import type { JudgedWindow } from "../../../preload/contract/acquisition.ts";
import type { OwnNames } from "../../../preload/contract/own-names.ts";
import type { Follower, SequenceJudge } from "../../models/model.ts";
import type { Heard } from "../../signal/piece.ts";
import type { LiveStream } from "../work.ts";
import type { LiveTail } from "./live-tail.ts";

/** Samples passed on at once: a gap of a night takes no more. */
const PIECE = 65_536;
/** What comes is looked ahead from once in so long. */
const EVERY_S = 1;

interface FollowingParts {
  readonly judge: SequenceJudge;
  readonly follower: Follower;
  readonly tails: readonly LiveTail[]; // the follower's channels, in its order
  readonly names: Pick<OwnNames, "forecast">;
  readonly tell: (judged: readonly JudgedWindow[]) => void;
}

/**
 * A recording under way, looked ahead from its end: once a second, by what had come. Of a recording that is entered later
 * what came before counts as unobserved.
 */
export class LiveFollowing implements LiveStream {
  readonly #parts: FollowingParts;
  readonly #passed: number[]; // samples, a channel
  #toldS = 0;
  #hasFailed = false;
  #fail: (why: unknown) => void = () => undefined;
  readonly failed = new Promise<never>((_, reject) => (this.#fail = reject));

  constructor(parts: FollowingParts) {
    this.failed.catch(() => undefined); // also where nobody waits for it
    this.#parts = parts;
    this.#passed = parts.tails.map(() => 0);
  }

  hear(heard: readonly Heard[]): void {
    if (this.#hasFailed) return;
    try {
      for (const [channel, tail] of this.#parts.tails.entries()) {
        for (const one of heard) tail.hear(one);
        this.#pass(channel, tail);
      }
      this.#look(heard.at(-1)?.arrivedS);
    } catch (why) {
      this.#hasFailed = true;
      this.#fail(why);
    }
  }

  settled(): Promise<void> {
    return Promise.resolve(); // everything is said as it is heard
  }

  dispose(): Promise<void> {
    return this.#parts.judge.dispose();
  }

  #pass(channel: number, tail: LiveTail): void {
    let from = this.#passed[channel] ?? 0;
    while (from < tail.reached) {
      const count = Math.min(PIECE, tail.reached - from);
      const { values, observed } = tail.read(from, count);
      this.#parts.follower.hear(channel, values, observed);
      from += count;
    }
    this.#passed[channel] = from;
    tail.drop(from);
  }

  #look(arrivedS: number | undefined): void {
    const { follower, names, tell } = this.#parts;
    const { timeS } = follower;
    if (timeS < this.#toldS + EVERY_S) return;
    this.#toldS = Math.floor(timeS / EVERY_S) * EVERY_S;
    const forecast = follower.future()?.forecast;
    const second = { onsetS: Math.max(0, timeS - EVERY_S), durationS: EVERY_S };
    const said =
      forecast === undefined
        ? { ...second, why: "unobserved" as const }
        : { ...second, forecast: names.forecast(forecast) };
    tell([{ said, arrivedS }]);
  }
}
