import { expect, test } from "vitest";
import type { EngineInstall } from "../../../preload/contract/engine.ts";
import { answering, buttonsIn, drawn, standing, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { useCare, type Care } from "./care.ts";
import { EnginePanel } from "./engines.tsx";
import { LibraryPanel } from "./library-panel.tsx";
import { settingsWords } from "./words.ts";

async function engines(progress: EngineInstall | null, api = createFakeApi()): Promise<string> {
  return drawn(<EnginePanel />, answering(api, { "engines.progress": progress }), [
    ["engines.list", {}],
    ["engines.progress", {}],
  ]);
}

const rowOf = (html: string, engine: string): string =>
  textIn(html.split("data-engine=").find((part) => part.startsWith(`"${engine}"`)) ?? "");

test("a machine without a graphics card is no fault of an engine, and what it lacks is said", async () => {
  const html = await engines(null);
  expect(rowOf(html, "onnxruntime-webgpu")).toContain("no graphics card");
  expect(html.split("data-engine=").find((part) => part.startsWith('"onnxruntime-webgpu"'))).not.toContain(
    'data-tone="bad"',
  );
  expect(buttonsIn(html)).toContain("Install");
});

test("while an engine is installed nothing else can be begun; it can be stopped", async () => {
  const html = await engines({ variant: "cpu", state: "running", step: "download", done: 0.4 });
  expect(textIn(html)).toContain("40 %");
  const buttons = buttonsIn(html);
  expect(buttons).not.toContain("Install");
  expect(buttons.some((name) => name.endsWith("(off)"))).toBe(true); // testing again
  expect(html).toContain('aria-valuenow="40"');
});

test("an installation that failed says why and is offered again; engines that cannot be listed say so", async () => {
  const error = { code: "model/engine-install", message: "PyPI cannot be reached", detail: {} };
  const failed = await engines({ variant: "cpu", state: "failed", step: "download", done: 0.1, error });
  expect(textIn(failed)).toContain("PyPI cannot be reached");
  expect(buttonsIn(failed)).toContain("Install");
  const none = textIn(await engines(null, createFakeApi(1, { failing: ["engines.list"] })));
  expect(none).toContain("storage/disk-full");
});

async function library(care: Partial<Care>, isReadOnly = false): Promise<string> {
  const api = createFakeApi(1, { readOnly: isReadOnly });
  return drawn(<LibraryPanel />, api, [["app.info", {}]], [standing(useCare, care)]);
}

test("a check under way can be stopped once, and says how far it is", async () => {
  const progress = { part: "blocks", done: 0.5 } as const;
  const running = await library({ check: { state: "running", progress, isStopping: false } });
  expect(textIn(running)).toContain("50 %");
  const stop = buttonsIn(running)[0];
  expect(stop).not.toMatch(/off/);
  const stopping = await library({ check: { state: "running", progress, isStopping: true } });
  expect(buttonsIn(stopping)[0]).toBe(`${stop ?? ""} (off)`);
});

test("damage is told by recording with its places, the first four of many, and a sound library is called sound", async () => {
  const whole = { rows: 10, blocks: 20, overviews: 5, entries: 30, logHead: "", count: 0, problems: [] };
  expect(textIn(await library({ check: { state: "done", report: whole } }))).toMatch(/20/);
  const problems = Array.from({ length: 6 }, (_, i) => ({
    ...{ part: "blocks" as const, code: "BLOCK", values: { channel: 1, count: 40, fromS: "2.000" } },
    ...{ recordingId: `r${i}`, recording: `CTG 0${i}`, message: `block ${i}` },
  }));
  const text = textIn(await library({ check: { state: "done", report: { ...whole, count: 6, problems } } }));
  expect(text).toContain("CTG 03");
  expect(text).not.toContain("CTG 04");
  expect(text).toMatch(/2 more/);
  expect(text).toContain("Channel 1: 40 samples from 2.000 s on are not what was written");
});

test("a library that can only be read says so", async () => {
  const said = settingsWords.en.readOnlyText;
  expect(textIn(await library({}))).not.toContain(said);
  expect(textIn(await library({}, true))).toContain(said);
});
