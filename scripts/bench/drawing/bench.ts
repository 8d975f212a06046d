import { DURATION_S, takeCopyMs } from "./data.ts";
import { echartsLines, emptyPage, kodo, uplot, WIDTH, type MakeContestant } from "./contestants.ts";

export interface Frames {
  readonly name: string;
  readonly scriptMs: readonly number[]; // from the start of the frame's work until its drawing calls are made
  readonly frameMs: readonly number[]; // from one frame to the next, everything included
}

const SPAN_S = 60;
const START_S = 9 * 3600;
const PX_PER_FRAME = 8;
const WARM_UP = 10;
const FRAMES = 120;

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
/** uPlot commits in a microtask: work put off until then still counts as this frame's script. */
const microtasks = (): Promise<void> =>
  new Promise((resolve) => queueMicrotask(() => queueMicrotask(resolve)));

async function pan(make: MakeContestant): Promise<Frames> {
  const host = document.createElement("div");
  host.style.width = `${WIDTH}px`;
  document.body.replaceChildren(host);
  const contestant = make(host, SPAN_S, START_S);
  await contestant.ready();
  const scriptMs: number[] = [];
  const frameMs: number[] = [];
  let before = await nextFrame();
  for (let i = 0; i < WARM_UP + FRAMES; i++) {
    const at = START_S + ((i + 1) * PX_PER_FRAME * SPAN_S) / WIDTH;
    const begun = performance.now();
    contestant.show(at);
    await microtasks();
    const script = performance.now() - begun;
    const now = await nextFrame();
    if (i >= WARM_UP) {
      scriptMs.push(script);
      frameMs.push(now - before);
    }
    before = now;
  }
  contestant.close();
  return { name: contestant.name, scriptMs, frameMs };
}

const CLOSEST_S = 60;
const ZOOM_FRAMES = 240; // from the whole day to a minute, and as many back

/** From the whole recording to a minute and back, a little in every frame, as a wheel or a touchpad does. */
async function zoom(make: MakeContestant): Promise<Frames> {
  const host = document.createElement("div");
  host.style.width = `${WIDTH}px`;
  document.body.replaceChildren(host);
  const contestant = make(host, DURATION_S, 0);
  await contestant.ready();
  const factor = (DURATION_S / CLOSEST_S) ** (1 / ZOOM_FRAMES);
  const scriptMs: number[] = [];
  const frameMs: number[] = [];
  for (const isMeasured of [false, true]) {
    // The first time round makes the tiles of every scale, which the library has at hand.
    let before = await nextFrame();
    for (let i = 0; i < 2 * ZOOM_FRAMES; i++) {
      takeCopyMs();
      const begun = performance.now();
      contestant.zoom?.(i < ZOOM_FRAMES ? factor : 1 / factor);
      const drawn = performance.now() - begun;
      const now = await nextFrame();
      if (isMeasured) {
        scriptMs.push(drawn + takeCopyMs());
        frameMs.push(now - before);
      }
      before = now;
    }
  }
  contestant.close();
  return { name: contestant.name, scriptMs, frameMs };
}

declare global {
  interface Window {
    panAll: () => Promise<readonly Frames[]>;
    zoomAll: () => Promise<readonly Frames[]>;
  }
}

/** Everyone pans the same way over the same hour of the same day, one after another in one page. */
window.panAll = async () => {
  const results: Frames[] = [];
  for (const make of [kodo, echartsLines, uplot, emptyPage]) results.push(await pan(make));
  return results;
};

/** The day zoomed in and out, beside frames in which nothing is drawn: what this machine takes for a frame anyway. */
window.zoomAll = async () => {
  const results: Frames[] = [];
  for (const make of [kodo, emptyPage]) results.push(await zoom(make));
  return results;
};
