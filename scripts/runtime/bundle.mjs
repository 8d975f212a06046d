import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { projectFolder } from "./build.mjs";

/**
 * Bundles TypeScript entries for Node into out/FOLDER as NAME.js, and answers that folder.
 * @param {Record<string, string>} entries file of each name, from the project's folder
 */
export async function bundleForNode(entries, folder) {
  const outDir = join(projectFolder, "out", folder);
  mkdirSync(outDir, { recursive: true });
  await build({
    root: projectFolder,
    logLevel: "error",
    configFile: false,
    ssr: { noExternal: [/^@tensorflow\//, /^long$/] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false,
      rollupOptions: {
        input: Object.fromEntries(
          Object.entries(entries).map(([name, file]) => [name, join(projectFolder, file)]),
        ),
        output: { entryFileNames: "[name].js" },
      },
    },
  });
  return outDir;
}
