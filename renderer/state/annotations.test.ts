import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  Annotation,
  EditKind,
  EditWhat,
  NewAnnotation,
  Travelled,
} from "../../preload/contract/annotation.ts";
import type { MaskSpan } from "../../preload/contract/mask.ts";
import { Editor, type EditorPort } from "./annotations.ts";

const given: NewAnnotation = {
  recordingId: "r",
  label: "deceleration",
  labelSet: "ctg-events",
  labelSetVersion: 1,
  onsetS: 10,
  durationS: 5,
  author: "A",
  source: "person",
  note: "",
};
const span: Omit<MaskSpan, "id" | "createdAt"> = {
  recordingId: "r",
  layer: "person",
  reason: 7,
  onsetS: 1,
  durationS: 2,
  author: "A",
};

/** A library in memory, with the history of the real one. */
function library() {
  let next = 1;
  const annotations = new Map<string, Annotation>();
  const masks = new Map<string, MaskSpan>();
  type Step = { kind: EditKind; what: EditWhat; back: () => void; forth: () => void };
  const undo: Step[] = [];
  const redo: Step[] = [];
  const history = () => ({ undo: undo.length, redo: redo.length });
  const did = (kind: EditKind, what: EditWhat, forth: () => void, back: () => void): void => {
    forth();
    undo.push({ kind, what, back, forth });
    redo.length = 0;
  };
  const move = (from: Step[], to: Step[], how: "back" | "forth"): Travelled => {
    const step = from.pop();
    if (!step) return { history: history() };
    step[how]();
    to.push(step);
    return { history: history(), step: { kind: step.kind, what: step.what } };
  };
  const port: EditorPort = {
    history: async () => history(),
    add: async (annotation) => {
      const made: Annotation = { ...annotation, id: `a${next++}`, createdAt: "", changedAt: "" };
      did(
        "annotation",
        "add",
        () => annotations.set(made.id, made),
        () => annotations.delete(made.id),
      );
      return made;
    },
    change: async (change) => {
      const before = annotations.get(change.id)!;
      const after = { ...before, ...(change as Partial<Annotation>) };
      did(
        "annotation",
        "change",
        () => annotations.set(change.id, after),
        () => annotations.set(change.id, before),
      );
      return after;
    },
    remove: async (id) => {
      const before = annotations.get(id)!;
      did(
        "annotation",
        "remove",
        () => annotations.delete(id),
        () => annotations.set(id, before),
      );
    },
    undo: async () => move(undo, redo, "back"),
    redo: async () => move(redo, undo, "forth"),
    mask: async (one) => {
      const made: MaskSpan = { ...one, id: `m${next++}`, createdAt: "" };
      did(
        "mask",
        "add",
        () => masks.set(made.id, made),
        () => masks.delete(made.id),
      );
      return made;
    },
    layRules: () => Promise.resolve([]),
    liftRules: () => Promise.resolve(),
    setContext: () => Promise.resolve(),
    unmask: async (id) => {
      const before = masks.get(id)!;
      did(
        "mask",
        "remove",
        () => masks.delete(id),
        () => masks.set(id, before),
      );
    },
  };
  const picture = (): string =>
    JSON.stringify([
      [...annotations.values()].map((one) => [one.id, one.onsetS]).sort(),
      [...masks.values()].map((one) => one.onsetS).sort((a, b) => a - b),
    ]);
  return { port, picture, annotations, masks };
}

describe("undo and redo", () => {
  test("labels and masks are taken back in the order they were made, and come again in that order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("add", "change", "remove", "mask", "unmask"), { maxLength: 14 }),
        async (steps) => {
          const { port, picture, annotations, masks } = library();
          const editor = new Editor(port);
          const pictures = [picture()];
          let onsetS = 0;
          for (const step of steps) {
            const last = [...annotations.values()].at(-1);
            const mask = [...masks.values()].at(-1);
            if (step === "add") await editor.add({ ...given, onsetS: onsetS++ });
            else if (step === "mask") await editor.mask({ ...span, onsetS: onsetS++ });
            else if (step === "change" && last) await editor.change({ id: last.id, onsetS: onsetS++ });
            else if (step === "remove" && last) await editor.remove(last.id);
            else if (step === "unmask" && mask) await editor.unmask(mask.id);
            else continue;
            pictures.push(picture());
          }
          for (let i = pictures.length - 2; i >= 0; i--) {
            expect(await editor.undo()).toBeDefined();
            expect(picture()).toBe(pictures[i]);
          }
          expect(await editor.undo()).toBeUndefined();
          expect(editor.state.getState()).toEqual({ canUndo: false, canRedo: pictures.length > 1 });
          for (let i = 1; i < pictures.length; i++) {
            expect(await editor.redo()).toBeDefined();
            expect(picture()).toBe(pictures[i]);
          }
          expect(await editor.redo()).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });
  test("after a restart the library's own history can still be taken back", async () => {
    const { port, annotations, masks } = library();
    const first = new Editor(port);
    await first.add(given);
    await first.mask(span);
    const reopened = new Editor(port);
    await reopened.refresh();
    expect(reopened.state.getState()).toEqual({ canUndo: true, canRedo: false });
    expect(await reopened.undo()).toEqual({ kind: "mask", what: "add" });
    expect(await reopened.undo()).toEqual({ kind: "annotation", what: "add" });
    expect([annotations.size, masks.size]).toEqual([0, 0]);
  });
  test("a new edit ends what could be redone", async () => {
    const { port } = library();
    const editor = new Editor(port);
    await editor.add(given);
    await editor.undo();
    await editor.mask(span);
    expect(editor.state.getState().canRedo).toBe(false);
    expect(await editor.redo()).toBeUndefined();
  });
  test("a label or a mask given again before it is stored is the same one, but anew once it was taken back meanwhile", async () => {
    const { port, annotations, masks } = library();
    const editor = new Editor(port);
    const twice = [editor.add(given), editor.add(given), editor.mask(span), editor.mask(span)];
    await Promise.all(twice);
    expect([annotations.size, masks.size]).toEqual([1, 1]);
    await editor.undo();
    await editor.undo();
    await Promise.all([editor.add(given), editor.undo(), editor.add(given), editor.add(given)]);
    await Promise.all([editor.mask(span), editor.undo(), editor.mask(span)]);
    expect([annotations.size, masks.size]).toEqual([1, 1]);
  });
  test("quick presses never overtake each other, and a failed one does not stop the next", async () => {
    const { port, annotations } = library();
    const editor = new Editor({ ...port, change: () => Promise.reject(new Error("disk full")) });
    const failed = editor.add(given).then(() => editor.change({ id: "a1", onsetS: 3 }));
    await expect(failed).rejects.toThrow("disk full");
    await Promise.all([editor.add(given), editor.undo(), editor.undo()]);
    expect(annotations.size).toBe(0);
  });
});
