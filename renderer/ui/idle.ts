/**
 * The app's own idle signal: `<html data-idle="true">` when no request is under way, nothing holds it busy and no
 * animation runs. End-to-end tests wait for it instead of for a time.
 */
let held = 0;
let requests = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let isMarked = false;

export const QUIET_MS = 80; // a request that follows the last answer starts within a render

function animating(): boolean {
  return document.getAnimations().some((one) => {
    // An endless animation (a spinner) stands for work that `hold` or a request already counts.
    const timing = one.effect?.getComputedTiming();
    return one.playState === "running" && timing?.iterations !== Number.POSITIVE_INFINITY;
  });
}

function settle(): void {
  clearTimeout(timer);
  if (held > 0 || requests > 0) {
    document.documentElement.dataset["idle"] = "false";
    return;
  }
  timer = setTimeout(() => {
    if (animating()) settle();
    else {
      document.documentElement.dataset["idle"] = "true";
      if (!isMarked) performance.mark("idle"); // for the first time: what a start is measured by
      isMarked = true;
    }
  }, QUIET_MS);
}

/** Says that something is drawing or moving. Call the returned function once when it is done. */
export function holdIdle(): () => void {
  held += 1;
  settle();
  let released = false;
  return () => {
    if (released) return;
    released = true;
    held -= 1;
    settle();
  };
}

export function setRequestsInFlight(count: number): void {
  requests = count;
  if (typeof document !== "undefined") settle();
}
