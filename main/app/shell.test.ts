import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { startArguments } from "./arguments.ts";
import { describe as describeError, openLog } from "./log.ts";
import { menuCommands, menuTemplate } from "./menu-template.ts";
import { placeOn, readWindowState, writeWindowState } from "./window-state.ts";

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "kodo-shell-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const given = (argv: string[], environment: Record<string, string> = {}, isPackaged = false) =>
  startArguments({ argv, isPackaged, environment, folder: "/data" });

test("files follow the application's own folder, and are taken from where it was started", () => {
  expect(given(["/e/electron", "--no-sandbox", "/app", "1001.hea", "/abs/b.edf"]).files).toEqual([
    "/data/1001.hea",
    "/abs/b.edf",
  ]);
  expect(given(["/opt/kodo", "1001.hea"], {}, true).files).toEqual(["/data/1001.hea"]);
  expect(given(["/e/electron", "/app", "--", "-odd.edf"]).files).toEqual(["/data/-odd.edf"]);
});

test("the library is named by a flag, else by the environment, else by nobody", () => {
  expect(given(["e", "/app", "--library", "study.kodo"], { KODO_LIBRARY: "/x" }).library).toBe(
    "/data/study.kodo",
  );
  expect(given(["e", "/app", "--library=/y/z.kodo", "a.edf"])).toEqual({
    library: "/y/z.kodo",
    userData: undefined,
    files: ["/data/a.edf"],
  });
  expect(given(["e", "/app"], { KODO_LIBRARY: "/x" }).library).toBe("/x");
  expect(given(["e", "/app"], { KODO_LIBRARY: "" }).library).toBeUndefined();
});

test("the log carries codes, numbers and places, and nothing a person wrote", () => {
  inFolder((folder) => {
    const path = join(folder, "logs", "app.log");
    const log = openLog(path, () => new Date(0));
    const cause = Object.assign(new Error("ENOENT: open '/home/sato/Yamada Hanako.edf'"), { code: "ENOENT" });
    log.error(
      "import",
      new AppError(
        "data/file-missing",
        "Yamada Hanako.edf is not there",
        { file: "Yamada Hanako.edf", offset: 512 },
        cause,
      ),
    );
    log.error("request recordings.get", new TypeError("cannot read Yamada of undefined"));
    log.note("main loop blocked", { maxMs: 73 });
    const text = readFileSync(path, "utf8");
    expect(text).not.toMatch(/Yamada|Hanako|sato/);
    expect(text).toContain(
      "1970-01-01T00:00:00.000Z error import data/file-missing offset=512 <- Error ENOENT",
    );
    expect(text).toMatch(/TypeError .*@shell\.test\.ts:\d+/);
    expect(text).toContain("main loop blocked maxMs=73");
  });
});

test("an error's places name files, not folders", () => {
  const error = new Error("x");
  error.stack =
    "Error: x\n    at Object.read (/home/sato/kodo/out/main/index.js:10:5)\n    at file:///home/sato/kodo/out/main/chunks/a-b1.js:7:1";
  expect(describeError(error)).toBe("Error Object.read@index.js:10 @a-b1.js:7");
});

test("a window returns to its place only where that place is on a screen", () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  const at = (x: number, y: number) => ({ bounds: { x, y, width: 1400, height: 900 }, isMaximized: false });
  expect(placeOn(screens, at(100, 50))).toEqual({ x: 100, y: 50, width: 1400, height: 900 });
  expect(placeOn(screens, at(2500, 50))).toEqual({ width: 1400, height: 900 }); // its screen was unplugged
  expect(placeOn(screens, at(100, -500))).toEqual({ width: 1400, height: 900 });
  expect(
    placeOn(screens, { bounds: { x: 0, y: 0, width: 300, height: 200 }, isMaximized: false }),
  ).toMatchObject({ width: 1280, height: 800 });
});

test("a window's place is kept, and a broken note of it is ignored", () => {
  inFolder((folder) => {
    const path = join(folder, "window.json");
    const state = { bounds: { x: 1, y: 2, width: 1300, height: 850 }, isMaximized: true };
    writeWindowState(path, state);
    expect(readWindowState(path)).toEqual(state);
    expect(readWindowState(join(folder, "none.json"))).toBeUndefined();
  });
});

interface Item {
  readonly id?: string;
  readonly label?: string;
  readonly accelerator?: string;
  readonly click?: () => void;
  readonly submenu?: readonly Item[];
}
const items = (
  language: "en" | "ja",
  isMac: boolean,
  send: (command: string) => void = () => undefined,
): readonly Item[] =>
  (menuTemplate({ language, isMac, send }) as unknown as readonly Item[]).flatMap(
    ({ submenu }) => submenu ?? [],
  );

test.each([
  ["en", false],
  ["ja", false],
  ["en", true],
  ["ja", true],
] as const)("the menu (%s, mac %s) offers every command once, with a key of its own", (language, isMac) => {
  const sent: string[] = [];
  const own = items(language, isMac, (command) => sent.push(command)).filter(({ id }) => id !== undefined);
  for (const { click } of own) click?.();
  expect(sent.sort()).toEqual([...menuCommands].sort());
  const keys = own.flatMap(({ accelerator }) => accelerator ?? []);
  expect(new Set(keys).size).toBe(keys.length);
});

test("the Japanese menu is Japanese", () => {
  for (const { id, label } of items("ja", false))
    if (id !== undefined) expect(label).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
});
