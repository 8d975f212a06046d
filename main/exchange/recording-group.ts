import { unwrap } from "../../preload/contract/errors.ts";
import type { AsyncLibrary, WholeRecording } from "../storage/api.ts";
import type { LibraryChange } from "./protocol.ts";

/** What a job needs of its surroundings. */
export interface JobContext {
  readonly library: AsyncLibrary;
  readonly changed: (change: LibraryChange) => void;
  readonly holding: (recordingId: string, held: boolean) => void;
}

/** Samples of one transaction: what else is asked of the library waits until it ends. */
const GROUP_BYTES = 1 << 20;
const GROUP_RECORDINGS = 64;
/** An annotation takes the library as long as so many bytes of samples. */
const ANNOTATION_BYTES = 256;
/** How long the first of a group waits for others. */
const GROUP_MS = 200;

interface Waiting {
  readonly recording: WholeRecording;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Small recordings on their way into the library, several in one transaction. One group is under way at a time. */
export class RecordingGroup {
  readonly #context: JobContext;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #underway: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: JobContext) {
    this.#context = context;
  }

  /** Resolves once the recording is stored for good. Rejects where it was refused, or the library failed. */
  add(recording: WholeRecording): Promise<void> {
    for (const { samples } of recording.blocks) this.#bytes += samples.byteLength;
    this.#bytes += ANNOTATION_BYTES * recording.annotations.length;
    this.#timer ??= setTimeout(
      () =>
        void this.#underway.then(
          () => this.#begin(),
          () => undefined,
        ),
      GROUP_MS,
    );
    const stored = new Promise<void>((resolve, reject) => this.#waiting.push({ recording, resolve, reject }));
    stored.catch(() => undefined); // of a job that has ended meanwhile
    return stored;
  }

  /** Sends the group off where it is large enough, after the one before it. Throws where the library failed that one. */
  async makeRoom(): Promise<void> {
    if (this.#bytes < GROUP_BYTES && this.#waiting.length < GROUP_RECORDINGS) return;
    await this.#underway;
    this.#begin();
  }

  /** Everything that was added is stored or refused. Throws where the library failed. */
  async flush(): Promise<void> {
    try {
      await this.#underway;
      this.#begin();
      await this.#underway;
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error); // its turn does not come any more
      throw error;
    }
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const group = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#underway = this.#store(group);
    this.#underway.catch(() => undefined); // seen by the next await
  }

  async #store(group: readonly Waiting[]): Promise<void> {
    const { library, changed, holding } = this.#context;
    const ids = group.map(({ recording }) => recording.id);
    for (const id of ids) holding(id, true);
    try {
      const outcomes = await library.addRecordings(group.map(({ recording }) => recording));
      const stored = ids.filter((_, index) => outcomes[index]?.ok === true);
      if (stored.length > 0) changed({ kind: "recordings", ids: stored });
      for (const [index, outcome] of outcomes.entries()) {
        const one = group[index];
        try {
          unwrap(outcome);
          one?.resolve();
        } catch (error) {
          one?.reject(error);
        }
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
      throw error;
    } finally {
      for (const id of ids) holding(id, false);
    }
  }
}
