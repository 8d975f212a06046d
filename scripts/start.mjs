// npm start [-- --demo | FILE...]: opens the application, on a virtual display where there is no other.
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { ensureBuilt, projectFolder } from "./runtime/build.mjs";
import { nodePath } from "./runtime/node.mjs";
import { makeReady } from "./runtime/ready.mjs";
import { say } from "./runtime/say.mjs";
import { hasDisplay, withDisplay } from "./runtime/system.mjs";

function run(command, args, env) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: projectFolder, env, stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
    child.on("error", (error) => {
      say(error.message);
      done(1);
    });
    child.on("exit", (code) => done(code ?? 1));
  });
}

try {
  const args = process.argv.slice(2);
  const demo = args.includes("--demo");
  const { electron, flags, env } = await makeReady();
  ensureBuilt();
  if (demo) {
    const display = hasDisplay() ? {} : { KODO_VIRTUAL_DISPLAY: "1" };
    const [command, commandArgs] = withDisplay(nodePath(), [resolve(import.meta.dirname, "demo.mjs")]);
    process.exitCode = await run(command, commandArgs, { ...env, ...display });
  } else if (!hasDisplay()) {
    throw new Error(
      "there is no display here. `npm start -- --demo` runs on a virtual one and leaves screenshots.",
    );
  } else {
    const files = args.map((argument) =>
      argument.startsWith("-") ? argument : resolve(process.env.INIT_CWD ?? ".", argument),
    );
    process.exitCode = await run(electron.path, [...flags, projectFolder, ...files], env);
  }
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
