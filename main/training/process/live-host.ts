import type { JudgedWindow, LiveOrder } from "../../../preload/contract/acquisition.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { ChildLine } from "../../calls/child.ts";
import { connect } from "../../calls/connect.ts";
import type { Heard } from "../../signal/piece.ts";
import { spawnTrainer } from "./child.ts";
import type { TrainerCalls } from "./messages.ts";

export interface LiveJudgeOptions {
  readonly libraryPath: string;
  readonly workerFile: string; // the built trainer
  readonly spawn?: ((workerFile: string) => ChildLine | Promise<ChildLine>) | undefined;
}

export interface LiveJudging {
  hear(heard: readonly Heard[]): void;
  /** Resolves once everything heard has been judged, and its process has ended. */
  close(): Promise<void>;
}

export interface LiveWatch {
  readonly judged: (some: readonly JudgedWindow[]) => void;
  /** It ended by itself: nothing more is judged. */
  readonly failed: (error: unknown) => void;
}

export interface LiveJudge {
  /** Ready once it resolves; rejects with why this run cannot judge these channels as they come. */
  open(order: LiveOrder, watch: LiveWatch): Promise<LiveJudging>;
}

/** A trainer process for one recording, that does nothing but judge it: no training delays a decision. */
export const createLiveJudge = ({
  libraryPath,
  workerFile,
  spawn = spawnTrainer,
}: LiveJudgeOptions): LiveJudge => ({
  open: async (order, { judged, failed }) => {
    const line = await spawn(workerFile);
    const trainer = connect<TrainerCalls>(line, {
      end: () => line.kill(),
      lost: (_, cause) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        const message = `The process that judges what is recorded ended unexpectedly (${reason})`;
        return new AppError("model/trainer-died", message, { reason });
      },
    });
    trainer.tell("open", { libraryPath, givesWay: false });
    const stop = new AbortController();
    let ready = (): void => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    const judging = trainer.call("live", order, {
      signal: stop.signal,
      back: { ready: () => ready(), judged },
    });
    try {
      await Promise.race([isReady, judging]);
    } catch (error) {
      line.kill();
      throw error;
    }
    const ended = judging
      .catch((error: unknown) => {
        if (!stop.signal.aborted) failed(error);
      })
      .finally(() => line.kill());
    return {
      hear: (heard) => trainer.tell("hear", heard),
      close: () => {
        stop.abort();
        return ended;
      },
    };
  },
});
