import { mainLine } from "../../calls/main-line.ts";
import type { MainLine } from "./serve.ts";

/** The line to main, with which the process ends: when main is gone nothing here is worth keeping. */
export function parentPort(): MainLine {
  const line = mainLine();
  const close = (): void => process.exit(0);
  line.onLost(close);
  return { ...line, close };
}
