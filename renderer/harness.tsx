import type { RequestName } from "../preload/contract/channels.ts";
import { start } from "./app/start.tsx";
import { installApi } from "./bridge/client.ts";
import { createFakeRecording } from "./fake/fake.ts";
import type { FakeRecorder } from "./fake/recorder.ts";

/**
 * The interface on the fake library, for a plain browser: tests of looks and of the pages alone. Not part of the app's
 * build. `?seed=2&empty&rows=10000&failing=recordings.page&readonly&damaged&findings&reading&forecasts&cluster=connected&language=ja&theme=dark#/train`
 */
const query = new URLSearchParams(window.location.search);
const language = query.get("language");
const theme = query.get("theme");
const { api, recorder } = createFakeRecording(Number(query.get("seed") ?? "1"), {
  empty: query.has("empty"),
  rows: Number(query.get("rows") ?? "0"),
  tickMs: Number(query.get("tick") ?? "60"),
  failing: (query.get("failing") ?? "").split(",").filter((name) => name !== "") as RequestName[],
  readOnly: query.has("readonly"),
  damaged: query.has("damaged"),
  findings: query.has("findings"),
  forecasts: query.has("forecasts"),
  reading: query.has("reading"),
  cluster: (["connected", "lost"] as const).find((one) => one === query.get("cluster")) ?? "none",
  settings: {
    ...(language === "en" || language === "ja" ? { language } : {}),
    ...(theme === "light" || theme === "dark" ? { theme } : {}),
  },
});
installApi(api);
declare global {
  var kodoRecorder: FakeRecorder; // to unplug, stall, lose, fill the disk
}
globalThis.kodoRecorder = recorder;
start();
