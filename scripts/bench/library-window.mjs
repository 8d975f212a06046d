// Part of npm run bench: the window over a library of 100,000 recordings, from its start, and frames while its list is scrolled.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../../e2e/fixtures/app.ts";
import { at } from "../../e2e/pages/kodo.ts";
import { testIds } from "../../renderer/ui/test-ids.ts";

const FRAME_MS = 1000 / 60;
const SCROLL_MS = 4000;
const library = join(tmpdir(), "kodo-bench-list", "100k.kodo");

/** Frames while the list is scrolled by so many pixels each; a frame of the same page at rest beside it. */
const frames = (window, step) =>
  window.evaluate(
    ([px, lasts]) =>
      new Promise((resolve) => {
        const list = document.querySelector('[role="grid"]');
        const times = [];
        const begin = performance.now();
        let last = begin;
        let unread = 0;
        const frame = (now) => {
          times.push(now - last);
          last = now;
          unread += document.querySelectorAll('[data-testid="unread-row"]').length > 0 ? 1 : 0;
          if (list && px > 0) list.scrollTop = (list.scrollTop + px) % (list.scrollHeight - 1000);
          if (now - begin < lasts) requestAnimationFrame(frame);
          else resolve({ times: times.slice(1).sort((a, b) => a - b), unread });
        };
        requestAnimationFrame(frame);
      }),
    [step, SCROLL_MS],
  );
const of = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

const row = (name, value, unit, peer, peerValue) => ({
  ...{ name: `library of 100,000: ${name}`, value: Math.round(value * 10) / 10, unit, peer, peerValue },
  ratio: peerValue / value,
});
const begin = performance.now();
const { app, window } = await launch(library);
await at(window, testIds.recordingRow).first().waitFor();
const startMs = performance.now() - begin;
const rest = await frames(window, 0);
const slow = await frames(window, 60);
const fast = await frames(window, 9000);
const rows = [row("from launch to rows in the window", startMs, "ms", "itself", startMs)];
for (const [name, { times, unread }] of [
  ["scrolled by 60 px a frame", slow],
  ["scrolled by 9000 px a frame", fast],
]) {
  const peer = "a frame of 60 a second";
  rows.push(row(`${name}: median frame`, of(times, 0.5), "ms", peer, FRAME_MS));
  rows.push(
    row(`${name}: 95th of 100 frames`, of(times, 0.95), "ms", "the same page at rest", of(rest.times, 0.95)),
  );
  rows.push(row(`${name}: frames with a row unread, of ${times.length}`, unread, "", "all", times.length));
}
console.log(JSON.stringify(rows));
await app.close();
