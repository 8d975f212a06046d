import type { RecorderState } from "../../preload/contract/acquisition.ts";
import { AlarmBook, type Notice, type RecordingLook } from "./recording-alarms.ts";
import { saidOf, type Spoken, tooltipOf } from "./recording-words.ts";

/** Where a person sees and hears of a recording without the page. */
export interface Signs {
  /** In the place of one of the same key. */
  notify(key: string, title: string, body: string): void;
  withdraw(key: string): void;
  /** The symbol in the tray; undefined takes it away. */
  show(look: RecordingLook | undefined, tooltip: string): void;
  /** Taskbar and dock. */
  attract(isOn: boolean): void;
  beep(): void;
  /** The computer does not go to sleep by itself. */
  keepAwake(isOn: boolean): void;
}

export interface WatchOptions {
  readonly signs: Signs;
  readonly language: () => Spoken;
  readonly mayBeep: () => boolean;
  readonly failed: (error: unknown) => void;
}

const BEEP_MS = 3000;

/** Tells of a recording and its alarms by the system, whether there is a page that lives or not. */
export class RecordingWatch {
  readonly #options: WatchOptions;
  readonly #book = new AlarmBook();
  #shown = "";
  #isAwake = false;
  #isAttracting = false;
  #beeping: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  take(state: RecorderState): void {
    const { signs, language } = this.#options;
    const { notices, withdrawn, isSounding, look, worst } = this.#book.take(state);
    for (const key of withdrawn) this.#do(() => signs.withdraw(key));
    for (const notice of notices) this.#tell(notice);
    const tooltip = look === undefined ? "" : tooltipOf(look, worst, language());
    if (this.#shown !== `${look ?? ""} ${tooltip}`) this.#do(() => signs.show(look, tooltip));
    this.#shown = `${look ?? ""} ${tooltip}`;
    this.#attract(look === "alarm");
    this.#sound(isSounding);
    const isAwake = state.phase === "recording" || state.phase === "stopping";
    if (isAwake !== this.#isAwake) this.#do(() => signs.keepAwake(isAwake));
    this.#isAwake = isAwake;
  }

  /** Until the alarms that stand now have ended. */
  silence(): void {
    this.#book.silence();
    this.#sound(false);
  }

  /** An exception in main while a recording goes on. */
  fault(): void {
    this.#tell({ key: "fault", kind: "fault", values: {} });
  }

  end(): void {
    const { signs } = this.#options;
    this.#sound(false);
    this.#attract(false);
    if (this.#shown.trim() !== "") this.#do(() => signs.show(undefined, ""));
    if (this.#isAwake) this.#do(() => signs.keepAwake(false));
  }

  #tell(notice: Notice): void {
    const { signs, language } = this.#options;
    const { title, body } = saidOf(notice, language());
    this.#do(() => signs.notify(notice.key, title, body));
  }

  #attract(isOn: boolean): void {
    if (isOn !== this.#isAttracting) this.#do(() => this.#options.signs.attract(isOn));
    this.#isAttracting = isOn;
  }

  #sound(isOn: boolean): void {
    if (!isOn) {
      clearInterval(this.#beeping);
      this.#beeping = undefined;
      return;
    }
    if (this.#beeping !== undefined) return;
    const beep = (): void => {
      if (this.#options.mayBeep()) this.#do(() => this.#options.signs.beep());
    };
    beep();
    this.#beeping = setInterval(beep, BEEP_MS);
  }

  /** A sign that the system refuses keeps none of the others back. */
  #do(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#options.failed(error);
    }
  }
}
