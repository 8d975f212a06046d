import { createHmac } from "node:crypto";

const DIGITS = 12;

/**
 * Codes in place of names. A code is a keyed digest of what it stands for, with a key that never leaves the library:
 * the same person has the same code in everything this library gives out, and nobody can find the name by trying.
 */
export class Pseudonyms {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  readonly subject = (code: string): string => `S-${this.#digest("subject", code)}`;
  readonly recording = (id: string): string => `recording-${this.#digest("recording", id)}`;
  readonly author = (name: string): string => `A-${this.#digest("author", name)}`;
  readonly label = (text: string): string => `label-${this.#digest("label", text)}`;
  readonly run = (id: string): string => `model-${this.#digest("run", id)}`;

  #digest(kind: string, text: string): string {
    return createHmac("sha256", this.#key).update(`${kind}\0${text}`).digest("hex").slice(0, DIGITS);
  }
}
