import { expect, test, vi } from "vitest";
import {
  bindingFor,
  keyCaps,
  offer,
  pressed,
  repeats,
  runKeys,
  withdraw,
  type KeyBinding,
  type KeyGroup,
} from "./keys.ts";

class Element {
  readonly tagName: string;
  readonly type: string;
  readonly isContentEditable = false;
  readonly dataset: Readonly<Record<string, string>> = {};
  constructor(tagName: string, type = "text") {
    this.tagName = tagName;
    this.type = type;
  }
  closest(): null {
    return null;
  }
}
vi.stubGlobal("HTMLElement", Element);
class Field extends Element {
  readOnly = false;
}
vi.stubGlobal("HTMLInputElement", Field);
vi.stubGlobal("KeyboardEvent", Event);

const event = (key: string, more: Partial<KeyboardEvent> = {}): KeyboardEvent =>
  ({
    key,
    code: "",
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    defaultPrevented: false,
    target: null,
    ...more,
  }) as KeyboardEvent;
const binding = (keys: string, more: Partial<KeyBinding> = {}): KeyBinding => ({
  keys,
  what: keys,
  run: () => undefined,
  ...more,
});
const group = (bindings: readonly KeyBinding[], exclusive = false): KeyGroup => ({
  id: 1,
  name: "g",
  exclusive,
  bindings,
});

test("letters match without regard to case, signs by the sign, named keys with their modifiers", () => {
  expect(pressed(event("e"))).toBe("E");
  expect(pressed(event("E", { shiftKey: true }))).toBe("Shift+E");
  expect(pressed(event("?", { shiftKey: true }))).toBe("?");
  expect(pressed(event("k", { ctrlKey: true }))).toBe("Mod+K");
  expect(pressed(event("ArrowLeft", { shiftKey: true }))).toBe("Shift+ArrowLeft");
  expect(pressed(event("¡", { altKey: true, code: "Digit1" }))).toBe("Alt+1");
  expect(pressed(event(" "))).toBe("Space");
});

test("no key fires while Japanese input is being composed", () => {
  const groups = [group([binding("E"), binding("Enter")])];
  expect(bindingFor(event("e"), groups)?.keys).toBe("E");
  expect(bindingFor(event("Enter", { isComposing: true }), groups)).toBeUndefined();
  expect(bindingFor(event("Process", { code: "KeyE" }), groups)).toBeUndefined();
});

test("letters typed into a field stay there; a command with Mod that allows it still works", () => {
  const target = new Element("TEXTAREA") as unknown as HTMLElement;
  const groups = [group([binding("E"), binding("Mod+Z"), binding("Mod+K", { inInputs: true })])];
  expect(bindingFor(event("e", { target }), groups)).toBeUndefined();
  expect(bindingFor(event("z", { ctrlKey: true, target }), groups)).toBeUndefined();
  expect(bindingFor(event("k", { ctrlKey: true, target }), groups)?.keys).toBe("Mod+K");
});

test("the newest group wins, and a dialog hides the keys beneath it", () => {
  const below = group([binding("E", { what: "below" }), binding("J")]);
  expect(bindingFor(event("e"), [below, group([binding("E", { what: "above" })])])?.what).toBe("above");
  const dialog = group([binding("Mod+Enter")], true);
  expect(bindingFor(event("j"), [below, dialog])).toBeUndefined();
  expect(bindingFor(event("Enter", { ctrlKey: true }), [below, dialog])?.keys).toBe("Mod+Enter");
});

test("a page that changes or comes under an open dialog stays beneath it", () => {
  const ran: string[] = [];
  const keys = (what: string) => [binding("R", { run: () => ran.push(what) })];
  offer({ ...group(keys("page")), id: 1 });
  offer({ ...group([], true), id: 2 });
  offer({ ...group(keys("changed page")), id: 1 });
  offer({ ...group(keys("new page")), id: 3 });
  expect(runKeys("R")).toBe(false);
  withdraw(2);
  expect(runKeys("R")).toBe(true);
  expect(ran).toEqual(["new page"]);
  withdraw(3);
  runKeys("R");
  expect(ran).toEqual(["new page", "changed page"]);
  withdraw(1);
  expect(runKeys("R")).toBe(false);
});

test("a binding that is off leaves the key to the next group", () => {
  const groups = [group([binding("E", { what: "below" })]), group([binding("E", { enabled: false })])];
  expect(bindingFor(event("e"), groups)?.what).toBe("below");
});

test("Enter on a button belongs to the button", () => {
  const target = new (class extends Element {
    override closest(): null {
      return this as unknown as null;
    }
  })("BUTTON") as unknown as HTMLElement;
  expect(bindingFor(event("Enter", { target }), [group([binding("Enter")])])).toBeUndefined();
});

test("up and down scroll the region that has the focus, where there is more than fits", () => {
  const region = (scrollHeight: number) =>
    Object.assign(new Element("SECTION"), {
      dataset: { scrolls: "" },
      clientHeight: 400,
      scrollHeight,
    }) as unknown as HTMLElement;
  const groups = [group([binding("ArrowDown"), binding("ArrowRight")])];
  expect(bindingFor(event("ArrowDown", { target: region(900) }), groups)).toBeUndefined();
  expect(bindingFor(event("ArrowDown", { target: region(400) }), groups)?.keys).toBe("ArrowDown");
  expect(bindingFor(event("ArrowRight", { target: region(900) }), groups)?.keys).toBe("ArrowRight");
});

test("a key held down moves on, and never deletes, starts or labels again", () => {
  for (const keys of [
    "ArrowLeft",
    "Shift+ArrowRight",
    "Mod+Shift+ArrowLeft",
    "PageDown",
    "+",
    "[",
    "Mod+Z",
    "Mod+Shift+Z",
  ])
    expect(repeats(keys), keys).toBe(true);
  for (const keys of ["Delete", "Backspace", "Enter", "Mod+Enter", "D", "Z", "Mod+O", "Escape"])
    expect(repeats(keys), keys).toBe(false);
});

test("key caps are shown one a key", () => {
  expect(keyCaps("Mod+K")).toEqual(["Ctrl", "K"]);
  expect(keyCaps("Shift+ArrowLeft")).toEqual(["Shift", "←"]);
  expect(keyCaps("+")).toEqual(["+"]);
});

test("a letter is a key also where a field is chosen from, which takes no text", () => {
  const bindings = [
    { keys: "W", what: "switch", run: () => undefined },
    { keys: "ArrowDown", what: "next", run: () => undefined },
  ];
  const group: KeyGroup = { id: 1, name: "dialog", bindings, exclusive: true };
  const field = Object.assign(new Field("INPUT"), { closest: () => ({}) });
  const pressedIn = (key: string) =>
    bindingFor(event(key, { target: field as unknown as EventTarget }), [group])?.what;
  expect([pressedIn("w"), pressedIn("ArrowDown")]).toEqual([undefined, undefined]);
  field.readOnly = true;
  expect([pressedIn("w"), pressedIn("ArrowDown")]).toEqual(["switch", undefined]);
});
