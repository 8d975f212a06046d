// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { useRef, type ReactNode } from "react";
import { expect, test } from "vitest";
import { createFakeApi } from "../fake/fake.ts";
import { onPage, says, settled } from "../fake/on-page.tsx";
import { useKeys } from "../ui/keys.ts";
import { openPalette, Palette } from "./palette.tsx";

/** A row, and a field beside it that one of the keys leads to. */
function Page(): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  useKeys("Page", [{ keys: "F2", what: "Name it", run: () => field.current?.focus() }]);
  return (
    <>
      <input ref={field} aria-label="name" />
      <button type="button">Row</button>
      <Palette commands={[]} />
    </>
  );
}

test("a field that is chosen in the palette keeps the focus: what is typed then is no key of the page", async () => {
  onPage(<Page />, createFakeApi());
  screen.getByRole("button", { name: "Row" }).focus();
  openPalette();
  await says("Name it");
  await settled();
  fireEvent.click(screen.getByText("Name it"));
  await settled(60);
  expect(document.activeElement).toBe(screen.getByLabelText("name"));
});
