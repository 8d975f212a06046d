// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { idleState } from "../../../preload/contract/acquisition.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, onPage, says } from "../../fake/on-page.tsx";
import { useRecorderDoings } from "./use-recorder-doings.ts";

function Stop(): ReactNode {
  const { stop } = useRecorderDoings({ ...idleState, phase: "recording" });
  return <button onClick={stop}>Stop</button>;
}

function Start(): ReactNode {
  const { start } = useRecorderDoings({ ...idleState, phase: "armed" });
  return <button onClick={start}>Start</button>;
}

test("of two presses in the same moment one begins the recording, and the other is no error", () => {
  const { api, held } = holding(createFakeApi(), "recorder.record");
  onPage(<Start />, api);
  act(() => {
    for (let press = 0; press < 2; press += 1) screen.getByText("Start").click();
  });
  expect(held).toHaveLength(1);
});

test("who ends a recording of which nothing came is told that there is none", async () => {
  const { api, held } = holding(createFakeApi(), "recorder.stop");
  onPage(<Stop />, api);
  for (let press = 0; press < 3; press += 1) fireEvent.click(screen.getByText("Stop"));
  expect(held, "two presses end it, and further ones nothing").toHaveLength(1);
  await held[0]?.answer(); // nothing is under way: it answers that nothing was recorded
  await says("Nothing came from any device, so there is no recording");
});
