import { Menu } from "@mantine/core";
import { useEffect, useRef, type ReactNode } from "react";
import { useKeyGroups, useKeys, type KeyBinding } from "./keys.ts";
import { menuSections } from "./menu-items.ts";
import { Keys } from "./widgets.tsx";

const noKeys: readonly KeyBinding[] = [];

export interface MenuPlace {
  readonly x: number; // CSS pixels of the window
  readonly y: number;
}

/** All that can be done where one is, with its keys: by the right button, the menu key or Shift+F10. It stays in the window. */
export function ContextMenu({
  title,
  groups,
  place,
  close,
}: {
  readonly title: string;
  readonly groups: readonly string[]; // names of the groups of keys whose actions it lists, in this order
  readonly place: MenuPlace | undefined;
  readonly close: () => void;
}): ReactNode {
  const sections = menuSections(useKeyGroups(), groups);
  useKeys(title, noKeys, { exclusive: true, enabled: place !== undefined });
  const from = useRef<Element>(null);
  useEffect(() => {
    if (place !== undefined) from.current = document.activeElement;
  }, [place]);
  /** The focus goes back before anything is done, which may put it elsewhere: into a field that is to be typed in. */
  const leave = (): void => {
    close();
    if (from.current instanceof HTMLElement) from.current.focus({ preventScroll: true });
  };
  return (
    <Menu
      opened={place !== undefined}
      onClose={leave}
      position="bottom-start"
      middlewares={{ flip: false, shift: { crossAxis: true, padding: 8 } }}
      offset={2}
      withinPortal
      returnFocus={false}
    >
      <Menu.Target>
        <span
          style={{ position: "fixed", left: place?.x ?? 0, top: place?.y ?? 0, width: 1, height: 1 }}
          aria-hidden
        />
      </Menu.Target>
      <Menu.Dropdown mah="min(70vh, 560px)" style={{ overflowY: "auto" }} data-testid="context-menu">
        {sections.map(({ name, items }) => (
          <div key={name} role="group" aria-label={name}>
            <Menu.Label>{name}</Menu.Label>
            {items.map((one) => (
              <Menu.Item
                key={one.keys}
                rightSection={<Keys keys={one.keys} />}
                closeMenuOnClick={false}
                onClick={() => {
                  leave();
                  one.run(new KeyboardEvent("keydown"));
                }}
              >
                {one.what}
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
