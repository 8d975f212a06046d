import type { Cue, CueStep, GuidedProtocol, GuideStep } from "../../preload/contract/acquisition.ts";

const MVC_S = 3;
const MVC_TIMES = 3;

export interface Held {
  readonly label: string;
  readonly beganS: number;
  readonly endsS: number;
}

/** A guided recording under way. Its clock stands while it is paused. */
export interface GuidedPlan {
  readonly steps: readonly CueStep[];
  readonly now: () => {
    readonly step: number;
    readonly beganS: number;
    readonly pausedAtS: number | undefined;
  };
  /** Goes on to the step of this time; what was held to its end on the way. */
  readonly pass: (nowS: number) => readonly Held[];
  readonly take: (step: GuideStep, nowS: number) => void;
}

/** Rest, contractions as strong as possible, then every gesture of each repetition after a pause to change. */
function stepsOf(guided: GuidedProtocol): CueStep[] {
  const rest: CueStep = { what: "rest", repetition: 0, lastsS: guided.restS };
  const change = (repetition: number, label?: string): CueStep => ({
    ...{ what: "change", repetition, lastsS: guided.changeS },
    ...(label === undefined ? {} : { label }),
  });
  const mvc = Array.from({ length: guided.mvc ? MVC_TIMES : 0 }, (_, repetition): CueStep[] => [
    { what: "mvc", repetition, lastsS: MVC_S },
    change(repetition),
  ]).flat();
  const gestures = Array.from({ length: guided.repetitions }, (_, repetition) =>
    guided.gestures.flatMap((label): CueStep[] => [
      change(repetition, label),
      { what: "hold", label, repetition, lastsS: guided.holdS },
    ]),
  ).flat();
  return [rest, ...mvc, ...gestures, { what: "done", repetition: guided.repetitions, lastsS: 0 }];
}

export function planOf(guided: GuidedProtocol): GuidedPlan {
  const steps = stepsOf(guided);
  const last = steps.length - 1;
  let [step, beganS] = [0, 0];
  let pausedAtS: number | undefined;
  const lasts = (at: number): number => steps[at]?.lastsS ?? 0;
  const go = (to: number, nowS: number): void => {
    step = Math.min(last, Math.max(0, to));
    beganS = nowS;
    if (pausedAtS !== undefined) pausedAtS = nowS;
  };
  return {
    steps,
    now: () => ({ step, beganS, pausedAtS }),
    pass: (nowS) => {
      const held: Held[] = [];
      while (pausedAtS === undefined && step < last && nowS >= beganS + lasts(step)) {
        const { what, label } = steps[step] ?? {};
        const endsS = beganS + lasts(step);
        if (what === "hold" && label !== undefined) held.push({ label, beganS, endsS });
        step += 1;
        beganS = endsS;
      }
      return held;
    },
    take: (how, nowS) => {
      if (how === "pause") pausedAtS ??= nowS;
      else if (how === "resume") {
        beganS += pausedAtS === undefined ? 0 : nowS - pausedAtS;
        pausedAtS = undefined;
      } else if (how === "skip") go(step + 1, nowS);
      else go(steps[step]?.what === "hold" ? step : step - 1, nowS);
    },
  };
}

/** The cue of this time. */
export function cueAt({ steps, now }: GuidedPlan, nowS: number): Cue {
  const { step, beganS, pausedAtS } = now();
  const { what = "done", label, repetition = 0, lastsS = 0 } = steps[step] ?? {};
  const next = steps.slice(step + 1).find((one) => one.what === "hold")?.label;
  const shiftS = pausedAtS === undefined ? 0 : nowS - pausedAtS;
  return {
    ...{ step, steps: steps.length, what, repetition },
    ...(label === undefined ? {} : { label }),
    ...(next === undefined ? {} : { next }),
    beganS: beganS + shiftS,
    endsS: beganS + shiftS + lastsS,
    isPaused: pausedAtS !== undefined,
  };
}
