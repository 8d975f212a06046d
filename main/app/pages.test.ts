import fc from "fast-check";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentSecurityPolicy, fileFor, isAllowedRequest, isOurPage, pageServer } from "./pages.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-pages-"));
  mkdirSync(join(folder, "renderer", "assets"), { recursive: true });
  writeFileSync(join(folder, "secret.json"), "{}");
  writeFileSync(join(folder, "renderer-secret.json"), "{}");
  writeFileSync(
    join(folder, "renderer", "index.html"),
    '<meta nonce="__NONCE__"><style nonce="__NONCE__"></style>',
  );
  writeFileSync(join(folder, "renderer", "assets", "a.js"), "const a = '__NONCE__';");
  writeFileSync(join(folder, "renderer", "notes.txt"), "not served");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const root = () => join(folder, "renderer");
const get = (url: string, method = "GET") => pageServer(root())({ url, method });

test.each([
  "app://kodo/../secret.json",
  "app://kodo/%2e%2e/secret.json",
  "app://kodo/..%2fsecret.json",
  "app://kodo/%2e%2e%2fsecret.json",
  "app://kodo/..%5csecret.json",
  "app://kodo/%252e%252e%252fsecret.json",
  "app://kodo/assets/../../secret.json",
  "app://kodo/assets/..%2f..%2fsecret.json",
  "app://kodo/../renderer-secret.json",
  "app://kodo/..%2frenderer-secret.json",
  "app://kodo//etc/passwd",
  "app://kodo/index.html%00.js",
  "app://kodo/%",
  "app://other/index.html",
  "file:///etc/passwd",
  "app://kodo/notes.txt",
  "app://kodo/",
  "app://kodo/missing.js",
])("%s is not served", async (url) => {
  expect((await get(url)).status).toBe(404);
});

test("no address leads outside the folder", () => {
  const piece = fc.constantFrom(
    "..",
    ".",
    "%2e%2e",
    "%2E.",
    "%2f",
    "%5c",
    "/",
    "\\",
    "a",
    "secret.json",
    "index.html",
    "%00",
    "%25",
    "~",
    "C:",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const file = fileFor("/srv/renderer", `app://kodo/${pieces.join("/")}`);
      expect(file === undefined || file.startsWith(`/srv/renderer${sep}`)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("the page carries the nonce of its policy, and each load its own", async () => {
  const [first, second] = [await get("app://kodo/index.html"), await get("app://kodo/index.html?x#y")];
  const nonceOf = (response: Response) =>
    /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1];
  const body = await first.text();
  expect(body).toBe(`<meta nonce="${nonceOf(first)}"><style nonce="${nonceOf(first)}"></style>`);
  expect(nonceOf(second)).not.toBe(nonceOf(first));
});

test("scripts are served as they are", async () => {
  const response = await get("app://kodo/assets/a.js");
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/javascript; charset=utf-8",
  ]);
  expect(await response.text()).toBe("const a = '__NONCE__';");
});

test("only reading is answered", async () => {
  expect((await get("app://kodo/index.html", "POST")).status).toBe(405);
  expect(await (await get("app://kodo/index.html", "HEAD")).text()).toBe("");
});

test("the policy allows no inline script, no eval and no other origin", () => {
  const policy = contentSecurityPolicy("n");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test("only our own scheme and host are ours", () => {
  expect(isOurPage("app://kodo/index.html#/review")).toBe(true);
  for (const url of ["app://kodo.evil/", "https://kodo/", "app:kodo", "app://user@other/", "", "about:blank"])
    expect(isOurPage(url)).toBe(false);
});

test("requests stay within the page", () => {
  for (const url of [
    "app://kodo/assets/a.js",
    "blob:app://kodo/1-2",
    "data:image/png;base64,AA",
    "devtools://devtools/x",
  ])
    expect(isAllowedRequest(url)).toBe(true);
  for (const url of [
    "https://kodo/",
    "http://127.0.0.1/",
    "ws://127.0.0.1/",
    "file:///etc/passwd",
    "app://other/",
    "blob:https://x/1",
    "chrome://gpu",
    "",
  ]) {
    expect(isAllowedRequest(url)).toBe(false);
  }
});
