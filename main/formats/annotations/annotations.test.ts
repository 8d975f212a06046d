import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../memory.ts";
import { isAnnotationTable, parseAnnotationTable } from "./parse.ts";
import { writeAnnotationRows } from "./write.ts";

const source = (text: string | Uint8Array) =>
  bytesSource("events.csv", typeof text === "string" ? new TextEncoder().encode(text) : text);

describe("a table of annotations", () => {
  test("has a recording, a label and times; channel, author and note may follow", async () => {
    const rows = await parseAnnotationTable(
      source(
        "recording,label,onset_s,duration_s,channel\n1001,acceleration,12.5,20,FHR\n\n1001,contraction,30,0,\n",
      ),
    );
    expect(rows).toEqual([
      {
        recording: "1001",
        label: "acceleration",
        onsetS: 12.5,
        durationS: 20,
        channel: "FHR",
        author: undefined,
        note: "",
        line: 2,
      },
      {
        recording: "1001",
        label: "contraction",
        onsetS: 30,
        durationS: 0,
        channel: undefined,
        author: undefined,
        note: "",
        line: 4,
      },
    ]);
  });
  test("of thousands of different words keeps every one as it is", async () => {
    const notes = Array.from({ length: 10_000 }, (_, i) => `note ${i}`);
    const lines = notes.map((note, i) => `1001,rest,${i}.5,1,${note}\n`);
    const rows = await parseAnnotationTable(
      source(`recording,label,onset_s,duration_s,note\n${lines.join("")}`),
    );
    expect(rows.map(({ note }) => note)).toEqual(notes);
    expect(rows.map(({ onsetS }) => onsetS)).toEqual(notes.map((_, i) => i + 0.5));
  });

  test.each(["utf-8", "shift_jis", "euc-jp", "latin1"] as const)(
    "reads every letter of ASCII in %s the same, in a row alone and beside others",
    async (encoding) => {
      const letters = Array.from({ length: 0x5f }, (_, i) => String.fromCharCode(0x20 + i)).join("");
      const quoted = `"x${letters.replaceAll('"', '""')}"`;
      const far = encoding === "latin1" ? "é" : "胎動";
      const lines = [
        `arm,${quoted},1,2,""`,
        `arm, ${letters.replace(/[",]/g, "").trim()} ,1,2,"  kept  "`,
        `arm,${quoted},1,2,${far}`,
      ];
      const bytes = iconv.encode(`recording,label,onset_s,duration_s,note\n${lines.join("\n")}\n`, encoding);
      const rows = await parseAnnotationTable(source(new Uint8Array(bytes)), { encoding });
      expect(rows.map(({ label, note }) => [label, note])).toEqual([
        [`x${letters}`, ""],
        [letters.replace(/[",]/g, "").trim(), "  kept  "],
        [`x${letters}`, far],
      ]);
    },
  );

  test("may have an end instead of a duration, and its columns in any order", async () => {
    const rows = await parseAnnotationTable(source("start;end;record;event\n1,5;3,5;a;b\n"));
    expect(rows).toMatchObject([{ recording: "a", label: "b", onsetS: 1.5, durationS: 2 }]);
  });
  test.each(["utf-8", "shift_jis", "euc-jp", "utf-16le"] as const)(
    "may be Japanese in %s",
    async (encoding) => {
      const rows = await parseAnnotationTable(
        source(
          new Uint8Array(
            iconv.encode(
              "記録名,ラベル,開始(秒),持続時間(秒),備考\n症例一,一過性頻脈,10,15,確認済み\n",
              encoding,
              { addBOM: encoding === "utf-16le" },
            ),
          ),
        ),
      );
      expect(rows).toMatchObject([
        { recording: "症例一", label: "一過性頻脈", onsetS: 10, durationS: 15, note: "確認済み" },
      ]);
    },
  );
  test.each([
    [
      "recording,label,onset_s,duration_s\na,b,-1,2\n",
      {
        code: "data/bad-cell",
        message: expect.stringMatching(
          /line 2, column onset_s: "-1" where seconds from the recording's start, 0 or more/,
        ) as string,
      },
    ],
    [
      "recording,label,onset_s,duration_s\na,b,1,2\na,b,1,x\n",
      { code: "data/bad-cell", detail: { line: 3, column: "duration_s", value: "x" } },
    ],
    ["recording,label,onset_s,end_s\na,b,5,2\n", { code: "data/bad-cell", detail: { column: "end_s" } }],
    [
      "recording,label,onset_s,duration_s\n,b,1,2\n",
      { code: "data/bad-cell", detail: { column: "recording" } },
    ],
    ["recording,onset_s,duration_s\na,1,2\n", { code: "data/bad-header" }],
    ["", { code: "data/bad-header" }],
  ])("refuses %j, naming line, value and what is allowed", async (text, error) => {
    await expect(parseAnnotationTable(source(text))).rejects.toMatchObject(error);
  });
  test("is told from a recording by its header row", () => {
    const looks = (text: string) => isAnnotationTable(new TextEncoder().encode(text), "x.csv");
    expect(looks("recording,label,onset_s,duration_s\n")).toBe(true);
    expect(looks("# made by us\nrecording\tlabel\tonset\tduration\n")).toBe(true);
    expect(looks("time,label,ch1\n")).toBe(false);
    expect(isAnnotationTable(new TextEncoder().encode("recording,label,onset_s,duration_s\n"), "x.edf")).toBe(
      false,
    );
  });
  test("written rows come back", async () => {
    const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((s) => s.trim() === s && s !== "");
    const time = fc.double({ min: 0, max: 1e6, noNaN: true }).map((x) => x + 0);
    const row = fc.record({
      recording: name,
      label: name,
      onsetS: time,
      durationS: time,
      channel: fc.option(name, { nil: undefined }),
      author: fc.option(name, { nil: undefined }),
      note: fc.constantFrom("", "a, b", 'say "x"', "二行\n目"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
        const back = await parseAnnotationTable(source(writeAnnotationRows(rows)));
        expect(back.map(({ line, ...rest }) => (expect(line).toBeGreaterThan(1), rest))).toEqual(rows);
      }),
    );
  });
});
