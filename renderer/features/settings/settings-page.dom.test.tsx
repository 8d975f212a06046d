// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, onPage, pageText, press, says, settled } from "../../fake/on-page.tsx";
import { translate } from "../../ui/words.ts";
import { ClusterPanel } from "./cluster-panel.tsx";
import { clusterWords } from "./cluster-words.ts";
import { SettingsPage } from "./settings-page.tsx";

const t = translate(clusterWords, "en");
const type = (testId: string, value: string): void =>
  void fireEvent.change(screen.getByTestId(testId), { target: { value } });
const ADDRESS = "postgresql://ito@db.example.org/kodo";

test("what was said of one address is not shown beside another", async () => {
  const { api, held } = holding(createFakeApi(), "cluster.test");
  onPage(<ClusterPanel />, api);
  await says(t("address"));
  type("cluster-address", ADDRESS);
  await settled();
  press("K"); // the focus is not in the field
  await settled();
  type("cluster-address", "postgresql://ito@elsewhere/kodo");
  await settled();
  await held[0]?.answer();
  await settled();
  expect(screen.getByTestId("cluster-told").textContent).toBe("");
  type("cluster-address", ADDRESS);
  await settled();
  expect(screen.getByTestId("cluster-told").textContent).toContain("260 recordings");
});

test("one that refuses says why until what was entered changes; it is connected once, and the password is not kept on the page", async () => {
  const { api, held } = holding(createFakeApi(), "cluster.connect");
  onPage(<ClusterPanel />, api);
  await says(t("address"));
  type("cluster-address", ADDRESS);
  type("cluster-password", "wrong");
  await settled();
  press("Mod+Enter");
  await settled();
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await says("storage/cluster-refused");
  type("cluster-password", "right");
  await settled();
  expect(pageText()).not.toContain("storage/cluster-refused");
  press("Mod+Enter");
  await settled();
  await held[0]?.answer();
  await says(t("connectAgain"));
  expect(screen.getByTestId<HTMLInputElement>("cluster-password").value).toBe("");
  press("Shift+K");
  await says(t("off"));
});

test("the whole page stands, a setting is saved when its field is left, and one that is not saved says so", async () => {
  const library = createFakeApi(1, { cluster: "connected" });
  onPage(<SettingsPage labelSetEditor={null} />, library);
  await says("Your name");
  const author = screen.getByTestId("settings-author");
  fireEvent.change(author, { target: { value: " M. Tanaka " } });
  fireEvent.blur(author);
  await settled();
  expect(unwrap(await library.request("settings.get", {})).author).toBe("M. Tanaka");
  onPage(<SettingsPage labelSetEditor={null} />, createFakeApi(1, { failing: ["settings.set"] }));
  await says(t("off"));
  const other = screen.getAllByTestId("settings-author").at(-1) ?? author;
  fireEvent.change(other, { target: { value: "S. Abe" } });
  fireEvent.blur(other);
  await says("storage/disk-full");
});

test("settings that cannot be read say why, and what is usual is not shown as what is set", async () => {
  onPage(<SettingsPage labelSetEditor={null} />, createFakeApi(1, { failing: ["settings.get"] }));
  await says("storage/disk-full");
  expect(screen.queryByTestId("settings-author")).toBeNull();
});
