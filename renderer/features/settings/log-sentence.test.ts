import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { events, requests } from "../../../preload/contract/channels.ts";
import type { LogEntry } from "../../../preload/contract/settings.ts";
import { ctgEvents } from "../../fake/study.ts";
import { tellsOfOthers } from "../../../preload/contract/settings.ts";
import { logSentence, type LogNames } from "./log-sentence.ts";
import { logWords } from "./log-words.ts";

// The renderer's types know no Node; the test runner does.
interface Files {
  readonly readFileSync: (path: URL, encoding: "utf8") => string;
  readonly readdirSync: (path: URL, options: { recursive: true; encoding: "utf8" }) => string[];
}
const fs: string = "node:fs";
const { readdirSync, readFileSync } = (await import(fs)) as Files;

const names: LogNames = {
  recordings: new Map([["r1", "1002"]]),
  runs: new Map([["t1", "Gestures"]]),
  labelSets: [ctgEvents],
};
const entry = (action: string, detail: unknown = {}, change: Partial<LogEntry> = {}): LogEntry => ({
  sequence: 1,
  at: "2026-11-24T10:00:00Z",
  actor: "Mori",
  action,
  subject: "r1",
  detail: JSON.stringify(detail),
  ...change,
});
const en = (one: LogEntry) => logSentence(one, names, "en");
const ja = (one: LogEntry) => logSentence(one, names, "ja");

describe("an entry of the log is a sentence", () => {
  const renamed = entry("recording.change", { name: { before: "1001", after: "1002" } });
  const marked = entry("annotation.add", {
    changes: [
      { before: null, after: { label: "deceleration", labelSet: ctgEvents.id, onsetS: 3514, durationS: 56 } },
    ],
  });
  test.each([
    [renamed, "Mori renamed recording 1001 to 1002", "Moriが記録「1001」の名前を「1002」に変更しました"],
    [
      marked,
      "Mori marked “Deceleration” at 00:58:34 in recording 1002",
      "Moriが記録「1002」の00:58:34に「一過性徐脈」を付けました",
    ],
    [
      entry("recording.change", { subject: { before: "", after: "S7" } }),
      "Mori gave recording 1002 the subject “S7”",
      "Moriが記録「1002」の対象者を「S7」としました",
    ],
    [
      entry("recording.change", { subject: { before: "a", after: "b" }, study: { before: "", after: "c" } }),
      "Mori changed subject and study of recording 1002",
      "Moriが記録「1002」の対象者、研究を変更しました",
    ],
    [
      entry("recording.close", { state: "complete", repairs: 1 }, { actor: "library" }),
      "Kodo finished storing recording 1002, with 1 repair",
      "Kodoが記録「1002」の保存を終えました（修復 1件）",
    ],
    [
      entry("run.start", { recordings: 10 }, { actor: "kodo", subject: "t1" }),
      "Kodo started training Gestures on 10 recordings",
      "Kodoが10記録で学習「Gestures」を始めました",
    ],
    [
      entry("mask.rule", { spans: 2 }, { actor: "library" }),
      "Kodo counts 2 stretches of recording 1002 as missing, in which the contraction signal did not change",
      "Kodoが記録「1002」で収縮信号が変化しない2区間を欠測としました",
    ],
    [
      entry("mask.remove", { changes: [{ before: { onsetS: 5 } }, { before: { onsetS: 90 } }] }),
      "Mori made 2 stretches of recording 1002 usable again",
      "Moriが記録「1002」の2区間を使用可に戻しました",
    ],
    [
      entry("settings.change", { theme: "dark", somethingNew: 1 }, { actor: " " }),
      "Somebody changed settings: appearance and others",
      "名前未設定の利用者が設定を変更しました（外観、その他）",
    ],
  ])("%#", (one, english, japanese) => {
    expect(en(one)).toBe(english);
    expect(ja(one)).toBe(japanese);
  });
});

test("of a deleted recording the log says that it was deleted, and none of its names", () => {
  const gone = { subject: "gone-id" };
  const renamed = entry("recording.change", { name: { before: "Yamada", after: "Sato" } }, gone);
  expect(en(renamed)).toBe("Mori changed name of a recording that was deleted");
  expect(ja(renamed)).toBe("Moriが削除された記録の名前を変更しました");
  const imported = entry("recording.create", { state: "importing", file: "Yamada.edf" }, gone);
  for (const said of [en(imported), ja(imported)]) expect(said).not.toContain("Yamada");
});

test("an action nobody worded is said plainly", () => {
  expect(en(entry("ward.close", { beds: [1, 2] }))).toBe(
    "Mori did something this version has no sentence for (“ward.close”)",
  );
});

test("whatever an entry holds, no JSON, no id and no empty place reaches the screen", () => {
  const actions = Object.keys(logWords.ja).filter((key) => key.includes("."));
  fc.assert(
    fc.property(
      fc.constantFrom(...actions, "annotation.nonsense", "x"),
      fc.oneof(
        fc.json(),
        fc.string(),
        fc
          .json()
          .map((text) => `{"changes":[{"before":${text},"after":null}],"name":${text},"repairs":${text}}`),
      ),
      (action, detail) => {
        const subject = action.startsWith("labelSet.") ? ctgEvents.id : "r1";
        const one = { ...entry(action), detail, subject };
        for (const said of [en(one), ja(one)]) {
          expect(said).not.toMatch(/\{\{|r1\b|undefined|NaN|\[object/);
          expect(said).not.toContain('{"');
        }
      },
    ),
  );
});

test("every action the program writes has a sentence", () => {
  const root = new URL("../../../main/", import.meta.url);
  const written = new Set<string>();
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.includes(".test.")) continue;
    const text = readFileSync(new URL(name, root), "utf8");
    for (const [, action = ""] of text.matchAll(
      /"((?:recording|run|model|labelSet|settings|log|mask)\.[a-zA-Z]+)"/g,
    ))
      if (!(action in requests) && !(action in events)) written.add(action);
  }
  for (const kind of ["annotation", "mask", "reading", "context"])
    for (const what of ["add", "change", "remove", "undo", "redo"]) written.add(`${kind}.${what}`);
  for (const phase of ["done", "failed", "cancelled", "paused"]) written.add(`run.${phase}`);
  const missing = [...written].filter((action) => en(entry(action)).includes("no sentence"));
  expect(written.size).toBeGreaterThan(30);
  expect(missing, "add these to log-words.ts").toEqual([]);
});

test("whoever reads a recording blind is not told by the log what others labelled in it", () => {
  const reader = { blind: new Set(["r1"]), author: "Sato" };
  expect(tellsOfOthers(entry("annotation.add"), reader)).toBe(true);
  expect(tellsOfOthers(entry("reading.add"), reader)).toBe(true);
  expect(tellsOfOthers(entry("annotation.add", {}, { actor: "Sato" }), reader)).toBe(false);
  expect(tellsOfOthers(entry("annotation.add", {}, { subject: "r2" }), reader)).toBe(false);
  expect(tellsOfOthers(entry("recording.change"), reader)).toBe(false);
});
