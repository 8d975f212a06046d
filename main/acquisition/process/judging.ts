import type { LiveDecision, LiveOrder, ParsedSessionSetup } from "../../../preload/contract/acquisition.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Heard } from "../../signal/piece.ts";
import { monotonicS } from "../ports/port.ts";
import type { LiveJudge, LiveJudging } from "./host-api.ts";
import { LiveDelay } from "./live-delay.ts";

/** A model that dies again and again is not opened for ever. */
const OPENED_MOST = 5;

interface JudgingOptions {
  readonly judge: LiveJudge | undefined;
  readonly decided: (decision: LiveDecision) => void;
  readonly failed: (where: string, error: unknown) => void;
}

/** What is recorded is judged as it comes, from arming on until the session ends. A recording does not depend on it. */
export class Judging {
  readonly #options: JudgingOptions;
  #open: LiveJudging | undefined;
  #wanted: object | undefined; // of the session that is judged
  #ending: Promise<void> = Promise.resolve();

  constructor(options: JudgingOptions) {
    this.#options = options;
  }

  /** Rejects with why the run that the set-up names cannot judge these channels. */
  async begin({ live, kind }: ParsedSessionSetup, channels: readonly ChannelHeader[]): Promise<void> {
    if (live === undefined) return;
    const { judge } = this.#options;
    if (judge === undefined)
      throw new AppError("model/not-live", "Nothing is judged while it is recorded here");
    await this.#start(judge, { ...live, kind, channels });
  }

  hear(heard: readonly Heard[]): void {
    this.#open?.hear(heard);
  }

  /** Resolves once all that was heard has been judged. */
  end(): Promise<void> {
    const open = this.#open;
    this.#open = this.#wanted = undefined;
    if (open !== undefined) this.#ending = open.close();
    return this.#ending;
  }

  async #start(judge: LiveJudge, order: LiveOrder, times = 1): Promise<void> {
    const wanted = {};
    this.#wanted = wanted;
    const delay = new LiveDelay();
    const judging = await judge.open(order, {
      judged: (some) => {
        for (const one of some) this.#options.decided(delay.decision(one, monotonicS()));
      },
      failed: (error) => {
        this.#options.failed("live", error);
        if (this.#wanted !== wanted) return;
        this.#open = undefined;
        if (times < OPENED_MOST)
          this.#start(judge, order, times + 1).catch((why: unknown) => this.#options.failed("live", why));
      },
    });
    if (this.#wanted === wanted) this.#open = judging;
    else await judging.close(); // the session ended meanwhile
  }
}
