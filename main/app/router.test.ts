import { expect, test } from "vitest";
import type { Handlers } from "../../preload/contract/channels.ts";
import { requests } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { Outcome } from "../../preload/contract/errors.ts";
import { defaultSettings } from "../../preload/contract/settings.ts";
import { isOurPage } from "./pages.ts";
import { checkEvent, DROPPED, openGate, REQUEST } from "./router.ts";
import type { RequestEvent, SenderFrame } from "./router.ts";

const ours: SenderFrame = { url: "app://kodo/index.html#/library", parent: null };

/** A gate whose handlers can be replaced one by one; everything not replaced fails the test that reaches it. */
function gateWith(handlers: Partial<Handlers>) {
  type Listener = (event: RequestEvent, ...args: unknown[]) => unknown;
  const listeners = new Map<string, Listener>();
  const drops: string[] = [];
  const failures: { name: string; error: unknown }[] = [];
  const unreached = Object.fromEntries(
    Object.keys(requests).map((name) => [
      name,
      () => {
        throw new Error(`${name} was reached`);
      },
    ]),
  ) as unknown as Handlers;
  const close = openGate({
    gate: {
      handle: (channel, listener) => listeners.set(channel, listener),
      removeHandler: (channel) => listeners.delete(channel),
      on: (channel, listener) => listeners.set(channel, listener),
      removeAllListeners: (channel) => listeners.delete(channel),
    },
    handlers: { ...unreached, ...handlers },
    isOurs: (frame) => frame.parent === null && isOurPage(frame.url),
    allowed: (name, params) => {
      if (name === "import.preview" && "path" in params)
        throw new AppError("contract/path-not-given", `${params.path} was not chosen`);
    },
    dropped: (path) => drops.push(path),
    failed: (name, error) => failures.push({ name, error }),
  });
  const ask = (frame: SenderFrame | null, ...args: unknown[]): Promise<Outcome<unknown>> =>
    listeners.get(REQUEST)!({ senderFrame: frame }, ...args) as Promise<Outcome<unknown>>;
  const drop = (frame: SenderFrame | null, path: unknown): unknown =>
    listeners.get(DROPPED)?.({ senderFrame: frame }, path);
  return { ask, drop, drops, failures, close, listeners };
}

test("a known frame with the right parameters gets the handler's answer", async () => {
  const { ask } = gateWith({ "settings.get": () => defaultSettings });
  expect(await ask(ours, "settings.get", {})).toEqual({ ok: true, value: defaultSettings });
});

test.each([
  ["no frame", null],
  ["a remote page", { url: "https://example.org/", parent: null }],
  ["a page that only looks like ours", { url: "app://kodo.example.org/index.html", parent: null }],
  ["a file", { url: "file:///index.html", parent: null }],
  ["about:blank", { url: "about:blank", parent: null }],
  ["a frame within our page", { url: "app://kodo/index.html", parent: ours }],
  ["a broken address", { url: "", parent: null }],
])("a request from %s never reaches a handler", async (_what, frame) => {
  const { ask, failures } = gateWith({
    "settings.get": () => {
      throw new Error("reached");
    },
  });
  expect(await ask(frame, "settings.get", {})).toMatchObject({
    ok: false,
    error: { code: "contract/foreign-sender" },
  });
  expect(failures).toHaveLength(1);
});

test.each([
  "settings.get2",
  "__proto__",
  "constructor",
  "toString",
  "",
  undefined,
  7,
  { name: "settings.get" },
])("the request %j is unknown", async (name) => {
  const { ask } = gateWith({});
  expect(await ask(ours, name, {})).toMatchObject({ ok: false, error: { code: "contract/unknown-request" } });
});

test("parameters of the wrong shape are refused with the field that is wrong", async () => {
  const { ask } = gateWith({});
  const answer = await ask(ours, "trace.tiles", {
    recordingId: "r",
    channel: -1,
    samplesPerBucket: 64,
    firstTile: 0,
    tileCount: 1000,
  });
  expect(answer).toMatchObject({ ok: false, error: { code: "contract/bad-params" } });
  expect((answer as { error: { message: string } }).error.message).toMatch(/channel.*tileCount/s);
});

test("a handler's answer of the wrong shape does not leave main", async () => {
  const { ask } = gateWith({ "settings.get": () => ({ ...defaultSettings, theme: "pink" }) as never });
  expect(await ask(ours, "settings.get", {})).toMatchObject({
    ok: false,
    error: { code: "contract/bad-result" },
  });
});

test("fields that are not in the contract do not leave main", async () => {
  const { ask } = gateWith({ "settings.get": () => ({ ...defaultSettings, secret: "s" }) });
  expect(await ask(ours, "settings.get", {})).toEqual({ ok: true, value: defaultSettings });
});

test("an expected failure arrives with its code and its numbers", async () => {
  const { ask } = gateWith({
    "recordings.get": () => {
      throw new AppError("storage/not-found", "There is no such recording", { recording: "x" });
    },
  });
  expect(await ask(ours, "recordings.get", { id: "x" })).toEqual({
    ok: false,
    error: { code: "storage/not-found", message: "There is no such recording", detail: { recording: "x" } },
  });
});

test("a closed gate answers nothing", () => {
  const { close, listeners } = gateWith({});
  close();
  expect(listeners.size).toBe(0);
});

test("a request for what the page may not have does not reach its handler", async () => {
  const { ask } = gateWith({});
  expect(await ask(ours, "import.preview", { path: "/etc/shadow" })).toMatchObject({
    ok: false,
    error: { code: "contract/path-not-given" },
  });
});

test.each([
  ["one gigantic text", { id: "x".repeat(8_000_001) }],
  ["a million values", { ids: Array.from({ length: 1_000_000 }, () => 0) }],
  [
    "itself, without end",
    (() => {
      const one: { self?: unknown } = {};
      one.self = [one, one];
      return one;
    })(),
  ],
])("a request with %s is refused before anything looks at it", async (_what, params) => {
  const { ask } = gateWith({});
  expect(await ask(ours, "recordings.get", params)).toMatchObject({
    ok: false,
    error: { code: "contract/too-large" },
  });
});

test("only our own page's preload tells of what was dropped", () => {
  const { drop, drops } = gateWith({});
  drop(ours, "/home/a.edf");
  drop({ url: "https://example.org/", parent: null }, "/etc/shadow");
  drop({ url: "app://kodo/index.html", parent: ours }, "/etc/shadow");
  drop(null, "/etc/shadow");
  drop(ours, ["/etc/shadow"]);
  expect(drops).toEqual(["/home/a.edf"]);
});

test("an event of the wrong shape is our own mistake and is thrown", () => {
  expect(checkEvent("recordings.changed", { ids: ["a"] })).toEqual({ ids: ["a"] });
  expect(() => checkEvent("recordings.changed", { ids: [1] } as never)).toThrow(/ids\.0/);
});
