import { expect, test } from "vitest";
import type { Agreement } from "../../preload/contract/agreement.ts";
import { agreementText } from "./agreement.ts";

const reader = (name: string, readS: number) => ({ name, recordings: 1, events: 2, readS });

const one = (readers: Agreement["readers"], compared: string[]): Agreement => ({
  ...{ labelSet: "ctg-events", labelSets: ["ctg-events"], readers, compared },
  recordings: [{ id: "1", name: "night", durationS: 2400 }],
  drawn: { unit: "blocks", units: 4 },
  ...{ groups: [], baselines: [], disagreements: [], agreed: [] },
});

test("one reader who was named is not said to be the only one who read", () => {
  const both = [reader("A", 2400), reader("B", 2400)];
  expect(agreementText(one(both, ["B"]))).toMatch(
    /A: .*\(not compared\)\n.*B: .*\nFewer than two readers were named/,
  );
  const alone = agreementText(one([reader("A", 0), reader("B", 2400)], ["B"]));
  expect(alone).toMatch(/Fewer than two readers declared anything read completely/);
});
