import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Annotation, NewAnnotation } from "../../preload/contract/annotation.ts";
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
  const undo: { back: () => void; forth: () => void }[] = [];
  const redo: typeof undo = [];
  const history = () => ({ undo: undo.length, redo: redo.length });
  const did = (forth: () => void, back: () => void): void => {
    forth();
    undo.push({ back, forth });
    redo.length = 0;
  };
  const move = (from: typeof undo, to: typeof undo, how: "back" | "forth"): void => {
    const step = from.pop();
    if (!step) throw new Error("nothing to take back");
    step[how]();
    to.push(step);
  };
  const port: EditorPort = {
    history: async () => history(),
    add: async (annotation) => {
      const made: Annotation = { ...annotation, id: `a${next++}`, createdAt: "", changedAt: "" };
      did(
        () => annotations.set(made.id, made),
        () => annotations.delete(made.id),
      );
      return made;
    },
    change: async (change) => {
      const before = annotations.get(change.id)!;
      const after = { ...before, ...(change as Partial<Annotation>) };
      did(
        () => annotations.set(change.id, after),
        () => annotations.set(change.id, before),
      );
      return after;
    },
    remove: async (id) => {
      const before = annotations.get(id)!;
      did(
        () => annotations.delete(id),
        () => annotations.set(id, before),
      );
    },
    undo: async () => {
      move(undo, redo, "back");
      return { history: history(), what: "" };
    },
    redo: async () => {
      move(redo, undo, "forth");
      return { history: history(), what: "" };
    },
    addMask: async (one) => {
      const made: MaskSpan = { ...one, id: `m${next++}`, createdAt: "" };
      masks.set(made.id, made);
      return made;
    },
    removeMask: async (id) => {
      if (!masks.delete(id)) throw new Error(`no mask ${id}`);
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
            else if (step === "unmask" && mask) await editor.unmask(mask);
            else continue;
            pictures.push(picture());
          }
          for (let i = pictures.length - 2; i >= 0; i--) {
            expect(await editor.undo()).toBe(true);
            expect(picture()).toBe(pictures[i]);
          }
          expect(await editor.undo()).toBe(false);
          for (let i = 1; i < pictures.length; i++) {
            expect(await editor.redo()).toBe(true);
            expect(picture()).toBe(pictures[i]);
          }
          expect(await editor.redo()).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });
  test("after a restart the library's own history can still be taken back", async () => {
    const { port, annotations } = library();
    await new Editor(port).add(given);
    const reopened = new Editor(port);
    await reopened.refresh();
    expect(reopened.state.getState()).toEqual({ canUndo: true, canRedo: false });
    await reopened.undo();
    expect(annotations.size).toBe(0);
  });
  test("a new edit ends what could be redone", async () => {
    const { port } = library();
    const editor = new Editor(port);
    await editor.add(given);
    await editor.undo();
    await editor.mask(span);
    expect(editor.state.getState().canRedo).toBe(false);
    expect(await editor.redo()).toBe(false);
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
