import { createStore, type StoreApi } from "zustand/vanilla";
import type {
  Annotation,
  AnnotationChange,
  HistoryState,
  NewAnnotation,
  Travelled,
} from "../../preload/contract/annotation.ts";
import type { CtgContext } from "../../preload/contract/ctg.ts";
import type { MaskSpan } from "../../preload/contract/mask.ts";

/** The requests an editor sends; the bridge's, or a test's. */
export interface EditorPort {
  readonly history: () => Promise<HistoryState>;
  readonly add: (annotation: NewAnnotation) => Promise<Annotation>;
  readonly change: (change: AnnotationChange) => Promise<Annotation>;
  readonly remove: (id: string) => Promise<void>;
  readonly undo: () => Promise<Travelled>;
  readonly redo: () => Promise<Travelled>;
  readonly mask: (span: Omit<MaskSpan, "id" | "createdAt">) => Promise<MaskSpan>;
  readonly unmask: (id: string) => Promise<void>;
  readonly layRules: () => Promise<readonly MaskSpan[]>;
  readonly liftRules: () => Promise<void>;
  readonly setContext: (context: CtgContext | null) => Promise<void>;
}

export interface EditorState {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/**
 * Edits of one recording: labels and masks. Their one history lives in the library and survives a restart; this says
 * how far it reaches. Steps run one after another: two quick presses of a key never overtake each other.
 */
export class Editor {
  readonly state: StoreApi<EditorState> = createStore<EditorState>()(() => ({
    canUndo: false,
    canRedo: false,
  }));
  private readonly port: EditorPort;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly adding = new Map<string, Promise<Annotation>>(); // under way, by what they are
  private readonly masking = new Map<string, Promise<MaskSpan>>();

  constructor(port: EditorPort) {
    this.port = port;
  }

  /** Reads how far the library's history reaches: at the start, and when someone else changed it. */
  refresh(): Promise<void> {
    return this.inTurn(async () => this.publish(await this.port.history()));
  }

  add(annotation: NewAnnotation): Promise<Annotation> {
    return this.once(this.adding, annotation, () => this.port.add(annotation));
  }

  change(change: AnnotationChange): Promise<Annotation> {
    return this.edit(() => this.port.change(change));
  }

  /** What is known of a cardiotocogram beside its signals; null: what its header says again. */
  setContext(context: CtgContext | null): Promise<void> {
    return this.edit(() => this.port.setContext(context));
  }

  remove(id: string): Promise<void> {
    return this.edit(() => this.port.remove(id));
  }

  mask(span: Omit<MaskSpan, "id" | "createdAt">): Promise<MaskSpan> {
    return this.once(this.masking, span, () => this.port.mask(span));
  }

  unmask(id: string): Promise<void> {
    return this.edit(() => this.port.unmask(id));
  }

  layRules(): Promise<readonly MaskSpan[]> {
    return this.edit(() => this.port.layRules());
  }

  liftRules(): Promise<void> {
    return this.edit(() => this.port.liftRules());
  }

  /** Takes back the last edit, and says which; undefined where there is none. */
  undo(): Promise<Travelled["step"]> {
    return this.travel(() => this.port.undo());
  }

  redo(): Promise<Travelled["step"]> {
    return this.travel(() => this.port.redo());
  }

  private travel(go: () => Promise<Travelled>): Promise<Travelled["step"]> {
    this.adding.clear(); // what is given again after that is meant anew
    this.masking.clear();
    return this.inTurn(async () => {
      const { history, step } = await go();
      this.publish(history);
      return step;
    });
  }

  private edit<T>(work: () => Promise<T>): Promise<T> {
    return this.inTurn(async () => {
      const result = await work();
      this.publish(await this.port.history());
      return result;
    });
  }

  /** What is given again before it is stored is the same one, not a second on top of it. */
  private once<T>(underWay: Map<string, Promise<T>>, what: unknown, work: () => Promise<T>): Promise<T> {
    const key = JSON.stringify(what);
    const known = underWay.get(key);
    if (known) return known;
    const giving = this.edit(work).finally(() => {
      if (underWay.get(key) === giving) underWay.delete(key);
    });
    underWay.set(key, giving);
    return giving;
  }

  private publish({ undo, redo }: HistoryState): void {
    this.state.setState({ canUndo: undo > 0, canRedo: redo > 0 });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}
