import { notificationsStore } from "@mantine/notifications";
import { expect, test } from "vitest";
import { hideNote, notifyUndoable } from "./notify.tsx";

test("a second note takes the place of the first, and its offer stands until it has gone itself", () => {
  const gone: string[] = [];
  const say = (message: string) =>
    notifyUndoable({
      id: "bin",
      message,
      testId: "undo",
      undo: () => undefined,
      onGone: () => gone.push(message),
    });
  say("first");
  say("second");
  expect(notificationsStore.getState().notifications).toHaveLength(1);
  expect(gone).toEqual([]);
  hideNote("bin");
  expect(gone).toEqual(["second"]);
});
