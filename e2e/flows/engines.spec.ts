import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, launch, test } from "../fixtures/app.ts";
import { at, changeSettings, goTo } from "../pages/kodo.ts";

// No network: the one who fetches is a program of the test's, and the registry is a closed port.
test("the settings page says which engines there are; an installation is cancelled, or says in words why it failed", async ({
  libraryPath,
}) => {
  test.skip(process.platform === "win32", "stands in for python3 with a shell script");
  test.setTimeout(180_000);
  const folder = dirname(libraryPath);
  const [cache, programs] = [join(folder, "cache"), join(folder, "programs")];
  mkdirSync(programs);
  const python = (script: string): void => {
    for (const name of ["python3", "python"]) {
      rmSync(join(programs, name), { force: true });
      writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(programs, name), 0o755);
    }
  };
  python("exec sleep 600");
  const { app, window } = await launch(libraryPath, [], {
    KODO_CACHE: cache,
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
    npm_config_registry: "http://127.0.0.1:9",
    npm_config_fetch_retries: "0",
  });
  try {
    await goTo(window, "settings");
    const row = (name: string) =>
      at(window, testIds.engineRow).and(window.locator(`[data-engine="${name}"]`));
    await expect(row("onnxruntime")).toHaveAttribute("data-state", "ready", { timeout: 60_000 });
    await expect(row("libtensorflow")).toHaveAttribute("data-state", "absent");

    const install = at(window, testIds.installEngine).first();
    await install.click();
    await at(window, testIds.cancelInstall).click();
    await expect(at(window, testIds.settingsEngines)).toContainText("cancelled");

    python('echo "ERROR: Failed to establish a new connection" >&2; exit 1');
    await changeSettings(window, { language: "ja", theme: "light" });
    await goTo(window, "settings");
    await install.click();
    await expect(at(window, testIds.settingsEngines).getByRole("alert")).toContainText(
      "追加に必要なプログラムが見つかりません",
      {
        timeout: 60_000,
      },
    );
    expect(readdirSync(join(cache, "tensorflow"))).toEqual([]);
    await expect(row("libtensorflow")).toHaveAttribute("data-state", "absent");
    await at(window, testIds.settingsEngines).scrollIntoViewIfNeeded();
    mkdirSync("test-results/screens", { recursive: true });
    await window.screenshot({ path: "test-results/screens/engines-ja.png" });
  } finally {
    await app.close();
  }
});
