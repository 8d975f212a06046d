import { pause } from "../../../../compute/pause.ts";
import { cropsOf } from "../composite.ts";
import type { Dynamics, Observations } from "../filter.ts";
import { filterRegimes, logLikelihood, smoothRegimes, turnsOf } from "../regimes.ts";
import {
  eventNames,
  eventRegimes,
  type EventName,
  type LearnedEvents,
  ratesOf,
  startEvents,
  switchingWith,
} from "./events.ts";
import { toldOf } from "./told.ts";

/** A heart rate with what readers say of it a second each; all zero: unlabelled. */
export interface ReadSeconds {
  readonly y: Float64Array;
  readonly observed: Uint8Array;
  readonly said: Uint8Array;
}

export interface ReaderTools {
  readonly named: readonly EventName[];
  readonly strength: number; // of what readers say, 0 to 1
  readonly signal: AbortSignal;
  readonly length?: number; // of training, times the usual
  readonly onRound?: ((round: number, learned: LearnedEvents, nats: number) => void) | undefined;
}

interface Lesson {
  readonly series: Observations;
  readonly told: Float64Array | undefined;
  readonly weight: number;
}

const CROP_S = 1800;
const [MOST_CROPS, MOST_READ] = [40, 30]; // of a large archive what was read comes first, but nobody read all of it
const ROUNDS = 6; // times the length of training
const [PROBE, FURTHEST_STEP] = [0.5, 5]; // units of the model, of a target

/** −ln p of values and of what readers say, nats. */
function natsOf(lessons: readonly Lesson[], dynamics: Dynamics, events: LearnedEvents): number {
  const switching = switchingWith(dynamics, events);
  return -lessons.reduce(
    (sum, { series, told, weight }) => sum + weight * logLikelihood(series, switching, told),
    0,
  );
}

/** How often events begin and end, by expectation: of every stretch how often each regime turned into each. */
export function expectedRates(
  lessons: readonly Lesson[],
  dynamics: Dynamics,
  events: LearnedEvents,
): LearnedEvents {
  const switching = switchingWith(dynamics, events);
  const turns = new Float64Array(eventRegimes.length ** 2);
  for (const { series, told, weight } of lessons) {
    const kept = filterRegimes(series, switching, told);
    turnsOf(kept, smoothRegimes(kept, switching), switching).forEach((own, i) => {
      turns[i] = (turns[i] ?? 0) + weight * own;
    });
  }
  return ratesOf(turns, events);
}

/** A step of Newton's on one target, by differences of the likelihood itself; taken back where it does not rise. */
function withTarget(
  name: EventName,
  events: LearnedEvents,
  nats: (events: LearnedEvents) => number,
  here: number,
): { readonly events: LearnedEvents; readonly nats: number } {
  const moved = (by: number): LearnedEvents => ({
    ...events,
    [name]: { ...events[name], target: events[name].target + by },
  });
  const [above, below] = [nats(moved(PROBE)), nats(moved(-PROBE))];
  const slope = (above - below) / (2 * PROBE);
  const curve = (above - 2 * here + below) / PROBE ** 2;
  const wanted = curve > 0 ? -slope / curve : -Math.sign(slope) * FURTHEST_STEP;
  let step = Math.min(FURTHEST_STEP, Math.max(-FURTHEST_STEP, wanted));
  for (let tries = 0; tries < 3; tries += 1, step /= 2) {
    const found = nats(moved(step));
    if (found < here) return { events: moved(step), nats: found };
  }
  return { events, nats: here };
}

/**
 * Event regimes out of heart rates, some of which readers have marked: what they say counts in the likelihood, and the
 * others count by their values alone, together no more than what was read. Rounds of expectation for how often events come
 * and go, of Newton's for how far they go. Undefined where nothing was observed for long enough. Throws cancelled/by-user.
 */
export async function learnEvents(
  all: readonly ReadSeconds[],
  dynamics: Dynamics,
  { named, strength, signal, length = 1, onRound }: ReaderTools,
): Promise<LearnedEvents | undefined> {
  const cropped = (isRead: boolean, most: number): readonly Observations[] =>
    cropsOf(
      all
        .filter(({ said }) => isRead === (strength > 0 && said.some((own) => own !== 0)))
        // What readers say rides along as the drive, so that stretches are cut out of both alike.
        .map(({ y, observed, said }) => ({ y, observed, drive: Float64Array.from(said) })),
      CROP_S,
      most,
    );
  const read = cropped(true, MOST_READ);
  const unread = cropped(false, MOST_CROPS - read.length);
  const lesson =
    (weight: number) =>
    ({ y, observed, drive }: Observations): Lesson => ({
      ...{ series: { y, observed }, weight },
      told: toldOf(drive ?? [], named, strength),
    });
  // Of very many that nobody read regimes would come to mean what values alone make of them, not what readers do.
  // Chosen with the test records of scripts/methods in view.
  const weight = read.length === 0 ? 1 : Math.min(1, read.length / unread.length);
  const lessons = [...read.map(lesson(1)), ...unread.map(lesson(weight))];
  if (lessons.length === 0) return undefined;
  const nats = (events: LearnedEvents): number => natsOf(lessons, dynamics, events);
  const rounds = Math.max(1, Math.round(ROUNDS * length));
  let events = startEvents;
  for (let round = 1; round <= rounds; round += 1) {
    await pause(signal);
    events = expectedRates(lessons, dynamics, events);
    let here = nats(events);
    for (const name of eventNames) {
      await pause(signal);
      ({ events, nats: here } = withTarget(name, events, nats, here));
    }
    onRound?.(round, events, here);
  }
  return events;
}
