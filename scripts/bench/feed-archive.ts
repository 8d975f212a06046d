import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import { openLibrary, type OpenLibrary } from "../../main/storage/open-library.ts";
import { CYCLES, EMG_RATE, GESTURE_S, gestures, syntheticEmg } from "../../main/synthesis/emg.ts";

export const RATE = 1000; // Hz
export const CHANNELS = Array.from({ length: 8 }, (_, i) => `EMG${i + 1}`);
export const LABEL_SET = "emg-gestures";

export interface ArchiveSize {
  readonly people: number;
  readonly hours: number; // in all
}
export const DAY: ArchiveSize = { people: 6, hours: 24 };

/** Counts of the synthetic bracelet to a 16-bit converter's. */
const SCALE = 120;
/** Samples a call: 16 blocks of 64 KiB a channel. */
const STRETCH = 16 * 32_768;
/** Only so much at the start of each recording is labelled, so that there are windows of both kinds. */
const LABELLED_SHARE = 0.5;

/**
 * A library of synthetic bracelet recordings, eight channels of 16 bits at 1 kHz: 1.4 GB for 24 hours. Each person's
 * session is repeated with a strength that drifts; its time runs five times as fast as the synthesis's 200 Hz. Built once
 * and kept, since it takes minutes.
 */
export function ensureArchive(path: string, { people, hours }: ArchiveSize = DAY): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  for (const end of ["", "-wal", "-shm"]) rmSync(`${partial}${end}`, { force: true });
  const library = openLibrary(partial);
  try {
    for (let person = 0; person < people; person += 1)
      addPerson(library, person, Math.round((hours * 3600 * RATE) / people));
  } finally {
    library.close();
  }
  renameSync(partial, path);
}

function addPerson(library: OpenLibrary, person: number, count: number): void {
  const subject = `P${person + 1}`;
  const id = library.createRecording({
    header: {
      name: `${subject} long`,
      kind: "emg",
      subject,
      startedAt: undefined,
      facts: {},
      channels: CHANNELS.map((label) => ({
        label,
        unit: "uV",
        sampleRate: RATE,
        role: "emg",
        sampleType: "int16",
        gain: 1 / SCALE,
        offset: 0,
      })),
    },
    subject,
    study: "bench",
    synthetic: true,
    source: { format: "bench", file: "", sha256: "" },
    state: "importing",
  });
  const { channels } = syntheticEmg({ seed: person, subject: person, dropouts: false });
  const session = CYCLES * gestures.length * GESTURE_S * EMG_RATE; // samples
  for (let first = 0; first < count; first += STRETCH) {
    const length = Math.min(STRETCH, count - first);
    library.appendBlocks(
      id,
      channels.map((source, channel) => ({
        channel,
        firstSample: first,
        mask: [],
        samples: Int16Array.from({ length }, (_, i) => {
          const at = first + i;
          const strength = 1 + 0.2 * Math.sin(Math.floor(at / session) + person);
          return (source[at % session] as number) * SCALE * strength + ((at * 7919) % 101) - 50;
        }),
      })),
    );
  }
  library.closeRecording(id, { state: "complete", repairs: [] });
  label(library, id, (LABELLED_SHARE * count) / RATE);
}

function label(library: OpenLibrary, recordingId: string, untilS: number): void {
  const durationS = (GESTURE_S * EMG_RATE) / RATE;
  const { version } = library.getLabelSet(LABEL_SET);
  const annotations = Array.from({ length: Math.floor(untilS / durationS) }, (_, at): NewAnnotation => ({
    recordingId,
    label: gestures[at % gestures.length] as string,
    labelSet: LABEL_SET,
    labelSetVersion: version,
    onsetS: at * durationS,
    durationS,
    author: "synthesis",
    source: "import",
    note: "",
  }));
  library.addAnnotations(annotations, { isUndoable: false });
}
