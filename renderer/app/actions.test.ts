import { expect, test } from "vitest";
import type { KeyGroup } from "../ui/keys.ts";
import { actionsOf } from "./actions.ts";

const run = () => undefined;
const group = (id: number, name: string, bindings: KeyGroup["bindings"], exclusive = false): KeyGroup => ({
  id,
  name,
  exclusive,
  bindings,
});
const groups = [
  group(1, "Application", [{ keys: "Mod+K", what: "Find", run }]),
  group(2, "Library", [
    { keys: "E", what: "Export", run },
    { keys: "Delete", what: "Move to bin", run, enabled: false },
  ]),
  group(3, "Review", [
    { keys: "Mod+Shift+Z", what: "Redo", run },
    { keys: "Mod+Y", what: "Redo", run },
  ]),
  group(4, "Dialog", [{ keys: "Mod+Enter", what: "Start", run }], true),
];
const listed = (query: string) =>
  actionsOf(groups, query, "Application").map(({ name, actions }) => [
    name,
    actions.map(({ keys, what }) => `${what} ${keys}`),
  ]);

test("the palette lists what the page can do now, once each, with its key", () => {
  expect(listed("")).toEqual([
    ["Library", ["Export E"]],
    ["Review", ["Redo Mod+Shift+Z"]],
  ]);
});

test("words of the query are found in the action or in its group", () => {
  expect(listed("exp")).toEqual([["Library", ["Export E"]]]);
  expect(listed("review re")).toEqual([["Review", ["Redo Mod+Shift+Z"]]]);
  expect(listed("start")).toEqual([]);
});
