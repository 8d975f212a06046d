// npm run tensorflow [-- --cuda] [-- --remove] [-- --json]: libtensorflow into the cache, tested, or out again.
import { runCli } from "./runtime/cli.mjs";

const args = process.argv.slice(2);
const isRemoval = args.includes("--remove");
runCli(["engines", isRemoval ? "remove" : "install", ...args.filter((argument) => argument !== "--remove")]);
