import type { ChannelHeader, ChannelRole, RecordingKind } from "../../preload/contract/recording.ts";

/** Ordered: the first pattern that matches the label decides. Japanese terms as printed by domestic monitors. */
const roleByLabel: readonly (readonly [RegExp, ChannelRole])[] = [
  [/\bm[\s_-]?hr\d?\b|maternal[\s_-]*(heart|hr|pulse)|mother.*\bhr\b|母体心拍/iu, "mhr"],
  [/\bd?f[\s_-]?hr[\s_-]?\d?\b|f(o?)etal[\s_-]*(heart|hr)|胎児心拍|胎児瞬時心拍/iu, "fhr"],
  [/\b(uc|toco|tocos?|ua|iup|iupc|ehg)\d?\b|uterin|contraction|tocogra|子宮収縮|陣痛|子宮内圧/iu, "uc"],
  [/(^|[^a-z])s?emg|electromyo|筋電/iu, "emg"],
];

/** What a channel measures, as far as its label and unit tell; "other" where they do not. */
export function guessRole(label: string, unit: string): ChannelRole {
  const words = label.normalize("NFKC").replace(/_/g, " ");
  const role = roleByLabel.find(([pattern]) => pattern.test(words))?.[1] ?? "other";
  // A rate is counted, a voltage is not a rate: "FHR" in uV is the electrode's signal.
  if ((role === "fhr" || role === "mhr") && isVoltage(unit)) return "other";
  return role;
}

/** The kind of recording its channels make: a heart rate or contraction channel means CTG, else EMG, else other. */
export function guessKind(channels: readonly Pick<ChannelHeader, "role">[]): RecordingKind {
  if (channels.some(({ role }) => role === "fhr" || role === "uc")) return "ctg";
  return channels.some(({ role }) => role === "emg") ? "emg" : "other";
}

/** One spelling a unit: the micro sign (U+00B5, U+03BC) as `u`, surrounding blanks and brackets off. */
export function normaliseUnit(unit: string): string {
  return unit
    .normalize("NFKC") // U+00B5 becomes U+03BC here
    .replace(/^[\s[(]+|[\s\])]+$/g, "")
    .replace(/^μ(?=[A-Za-z])/, "u");
}

const isVoltage = (unit: string): boolean => /^[pnumkµμ]?V$/i.test(normaliseUnit(unit));
