import { resolveElectron } from "./electron.mjs";
import { sqliteBinding } from "./sqlite.mjs";
import { ensureSystem, sandboxFlags } from "./system.mjs";

/**
 * Everything the application needs on this machine, installed where it is missing.
 * @returns {Promise<{ electron: { path: string, version: string, origin: string }, flags: string[], env: NodeJS.ProcessEnv }>}
 */
export async function makeReady() {
  const electron = await resolveElectron();
  await ensureSystem(electron.path);
  const binding = await sqliteBinding(electron.version);
  const env = { ...process.env, ELECTRON_EXEC_PATH: electron.path, KODO_ELECTRON_VERSION: electron.version };
  if (binding) env.KODO_SQLITE_BINDING = binding;
  delete env.ELECTRON_RUN_AS_NODE;
  return { electron, flags: sandboxFlags(), env };
}
