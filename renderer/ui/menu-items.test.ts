import { expect, test } from "vitest";
import type { KeyBinding, KeyGroup } from "./keys.ts";
import { menuSections } from "./menu-items.ts";

const one = (keys: string, what: string, more: Partial<KeyBinding> = {}): KeyBinding => ({
  keys,
  what,
  run: () => undefined,
  ...more,
});
const group = (id: number, name: string, bindings: readonly KeyBinding[]): KeyGroup => ({
  id,
  name,
  exclusive: false,
  bindings,
});

test("the menu holds every action of the page that can be done now, once, and nothing of the shell", () => {
  const groups = [
    group(1, "Kodo", [one("Mod+K", "Find")]),
    group(2, "Review", [
      one("Shift+ArrowLeft", "Back"),
      one("Delete", "Delete"),
      one("Backspace", "Delete"),
      one("Enter", "Accept", { enabled: false }),
      one("Shift+F10", "Menu"),
      one("ContextMenu", "Menu"),
    ]),
    group(3, "Labels", [one("A", "Acceleration")]),
    { ...group(4, "Labels", [one("X", "Of a dialog")]), exclusive: true },
  ];
  const listed = menuSections(groups, ["Labels", "Review", "Nothing"]).map(({ name, items }) => [
    name,
    items.map(({ keys }) => keys),
  ]);
  expect(listed).toEqual([
    ["Labels", ["A"]],
    ["Review", ["Delete", "Shift+ArrowLeft"]],
  ]);
});
