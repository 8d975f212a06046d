import { safeStorage } from "electron";
import type { Keyring } from "./cluster-settings.ts";

/* eslint-disable @typescript-eslint/no-deprecated -- its ways that wait are missing in the older Electron that is taken where the newest cannot be fetched */

/** Of the system. On Linux without one Electron would hide a secret behind a word that everybody knows: that is no keeping. */
export const systemKeyring: Keyring = {
  canKeep: () =>
    safeStorage.isEncryptionAvailable() &&
    (process.platform !== "linux" || safeStorage.getSelectedStorageBackend() !== "basic_text"),
  seal: (secret) => safeStorage.encryptString(secret),
  open: (sealed) => safeStorage.decryptString(sealed),
};
