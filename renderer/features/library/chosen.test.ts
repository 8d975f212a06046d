import { expect, test } from "vitest";
import type { Selection } from "../../../preload/contract/listing.ts";
import { isNothing, isTicked, named, nothing, passing, toggled } from "./chosen.ts";

const filtered: Selection = {
  ...{ kind: "filtered", filter: { query: "ward", kind: "all", filter: "all" }, newest: 9 },
  ...{ except: [], also: [] },
};

test("ticks by name come and go one by one", () => {
  const one = toggled(nothing, "a", false);
  expect([isNothing(nothing), isNothing(one), isTicked(one, "a", false), isTicked(one, "b", true)]).toEqual([
    ...[true, false, true, false],
  ]);
  expect(toggled(one, "a", true)).toEqual(nothing);
  expect(passing(one)).toBeUndefined();
});

test("of all that a filter chose one is left out and taken back, and another ticked besides", () => {
  const without = toggled(filtered, "a", true);
  expect(without).toMatchObject({ except: ["a"], also: [] });
  expect([isTicked(without, "a", true), isTicked(without, "b", true)]).toEqual([false, true]);
  expect(toggled(without, "a", true)).toEqual(filtered);
  const besides = toggled(without, "new", false);
  expect(besides).toMatchObject({ except: ["a"], also: ["new"] });
  expect([isTicked(besides, "new", false), isTicked(besides, "other", false)]).toEqual([true, false]);
  expect(passing(besides)).toEqual(filtered);
  expect(isNothing(besides)).toBe(false);
});

test("names are listed whole while they are few, and counted after that", () => {
  const names = Array.from({ length: 7 }, (_, i) => `CTG ${i + 1}`);
  expect(named(names.slice(0, 1), "en")).toBe("CTG 1");
  expect(named(names.slice(0, 4), "en")).toBe("CTG 1, CTG 2, CTG 3 and CTG 4");
  expect(named(names, "en")).toBe("CTG 1, CTG 2, CTG 3 and 4 more");
  expect(named(names.slice(0, 2), "ja")).toBe("CTG 1、CTG 2");
  expect(named(names, "ja")).toBe("CTG 1、CTG 2、CTG 3、ほか4件");
  expect(named(names.slice(0, 4), "en", 3, 100_000)).toBe("CTG 1, CTG 2, CTG 3 and 99997 more");
});
