import { notificationsStore } from "@mantine/notifications";
import { expect, test, vi } from "vitest";
import { request } from "../../../bridge/client.ts";
import type { FakeOptions } from "../../../fake/fake.ts";
import { ctgEvents, emgGestures } from "../../../fake/study.ts";
import { change } from "../../../state/viewport.ts";
import { bookOf, type ReviewEvent } from "./events.ts";
import { labellingOf, type LabellingOf } from "./labelling.ts";
import { reviewed } from "../reviewing.fixtures.ts";

const sets = [ctgEvents, emgGestures];

function labelOf(code: string) {
  const found = ctgEvents.labels.find((label) => label.code === code);
  if (!found) throw new Error(`no label ${code}`);
  return found;
}

async function labelling(options: FakeOptions = {}) {
  const review = await reviewed(options);
  const masking = { add: vi.fn(), remove: vi.fn() };
  const readings = { declare: vi.fn(() => Promise.resolve("already" as const)) };
  const none = { event: undefined, selectedSpan: undefined, accepted: undefined, acceptable: undefined };
  const before = new Set((await review.events()).map(({ id }) => id));
  return {
    ...review,
    masking,
    readings,
    /** The doings as they are for one state of the page. */
    at: (given: Partial<LabellingOf> = {}) =>
      labellingOf(review.reviewing, {
        ...{ editor: review.editor, author: "A. Mori", data: { sets, book: bookOf(sets) }, set: ctgEvents },
        ...{ predictedSet: undefined, channel: undefined, selected: none, masking, readings },
        ...given,
      }),
    fresh: async () => (await review.events()).filter(({ id }) => !before.has(id)),
  };
}

const selecting = (event: ReviewEvent): LabellingOf["selected"] => ({
  ...{ event, accepted: undefined },
  selectedSpan: { fromS: event.onsetS, toS: event.onsetS + event.durationS },
  acceptable: event.annotation.source === "model" ? event : undefined,
});

test("a key begins a label at the cursor and ends it where it is pressed again, also backwards in time", async () => {
  const { at, fresh, cursorAt, last, reviewing } = await labelling();
  cursorAt(120);
  at().pressLabel(labelOf("contraction"));
  expect(last()).toBe("Contraction begins at 00:02:00.0");
  cursorAt(80);
  at().pressLabel(labelOf("contraction"));
  await vi.waitFor(() => expect(last()).toBe("Contraction added, 00:01:20.0 to 00:02:00.0"));
  const [made] = await fresh();
  expect(made).toMatchObject({ onsetS: 80, durationS: 40 });
  expect(reviewing.place.selection.getState()).toMatchObject({
    pending: undefined,
    selected: { kind: "annotation", id: made?.id },
  });
});

test("a range is labelled at once while it is in sight; out of sight the cursor begins a label instead", async () => {
  const { at, fresh, rangeAt, cursorAt, last, reviewing } = await labelling();
  const { viewport, selection } = reviewing.place;
  rangeAt(10, 40);
  change(viewport, (now) => ({ ...now, startS: 300 }));
  cursorAt(310);
  at().pressLabel(labelOf("acceleration"));
  expect(selection.getState()).toMatchObject({ range: undefined, pending: { startS: 310 } });
  rangeAt(320, 350);
  at().pressLabel(labelOf("acceleration"));
  await vi.waitFor(() => expect(last()).toContain("added"));
  expect(await fresh()).toMatchObject([{ onsetS: 320, durationS: 30 }]);
});

test("a label the library refuses stays begun, so that its end can be set again, and the failure is told", async () => {
  const { at, fresh, cursorAt, reviewing } = await labelling({ failing: ["annotations.add"] });
  cursorAt(50);
  at().pressLabel(labelOf("contraction"));
  cursorAt(90);
  at().pressLabel(labelOf("contraction"));
  await vi.waitFor(() => expect(notificationsStore.getState().notifications).not.toHaveLength(0));
  expect(await fresh()).toEqual([]);
  expect(reviewing.place.selection.getState().pending).toEqual({ label: "contraction", startS: 50 });
});

test("what a model offers is taken as a reader's own, but never where the reader does not see it", async () => {
  const { at, fresh, last, reviewing } = await labelling();
  const accepted = { label: "deceleration", fromS: -1, toS: 30, certainty: 0.9 };
  const selected = { event: undefined, selectedSpan: undefined, accepted, acceptable: undefined };
  change(reviewing.place.viewport, (now) => ({ ...now, startS: 300 }));
  at({ selected, predictedSet: "ctg-events" }).accept();
  expect(last()).toBe("Nothing that is selected is in sight");
  change(reviewing.place.viewport, (now) => ({ ...now, startS: 0 }));
  at({ selected, predictedSet: "ctg-events" }).accept();
  await vi.waitFor(async () => expect(await fresh()).toHaveLength(1));
  expect((await fresh())[0]).toMatchObject({
    ...{ onsetS: 0, durationS: 30 },
    annotation: { author: "A. Mori", source: "person", label: "deceleration" },
  });
});

test("a point is moved, never stretched; a note that was not changed is not stored", async () => {
  const { at, events, fresh, cursorAt, editor } = await labelling();
  cursorAt(60);
  at().pressLabel(labelOf("note"));
  await vi.waitFor(async () => expect(await fresh()).toHaveLength(1));
  const [point] = await fresh();
  if (!point) throw new Error("a note was added");
  const changes = vi.spyOn(editor, "change");
  const doings = at({ selected: selecting(point) });
  doings.nudge("end", 1);
  doings.setNote("");
  expect(changes).not.toHaveBeenCalled();
  doings.nudge("middle", 1); // a pixel, here half a second
  await vi.waitFor(async () =>
    expect((await events()).find(({ id }) => id === point.id)).toMatchObject({ onsetS: 60.5, durationS: 0 }),
  );
});

test("what cannot be read is said of the label of the same set, else of the stretch, else the stretch is masked", async () => {
  const { at, events, fresh, rangeAt, masking } = await labelling();
  const own = (await events()).find(
    ({ annotation, onsetS }) => annotation.labelSet === "ctg-events" && onsetS < 400,
  );
  if (!own) throw new Error("the study has labels");
  at({ selected: selecting(own) }).markNotAssessable();
  await vi.waitFor(async () =>
    expect((await events()).find(({ id }) => id === own.id)?.annotation.label).toBe("not-analysable"),
  );
  rangeAt(100, 130);
  at().markNotAssessable();
  await vi.waitFor(async () => expect(await fresh()).toMatchObject([{ onsetS: 100, durationS: 30 }]));
  at({ set: { ...ctgEvents, labels: [] } }).markNotAssessable();
  expect(masking.add).toHaveBeenCalledExactlyOnceWith(undefined);
});

test("deleting takes the label, else the mask; what was deleted comes back by undo", async () => {
  const { at, events, masking, editor, reviewing } = await labelling();
  at().remove();
  expect(masking.remove).toHaveBeenCalledOnce();
  const [first, ...others] = await events();
  if (!first) throw new Error("the study has labels");
  at({ selected: selecting(first) }).remove();
  await vi.waitFor(async () => expect(await events()).toEqual(others));
  await editor.undo();
  expect(await events()).toEqual([first, ...others]);
  expect(await request("annotations.history", { recordingId: reviewing.recordingId })).toEqual({
    undo: 0,
    redo: 1,
  });
});

test("without a range the whole recording is declared read", async () => {
  const { at, readings, last, rangeAt, reviewing } = await labelling();
  at().declareRead();
  rangeAt(20, 20); // begun, no length yet
  at().declareRead();
  rangeAt(20, 50);
  at().declareRead();
  const whole = { fromS: 0, toS: reviewing.durationS };
  const part = { fromS: 20, toS: 50 };
  expect(readings.declare.mock.calls).toEqual([whole, whole, part].map((stretch) => [stretch, undefined]));
  await vi.waitFor(() => expect(last()).toContain("already"));
});
