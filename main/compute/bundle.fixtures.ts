import { join, resolve } from "node:path";
import { build } from "vite";

const root = resolve(import.meta.dirname, "../..");

/** Inside the project: native packages are found from there. */
export const bundleFolder = (name: string): string => join(root, "out", `${name}-${process.pid}`);

/** Bundles programs by the names their files get, each for a process or thread of its own. */
export async function bundle(entries: Readonly<Record<string, string>>, outDir: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: "error",
    ssr: {
      noExternal: [/^@tensorflow\//, /^long$/, /^onnx-proto$/, /^zod$/],
      external: ["onnxruntime-node", "better-sqlite3"],
    },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: { ...entries },
        output: { entryFileNames: "[name].js" },
      },
    },
  });
}
