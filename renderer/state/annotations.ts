import { createStore, type StoreApi } from "zustand/vanilla";
import type {
  Annotation,
  AnnotationChange,
  HistoryState,
  NewAnnotation,
} from "../../preload/contract/annotation.ts";
import type { MaskSpan } from "../../preload/contract/mask.ts";

/** The requests an editor sends; the bridge's, or a test's. */
export interface EditorPort {
  readonly history: () => Promise<HistoryState>;
  readonly add: (annotation: NewAnnotation) => Promise<Annotation>;
  readonly change: (change: AnnotationChange) => Promise<Annotation>;
  readonly remove: (id: string) => Promise<void>;
  readonly undo: () => Promise<{ readonly history: HistoryState; readonly what: string }>;
  readonly redo: () => Promise<{ readonly history: HistoryState; readonly what: string }>;
  readonly addMask: (span: Omit<MaskSpan, "id" | "createdAt">) => Promise<MaskSpan>;
  readonly removeMask: (id: string) => Promise<void>;
}

export interface EditorState {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** One step that the library's history does not hold: a stretch masked or unmasked in this session. */
interface MaskStep {
  readonly back: () => Promise<void>;
  readonly forth: () => Promise<void>;
}
type Step = "annotation" | MaskStep;

/**
 * Edits of one recording, undone in the order they were made. Annotation steps live in the library and survive a
 * restart; masks are spans of their own, so their steps are remembered here, for this session.
 * Steps run one after another: two quick presses of a key never overtake each other.
 */
export class Editor {
  readonly state: StoreApi<EditorState> = createStore<EditorState>()(() => ({
    canUndo: false,
    canRedo: false,
  }));
  private readonly port: EditorPort;
  private done: Step[] = [];
  private undone: Step[] = [];
  private library: HistoryState = { undo: 0, redo: 0 };
  private isRedoLost = false; // a mask was made after the library's last undo
  private readonly maskIds = new Map<string, string>(); // id at first -> id now
  private queue: Promise<unknown> = Promise.resolve();

  constructor(port: EditorPort) {
    this.port = port;
  }

  /** Reads how far the library's history reaches: at the start, and when someone else changed it. */
  refresh(): Promise<void> {
    return this.inTurn(async () => {
      this.library = await this.port.history();
      this.publish();
    });
  }

  add(annotation: NewAnnotation): Promise<Annotation> {
    return this.inTurn(() => this.edited(this.port.add(annotation)));
  }

  change(change: AnnotationChange): Promise<Annotation> {
    return this.inTurn(() => this.edited(this.port.change(change)));
  }

  remove(id: string): Promise<void> {
    return this.inTurn(() => this.edited(this.port.remove(id)));
  }

  mask(span: Omit<MaskSpan, "id" | "createdAt">): Promise<MaskSpan> {
    return this.inTurn(async () => {
      const made = await this.port.addMask(span);
      this.push(this.maskSteps(this.slotOf(made.id), span));
      return made;
    });
  }

  unmask(span: MaskSpan): Promise<void> {
    return this.inTurn(async () => {
      const { id, recordingId, layer, reason, onsetS, durationS, author, channel } = span;
      const again = {
        recordingId,
        layer,
        reason,
        onsetS,
        durationS,
        author,
        ...(channel === undefined ? {} : { channel }),
      };
      await this.port.removeMask(id);
      const { back, forth } = this.maskSteps(this.slotOf(id), again);
      this.push({ back: forth, forth: back });
    });
  }

  /** Takes back the last edit; false where there is none. */
  undo(): Promise<boolean> {
    return this.inTurn(async () => {
      if (!this.state.getState().canUndo) return false;
      const step = this.done.pop() ?? "annotation";
      if (step === "annotation") this.library = (await this.port.undo()).history;
      else await step.back();
      this.undone.push(step);
      this.publish();
      return true;
    });
  }

  redo(): Promise<boolean> {
    return this.inTurn(async () => {
      if (!this.state.getState().canRedo) return false;
      const step = this.undone.pop() ?? "annotation";
      if (step === "annotation") this.library = (await this.port.redo()).history;
      else await step.forth();
      this.done.push(step);
      this.publish();
      return true;
    });
  }

  /** A mask that is made again gets another id; earlier steps must find it under the one they knew. */
  private slotOf(id: string): string {
    for (const [slot, current] of this.maskIds) if (current === id) return slot;
    this.maskIds.set(id, id);
    return id;
  }

  private maskSteps(slot: string, span: Omit<MaskSpan, "id" | "createdAt">): MaskStep {
    return {
      back: () => this.port.removeMask(this.maskIds.get(slot) ?? slot),
      forth: async () => {
        this.maskIds.set(slot, (await this.port.addMask(span)).id);
      },
    };
  }

  private async edited<T>(work: Promise<T>): Promise<T> {
    const result = await work;
    this.done.push("annotation");
    this.undone = [];
    this.isRedoLost = false;
    this.library = await this.port.history();
    this.publish();
    return result;
  }

  private push(step: MaskStep): void {
    this.done.push(step);
    this.undone = [];
    this.isRedoLost = true;
    this.publish();
  }

  private publish(): void {
    const canRedo = this.undone.length > 0 || (!this.isRedoLost && this.library.redo > 0);
    this.state.setState({ canUndo: this.done.length > 0 || this.library.undo > 0, canRedo });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}
