import { expect, test } from "vitest";
import type { Channel } from "../../../preload/contract/recording.ts";
import { contextOfHeader, knownContext } from "./context.ts";

const channels: Channel[] = [
  {
    ...{ position: 0, label: "FHR", unit: "bpm", role: "fhr", sampleRate: 4, sampleCount: 19_200 },
    ...{ observedCount: 19_200, sampleType: "int16", gain: 0.01, offset: 0 },
  },
];
const header = (facts: Record<string, string>) => contextOfHeader({ facts, channels });

test("weeks and second stage of a CTU-UHB header are taken with the fact that says so", () => {
  const said = header({ "Gest. weeks": "37", "Pos. II.st.": "14400" });
  expect(said).toEqual({
    gestationDays: { value: 259, fact: "Gest. weeks" },
    isLabour: { value: true, fact: "Pos. II.st." },
    secondStageFromS: { value: 3600, fact: "Pos. II.st." },
  });
  expect(knownContext(said, undefined)).toEqual({
    context: { gestationDays: 259, isLabour: true, secondStageFromS: 3600, anchors: [] },
    isSaid: false,
    header: said,
  });
});

test.each([
  [{}],
  [{ "Gest. weeks": "", "Pos. II.st.": "" }],
  [{ "Gest. weeks": "NaN", "Pos. II.st.": "-1" }],
  [{ "Gest. weeks": "0", "Pos. II.st.": "none" }],
  [{ "Gest. weeks": "260" }],
  [{ "Gest. weeks": "1e999", "Pos. II.st.": "1e999" }],
  [{ "Pos. II.st.": "19201" }],
])("nothing is guessed from %j", (facts: Record<string, string>) => {
  expect(header(facts)).toEqual({});
});

test("what a person said counts whole: a fact that they left out is not known, whatever the header says", () => {
  const said = header({ "Gest. weeks": "37" });
  expect(knownContext(said, { isLabour: false, anchors: [] })).toMatchObject({
    context: { isLabour: false, anchors: [] },
    isSaid: true,
    header: said,
  });
  expect(knownContext(said, { anchors: [] }).context).toEqual({ anchors: [] });
});
