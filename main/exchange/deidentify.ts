import type { Annotation } from "../../preload/contract/annotation.ts";
import { wordIn } from "../../preload/contract/label-set.ts";
import { repairOf, type RecordingDetail, type Repair } from "../../preload/contract/recording.ts";
import { filledLabel, isFilledLabel } from "../formats/channel-role.ts";
import { mitSymbols } from "../formats/wfdb/mit-annotations.ts";
import { annotatorOf } from "../formats/wfdb/events.ts";
import { builtInName, channelName, isPlainChannel, isPlainUnit, plainFacts } from "../privacy/plain-words.ts";
import type { Pseudonyms } from "../privacy/pseudonyms.ts";
import type { RecordingHeader, SourceAnnotation } from "../signal/block.ts";

export interface Deidentified {
  readonly header: RecordingHeader;
  readonly annotations: readonly SourceAnnotation[];
  readonly repairs: readonly Repair[];
}

/**
 * A recording and its annotations without anything a person typed or a date, for every format alike. Samples, masks and
 * times stay. What stands in for a name is a code that is the same in every export of this library.
 */
export function deidentified(
  detail: RecordingDetail,
  annotations: readonly Annotation[],
  codes: Pseudonyms,
): Deidentified {
  const renamed = new Set<string>();
  const texts = new Set<string>();
  const standIn = standInsBeside(detail.channels.map(({ label }) => label).filter(isPlainChannel));
  const channels = detail.channels.map(
    ({ label, unit, sampleRate, role, sampleType, gain, offset }, position) => {
      const isPlain = isPlainChannel(label) && isPlainUnit(unit);
      if (!isPlain) renamed.add(label);
      return {
        label: isPlainChannel(label) ? label : marked(label, standIn(role, position)),
        unit: isPlainUnit(unit) ? unit : "",
        sampleRate,
        role,
        sampleType,
        gain,
        offset,
      };
    },
  );
  const wordsOf = ({ labelSet, label, text }: Annotation): Pick<SourceAnnotation, "label" | "code"> => {
    const name = builtInName(labelSet, label);
    if (name !== undefined) return { label: wordIn(name, "en"), code: label };
    if (text !== undefined && mitSymbols.includes(text)) return { label: text };
    texts.add(text ?? label);
    const coded = codes.label(text ?? `${labelSet} ${label}`);
    return { label: coded, code: coded };
  };
  const left = annotations.map((one): SourceAnnotation => ({
    onsetS: one.onsetS,
    durationS: one.durationS,
    ...wordsOf(one),
    channel: one.channel,
    author: one.author === "" ? undefined : `${codes.author(one.author)}.${annotatorOf(one.author)}`,
    note: "",
  }));
  const repairs = [repairOf("DEIDENTIFIED", "info", {})];
  if (texts.size > 0) repairs.push(repairOf("DEIDENTIFIED_TEXTS", "info", { count: texts.size }));
  if (renamed.size > 0) repairs.push(repairOf("DEIDENTIFIED_CHANNELS", "info", { count: renamed.size }));
  const header = {
    name: codes.recording(detail.id),
    kind: detail.kind,
    subject: codes.subject(detail.subject),
    startedAt: undefined,
    channels,
    facts: plainFacts(detail.facts),
  };
  return { header, annotations: left, repairs };
}

/** A name without what a person typed, which still says that nobody measured what was filled in. */
const marked = (label: string, name: string): string => (isFilledLabel(label) ? filledLabel(name) : name);

/** Names for channels, none of which another channel has. */
function standInsBeside(labels: readonly string[]): typeof channelName {
  const taken = new Set(labels);
  return (role, position) => {
    let name = channelName(role, position);
    for (let at = position + 1; taken.has(name); at += 1) name = channelName(role, at);
    taken.add(name);
    return name;
  };
}
