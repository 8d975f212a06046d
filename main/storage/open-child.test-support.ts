import { writeSync } from "node:fs";
import { openLibrary } from "./open-library.ts";

// A process for tests that has a library open until its input ends.
const library = openLibrary(process.argv[2]!);
writeSync(1, "open\n");
process.stdin.resume().on("end", () => library.close());
