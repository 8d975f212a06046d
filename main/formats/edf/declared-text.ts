import { sure } from "../../../preload/contract/sure.ts";
import type { SourceReading } from "../../signal/block.ts";
import { cutUtf8 } from "../utf8.ts";
import { encodeAnnotation, cleanText, type AnnotationList } from "./annotation-list.ts";
import { subtractSeconds } from "./decimal.ts";
import { hiddenTexts } from "./hidden.ts";

/**
 * What was read completely, as an annotation over the stretch: `Kodo read completely: <label set> (<labels>), by <reader>`.
 * Other programs show it as an event; we take the stretch from it, and the rest from a hidden text right after it, whose
 * `reading` has `labelSet`, `labels` and `author` in full.
 */
const MARK = "Kodo read completely";
const LONGEST_TEXT = 510; // EDFlib keeps 512 bytes

export const isDeclaredText = (text: string): boolean => text.startsWith(MARK);

/** `startS` is where the recording begins after the header's second. */
export function encodeReading({ onsetS, durationS, ...rest }: SourceReading, startS: number): Uint8Array[] {
  const { labelSet, labels, author } = rest;
  const words = `${MARK}: ${labelSet} (${labels.join(", ")})${author === undefined ? "" : `, by ${author}`}`;
  const text = sure(cutUtf8(cleanText(words).replace(/[\n\r]/g, " "), LONGEST_TEXT)[0]);
  const at = onsetS + startS;
  return [
    encodeAnnotation(at, durationS, text),
    ...hiddenTexts({ reading: rest }).map((piece) => encodeAnnotation(at, undefined, piece)),
  ];
}

/** Puts declarations together again as their texts come; one that lacks a half stays a text, which declares nothing. */
export class DeclaredTexts {
  readonly #firstS: number;
  readonly #found: unknown[] = [];
  #open: { readonly list: AnnotationList; readonly text: string } | undefined;

  constructor(firstS: number) {
    this.#firstS = firstS;
  }

  takeText(list: AnnotationList, text: string): void {
    this.#leaveOpen();
    this.#open = { list, text };
  }

  takeDetails(list: AnnotationList, details: object): void {
    const open = this.#open;
    if (open?.list.onsetS !== list.onsetS) return; // moved by another program
    this.#open = undefined;
    const { onsetS, durationS } = open.list;
    this.#found.push({ ...details, onsetS: subtractSeconds(onsetS, this.#firstS), durationS });
  }

  all(): readonly unknown[] {
    this.#leaveOpen();
    return this.#found;
  }

  #leaveOpen(): void {
    if (this.#open !== undefined) this.#found.push(this.#open.text);
    this.#open = undefined;
  }
}
