import fc from "fast-check";
import { expect, test } from "vitest";
import type { SourceReading } from "../signal/block.ts";
import { parseAnnotationLists, encodeAnnotation, encodeRecordStart } from "./edf/annotation-list.ts";
import { DeclaredTexts, encodeReading, isDeclaredText } from "./edf/declared-text.ts";
import { roundTrip } from "./laws.ts";
import { bytesSource, readWhole, type RecordingContent } from "./memory.ts";
import { recognise, writers } from "./registry.ts";
import { fhrRecording } from "./recordings.test-support.ts";
import { soundReadings } from "./declared.ts";
import { interpret } from "./wfdb/events.ts";

const code = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,30}$/);
const name = fc.oneof(
  fc.string({ maxLength: 200, unit: "grapheme" }).map((text) => text.slice(0, 200)),
  fc.constantFrom("森 医師", 'tab\there, "quoted"', "two\nlines", "a@@FHR", "by=x\\t", "=1+1", "'", "\\"),
);
const whole = (text: string): string => text.replace(/\p{Cs}/gu, "?");
const ticks = fc.integer({ min: 0, max: 60_000_000 }).map((us) => us / 1e6);
const reading: fc.Arbitrary<SourceReading> = fc
  .record(
    {
      onsetS: ticks,
      durationS: ticks.map((s) => s + 1e-6),
      labelSet: code,
      labels: fc.array(code, { maxLength: 60 }),
      author: name.map(whole),
    },
    { requiredKeys: ["onsetS", "durationS", "labelSet", "labels"] },
  )
  .map((one) => one as SourceReading);

const content = (readings: readonly SourceReading[], startedAt?: string): RecordingContent => {
  const plain = fhrRecording("declared", 0.25, {
    samples: Int16Array.from({ length: 240 }, (_, i) => 480 + (i % 40)),
    reason: new Uint8Array(240),
  });
  const annotations = ["acceleration", "Kodo read completely: by nobody", "#+read completely\tfrom=0"].map(
    (label, i) => ({ onsetS: 7 * i, durationS: 2, label, channel: undefined, note: "", author: "森" }),
  );
  return { ...plain, header: { ...plain.header, startedAt }, annotations, readings };
};
const find = recognise;
/** What the gate makes blanks of in every name. */
const unfit = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const inOrder = (some: readonly SourceReading[] | undefined): string[] =>
  (some ?? [])
    .map(({ onsetS, durationS, ...rest }) =>
      JSON.stringify([
        Math.round(onsetS * 1e6),
        Math.round(durationS * 1e6),
        rest.labelSet,
        rest.labels,
        rest.author?.replace(unfit, " ") ?? null,
      ]),
    )
    .sort();

test.each(writers)("$id: what was read completely comes back, and no label of it", async (writer) => {
  const start = fc.constantFrom("2024-03-05T12:13:14", "2031-01-01T00:00:00.3945312", undefined);
  await fc.assert(
    fc.asyncProperty(
      fc.array(reading, { minLength: 1, maxLength: 5 }),
      start,
      async (readings, startedAt) => {
        const made = content(readings, startedAt);
        const { result } = await roundTrip(writer, find, made);
        expect(inOrder(result.readings)).toEqual(inOrder(readings));
        expect(result.annotations.map(({ label }) => label)).toEqual(
          made.annotations.map(({ label }) => label),
        );
        expect(result.repairs.map((repair) => repair.code)).not.toContain("READING_UNCLEAR");
      },
    ),
    { numRuns: 40 },
  );
});

test.each(writers)("$id: without annotations nothing is declared either", async (writer) => {
  const made = content([
    { onsetS: 0, durationS: 9, labelSet: "ctg", labels: ["acceleration"], author: "森" },
  ]);
  const options = { baseName: "round", withAnnotations: false, withMask: true };
  const { set, result } = await roundTrip(writer, find, made, options);
  expect(result.readings).toBeUndefined();
  for (const bytes of set.files.values()) expect(new TextDecoder().decode(bytes)).not.toContain("森");
});

test("what is no declaration is named, declares nothing and hides none beside it", () => {
  const sound = { onsetS: 0, durationS: 1, labelSet: "ctg", labels: ["acceleration"] };
  const hostile = [
    null,
    "Kodo read completely: everything",
    { ...sound, durationS: -1 },
    { ...sound, onsetS: -0.5 },
    { ...sound, durationS: Number.POSITIVE_INFINITY },
    { ...sound, labelSet: 7 },
    { ...sound, labels: "acceleration" },
    { ...sound, labels: Array.from({ length: 1001 }, () => "a") },
    { ...sound, author: "\u202e".repeat(5000) },
    { ...sound, author: "a".repeat(59) + "👶" },
  ];
  const repairs: string[] = [];
  const found = soundReadings([...hostile, sound], "x.edf", ({ code: what, message, file }) => {
    expect(message).not.toMatch(/[\p{Cc}\p{Cs}\u202e]/u);
    expect(file).toBe("x.edf");
    repairs.push(what);
  });
  expect(found.readings?.map(({ author }) => author)).toEqual(["a".repeat(59) + "👶", undefined]);
  expect(repairs).toEqual(hostile.slice(1).map(() => "READING_UNCLEAR"));
  const many = soundReadings(
    Array.from({ length: 10_002 }, () => sound),
    "x.edf",
    () => repairs.push("more"),
  );
  expect(many.readings).toHaveLength(10_000);
  expect(repairs.filter((one) => one === "more")).toHaveLength(2);
});

test("EDF+: a declaration that lost a half, or was moved from it, is a text that declares nothing", () => {
  const one: SourceReading = { onsetS: 2, durationS: 3, labelSet: "ctg", labels: ["acceleration"] };
  const [text = new Uint8Array(), details = new Uint8Array()] = encodeReading(one, 0.25);
  const taken = (...pieces: readonly Uint8Array[]): readonly unknown[] => {
    const declared = new DeclaredTexts(0.25);
    for (const piece of pieces)
      for (const list of parseAnnotationLists(piece).lists)
        for (const words of list.texts)
          if (isDeclaredText(words)) declared.takeText(list, words);
          else declared.takeDetails(list, { labelSet: "ctg", labels: ["acceleration"] });
    return declared.all();
  };
  expect(taken(text, details)).toEqual([one]);
  expect(taken(details)).toEqual([]);
  expect(taken(text)).toEqual(["Kodo read completely: ctg (acceleration)"]);
  expect(taken(text, text, details)).toEqual(["Kodo read completely: ctg (acceleration)", one]);
  expect(taken(text, encodeAnnotation(9, undefined, "Kodo\n{}"))).toEqual([
    "Kodo read completely: ctg (acceleration)",
  ]);
  expect(taken(encodeRecordStart(0))).toEqual([]);
});

test("WFDB: a declaration among the annotations of another program is named and becomes no label", () => {
  const note = (time: number, words: string) => ({
    ...{ time, code: 22, subtype: 0, channel: 0, num: 0 },
    aux: new TextEncoder().encode(words),
  });
  const stray = "#+read completely\tfrom=0\tfor=5\tset=ctg";
  const foreign = interpret([note(4, "acceleration"), note(8, stray)], 4, 1, "a.atr", () => undefined);
  expect(foreign.annotations.map(({ label }) => label)).toEqual(["acceleration"]);
  expect(foreign.declared).toEqual([stray]);
  const list = [note(0, "#+kodo annotations 2"), note(8, stray), note(9, "acceleration")];
  const own = interpret(list, 4, 1, "a.atr", () => undefined);
  expect(own.annotations.map(({ label }) => label)).toEqual(["acceleration"]);
  expect(own.declared).toEqual([stray]);
  const empty = interpret(
    [note(0, "#+kodo annotations 2"), note(0, "#+read completely")],
    4,
    1,
    "a.atr",
    () => undefined,
  );
  expect(soundReadings(empty.declared, "a.atr", () => undefined)).toEqual({});
});

test("EDF+ that another program wrote anew: the text is named and becomes no label", async () => {
  const made = content([{ onsetS: 1, durationS: 5, labelSet: "ctg", labels: ["acceleration"] }]);
  const { set } = await roundTrip(
    writers.find(({ id }) => id === "edf")!,
    find,
    made,
  );
  const bytes = set.files.get(set.main)!.slice();
  const at = new TextDecoder("latin1").decode(bytes).indexOf("Kodo_missing_as_minimum");
  bytes.fill("X".charCodeAt(0), at, at + 4);
  const reader = recognise(bytes.subarray(0, 4096), set.main)!;
  const { annotations, readings, repairs } = await readWhole(reader, bytesSource(set.main, bytes));
  expect(readings).toBeUndefined();
  expect(annotations.map(({ label }) => label).filter((label) => label.startsWith("Kodo read"))).toEqual([]);
  expect(repairs.map((repair) => repair.code)).toContain("READING_UNCLEAR");
});

test("at the gate a reader's name is a name: without control characters, and not endless", async () => {
  const made = content([
    { onsetS: 0, durationS: 5, labelSet: "ctg", labels: [], author: "森\u202e\u0001" },
    { onsetS: 5, durationS: 5, labelSet: "ctg", labels: [] },
  ]);
  const { set } = await roundTrip(
    writers.find(({ id }) => id === "csv")!,
    find,
    made,
  );
  const bytes = set.files.get(set.main)!;
  const reader = recognise(bytes.subarray(0, 4096), set.main)!;
  const { readings } = await readWhole(reader, bytesSource(set.main, bytes, set.files));
  expect(readings?.map(({ author }) => author)).toEqual(["森  ", undefined]);
});
