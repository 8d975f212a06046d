// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { createFakeApi } from "../../fake/fake.ts";
import { onPage, says } from "../../fake/on-page.tsx";
import { emptyDraft, type Draft } from "./draft.ts";
import { SplitPanel } from "./split-panel.tsx";

test("of many people some are drawn, the others when they are asked for or looked for by name", async () => {
  const parts: Draft["parts"] = Object.fromEntries(
    Array.from({ length: 120 }, (_, i) => [`P-${String(i).padStart(3, "0")}`, "train"] as const),
  );
  onPage(
    <SplitPanel draft={{ ...emptyDraft, parts }} preview={undefined} canCross={false} />,
    createFakeApi(),
  );
  await says("The first 50 of 120");
  const rows = (): number => screen.getAllByRole("radiogroup").length;
  expect(rows()).toBe(50);
  fireEvent.click(screen.getByText("Show more"));
  await says("The first 100 of 120");
  expect(rows()).toBe(100);
  fireEvent.change(screen.getByRole("textbox", { name: "Find a person" }), { target: { value: "P-11" } });
  await says("P-119");
  expect(rows()).toBe(10);
  expect(screen.queryByText("Show more")).toBeNull();
});
