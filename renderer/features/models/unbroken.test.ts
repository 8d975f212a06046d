import { expect, test } from "vitest";
import { unbroken } from "./unbroken.ts";

test.each([
  ["97.5 ± 0.3 %, error 0.006", "97.5\u00a0±\u00a00.3\u00a0%, error 0.006"],
  ["no difference shown [−2.3, 0.3] (13 people)", "no difference shown [−2.3,\u00a00.3] (13 people)"],
  ["差は示されません［−2.3, 0.3］", "差は示されません［−2.3,\u00a00.3］"],
  ["of 3, 2 better [s, e]", "of 3, 2 better [s, e]"],
])("no line ends within a figure of %s", (text, kept) => {
  expect(unbroken(text)).toBe(kept);
});
