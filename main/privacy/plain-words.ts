import ctgEvents from "../../resources/label-sets/ctg-events.json" with { type: "json" };
import decisions from "../../resources/label-sets/decisions.json" with { type: "json" };
import emgGestures from "../../resources/label-sets/emg-gestures.json" with { type: "json" };
import signalQuality from "../../resources/label-sets/signal-quality.json" with { type: "json" };
import type { Words } from "../../preload/contract/label-set.ts";
import type { ChannelRole } from "../../preload/contract/recording.ts";

/** What may stay as it is in something that names nobody: words that Kodo itself brings, never what a person typed. */

const builtInSets = [ctgEvents, emgGestures, signalQuality, decisions];

/** A label set that came with Kodo, by its id. */
export const isBuiltInSet = (labelSet: string): boolean => builtInSets.some(({ id }) => id === labelSet);

const builtIn: ReadonlyMap<string, Words> = new Map(
  builtInSets.flatMap(({ id, labels }) => labels.map(({ code, name }) => [`${id} ${code}`, name] as const)),
);

/** The names a label has in the set that came with Kodo; undefined for labels that people or files brought. */
export const builtInName = (labelSet: string, code: string): Words | undefined =>
  builtIn.get(`${labelSet} ${code}`);

const channelWords = new Set(
  `fhr mhr uc ua iup toco us1 us2 us ecg ekg emg eeg eog resp spo2 hr hsi rr pulse status quality trigger marker fm fetal
   maternal heart rate uterine contraction contractions movement signal channel ch chan lead ref aux acc gyr mag x y z raw rms
   envelope filled low high left right l r lt rt upper lower medial lateral anterior posterior proximal distal
   biceps triceps brachii deltoid deltoideus trapezius pectoralis major minor latissimus dorsi flexor extensor carpi
   radialis ulnaris digitorum superficialis profundus brevis longus pollicis pronator supinator brachioradialis forearm
   arm wrist hand leg thigh shank rectus femoris vastus medialis lateralis intermedius gastrocnemius soleus tibialis
   peroneus hamstring hamstrings semitendinosus semimembranosus gluteus maximus medius abdominis obliquus externus
   internus erector spinae masseter temporalis orbicularis abdominal`.split(/\s+/),
);
const units = new Set(
  `pv nv uv µv μv mv v bpm 1/min mmhg kpa pa % s ms us g mg m/s² m/s^2 m/s2 °/s deg/s au a.u. nu n.u. nd hz khz n nm °c
   degc ohm kohm adu count counts`.split(/\s+/),
);

/** A label that several devices of one recording have is numbered by the recorder. */
const OF_ANOTHER_DEVICE = / \([2-8]\)$/;

/**
 * A channel's label where it says a quantity, a muscle, a side or a number and nothing else. One number: of several a
 * date or a record's number can be made.
 */
export function isPlainChannel(given: string): boolean {
  const label = given.replace(OF_ANOTHER_DEVICE, "");
  const words = label.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return (
    (label.match(/\p{N}+/gu) ?? []).length <= 1 &&
    words.every((word) => channelWords.has(word) || isNumbered(word))
  );
}

/** A known word with a number behind it, or a number alone, too short for a date or a record's number. */
function isNumbered(word: string): boolean {
  const [, letters = "", digits = ""] = /^(\p{L}*)(\d*)$/u.exec(word) ?? [undefined, word];
  return digits.length <= 3 && (letters === "" || channelWords.has(letters));
}

export const isPlainUnit = (unit: string): boolean => unit === "" || units.has(unit.toLowerCase());

const roleNames: Readonly<Record<ChannelRole, string>> = {
  fhr: "FHR",
  mhr: "MHR",
  uc: "UC",
  emg: "EMG",
  other: "Channel",
};
/** In place of a label that may hold more. */
export const channelName = (role: ChannelRole, position: number): string =>
  `${roleNames[role]} ${position + 1}`;

/** Measurements of a delivery as numbers: no name, no date, no age. */
const outcomes = /^(pH|BDecf|pCO2|BE|Apgar[15]|record duration \(s\))$/;

/** Facts of a header that name nobody. */
export const plainFacts = (facts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(facts).filter(
      ([name, value]) => outcomes.test(name) && /^-?\d{1,5}(\.\d{1,6})?$/.test(value),
    ),
  );
