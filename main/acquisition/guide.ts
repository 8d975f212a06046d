import type { Cue, CueStep, GuidedProtocol, GuideStep } from "../../preload/contract/acquisition.ts";

interface Part {
  readonly what: "rest" | "mvc" | "change" | "hold";
  readonly lengthS: number;
  readonly label?: string;
  readonly repetition: number;
}

/** A cue that was held to its end: its label, and where it lies without its ends. */
export interface Held {
  readonly label: string;
  readonly onsetS: number;
  readonly durationS: number;
  readonly repetition: number;
}

const MVC_TIMES = 3;
const MVC_S = 3;

/** Rest, contractions as strong as possible where they are asked for, then every gesture, each repetition in an order of its own. */
function partsOf(
  protocol: GuidedProtocol,
  shuffled: (codes: readonly string[]) => readonly string[],
): Part[] {
  const { restS, changeS, holdS, repetitions } = protocol;
  const mvc = protocol.mvc
    ? Array.from({ length: MVC_TIMES }, (_, repetition): Part[] => [
        { what: "mvc", lengthS: MVC_S, repetition },
        { what: "rest", lengthS: MVC_S, repetition },
      ]).flat()
    : [];
  const gestures = Array.from({ length: repetitions }, (_, repetition) =>
    (protocol.seed === 0 ? protocol.gestures : shuffled(protocol.gestures)).flatMap((label): Part[] => [
      { what: "change", lengthS: changeS, label, repetition },
      { what: "hold", lengthS: holdS, label, repetition },
    ]),
  ).flat();
  const rest: Part[] = [{ what: "rest", lengthS: restS, repetition: 0 }];
  return [...rest, ...mvc, ...gestures].filter(({ lengthS }) => lengthS > 0);
}

/** Leads through a protocol by the recording's time, and says what was held. */
export class Guide {
  readonly #parts: readonly Part[];
  readonly #trimS: number;
  #at: number;
  #beganS: number;
  #pausedS: number | undefined;

  constructor(
    protocol: GuidedProtocol,
    beganS: number,
    shuffled: (codes: readonly string[]) => readonly string[],
    step = 0, // with which it begins: of one that goes on the step that was cut off
  ) {
    this.#at = step;
    this.#parts = partsOf(protocol, shuffled);
    this.#trimS = protocol.trimS;
    this.#beganS = beganS;
  }

  get plan(): CueStep[] {
    return this.#parts.map(({ what, label, repetition, lengthS }) => ({
      ...{ what, repetition, lastsS: lengthS },
      ...(label === undefined ? {} : { label }),
    }));
  }

  /** Goes on as far as this time; what ended whole meanwhile, in order. */
  advance(nowS: number): Held[] {
    const held: Held[] = [];
    if (this.#pausedS !== undefined) return held;
    for (let part = this.#parts[this.#at]; part !== undefined; part = this.#parts[this.#at]) {
      const endS = this.#beganS + part.lengthS;
      if (endS > nowS) break;
      const durationS = part.lengthS - 2 * this.#trimS;
      if (part.what === "hold" && part.label !== undefined && durationS > 0)
        held.push({
          label: part.label,
          onsetS: this.#beganS + this.#trimS,
          durationS,
          repetition: part.repetition,
        });
      this.#beganS = endS;
      this.#at += 1;
    }
    return held;
  }

  /** A paused cue begins anew when it goes on: half of it was not held. */
  step(step: GuideStep, nowS: number): void {
    switch (step) {
      case "pause":
        this.#pausedS ??= nowS;
        return;
      case "resume":
        if (this.#pausedS !== undefined) this.#begin(this.#at, nowS);
        this.#pausedS = undefined;
        return;
      case "skip":
        this.#begin(this.#at + 1, nowS);
        return;
      case "repeat":
        this.#begin(this.#gestureBefore(), nowS);
    }
  }

  cue(nowS: number): Cue | undefined {
    const part = this.#parts[this.#at];
    const steps = Math.max(1, this.#parts.length);
    const isPaused = this.#pausedS !== undefined;
    const place = { step: this.#at, steps, beganS: this.#beganS, isPaused };
    if (part === undefined) return { ...place, what: "done", repetition: 0, endsS: this.#beganS };
    const next = this.#parts
      .slice(this.#at + 1)
      .find(({ label }) => label !== undefined && label !== part.label);
    return {
      ...place,
      what: part.what,
      repetition: part.repetition,
      endsS: isPaused ? nowS + part.lengthS : this.#beganS + part.lengthS,
      ...(part.label === undefined ? {} : { label: part.label }),
      ...(next?.label === undefined ? {} : { next: next.label }),
    };
  }

  #begin(at: number, nowS: number): void {
    this.#at = Math.min(Math.max(0, at), this.#parts.length);
    this.#beganS = nowS;
    if (this.#pausedS !== undefined) this.#pausedS = nowS;
  }

  /** The change before the hold that is under way, or the one before where none is. */
  #gestureBefore(): number {
    const from = this.#parts[this.#at]?.what === "hold" ? this.#at - 1 : this.#at - 2;
    return Math.max(0, from);
  }
}
