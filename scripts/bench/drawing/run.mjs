// Pans and zooms a generated recording of 24 h x 8 channels x 1 kHz at 1600 px with Kodo, ECharts and uPlot in one Electron
// window without a GPU, and prints rows {name, value, unit, peer, peerValue, ratio} as JSON.
// ELECTRON_EXEC_PATH names the Electron; without a display run it under xvfb-run.
import { createServer } from "node:http";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { _electron } from "playwright";
import { build } from "vite";

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), "kodo-drawing-"));
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

const percentile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
};
const round = (value) => Math.round(value * 100) / 100;

function rowsFrom(results) {
  const [ours, echarts, uplot, floor] = results;
  const measures = [
    {
      name: "panning 24 h x 8 x 1 kHz: script a frame, median",
      peers: [echarts, uplot],
      of: (one) => percentile(one.scriptMs, 0.5),
    },
    {
      name: "panning 24 h x 8 x 1 kHz: script a frame, p95",
      peers: [echarts, uplot],
      of: (one) => percentile(one.scriptMs, 0.95),
    },
    {
      name: "panning 24 h x 8 x 1 kHz: frame, p95",
      peers: [echarts, uplot, floor],
      of: (one) => percentile(one.frameMs, 0.95),
    },
  ];
  return measures.flatMap(({ name, peers, of }) =>
    peers.map((peer) => ({
      name,
      value: round(of(ours)),
      unit: "ms",
      peer: peer.name,
      peerValue: round(of(peer)),
      ratio: round(of(peer) / of(ours)),
    })),
  );
}

/** Frames beside those in which nothing is drawn, script beside the time there is for a frame at 60 Hz. */
function zoomRows([ours, floor]) {
  const frame = { name: "a frame at 60 Hz", ms: 1000 / 60 };
  const measures = [
    ["script a frame, median", percentile(ours.scriptMs, 0.5), frame],
    ["script a frame, p95", percentile(ours.scriptMs, 0.95), frame],
    ["frame, p95", percentile(ours.frameMs, 0.95), { name: floor.name, ms: percentile(floor.frameMs, 0.95) }],
  ];
  return measures.map(([what, ms, peer]) => ({
    name: `zooming 24 h x 8 x 1 kHz to a minute and back: ${what}`,
    value: round(ms),
    unit: "ms",
    peer: peer.name,
    peerValue: round(peer.ms),
    ratio: round(peer.ms / ms),
  }));
}

function serve(root) {
  const server = createServer((request, response) => {
    const path = join(root, new URL(request.url, "http://localhost").pathname.replace(/\/$/, "/index.html"));
    if (!path.startsWith(root) || !existsSync(path)) return response.writeHead(404).end();
    return response
      .writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" })
      .end(readFileSync(path));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function writeShell(url) {
  const shell = join(folder, "shell");
  const main = `import { app, BrowserWindow } from "electron";
app.on("window-all-closed", () => app.quit());
app.whenReady().then(() => new BrowserWindow({ width: 1640, height: 1000, useContentSize: true }).loadURL(${JSON.stringify(url)}));
`;
  return {
    shell,
    files: {
      "package.json": JSON.stringify({ name: "drawing", version: "1.0.0", type: "module", main: "main.js" }),
      "main.js": main,
    },
  };
}

try {
  await build({
    root: here,
    configFile: false,
    logLevel: "error",
    base: "./",
    build: {
      outDir: join(folder, "page"),
      emptyOutDir: true,
      target: "chrome130",
      chunkSizeWarningLimit: 4000,
    },
  });
  const server = await serve(join(folder, "page"));
  const { shell, files } = writeShell(`http://127.0.0.1:${server.address().port}/`);
  mkdirSync(shell);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(shell, name), text);
  const executablePath = process.env.ELECTRON_EXEC_PATH;
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const app = await _electron.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [...asRoot, "--disable-gpu", "--force-device-scale-factor=1", shell],
  });
  const page = await app.firstWindow();
  page.on("pageerror", (error) => process.stderr.write(`${error.stack ?? error.message}\n`));
  await page.waitForFunction(() => typeof window.panAll === "function");
  const zoomed = await page.evaluate(() => window.zoomAll());
  const results = await page.evaluate(() => window.panAll());
  if (process.env.KODO_BENCH_PICTURE) await page.screenshot({ path: process.env.KODO_BENCH_PICTURE });
  await app.close();
  server.close();
  console.log(JSON.stringify([...rowsFrom(results), ...zoomRows(zoomed)]));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
