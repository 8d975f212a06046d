import { expect, test } from "vitest";
import { SessionSetup } from "./acquisition.ts";
import { strayField } from "./stray-field.ts";

test("a field that the schema does not know is named by its path, however deep it lies", () => {
  const session = {
    subject: "S1",
    kind: "emg",
    devices: [{ protocol: "cyton", port: "a", setup: { own: 1 } }],
  };
  const strayOf = (given: object): string | undefined => strayField(given, SessionSetup.parse(given));
  expect(strayOf(session)).toBeUndefined(); // what lies in a set-up its protocol knows
  expect(strayOf({ ...session, gided: {} })).toBe("gided");
  expect(strayOf({ ...session, devices: [{ ...session.devices[0], sits: [] }] })).toBe("devices.0.sits");
  expect([strayField(1, {}), strayField(null, {}), strayField({}, 1)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
