import { AppError } from "../../preload/contract/errors.ts";
import { parentLine } from "./lines.ts";
import { serve } from "./serve.ts";
import { memoryOf } from "./transfer.ts";

/** What the thread of calls.test.ts answers. */
export interface TestCalls {
  double: { ask: Float32Array; answer: Float32Array };
  echo: { ask: unknown; answer: unknown };
  fail: { ask: { limit: number }; answer: never };
  stuck: { ask: undefined; answer: never }; // deep in a loop: hears nothing
  /** Says so often that it dies, and does. */
  die: { ask: number; answer: never; back: { said: { ask: number; answer: undefined } } };
  unclonable: { ask: undefined; answer: unknown };
  note: { ask: string; answer: undefined };
  notes: { ask: undefined; answer: readonly string[] };
  /** Counts up to a number, with a question back at each; ends when it is cancelled. */
  count: {
    ask: { to: number; isStubborn?: boolean };
    answer: number;
    back: { said: { ask: number; answer: undefined }; more: { ask: number; answer: number } };
  };
}

const notes: string[] = [];
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 1));

serve<TestCalls>(
  parentLine(),
  {
    double: (values) => values.map((one) => 2 * one),
    echo: async (value) => {
      await pause();
      return value;
    },
    fail: ({ limit }) => {
      throw new AppError("data/too-large", "It is too large", { limit });
    },
    stuck: () => {
      for (;;);
    },
    die: (times, { tell }) => {
      for (let at = 0; at < times; at += 1) tell("said", at);
      setTimeout(() => {
        throw new Error("native memory is gone");
      });
      return new Promise<never>(() => undefined);
    },
    unclonable: () => () => 1,
    note: (text) => void notes.push(text),
    notes: () => notes,
    count: async ({ to, isStubborn }, { signal, tell, ask }) => {
      let at = 0;
      while (at < to && (isStubborn === true || !signal.aborted)) {
        tell("said", at);
        at += await ask("more", at);
        await pause();
      }
      if (signal.aborted) throw new AppError("cancelled/by-user", "Cancelled", { at });
      return at;
    },
  },
  { handOver: (value) => memoryOf(value) },
);
