import { isAbsolute, join, resolve } from "node:path";
import { sure } from "../../preload/contract/sure.ts";

export interface StartArguments {
  readonly library: string | undefined;
  readonly userData: string | undefined;
  readonly files: readonly string[];
}

export interface ArgumentContext {
  readonly argv: readonly string[]; // process.argv
  readonly isPackaged: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string; // working directory
}

/**
 * What the application was started with: `--library PATH`, `--user-data-dir PATH`, and files to import and open.
 * The executable comes first; not packaged, the first argument that is no flag is the application's own folder.
 * Flags of Electron and Chromium are passed over. `KODO_LIBRARY` and `KODO_USER_DATA` say the same as the flags.
 */
export function startArguments({ argv, isPackaged, environment, folder }: ArgumentContext): StartArguments {
  const rest = argv.slice(1);
  if (!isPackaged) {
    const own = rest.findIndex((argument) => !argument.startsWith("-"));
    if (own >= 0) rest.splice(own, 1);
  }
  const files: string[] = [];
  let library = environment.KODO_LIBRARY;
  let userData = environment.KODO_USER_DATA;
  let onlyFiles = false;
  for (let i = 0; i < rest.length; i++) {
    const argument = sure(rest[i]);
    const [flag, value] = splitFlag(argument);
    if (onlyFiles || !argument.startsWith("-")) files.push(argument);
    else if (argument === "--") onlyFiles = true;
    else if (flag === "--library") library = value ?? rest[++i];
    else if (flag === "--user-data-dir") userData = value ?? rest[++i];
  }
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(join(folder, path)));
  return {
    library: library === undefined || library === "" ? undefined : absolute(library),
    userData: userData === undefined || userData === "" ? undefined : absolute(userData),
    files: files.map(absolute),
  };
}

function splitFlag(argument: string): readonly [string, string | undefined] {
  const at = argument.indexOf("=");
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}
