import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, resolve, sep } from "node:path";
import { sure } from "../../preload/contract/sure.ts";

/** The one origin of the interface. */
export const SCHEME = "app";
export const HOST = "kodo";
export const START_URL = `${SCHEME}://${HOST}/index.html`;

/** Node's URL gives custom schemes the origin "null", so scheme and host are compared themselves. */
export function isOurPage(url: string): boolean {
  try {
    const { protocol, host } = new URL(url);
    return protocol === `${SCHEME}:` && host === HOST;
  } catch {
    return false;
  }
}

/** Addresses the page may load: its own, what it made itself, and the developer tools' own. */
export const isAllowedRequest = (url: string): boolean =>
  isOurPage(url) || /^(blob:app:\/\/kodo\/|data:|devtools:)/.test(url);

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".wasm": "application/wasm",
};

/** Nothing is allowed that the page does not need; styles put in by script carry the nonce of this load. */
export const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

/** The file an address means, or undefined where it points outside `root` or at nothing servable. */
export function fileFor(root: string, address: string): string | undefined {
  if (!isOurPage(address)) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch {
    return undefined; // a broken escape
  }
  if (/[\0\\]/.test(path) || /%[0-9a-f]{2}/i.test(path)) return undefined; // a name of ours needs no second decoding
  const base = resolve(root);
  const file = resolve(base, `.${path}`);
  if (!file.startsWith(base + sep)) return undefined;
  return types[extname(file).toLowerCase()] === undefined ? undefined : file;
}

/** Answers requests of the page from the built folder. */
export function pageServer(root: string): (request: Pick<Request, "url" | "method">) => Promise<Response> {
  return async ({ url, method }) => {
    if (method !== "GET" && method !== "HEAD") return new Response("Method not allowed", { status: 405 });
    const file = fileFor(root, url);
    const bytes = file === undefined ? undefined : await readFile(file).catch(() => undefined);
    if (file === undefined || bytes === undefined) return new Response("Not found", { status: 404 });
    const nonce = randomBytes(18).toString("base64");
    const type = sure(types[extname(file).toLowerCase()]);
    const isPage = type.startsWith("text/html");
    const body = isPage ? bytes.toString("utf8").replaceAll("__NONCE__", nonce) : new Uint8Array(bytes);
    return new Response(method === "HEAD" ? null : body, {
      headers: {
        "content-type": type,
        "content-security-policy": contentSecurityPolicy(nonce),
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "cache-control": isPage ? "no-store" : "no-cache",
      },
    });
  };
}
