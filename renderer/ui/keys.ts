import { useEffect, useRef, useSyncExternalStore } from "react";

/**
 * One key of the interface. `keys` is `Mod+K`, `Shift+ArrowLeft`, `?`, `J`, `Enter`: modifiers in the order
 * Mod (Ctrl, on a Mac Cmd), Alt, Shift, then the key as KeyboardEvent.key names it; letters match without regard to case.
 */
export interface KeyBinding {
  readonly keys: string;
  readonly what: string; // in the language on screen
  readonly run: (event: KeyboardEvent) => void;
  readonly enabled?: boolean;
  readonly hint?: boolean; // shown in the foot
  readonly inInputs?: boolean; // also while typing, for Mod+… only
}

export interface KeyGroup {
  readonly id: number;
  readonly name: string;
  readonly exclusive: boolean;
  readonly bindings: readonly KeyBinding[];
}

let groups: readonly KeyGroup[] = [];
const listeners = new Set<() => void>();
const changed = () => {
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** All keys on offer now, in the order they were registered. */
export const useKeyGroups = (): readonly KeyGroup[] => useSyncExternalStore(subscribe, () => groups);

export const isMac = typeof navigator !== "undefined" && /mac/i.test(navigator.userAgent);

/** What was pressed, written as bindings are. */
export function pressed(event: KeyboardEvent): string {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  // With Alt a Mac types other signs, so digits are told by their place on the keyboard.
  const digit = event.altKey ? /^Digit(\d)$/.exec(event.code)?.[1] : undefined;
  const key =
    digit ?? (event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key);
  // A shifted sign such as "?" is named by the sign alone; letters, digits and named keys keep Shift.
  const shift = event.shiftKey && (/^[A-Z0-9]$/.test(key) || key.length > 1);
  return `${mod ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${key}`;
}

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.tagName === "TEXTAREA" ||
    target.tagName === "SELECT" ||
    (target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type)));

/** A field to choose from, which takes no letters: a page's key of one letter is no text there. */
const choosesOnly = (target: EventTarget | null, keys: string): boolean =>
  target instanceof HTMLInputElement && target.readOnly && /^[A-Z]$/.test(keys);

/** Where Up and Down scroll: marks a region that can have the focus. */
export const scrolls = { "data-scrolls": "" } as const;

/** Enter and Space belong to the control that has the focus, arrows to the list or slider that has it, or to what scrolls. */
function belongsToControl(target: EventTarget | null, keys: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (keys === "Enter" || keys === "Space")
    return target.closest("button, a[href], [role=option], [role=menuitem], summary, input") !== null;
  if (keys.startsWith("Arrow"))
    return (
      (/Up|Down/.test(keys) && "scrolls" in target.dataset && target.scrollHeight > target.clientHeight) ||
      target.closest(
        "[role=radiogroup], [role=slider], [role=listbox], [role=menu], [role=tablist], input",
      ) !== null
    );
  return false;
}

/** The binding a key event means: the newest group first; an exclusive group (a dialog) hides those beneath it. */
export function bindingFor(event: KeyboardEvent, from: readonly KeyGroup[] = groups): KeyBinding | undefined {
  // "Process" is the key an input method has taken before `isComposing` is set.
  if (event.isComposing || event.key === "Process" || event.defaultPrevented) return undefined;
  const keys = pressed(event);
  const typing = isTyping(event.target) && !choosesOnly(event.target, keys);
  for (const group of [...from].reverse()) {
    const found = group.bindings.find((one) => one.keys === keys && one.enabled !== false);
    if (
      found &&
      (!typing || (found.inInputs === true && keys.startsWith("Mod+"))) &&
      !belongsToControl(event.target, keys)
    )
      return found;
    if (group.exclusive) return undefined;
  }
  return undefined;
}

/**
 * What was on offer when a key went down: a dialog that closes on Escape is gone before the page hears of the key.
 * Listening begins with the module, ahead of every dialog.
 */
let offered = groups;
if (typeof window !== "undefined")
  window.addEventListener(
    "keydown",
    (event) => {
      offered = groups;
      if (!isSwallowed(event)) return;
      onKeyDown(event);
      if (event.defaultPrevented) event.stopPropagation();
    },
    { capture: true },
  );

/** A closed list of choices opens with Enter, whatever is held beside it: what starts with Mod+Enter is meant for the page. */
const isSwallowed = (event: KeyboardEvent): boolean =>
  event.target instanceof HTMLElement &&
  event.target.getAttribute("aria-haspopup") === "listbox" &&
  event.target.getAttribute("aria-expanded") !== "true" &&
  pressed(event) === "Mod+Enter";

/** A key held down goes on moving, zooming, undoing. It never goes on deleting, starting or opening. */
export const repeats = (keys: string): boolean =>
  /(^|\+)(Arrow(Left|Right|Up|Down)|Page(Up|Down))$|^[-+[\]]$|^Mod\+(Shift\+)?[ZY]$/.test(keys);

/** Ends typing, which saves what was typed: for what may take the field away. */
export function leaveField(): void {
  const active = document.activeElement;
  if (active instanceof HTMLElement && isTyping(active)) active.blur();
}

function onKeyDown(event: KeyboardEvent): void {
  const binding = bindingFor(event, offered);
  if (!binding) return;
  event.preventDefault();
  if (event.repeat && !repeats(binding.keys)) return;
  leaveField();
  binding.run(event);
}

/** Does what `keys` would, wherever the focus is: for the menu. False when nothing offers them now. */
export function runKeys(keys: string): boolean {
  for (const group of [...groups].reverse()) {
    const found = group.bindings.find((one) => one.keys === keys && one.enabled !== false);
    if (found) {
      found.run(new KeyboardEvent("keydown"));
      return true;
    }
    if (group.exclusive) return false;
  }
  return false;
}

/** Offers a group of keys, or what has become of it in its place. What is new lies on top, yet never on a dialog. */
export function offer(group: KeyGroup): void {
  if (groups.some((one) => one.id === group.id))
    groups = groups.map((one) => (one.id === group.id ? group : one));
  else {
    const dialog = group.exclusive ? -1 : groups.findIndex((one) => one.exclusive);
    groups = groups.toSpliced(dialog < 0 ? groups.length : dialog, 0, group);
  }
  changed();
}

export function withdraw(id: number): void {
  groups = groups.filter((one) => one.id !== id);
  changed();
}

let listening = false;
let nextId = 1;

/**
 * Offers keys while the component is there: they work, and the `?` overlay lists them under `name`.
 * `exclusive` is for dialogs: keys beneath are off until it closes.
 */
export function useKeys(
  name: string,
  bindings: readonly KeyBinding[],
  options: { readonly exclusive?: boolean; readonly enabled?: boolean } = {},
): void {
  const latest = useRef(bindings);
  const id = useRef(0);
  const exclusive = options.exclusive ?? false;
  const enabled = options.enabled ?? true;
  const shape = bindings
    .map((one) => `${one.keys} ${one.what} ${one.enabled !== false} ${one.hint === true}`)
    .join("\n");
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    if (!enabled) return;
    if (!listening && typeof window !== "undefined") {
      window.addEventListener("keydown", onKeyDown);
      listening = true;
    }
    id.current = id.current || nextId++;
    offer({
      id: id.current,
      name,
      exclusive,
      // The latest closure runs even though the group is only replaced when its shape changes.
      bindings: latest.current.map((one, i) => ({ ...one, run: (event) => latest.current[i]?.run(event) })),
    });
  }, [name, exclusive, enabled, shape]);
  // Only the end of it takes the group away: one that changes keeps its place beneath a dialog.
  useEffect(() => (enabled ? () => withdraw(id.current) : undefined), [enabled]);
}

const signs: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
  Backspace: "⌫",
  PageUp: "PgUp",
  PageDown: "PgDn",
  Enter: "Enter",
  Space: "Space",
  ContextMenu: "Menu",
  Shift: "Shift",
  Alt: isMac ? "⌥" : "Alt",
  Mod: isMac ? "⌘" : "Ctrl",
};
/** `Mod+K` as key caps: ["Ctrl", "K"]. */
export const keyCaps = (keys: string): readonly string[] =>
  (keys === "+" ? ["+"] : keys.split("+")).map((part) => signs[part] ?? part);
