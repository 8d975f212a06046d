import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ClusterEntry } from "../../preload/contract/cluster.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { Connected } from "../service/cluster-link.ts";
import { checkCertificate, ClusterSettings, type Keyring } from "./cluster-settings.ts";

const entry: ClusterEntry = {
  address: "postgresql://ito@db.example.org/kodo",
  file: null,
  password: "hunter2",
};
const noRing: Keyring = {
  canKeep: () => false,
  seal: () => {
    throw new Error("no keyring");
  },
  open: () => {
    throw new Error("no keyring");
  },
};
const ring: Keyring = {
  canKeep: () => true,
  seal: (secret) => Buffer.from(secret).reverse(),
  open: (sealed) => Buffer.from(sealed).reverse().toString(),
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "kodo-cluster-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A window that was opened anew: what it asks of the cluster is written down. */
async function opened(keyring: Keyring, reached = true, answered = Promise.resolve()) {
  const path = join(folder, "cluster.json");
  const used: (Connected | undefined)[] = [];
  const tested: Connected[] = [];
  const settings = new ClusterSettings({
    ...{ path, keyring, changed: () => undefined },
    failed: (error: unknown) => {
      throw error;
    },
    link: {
      use: (connected) => Promise.resolve(void used.push(connected)),
      test: async (connected) => {
        tested.push(connected);
        await answered;
        if (reached) return { name: "db.example.org/kodo", recordings: 1, workers: 0 };
        throw new AppError("device/cluster-lost", "it cannot be reached");
      },
    },
  });
  await settings.start();
  return { settings, used, tested, path, text: () => readFileSync(path, "utf8") };
}

test("it is off until a person connects it; one that is not reached is not kept", async () => {
  const { settings, used } = await opened(ring, false);
  expect(settings.state()).toMatchObject({ place: null, name: null });
  expect(used).toEqual([undefined]);
  await expect(settings.handlers["cluster.connect"](entry)).rejects.toMatchObject({
    code: "device/cluster-lost",
  });
  expect((await opened(ring)).settings.state().place).toBeNull();
});

test("a password is kept as the keyring seals it, in a file for this user alone", async () => {
  const { settings, path, text } = await opened(ring);
  expect(await settings.handlers["cluster.connect"](entry)).toMatchObject({
    password: "kept",
    isAgreed: false,
  });
  expect(text()).not.toContain("hunter2");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.stringify(settings.state())).not.toContain("hunter2");
  const again = await opened(ring);
  expect(again.settings.state()).toMatchObject({ password: "kept", name: "db.example.org/kodo" });
  expect(again.used[0]).toMatchObject({ password: "hunter2" });
});

test("where there is no keyring it is known until the program ends, and is written nowhere", async () => {
  const { settings, text } = await opened(noRing);
  expect(await settings.handlers["cluster.connect"](entry)).toMatchObject({
    password: "until-end",
    canKeep: false,
  });
  expect(text()).not.toMatch(/hunter2|aHVudGVyMg/);
  const again = await opened(noRing);
  expect(again.settings.state()).toMatchObject({ password: "missing", name: "db.example.org/kodo" });
});

test("a password that is known is sent to where it was entered for and nowhere else", async () => {
  const { settings, tested } = await opened(ring);
  await settings.handlers["cluster.connect"](entry);
  const { address, file } = entry;
  const same = { address, file };
  await settings.handlers["cluster.test"](same);
  await settings.handlers["cluster.test"]({ ...same, address: "postgresql://ito@evil.example.org/kodo" });
  await settings.handlers["cluster.test"]({ ...same, file: "/tmp/other.pem" });
  expect(tested.map(({ password }) => password)).toEqual(["hunter2", "hunter2", undefined, undefined]);
});

test("agreement is asked for once a server, and is gone when it is forgotten", async () => {
  const { settings } = await opened(ring);
  const agree = (name: string) => settings.handlers["cluster.agree"]({ name });
  await expect(agree("db.example.org/kodo")).rejects.toMatchObject({ code: "contract/cluster-none" });
  await settings.handlers["cluster.connect"](entry);
  await expect(agree("other.example.org/kodo")).rejects.toMatchObject({
    code: "contract/cluster-not-agreed",
  });
  expect(settings.state().isAgreed).toBe(false);
  expect(await agree("db.example.org/kodo")).toMatchObject({ isAgreed: true });
  expect((await opened(ring)).settings.state().isAgreed).toBe(true);
  const other = { ...entry, address: "postgresql://ito@other.example.org/kodo" };
  expect(await settings.handlers["cluster.connect"](other)).toMatchObject({ isAgreed: false });
  expect(await settings.handlers["cluster.forget"]({})).toMatchObject({ place: null });
  expect((await opened(ring)).settings.state().place).toBeNull();
});

test("what is forgotten while its server has not answered yet stays forgotten", async () => {
  let answer = (): void => undefined;
  const { settings } = await opened(ring, true, new Promise((resolve) => (answer = resolve)));
  const connecting = Promise.resolve(settings.handlers["cluster.connect"](entry));
  await settings.handlers["cluster.forget"]({});
  answer();
  await expect(connecting).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect(settings.state().place).toBeNull();
  expect((await opened(ring)).settings.state().place).toBeNull();
  await settings.handlers["cluster.connect"](entry);
  const agreeing = settings.handlers["cluster.agree"]({ name: "db.example.org/kodo" }); // is still being written
  await settings.handlers["cluster.forget"]({});
  await agreeing;
  expect(settings.state().place).toBeNull();
  expect((await opened(ring)).settings.state().place).toBeNull();
});

test("a file that is not what was written connects nothing; what is no certificate is said", async () => {
  writeFileSync(
    join(folder, "cluster.json"),
    '{"address":"http://evil","file":null,"sealed":null,"agreed":[]}',
  );
  expect((await opened(ring)).settings.state().place).toBeNull();
  writeFileSync(join(folder, "note.pem"), "no certificate");
  await expect(checkCertificate(join(folder, "note.pem"))).rejects.toMatchObject({
    code: "data/not-a-certificate",
  });
});
