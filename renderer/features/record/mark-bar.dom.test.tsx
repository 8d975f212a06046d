// @vitest-environment happy-dom
import { createEvent, fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { sure } from "../../../preload/contract/sure.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { onPage } from "../../fake/on-page.tsx";
import { ctgEvents } from "../../fake/study.ts";
import { MarkBar } from "./mark-bar.tsx";

test("a button is pressed when the pointer goes down on it, or by a key, and not when the page hears of it", () => {
  const pressed: [string, number][] = [];
  const nothing = (): void => undefined;
  onPage(
    <MarkBar
      set={ctgEvents}
      begun={new Map()}
      note={undefined}
      onPress={(label, pressedMs) => pressed.push([label.code, pressedMs])}
      onNoteSaved={nothing}
      onNoteLeft={nothing}
    />,
    createFakeApi(),
  );
  const button = sure(screen.getAllByTestId("record-mark")[0]);
  const happened = (event: Event, timeStamp: number): void => {
    Object.defineProperty(event, "timeStamp", { value: timeStamp });
    fireEvent(button, event);
  };
  happened(createEvent.pointerDown(button), 1.25);
  happened(createEvent.click(button, { detail: 1 }), 2.5);
  happened(createEvent.click(button, { detail: 0 }), 3.75);
  happened(createEvent.click(button, { detail: 1 }), 4.5); // of a tool that says nothing of a pointer before
  expect(pressed).toEqual([
    [button.dataset["label"], 1.25],
    [button.dataset["label"], 3.75],
    [button.dataset["label"], 4.5],
  ]);
});
