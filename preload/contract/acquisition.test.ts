import { expect, test } from "vitest";
import { SessionSetup } from "./acquisition.ts";
import { NAME_MAX } from "./recording.ts";

const setup = (subject: string, study = "") =>
  SessionSetup.safeParse({
    ...{ subject, study, name: subject, kind: "emg" },
    devices: [{ protocol: "cobs", port: "simulated:cobs" }],
  });

test("whom a recording is about is one line that shows what it says, whatever was pasted", () => {
  expect(setup("\u0007 S-1\n\u202e2 ", "ward\t3\u0000").data).toMatchObject({
    ...{ subject: "S-1  2", name: "  S-1  2 ", study: "ward 3 " },
  });
  const long = "産".repeat(NAME_MAX);
  expect(setup(long, long).data).toMatchObject({ subject: long, study: long });
  for (const wrong of ["", " \n\u0000\u2066", `${long}婦`, "S".repeat(10_000)])
    expect(setup(wrong).success, JSON.stringify(wrong.slice(0, 8))).toBe(false);
});
