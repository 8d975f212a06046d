import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { InstalledEngine } from "../../../preload/contract/engine.ts";
import type { EngineVariant } from "../../../preload/contract/engine.ts";
import { z } from "zod";

/** What stands beside an installed library: written last, so that its presence says the folder is whole. */
export const InstallNote = InstalledEngine.extend({ addon: z.string() }); // the compiled binding, below the folder
export type InstallNote = z.infer<typeof InstallNote>;

/** A library that can be loaded: Kodo's own, or the one that npm's optional dependency brought. */
export interface Located {
  readonly addon: string; // the compiled binding
  readonly origin: "installed" | "npm";
  readonly variant: EngineVariant;
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

export type Installed = InstallNote & { readonly folder: string };

/** What Kodo installed, if anything. A folder whose note cannot be read is not whole and counts as none. */
export function installed(root = tensorflowFolder()): Installed | undefined {
  for (const variant of ["cuda", "cpu"] as const) {
    const folder = join(root, variant);
    try {
      return { ...InstallNote.parse(JSON.parse(readFileSync(join(folder, NOTE), "utf8"))), folder };
    } catch {
      // not installed, or by an older version: installed anew
    }
  }
  return undefined;
}

export function locate(root = tensorflowFolder()): Located | undefined {
  const own = installed(root);
  if (own !== undefined)
    return {
      addon: join(own.folder, own.addon),
      origin: "installed",
      variant: own.variant,
      folder: own.folder,
    };
  return fromNpm("@tensorflow/tfjs-node-gpu", "cuda") ?? fromNpm("@tensorflow/tfjs-node", "cpu");
}

/** The package's own install script fetched the library and the binding for it, or failed and left none. */
function fromNpm(name: string, variant: EngineVariant): Located | undefined {
  const folder = packageFolder(name);
  const addon = folder === undefined ? undefined : addonIn(folder);
  return folder === undefined || addon === undefined ? undefined : { addon, origin: "npm", variant, folder };
}

/** Where a tfjs-node package keeps its compiled binding: under the level of Node-API it was made for. */
const addonIn = (folder: string): string | undefined =>
  [9, 8, 7, 6]
    .map((level) => join(folder, "lib", `napi-v${level}`, "tfjs_binding.node"))
    .find((addon) => existsSync(addon));

function packageFolder(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined; // an optional dependency that is not there
  }
}
