import type { Handlers } from "../calls/signature.ts";
import type { OpenLibrary } from "./open-library.ts";
import { handedOver, type LibraryCalls, libraryMethods } from "./protocol.ts";

type AnyMethod = (...args: readonly unknown[]) => unknown;

/** The library's methods, answered one at a time in the order they are asked. */
export const answersOf = (library: () => OpenLibrary): Handlers<LibraryCalls> =>
  Object.fromEntries(
    libraryMethods.map((method) => [
      method,
      (args: readonly unknown[]) => {
        try {
          return (library()[method] as AnyMethod)(...args);
        } finally {
          for (const memory of handedOver(args, method)) free(memory);
        }
      },
    ]),
  ) as unknown as Handlers<LibraryCalls>;

type Freeable = ArrayBuffer & { transfer?: (length: number) => ArrayBuffer };

/** Samples that were handed over and are in the database: waiting for the collector, they would call it again and again. */
const free = (memory: Freeable): unknown => memory.transfer?.(0);
