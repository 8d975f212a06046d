// npm run e2e [-- PLAYWRIGHT ARGUMENTS]: stories in the real Electron, on a virtual display where there is no other.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureBuilt, projectFolder } from "./runtime/build.mjs";
import { makeReady } from "./runtime/ready.mjs";
import { say } from "./runtime/say.mjs";
import { withDisplay } from "./runtime/system.mjs";

const { electron, env } = await makeReady();
ensureBuilt();
say(`end-to-end tests run in Electron ${electron.version} (${electron.origin})`);
const cli = join(projectFolder, "node_modules", "@playwright", "test", "cli.js");
const [command, args] = withDisplay(process.execPath, [
  cli,
  "test",
  "--config",
  "e2e/playwright.config.ts",
  ...process.argv.slice(2),
]);
process.exitCode = spawnSync(command, args, { cwd: projectFolder, env, stdio: "inherit" }).status ?? 1;
