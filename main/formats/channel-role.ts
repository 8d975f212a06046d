import type { ChannelHeader, ChannelRole, RecordingKind } from "../../preload/contract/recording.ts";

const muscleSignal = /(^|[^a-z])s?emg|electromyo|筋電/iu;

/** Ordered: the first pattern that matches the label decides. Japanese terms as printed by domestic monitors. */
const roleByLabel: readonly (readonly [RegExp, ChannelRole])[] = [
  [/\bm[\s_-]?hr\d?\b|maternal[\s_-]*(heart|hr|pulse)|mother.*\bhr\b|母体心拍/iu, "mhr"],
  [/\bd?f[\s_-]?hr[\s_-]?\d?\b|f(o?)etal[\s_-]*(heart|hr)|胎児心拍|胎児瞬時心拍/iu, "fhr"],
  [/\b(uc|toco|tocos?|ua|iup|iupc|ehg)\d?\b|uterin|contraction|tocogra|子宮収縮|陣痛|子宮内圧/iu, "uc"],
  [muscleSignal, "emg"],
];

/** Other voltages of the body, by name. They share EMG's unit, rate and amplifiers, so only the label tells them apart. */
const otherSignal =
  /(^|[^a-z])(eeg|ecog|eog|ecg|ekg|meg)([^a-z]|$)|electro(enc|card|ocul)|脳波|心電|眼電|眼球運動/iu;
/** Electrodes of the international 10-20 system and its 10-10 extension, alone or against a reference. */
const site =
  "(?:Fp[12z]|AF[3478z]|F(?:10|[1-9z])|FT(?:10|[789])|FC[1-6z]|C[1-6z]|T(?:10|[3-9])|TP(?:10|[789])|CP[1-6z]|P(?:10|[1-9z])|PO[3478z]|O[12z]|Iz|Nz)";
const scalp = new RegExp(`^${site}(\\s*[-–:/]\\s*(?:${site}|[AM][12]|A1\\+A2|ref|avg?|LE))?$`, "iu");

/** Whether a label names a voltage of the body that is not a muscle's. Of two names the first counts: "EMG, ECG removed". */
export function namesOtherSignal(label: string): boolean {
  const words = label.normalize("NFKC").replace(/_/g, " ");
  const at = words.search(otherSignal);
  const muscle = words.search(muscleSignal);
  return at >= 0 && (muscle < 0 || at < muscle);
}

const filled = /^filled\b\s*/iu;

/** The label of what was put where samples of a signal are missing: its first word says so, in every file. */
export const filledLabel = (name: string): string => `filled ${name.replace(filled, "")}`;

/** Whether a label says that nobody measured its values, whatever signal it names after that. */
export const isFilledLabel = (label: string): boolean => filled.test(label.trim());

/** What a channel measures, as far as its label and unit tell; "other" where they do not, or where it measures nothing. */
export function guessRole(label: string, unit: string): ChannelRole {
  if (isFilledLabel(label)) return "other";
  const words = label.normalize("NFKC").replace(/_/g, " ");
  const role = roleByLabel.find(([pattern]) => pattern.test(words))?.[1] ?? "other";
  // A rate is counted, a voltage is not a rate: "FHR" in uV is the electrode's signal.
  if ((role === "fhr" || role === "mhr") && isVoltage(unit)) return "other";
  if (role === "emg" && namesOtherSignal(label)) return "other";
  return role;
}

const bareRate = /^(hr|heart[\s-]*rate|心拍数?)\d?$/iu;

/** A heart rate that does not say whose. */
export const isBareRate = ({ role, label, unit }: Pick<ChannelHeader, "role" | "label" | "unit">): boolean =>
  role === "other" && !isVoltage(unit) && bareRate.test(label.normalize("NFKC").replace(/_/g, " ").trim());

/**
 * Beside contractions the only heart rate, where its name does not say whose it is, is taken for the fetus's: a guess, which
 * is shown before a table comes in, or told with it.
 */
export function guessTogether<C extends Pick<ChannelHeader, "role" | "label" | "unit">>(
  channels: readonly C[],
): readonly C[] {
  const [only, ...more] = channels.filter(isBareRate);
  const isToco = channels.some(({ role }) => role === "uc");
  const isTold = channels.some(({ role }) => role === "fhr" || role === "mhr");
  if (only === undefined || more.length > 0 || !isToco || isTold) return channels;
  return channels.map((one) => (one === only ? { ...one, role: "fhr" as const } : one));
}

/**
 * The kind of recording its channels make: a heart rate or contraction channel means CTG, else EMG, else other. One
 * muscle among as many or more EEG, EOG or ECG channels is a polygraph, such as a night's sleep, and no EMG recording.
 */
export function guessKind(channels: readonly Pick<ChannelHeader, "role" | "label">[]): RecordingKind {
  if (channels.some(({ role }) => role === "fhr" || role === "uc")) return "ctg";
  const muscles = channels.filter(({ role }) => role === "emg").length;
  const others = channels.filter(
    ({ role, label }) => role === "other" && (namesOtherSignal(label) || scalp.test(label.trim())),
  ).length;
  return muscles > others ? "emg" : "other";
}

/** One spelling a unit: the micro sign (U+00B5, U+03BC) as `u`, surrounding blanks and brackets off. */
export function normaliseUnit(unit: string): string {
  return unit
    .normalize("NFKC") // U+00B5 becomes U+03BC here
    .replace(/^[\s[(]+|(?<![\s\])])[\s\])]+$/g, "")
    .replace(/^μ(?=[A-Za-z])/, "u");
}

const isVoltage = (unit: string): boolean => /^[pnumkµμ]?V$/i.test(normaliseUnit(unit));
