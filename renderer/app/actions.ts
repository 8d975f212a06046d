import { fold } from "../../preload/contract/listing.ts";
import type { KeyBinding, KeyGroup } from "../ui/keys.ts";

/** Every word of the query somewhere in the text, whatever its case, width or kana. */
export const matches = (text: string, query: string): boolean => {
  const folded = fold(text);
  return fold(query)
    .split(/\s+/)
    .every((word) => folded.includes(word));
};

export interface ActionGroup {
  readonly name: string;
  readonly actions: readonly KeyBinding[];
}

/**
 * What the page on screen can do now, by group, as its keys say it. An action with several keys is listed once, under
 * the first; `except` names the group the palette lists itself.
 */
export function actionsOf(
  groups: readonly KeyGroup[],
  query: string,
  except: string,
): readonly ActionGroup[] {
  return groups
    .filter((group) => !group.exclusive && group.name !== except)
    .map(({ name, bindings }) => {
      const seen = new Set<string>();
      const actions = bindings.filter(({ what, enabled }) => {
        if (enabled === false || seen.has(what) || !matches(`${name} ${what}`, query)) return false;
        seen.add(what);
        return true;
      });
      return { name, actions };
    })
    .filter(({ actions }) => actions.length > 0);
}
