import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";
import { join, resolve } from "node:path";
import { gatherFonts } from "./scripts/fonts.ts";

const here = (path: string) => resolve(import.meta.dirname, path);

/** One entry a process: Electron's main, the command line, the worker threads and the trainer. */
const processes = {
  index: here("main/index.ts"),
  cli: here("main/cli/index.ts"),
  "storage-worker": here("main/storage/worker.ts"),
  "library-reader": here("main/storage/reader-process.ts"),
  "exchange-worker": here("main/exchange/worker.ts"),
  "ctg-worker": here("main/ctg/worker.ts"),
  "cluster-worker": here("main/cluster/process/worker.ts"),
  recorder: here("main/acquisition/process/recorder-process.ts"),
  trainer: here("main/training/process/trainer.ts"),
  "feed-worker": here("main/training/data/feed/worker.ts"),
};

export default defineConfig({
  main: {
    // The fonts of the paper lie beside the processes.
    plugins: [
      { name: "fonts of the paper", writeBundle: () => gatherFonts(join(here("out/main"), "fonts")) },
    ],
    build: {
      outDir: "out/main",
      // tfjs-core is bundled so that one copy serves our models and its gradients; native packages stay outside.
      externalizeDeps: {
        exclude: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu", "long", "onnx-proto", "zod"],
      },
      rollupOptions: {
        input: processes,
        output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "chunks/[name]-[hash].js" },
      },
    },
  },
  preload: {
    build: {
      outDir: "out/preload",
      externalizeDeps: false, // a sandboxed preload cannot load packages
      rollupOptions: {
        input: { index: here("preload/index.ts") },
        output: { format: "cjs", entryFileNames: "[name].cjs" },
      },
    },
  },
  renderer: {
    root: here("renderer"),
    build: {
      outDir: here("out/renderer"),
      target: "chrome130",
      minify: true, // the page is parsed at every start
      rollupOptions: { input: { index: here("renderer/index.html") } },
    },
    plugins: [react()],
  },
});
