// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { useRef, useState, type ReactNode } from "react";
import { expect, test } from "vitest";
import { createFakeApi } from "../fake/fake.ts";
import { onPage, press, says, settled } from "../fake/on-page.tsx";
import { ContextMenu, type MenuPlace } from "./context-menu.tsx";
import { useKeys } from "./keys.ts";

/** A row, and a field beside it that one of the keys leads to. */
function Page(): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  const [place, setPlace] = useState<MenuPlace>();
  useKeys("Page", [{ keys: "F2", what: "Name it", run: () => field.current?.focus() }]);
  return (
    <>
      <input ref={field} aria-label="name" />
      <button type="button" onClick={() => setPlace({ x: 0, y: 0 })}>
        Row
      </button>
      <ContextMenu title="Menu" groups={["Page"]} place={place} close={() => setPlace(undefined)} />
    </>
  );
}

async function opened(): Promise<HTMLElement> {
  onPage(<Page />, createFakeApi());
  const row = screen.getByRole("button", { name: "Row" });
  row.focus();
  fireEvent.click(row);
  await says("Name it");
  await settled();
  return row;
}

test("a field that is chosen in the menu keeps the focus: what is typed then is no key of the page", async () => {
  await opened();
  fireEvent.click(screen.getByRole("menuitem", { name: /Name it/ }));
  await settled(60);
  expect(document.activeElement).toBe(screen.getByLabelText("name"));
  expect(screen.queryByRole("menuitem")).toBeNull();
});

test("a menu that is left gives the focus back to where it was", async () => {
  const row = await opened();
  screen.getByRole("menuitem", { name: /Name it/ }).focus();
  press("Escape");
  await settled(60);
  expect(document.activeElement).toBe(row);
  expect(screen.queryByRole("menuitem")).toBeNull();
});
