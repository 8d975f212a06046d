import type { ParsedSessionSetup } from "../../preload/contract/acquisition.ts";

/** What the process that stands for main is told at its start, as JSON. */
export interface MainOrder {
  readonly libraryPath: string;
  readonly recorder: string; // the built recorder
  readonly storageWorker: string; // the built storage thread
  readonly hook: string; // loaded into the process in which the recorder is
  readonly isInside: boolean; // the recorder is within this process, which can set its wall clock
  readonly setup: ParsedSessionSetup;
}

export type Command =
  { readonly kind: "record" | "stop" | "dispose" } | { readonly kind: "wall"; readonly byMs: number };

/** How the recorder stands. `atS`: monotonic, when main heard of it. */
export interface Seen {
  readonly kind: "state";
  readonly atS: number;
  readonly phase: string;
  readonly link: string | undefined;
  readonly alarms: readonly string[];
  readonly durableS: number;
  readonly elapsedS: number;
}

export type Report =
  | Seen
  | { readonly kind: "grew"; readonly counts: readonly number[] }
  | { readonly kind: "failed"; readonly message: string }
  | {
      readonly kind: "done";
      readonly command: Command["kind"];
      readonly recordingId?: string;
      readonly loopMsP99?: number; // by which the event loop of main was late since it began
      readonly error?: string;
    };
