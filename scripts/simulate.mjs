// npm run simulate -- cyton --pty /tmp/kodo-cyton [--scenario FILE] [--seconds N] [--truth FILE]: a device of our own at a
// virtual serial port, to be recorded from as from a real one (KODO_PORTS=/tmp/kodo-cyton npm start).
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleForNode } from "./runtime/bundle.mjs";

const folder = await bundleForNode({ simulation: "scripts/simulation.ts" }, "simulate");
const { runSimulation } = await import(pathToFileURL(join(folder, "simulation.js")).href);
process.exitCode = await runSimulation(process.argv.slice(2));
