import { readFile, stat } from "node:fs/promises";
import { AppError } from "../../../preload/contract/errors.ts";

/**
 * Why a port did not open, out of the words of the system: serialport gives no code. Windows says "Access denied" where
 * another program has the port, Linux "Cannot lock port", macOS "Resource busy" [R].
 */
export function openErrorOf(
  path: string,
  error: Error,
  platform: NodeJS.Platform,
  group: string | undefined,
  real = path, // where the path leads
): AppError {
  const said = error.message.toLowerCase();
  const detail = { path };
  if (/no such file|no such device|file not found/.test(said))
    return new AppError("device/not-found", `No device on ${path}`, detail, error);
  if (/cannot lock port|resource busy|access (?:is )?denied/.test(said))
    return new AppError(
      "device/busy",
      `Another program has ${real === path ? path : `${path} (${real})`} open`,
      detail,
      error,
    );
  if (said.includes("inappropriate ioctl"))
    // a device of another kind, such as /dev/null
    return new AppError("device/cannot-open", `${path} is no serial port`, detail, error);
  if (/permission denied|not permitted/.test(said)) return noPermission(path, error, platform, group);
  return new AppError("device/cannot-open", `${path} cannot be opened: ${error.message}`, detail, error);
}

function noPermission(path: string, error: Error, platform: NodeJS.Platform, group = "dialout"): AppError {
  const refused = `${path} may not be opened by this user`;
  if (platform === "linux") {
    const command = `sudo usermod -aG ${group} $USER`;
    const message = `${refused}. Type "${command}" in a terminal, then log out and in again`;
    return new AppError("device/no-permission", message, { path, command }, error);
  }
  const hint =
    platform === "win32"
      ? "Close other programs that use it, or start its driver anew in the device manager"
      : 'Allow it under "Privacy & Security" in the system settings, and see that its driver is allowed there';
  return new AppError("device/no-permission", `${refused}. ${hint}`, { path }, error);
}

/** Name of the group that a port belongs to: dialout on Debian and Fedora, uucp on Arch. Undefined where it is root's. */
export async function groupOf(path: string): Promise<string | undefined> {
  try {
    const { gid } = await stat(path);
    const lines = (await readFile("/etc/group", "utf8")).split("\n");
    const name = lines.map((line) => line.split(":")).find(([, , id]) => id === String(gid))?.[0];
    return gid === 0 ? undefined : name;
  } catch {
    return undefined;
  }
}
