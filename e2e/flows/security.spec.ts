import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, idle, launch, test } from "../fixtures/app.ts";
import { ask } from "../pages/kodo.ts";

test("the page has no Node, no Electron and one frozen api", async ({ window }) => {
  const seen = await window.evaluate(() => {
    const page = window as unknown as Record<string, unknown>;
    const api = page["api"] as object;
    let changed = false;
    try {
      (api as Record<string, unknown>)["request"] = () => "mine";
      changed = (api as { request: () => unknown }).request() === "mine";
    } catch {
      changed = false;
    }
    return {
      kinds: ["require", "process", "module", "Buffer", "global", "ipcRenderer", "electron"].map(
        (name) => typeof page[name],
      ),
      names: Object.keys(api).sort(),
      isFrozen: Object.isFrozen(api),
      changed,
    };
  });
  expect(seen.kinds).toEqual(Array.from({ length: 7 }, () => "undefined"));
  expect(seen.names).toEqual(["on", "pathOf", "request", "zoomFactor"]);
  expect([seen.isFrozen, seen.changed]).toEqual([true, false]);
});

test("the window is sandboxed, isolated and without Node", async ({ app }) => {
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } =
      contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag: webviewTag === true };
  });
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
});

test("every page loads without breaking the content security policy", async ({ libraryPath }) => {
  const { app, window } = await launch(libraryPath);
  try {
    const violations: string[] = [];
    await window.exposeFunction("violated", (what: string) => violations.push(what));
    await window.addInitScript(() => {
      document.addEventListener(
        "securitypolicyviolation",
        ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
          (window as unknown as { violated(what: string): void }).violated(
            `${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`,
          );
        },
      );
    });
    const errors: string[] = [];
    window.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
    });
    for (const page of ["library", "record", "review", "train", "layers", "models", "settings"]) {
      await window.evaluate((name) => (location.hash = `#/${name}`), page);
      await window.reload();
      await window.waitForSelector('html[data-idle="true"]');
    }
    expect(violations).toEqual([]);
    expect(errors).toEqual([]);
  } finally {
    await app.close();
  }
});

test("inline script, eval and foreign styles do not run", async ({ window }) => {
  const ran = await window.evaluate(async () => {
    const page = window as unknown as { inline?: boolean };
    const script = document.createElement("script");
    script.textContent = "window.inline = true";
    document.head.append(script);
    // Later, in a task of the page's own: what the test itself runs is exempt from the policy.
    const evaluated = await new Promise<boolean>((done) =>
      setTimeout(() => {
        const make = (globalThis as unknown as { Function: new (body: string) => () => unknown }).Function;
        try {
          new make("return 1")();
          done(true);
        } catch {
          done(false);
        }
      }, 0),
    );
    const style = document.createElement("style");
    style.textContent = "html { --foreign: 1 }";
    document.head.append(style);
    await new Promise((done) => setTimeout(done, 50));
    const foreign = getComputedStyle(document.documentElement).getPropertyValue("--foreign");
    script.remove();
    style.remove();
    return { inline: page.inline === true, evaluated, foreign };
  });
  expect(ran).toEqual({ inline: false, evaluated: false, foreign: "" });
});

test("the page stays where it is", async ({ window }) => {
  const before = new URL(window.url());
  await window.evaluate(() => {
    location.href = "https://example.org/";
  });
  await window.evaluate(() => {
    location.href = "file:///etc/passwd";
  });
  await window.evaluate(() => {
    const link = document.createElement("a");
    link.href = "data:text/html,<h1>x</h1>";
    document.body.append(link);
    link.click();
    link.remove();
  });
  const after = new URL(window.url());
  expect([after.protocol, after.host, after.pathname]).toEqual([
    before.protocol,
    before.host,
    before.pathname,
  ]);
  expect(await window.evaluate(() => typeof (window as unknown as { api: unknown }).api)).toBe("object");
});

test("no second window and no frame of another origin opens", async ({ app, window }) => {
  const opened = await window.evaluate(() => {
    const other = globalThis.open("https://example.org/");
    const own = globalThis.open("app://kodo/index.html");
    return [other, own].map((one) => one === null);
  });
  expect(opened).toEqual([true, true]);
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  const frames = await window.evaluate(async () => {
    const frame = document.createElement("iframe");
    frame.src = "app://kodo/index.html";
    document.body.append(frame);
    await new Promise((done) => setTimeout(done, 300));
    const reached = (() => {
      try {
        return typeof (frame.contentWindow as unknown as { api?: unknown } | null)?.api;
      } catch {
        return "unreachable";
      }
    })();
    frame.remove();
    return reached;
  });
  expect(["undefined", "unreachable"]).toContain(frames);
});

test("no request leaves the machine, not even past the policy", async ({ app, window }) => {
  const fromPage = await window.evaluate(() => {
    const addresses = [
      "https://example.org/",
      "http://127.0.0.1:9/",
      "file:///etc/passwd",
      "app://other/index.html",
    ];
    return Promise.all(
      addresses.map((address) =>
        fetch(address).then(
          () => "answered",
          () => "refused",
        ),
      ),
    );
  });
  expect(fromPage).toEqual(["refused", "refused", "refused", "refused"]);
  const image = await window.evaluate(
    () =>
      new Promise((done) => {
        const picture = new Image();
        picture.onload = () => done("loaded");
        picture.onerror = () => done("refused");
        picture.src = "http://127.0.0.1:9/x.png";
      }),
  );
  expect(image).toBe("refused");
  const policy = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.webContents.getWebRTCIPHandlingPolicy(),
  );
  expect(policy).toBe("disable_non_proxied_udp");
  // Main's own session has the same filter: a page without a policy would fare no better.
  const fromMain = await app.evaluate(async ({ session }) => {
    const refused: string[] = [];
    for (const url of ["https://example.org/", "http://127.0.0.1:9/"]) {
      await session.defaultSession.fetch(url).then(
        () => undefined,
        (error: unknown) => refused.push(error instanceof Error ? error.message : String(error)),
      );
    }
    return refused;
  });
  expect(fromMain).toEqual(["net::ERR_BLOCKED_BY_CLIENT", "net::ERR_BLOCKED_BY_CLIENT"]);
});

test("permissions are denied", async ({ window }) => {
  const states = await window.evaluate(async () => {
    const geolocation = await new Promise((done) =>
      navigator.geolocation.getCurrentPosition(
        () => done("granted"),
        () => done("denied"),
      ),
    );
    const camera = await (navigator.mediaDevices?.getUserMedia({ video: true }).then(
      () => "granted",
      () => "denied",
    ) ?? "denied");
    const notification =
      typeof Notification === "undefined" ? "denied" : await Notification.requestPermission();
    return [geolocation, camera, notification];
  });
  expect(states).toEqual(["denied", "denied", "denied"]);
});

test("a request from a forged frame, of an unknown name or of the wrong shape is refused", async ({
  app,
  window,
}) => {
  const answers = await window.evaluate(async () => {
    const { api } = window as unknown as {
      api: { request(name: string, params: unknown): Promise<{ ok: boolean; error?: { code: string } }> };
    };
    const code = async (name: string, params: unknown) =>
      (await api.request(name, params)).error?.code ?? "ok";
    return [
      await code("settings.get", {}),
      await code("shell.run", {}),
      await code("__proto__", {}),
      await code("recordings.get", { id: 7 }),
      await code("recordings.get", null),
    ];
  });
  expect(answers).toEqual([
    "ok",
    "contract/unknown-request",
    "contract/unknown-request",
    "contract/bad-params",
    "contract/bad-params",
  ]);
  // The worst case: a renderer that has Node and speaks to main's channel itself.
  const forged = await app.evaluate(async ({ BrowserWindow }) => {
    const foreign = new BrowserWindow({
      show: false,
      webPreferences: { nodeIntegration: true, contextIsolation: false, sandbox: false },
    });
    try {
      await foreign.loadURL("app://kodo/index.html");
      const answer: unknown = await foreign.webContents.executeJavaScript(
        "require('electron').ipcRenderer.invoke('kodo:request', 'settings.get', {})",
      );
      return answer;
    } finally {
      foreign.destroy();
    }
  });
  expect(forged).toMatchObject({ ok: false, error: { code: "contract/foreign-sender" } });
});

test("a dropped file has a path that may be named, and nothing else does", async ({
  window,
  libraryPath,
}) => {
  const [given, other] = ["given.csv", "other.csv"].map((name) => join(dirname(libraryPath), name)) as [
    string,
    string,
  ];
  for (const file of [given, other]) writeFileSync(file, "time_s,EMG 1 (uV)\n0,1\n0.01,2\n0.02,3\n");
  await window.evaluate(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.id = "probe";
    document.body.append(input);
  });
  await window.setInputFiles("#probe", given);
  const seen = await window.evaluate(
    async ([mine, theirs]) => {
      const { api } = globalThis as unknown as {
        api: {
          pathOf(file: unknown): string;
          request(name: string, params: unknown): Promise<{ error?: { code: string } }>;
        };
      };
      const code = async (name: string, params: unknown): Promise<string> =>
        (await api.request(name, params)).error?.code ?? "ok";
      const preview = (path: unknown): Promise<string> => code("import.preview", { path });
      const before = await preview(mine);
      const [file] = document.querySelector<HTMLInputElement>("#probe")!.files!;
      const forged = { name: "other.csv", path: theirs, toString: () => theirs };
      const paths = [file, "text", new File(["x"], theirs!), theirs, forged].map((one) => api.pathOf(one));
      return {
        before,
        paths,
        after: [await preview(mine), await preview(theirs), await preview("/etc/passwd")],
        others: [
          await code("import.start", { paths: [mine, theirs], options: {} }),
          await code("models.import", { file: theirs }),
          await code("models.export", { runId: "r", directory: "/tmp" }),
          await code("export.start", {
            recordingIds: ["r"],
            format: "csv",
            directory: "/tmp",
            withAnnotations: false,
            withMask: false,
            deidentify: false,
          }),
        ],
      };
    },
    [given, other],
  );
  const refused = "contract/path-not-given";
  expect(seen).toEqual({
    before: refused,
    paths: [given, "", "", "", ""],
    after: ["ok", refused, refused],
    others: [refused, refused, refused, refused],
  });
});

test("a block of main's event loop does not go unseen", async ({ app }) => {
  const seen = await app.evaluate(async () => {
    const { kodoVitals } = globalThis as unknown as { kodoVitals: { maxBlockMs(): number; reset(): void } };
    kodoVitals.reset();
    await new Promise((done) => setTimeout(done, 50));
    const until = performance.now() + 120;
    while (performance.now() < until);
    await new Promise((done) => setTimeout(done, 50));
    return kodoVitals.maxBlockMs();
  });
  expect(seen).toBeGreaterThan(100);
});

test("no process of the application sends anything to another machine", async ({ libraryPath }) => {
  const isTraced = spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "true"]).status === 0;
  test.skip(!isTraced, "no strace (Debian: apt-get install -y strace)");
  const folder = dirname(libraryPath);
  const [wrapper, trace] = [join(folder, "electron"), join(folder, "trace")];
  const electron = process.env["ELECTRON_EXEC_PATH"] ?? "";
  // -yy names the protocol of every socket.
  const calls = "connect,sendto,sendmsg,sendmmsg";
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec strace -f -qq -yy -e trace=${calls} -o '${trace}' '${electron}' "$@"\n`,
  );
  chmodSync(wrapper, 0o755);
  const { app, window } = await launch(libraryPath, [], {}, wrapper);
  await ask(window, "sample.open", {});
  for (const page of ["review", "train", "layers", "models", "settings", "library"]) {
    await window.evaluate((name) => (location.hash = `#/${name}`), page);
    await idle(window);
  }
  await ask(window, "engines.list", { again: true }); // a process each, with every native library of learning
  await expect
    .poll(async () => (await ask(window, "jobs.list", {}))[0]?.state, { timeout: 60_000 })
    .toBe("done");
  await app.close();
  const lines = readFileSync(trace, "utf8").split("\n");
  expect(lines.length).toBeGreaterThan(100);
  const inet = lines.filter(
    (line) => /<(TCP|UDP)(v6)?:|AF_INET/.test(line) && !/127\.0\.0\.1|\[::1\]|"::1"/.test(line),
  );
  // Chromium asks the kernel for a route to a public address, on a datagram socket that it never writes to.
  const isRouteLookup = (line: string): boolean => /^\d+ +connect\(\d+<UDPv?6?:/.test(line);
  expect(inet.filter((line) => !isRouteLookup(line))).toEqual([]);
});
