import type { KeyBinding, KeyGroup } from "./keys.ts";

/** Keys that open the menu itself; it does not list them. */
export const menuKeys = ["Shift+F10", "ContextMenu"] as const;

export interface MenuSection {
  readonly name: string;
  readonly items: readonly KeyBinding[];
}

/** Keys that lead somewhere else; whoever opens a menu mostly wants something done where they are. */
const isMove = ({ keys }: KeyBinding): boolean => /Arrow|Page(Up|Down)/.test(keys);

/**
 * Everything the page can do now, from the same bindings that the keys and the palette use: sections in the order asked
 * for, an action with several keys once, under its first, and moves after all else of their section.
 */
export function menuSections(groups: readonly KeyGroup[], names: readonly string[]): readonly MenuSection[] {
  const seen = new Set<string>();
  return names
    .map((name) => ({
      name,
      items: groups
        .filter((group) => group.name === name && !group.exclusive)
        .flatMap((group) => group.bindings)
        .filter((one) => {
          const isOffered =
            one.enabled !== false && !menuKeys.some((key) => key === one.keys) && !seen.has(one.what);
          if (isOffered) seen.add(one.what);
          return isOffered;
        })
        .sort((a, b) => Number(isMove(a)) - Number(isMove(b))),
    }))
    .filter(({ items }) => items.length > 0);
}
