import type { Transferable } from "node:worker_threads";
import type { Outcome } from "../../preload/contract/errors.ts";

/** Memory and ports that go with a message instead of being copied. Lines between processes copy all the same. */
export type HandedOver = readonly Transferable[];

/** What travels over a line. Whoever asks numbers the calls; whoever answers numbers what it asks back within a call. */
export type Message =
  | { readonly kind: "tell"; readonly name: string; readonly ask: unknown } // nobody waits for an answer
  | { readonly kind: "ask"; readonly call: number; readonly name: string; readonly ask: unknown }
  | { readonly kind: "cancel"; readonly call: number }
  | { readonly kind: "heard"; readonly call: number } // of a cancel: a side that does not say so hears nothing
  | { readonly kind: "answer"; readonly call: number; readonly outcome: Outcome<unknown> }
  | {
      readonly kind: "back";
      readonly call: number;
      readonly back: number | undefined; // absent: nobody waits for an answer
      readonly name: string;
      readonly ask: unknown;
    }
  | {
      readonly kind: "backed";
      readonly call: number;
      readonly back: number;
      readonly outcome: Outcome<unknown>;
    };

/** One end of a line between two threads or processes. What is sent arrives in the order it was sent. */
export interface Line {
  send(message: Message, handedOver?: HandedOver): void;
  receive(listener: (message: Message) => void): void;
  /** Told when nothing more will arrive, with what is known of why: the other side has ended, or has closed the line. */
  onLost(listener: (cause: unknown) => void): void;
}
