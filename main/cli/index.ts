import { main } from "./main.ts";

process.exitCode = await main({
  argv: process.argv.slice(2),
  folder: import.meta.dirname,
  environment: process.env,
});
