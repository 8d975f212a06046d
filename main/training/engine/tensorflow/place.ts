import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";

export const Variant = z.enum(["cpu", "cuda"]);
export type Variant = z.infer<typeof Variant>;

/** What stands beside an installed library: written last, so that its presence says the folder is whole. */
export const Installed = z.object({
  variant: Variant,
  version: z.string(),
  bytes: z.number(),
});
export type Installed = z.infer<typeof Installed>;

/** A library that can be loaded: Kodo's own, or the one that npm's optional dependency brought. */
export interface Located {
  readonly addon: string; // the compiled binding
  readonly origin: "installed" | "npm";
  readonly variant: Variant;
  readonly folder: string;
}

/** Kept between checkouts beside the other runtimes: the folder of scripts/runtime/cache.mjs, found the same way. */
export function tensorflowFolder(environment = process.env): string {
  const base =
    environment["KODO_CACHE"] ??
    (process.platform === "win32" && environment["LOCALAPPDATA"] !== undefined
      ? join(environment["LOCALAPPDATA"], "kodo", "cache")
      : join(environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kodo"));
  return join(base, "tensorflow");
}

export const NOTE = "installed.json";
export const ADDON = join("binding", "tfjs_binding.node"); // in an installed folder

export function installed(root = tensorflowFolder()): (Installed & { readonly folder: string }) | undefined {
  // Where both are there, the one for graphics cards was asked for last.
  for (const variant of ["cuda", "cpu"] as const) {
    const folder = join(root, variant);
    const note = join(folder, NOTE);
    if (existsSync(note)) return { ...Installed.parse(JSON.parse(readFileSync(note, "utf8"))), folder };
  }
  return undefined;
}

export function locate(root = tensorflowFolder()): Located | undefined {
  const own = installed(root);
  if (own !== undefined)
    return { addon: join(own.folder, ADDON), origin: "installed", variant: own.variant, folder: own.folder };
  return fromNpm("@tensorflow/tfjs-node-gpu", "cuda") ?? fromNpm("@tensorflow/tfjs-node", "cpu");
}

/** The package's own install script fetched the library and the binding for it, or failed and left none. */
function fromNpm(name: string, variant: Variant): Located | undefined {
  const folder = packageFolder(name);
  if (folder === undefined) return undefined;
  for (const level of [9, 8, 7, 6]) {
    const addon = join(folder, "lib", `napi-v${level}`, "tfjs_binding.node");
    if (existsSync(addon)) return { addon, origin: "npm", variant, folder };
  }
  return undefined;
}

function packageFolder(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined; // an optional dependency that is not there
  }
}
