import { expect, test } from "vitest";
import { missesMost, missingShareOf } from "../../preload/contract/recording.ts";
import { missingByChannel } from "./missing.ts";

test("a missing share is said by channel, and the single number is that of the channel that misses most", () => {
  const fhr = { label: "FHR", sampleCount: 19_200, observedCount: 15_936 };
  const uc = { label: "UC", sampleCount: 19_200, observedCount: 19_200 };
  const none = { label: "MHR", sampleCount: 0, observedCount: 0 };
  expect(missingByChannel([fhr, uc, none])).toBe("FHR 17.0 %, UC 0 %, MHR 0 %");
  expect(missesMost([none, uc, fhr])).toBe(fhr);
  expect(missesMost([uc, none])).toBe(uc);
  expect(missesMost<typeof fhr>([])).toBeUndefined();
  expect(missingShareOf({ sampleCount: 4, observedCount: 5 })).toBe(0); // counts of a recording that is growing
});
