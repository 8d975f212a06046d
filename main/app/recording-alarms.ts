import type { Alarm, RecorderState } from "../../preload/contract/acquisition.ts";

/** What a person is told of outside the page. */
export type NoticeKind =
  | Alarm["kind"]
  | "resumed" // samples of a device come again
  | "recorder-lost" // its process ended, and none goes on
  | "fault"; // an exception in main

/** One of the same key takes the place of the one before. */
export interface Notice {
  readonly key: string;
  readonly kind: NoticeKind;
  readonly values: Alarm["values"];
}

export type RecordingLook = "armed" | "recording" | "alarm";

/** What follows from a state of the recorder. */
export interface Told {
  readonly notices: readonly Notice[];
  readonly withdrawn: readonly string[]; // keys of notices that no longer hold
  readonly isSounding: boolean;
  readonly look: RecordingLook | undefined; // undefined: no device is connected
  readonly worst: Notice | undefined; // of what goes on now
}

/** What loses signal, the heaviest first; the others are told without sound and without the alarm's look. */
const losing: readonly NoticeKind[] = [
  "recorder-lost",
  "storage-lost",
  "storage-held",
  "unplugged",
  "silent",
  "loss",
];
const ranks: Partial<Record<NoticeKind, number>> = { unplugged: 3, silent: 2, loss: 1 }; // of one device's
const rank = (kind: NoticeKind | undefined): number => (kind === undefined ? 0 : (ranks[kind] ?? 0));
const OUTAGE = rank("silent"); // from here on nothing comes at all
/** What comes and goes around its limit is told once in this time of the recording. */
const AGAIN_S = 60;
/** Samples that could be stored nowhere stay an alarm; where none was added for so long, their loss is over. */
const LOSING_S = 5;

interface Trouble {
  readonly told: number; // rank of the heaviest notice since it began
  readonly isAfter: boolean; // an outage is over, and what it lost still counts
  readonly port: string | number;
}

/** Which alarm is told when: each once, a heavier one of the same device anew, and its end; which are heard, until they are silenced. */
export class AlarmBook {
  #troubles = new Map<number, Trouble>();
  #standing = new Set<string>(); // keys of other alarms that were there the last time
  #toldS = new Map<string, number>(); // when, by key
  #silenced = new Set<string>();
  #heard: readonly string[] = [];
  #unstored = { samples: 0, sinceS: 0 }; // and when the last of them were lost

  take(state: RecorderState): Told {
    const isUnderway = state.phase === "recording" || state.phase === "stopping";
    if (!isUnderway) return this.#without(state);
    const devices = new Map<number, Alarm>();
    const others: Alarm[] = [];
    for (const alarm of state.alarms) {
      if (rank(alarm.kind) === 0) others.push(alarm);
      else if (rank(alarm.kind) > rank(devices.get(deviceOf(alarm))?.kind))
        devices.set(deviceOf(alarm), alarm);
    }
    const known = new Set([...devices.keys(), ...this.#troubles.keys()]);
    const ofDevices = [...known].flatMap((device) => this.#ofDevice(device, devices.get(device), state));
    const heardOfDevices = [...devices].flatMap(([device, { kind }]) =>
      rank(kind) < OUTAGE && this.#troubles.get(device)?.isAfter === true ? [] : [heardKey(device, kind)],
    );
    const { notices, withdrawn } = this.#ofOthers(others, state.elapsedS);
    const going = others.filter((alarm) => this.#goesOn(alarm, state.elapsedS));
    const heard = going.filter(({ kind }) => losing.includes(kind)).map(keyOf);
    const isSounding = this.#hear([...heardOfDevices, ...heard]);
    const worst = worstOf([...devices.values(), ...going]);
    return {
      notices: [...ofDevices, ...notices],
      withdrawn,
      isSounding,
      look: worst !== undefined && losing.includes(worst.kind) ? "alarm" : "recording",
      worst,
    };
  }

  /** What happened and is over stays told, without a sound and without being what the recording looks like. */
  #goesOn({ kind, values }: Alarm, elapsedS: number): boolean {
    if (kind === "host-slept" || kind === "clock-jump") return false;
    if (kind !== "storage-lost") return true;
    const samples = Number(values["samples"]);
    if (samples !== this.#unstored.samples) this.#unstored = { samples, sinceS: elapsedS };
    return elapsedS - this.#unstored.sinceS < LOSING_S;
  }

  /** The alarms that stand now are not heard any more; their return is. */
  silence(): void {
    this.#silenced = new Set(this.#heard);
  }

  /** Nothing is under way. An alarm that is told all the same says that the recorder is gone. */
  #without({ phase, alarms }: RecorderState): Told {
    const withdrawn = [
      ...[...this.#troubles.keys()].map((device) => `device ${device}`),
      ...this.#standing,
    ].filter((key) => key !== "recorder-lost");
    const gone = phase === "idle" ? alarms.find(({ kind }) => kind === "recorder-restarted") : undefined;
    const wasGone = this.#standing.has("recorder-lost");
    this.#troubles = new Map();
    this.#toldS = new Map();
    this.#unstored = { samples: 0, sinceS: 0 };
    this.#standing = new Set(gone === undefined ? [] : ["recorder-lost"]);
    const isSounding = this.#hear([...this.#standing]);
    const worst: Notice | undefined = gone && {
      key: "recorder-lost",
      kind: "recorder-lost",
      values: gone.values,
    };
    const look = phase === "armed" ? "armed" : undefined;
    return {
      notices: worst === undefined || wasGone ? [] : [worst],
      withdrawn: worst === undefined && wasGone ? [...withdrawn, "recorder-lost"] : withdrawn,
      isSounding,
      look: worst === undefined ? look : "alarm",
      worst,
    };
  }

  #ofDevice(device: number, alarm: Alarm | undefined, { elapsedS }: RecorderState): Notice[] {
    const key = `device ${device}`;
    const { told, isAfter, port } = this.#troubles.get(device) ?? { told: 0, isAfter: false, port: "" };
    const now = rank(alarm?.kind);
    const isBack = told >= OUTAGE && now < OUTAGE;
    if (now === 0) this.#troubles.delete(device);
    else
      this.#troubles.set(device, {
        told: isBack ? now : Math.max(told, now),
        isAfter: now < OUTAGE && (isBack || isAfter),
        port: alarm?.values["port"] ?? port,
      });
    if (isBack) return [{ key, kind: "resumed", values: { port } }];
    if (alarm === undefined || now <= told) return [];
    if (now < OUTAGE && !this.#isDue(key, elapsedS)) return [];
    return [{ key, kind: alarm.kind, values: alarm.values }];
  }

  #ofOthers(alarms: readonly Alarm[], elapsedS: number) {
    const byKey = new Map(alarms.map((alarm) => [keyOf(alarm), alarm]));
    const withdrawn = [...this.#standing].filter((key) => !byKey.has(key));
    const notices = [...byKey].flatMap(([key, { kind, values }]): Notice[] =>
      this.#standing.has(key) || !this.#isDue(key, elapsedS) ? [] : [{ key, kind, values }],
    );
    this.#standing = new Set(byKey.keys());
    return { notices, withdrawn };
  }

  #isDue(key: string, elapsedS: number): boolean {
    const isDue = elapsedS - (this.#toldS.get(key) ?? -Infinity) >= AGAIN_S;
    if (isDue) this.#toldS.set(key, elapsedS);
    return isDue;
  }

  #hear(keys: readonly string[]): boolean {
    this.#heard = keys;
    this.#silenced = new Set([...this.#silenced].filter((key) => keys.includes(key)));
    return keys.some((key) => !this.#silenced.has(key));
  }
}

const deviceOf = ({ device = 0 }: Alarm): number => device;

/** What happens more than once in a recording, and stays told, has its time in its key; what is of one device, its place. */
function keyOf({ kind, sinceS, device }: Alarm): string {
  if (kind === "host-slept" || kind === "clock-jump") return `${kind} ${sinceS.toFixed(1)}`;
  return kind === "rate-off" ? `${kind} ${device ?? 0}` : kind;
}

/** Who silenced a loss hears it when nothing comes any more. */
const heardKey = (device: number, kind: Alarm["kind"]): string =>
  rank(kind) < OUTAGE ? `loss ${device}` : `outage ${device}`;

function worstOf(alarms: readonly Alarm[]): Notice | undefined {
  const weight = ({ kind }: Alarm): number => (losing.includes(kind) ? losing.indexOf(kind) : losing.length);
  const [worst] = alarms.toSorted((a, b) => weight(a) - weight(b));
  return worst && { key: keyOf(worst), kind: worst.kind, values: worst.values };
}
