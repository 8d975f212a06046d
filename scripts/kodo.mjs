// npm run --silent kodo -- <command> …: the command line.
import { runCli } from "./runtime/cli.mjs";

runCli(process.argv.slice(2));
