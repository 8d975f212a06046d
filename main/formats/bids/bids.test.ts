import { describe, expect, test } from "vitest";
import { build, type Part } from "../edf/edf-builder.test-support.ts";
import type { ByteSource } from "../format.ts";
import { bytesSource, readWhole } from "../memory.ts";
import { recognise } from "../registry.ts";
import { descriptionsAmong, entitiesOf } from "./names.ts";

const part = (label: string, unit = "uV"): Part => ({
  label,
  unit,
  phys: ["-100", "100"],
  dig: ["-1000", "1000"],
  perRecord: 4,
});
const edf = build({
  parts: [part("Fz"), part("Arm", ""), part("Trig", "mV")],
  samples: [
    [1, 2, 3, 4],
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ],
  annotations: [["+0\x14\x14\0+0.5\x14go\x14\0"]],
  reserved: "EDF+C",
});
const NAME = "sub-07_ses-1_task-grip_emg.edf";
const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const read = (
  files: Readonly<Record<string, string>>,
  above: Readonly<Record<string, string>> = {},
  name = NAME,
) => {
  const beside = new Map(Object.entries(files).map(([key, value]) => [key, text(value)]));
  const source: ByteSource = {
    ...bytesSource(name, edf, beside),
    above: (wanted) =>
      Promise.resolve(above[wanted] === undefined ? undefined : bytesSource(wanted, text(above[wanted]))),
  };
  return readWhole(recognise(edf, name)!, source);
};
const codes = (result: { repairs: readonly { code: string }[] }): string[] =>
  result.repairs.map(({ code }) => code).filter((code) => code.startsWith("BIDS"));

describe("what BIDS lays beside an EDF", () => {
  test("channels.tsv gives types and missing units, names bad channels, and drops none", async () => {
    const result = await read({
      "sub-07_ses-1_task-grip_channels.tsv":
        "name\ttype\tunits\tstatus\tstatus_description\r\nFz\tEEG\tuV\tgood\tn/a\r\nArm\tEMG\tµV\tbad\tloose electrode\r\nTrig\tTRIG\tV\tn/a\tn/a\r\nGone\tEMG\tuV\tgood\tn/a\r\n",
    });
    expect(result.header.channels.map(({ label, unit, role }) => [label, unit, role])).toEqual([
      ["Fz", "uV", "other"],
      ["Arm", "uV", "emg"],
      ["Trig", "mV", "other"],
    ]);
    expect(result.header.facts["channel 2 status"]).toBe("bad: loose electrode");
    expect(result.channels[1]!.samples).toHaveLength(4);
    expect(codes(result)).toEqual(["BIDS_CHANNELS_ABSENT", "BIDS_BAD_CHANNEL", "BIDS_UNIT"]);
    expect(result.repairs.find(({ code }) => code === "BIDS_BAD_CHANNEL")?.message).toContain(
      "loose electrode",
    );
  });

  test("events.tsv becomes annotations, those of the recording itself once", async () => {
    const result = await read({
      "sub-07_ses-1_task-grip_events.tsv":
        "onset\tduration\ttrial_type\tvalue\tchannel\tforce\n0.5\t0\tgo\t1\tn/a\tn/a\n0.75\t0.2\tgrip\t2\tArm\t12.5\n0.9\tn/a\tn/a\t3\tn/a\tn/a\nsoon\t0\tlate\t4\tn/a\tn/a\n",
    });
    expect(result.annotations).toMatchObject([
      { onsetS: 0.5, label: "go", note: "" },
      { onsetS: 0.75, durationS: 0.2, label: "grip", channel: 1, note: "value: 2; force: 12.5" },
      { onsetS: 0.9, durationS: 0, label: "3", channel: undefined },
    ]);
    expect(result.repairs).toContainEqual(
      expect.objectContaining({
        code: "BIDS_EVENTS_LEFT_OUT",
        values: expect.objectContaining({ rows: 1, line: 5 }) as object,
      }),
    );
  });

  test("the subject is the file's, with what participants.tsv knows, wherever above it lies", async () => {
    const { header } = await read(
      {
        "sub-07_ses-1_task-grip_emg.json":
          '{"TaskName":"grip","EMGReference":"bipolar","Nested":{"a":1},"Hz":50}',
      },
      { "participants.tsv": "participant_id\tage\tsex\nsub-06\t30\tM\nsub-07\t25\tn/a\n" },
    );
    expect(header.subject).toBe("sub-07");
    expect(header.facts).toMatchObject({
      "participant age": "25",
      TaskName: "grip",
      EMGReference: "bipolar",
      Hz: "50",
    });
    expect(Object.keys(header.facts)).not.toContain("participant sex");
  });

  test("a file of another name stays what it is", async () => {
    const files = {
      "sub-07_events.tsv": "onset\tduration\n1\t0\n",
      "arm_channels.tsv": "name\tstatus\nFz\tbad\n",
    };
    const { header, repairs } = await read(files, { "participants.tsv": "participant_id\narm\n" }, "arm.edf");
    expect([header.subject, codes({ repairs })]).toEqual([undefined, []]);
  });

  test("tables of nonsense are said or do nothing, and never stop the recording", async () => {
    const stem = "sub-07_ses-1_task-grip";
    const result = await read({
      [`${stem}_channels.tsv`]: "\u0000\t\t\t\nFz\n",
      [`${stem}_events.tsv`]: `onset\n${"1e999\n".repeat(1000)}`,
      [`${stem}_emg.json`]: "[".repeat(10_000),
    });
    expect(result.channels[0]!.samples).toHaveLength(4);
    expect(codes(result)).toEqual(["BIDS_DESCRIPTION", "BIDS_EVENTS_LEFT_OUT"]);
    const long = await read({ [`${stem}_events.tsv`]: "onset\n".repeat(600_000) });
    expect(codes(long)).toEqual(["BIDS_TOO_LONG"]);
  });
});

test("names of BIDS are told from others", () => {
  expect(entitiesOf(NAME)).toEqual({ stem: "sub-07_ses-1_task-grip", subject: "sub-07", suffix: "emg" });
  for (const name of [
    "sub-07.edf",
    "emg.edf",
    "sub-07_task-a_emg.csv",
    "sub-_emg.edf",
    `sub-1${"_a-1".repeat(30)}_emg.edf`,
  ])
    expect(entitiesOf(name)).toBeUndefined();
  const describes = descriptionsAmong(["sub-07_emg.edf", "dataset_description.json"]);
  for (const name of [
    "sub-07_channels.tsv",
    "sub-07_events.tsv",
    "sub-07_emg.json",
    "participants.tsv",
    "participants.json",
  ])
    expect(describes(name)).toBe(true);
  expect(describes("sub-07_notes.tsv")).toBe(false);
  expect(descriptionsAmong([])("participants.tsv")).toBe(false);
});
