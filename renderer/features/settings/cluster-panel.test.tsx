import { expect, test } from "vitest";
import { noCluster, type ClusterState } from "../../../preload/contract/cluster.ts";
import { answering, buttonsIn, drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { ClusterPanel } from "./cluster-panel.tsx";
import { clusterWords } from "./cluster-words.ts";

const words = clusterWords.en;
const connected: ClusterState = {
  place: { address: "postgresql://ito@db.example.org/kodo", file: "/etc/kodo/ca.pem" },
  ...{ name: "db.example.org/kodo", password: "kept", canKeep: true, isAgreed: true },
};
const panel = (state: ClusterState): Promise<string> =>
  drawn(<ClusterPanel />, answering(createFakeApi(), { "cluster.state": state }), [["cluster.state", {}]]);

test("it is off until a person connects it, and nothing can be tried without an address", async () => {
  const html = await panel(noCluster);
  expect(textIn(html)).toContain(`|${words.off}|`);
  expect(buttonsIn(html)).toEqual(expect.arrayContaining([`${words.connect} (off)`, `${words.test} (off)`]));
  expect(buttonsIn(html)).not.toContain(words.forget);
});

test("one that is connected can be tried, connected anew and forgotten; its password is never drawn", async () => {
  const html = await panel(connected);
  expect(buttonsIn(html)).toEqual(expect.arrayContaining([words.connectAgain, words.test, words.forget]));
  expect(html).toContain("/etc/kodo/ca.pem");
  expect(html).toMatch(/type="password"[^>]* value=""/);
});

test("it is said where the password is kept, that it is not, and that it has to be entered again", async () => {
  expect(textIn(await panel(connected))).toContain(words.passwordKeep);
  const noRing = await panel({ ...connected, canKeep: false, password: "until-end" });
  expect(textIn(noRing)).toContain(words.passwordNoRing);
  const missing = textIn(await panel({ ...connected, canKeep: false, password: "missing" }));
  expect(missing).toContain(words.passwordMissing);
  expect(missing).toContain(words.passwordMissingChip);
});
