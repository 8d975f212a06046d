import { CHANNELS_MAX, type ChannelRole, type SampleType } from "../../../preload/contract/recording.ts";
import { outside } from "../bounds.ts";
import { guessRole, normaliseUnit } from "../channel-role.ts";
import { childrenOf, parseXml, textAt, type XmlElement } from "./xml.ts";

/** How a stream writes a value. */
export interface ValueFormat {
  readonly name: string; // as the header says it
  readonly bytes: number; // of a value; 0 for strings, which say their own length
  readonly sampleType: SampleType;
}

const formats: readonly ValueFormat[] = [
  { name: "int8", bytes: 1, sampleType: "int8" },
  { name: "int16", bytes: 2, sampleType: "int16" },
  { name: "int32", bytes: 4, sampleType: "int32" },
  { name: "int64", bytes: 8, sampleType: "float64" }, // exact up to 2^53
  { name: "float32", bytes: 4, sampleType: "float32" },
  { name: "double64", bytes: 8, sampleType: "float64" },
  { name: "string", bytes: 0, sampleType: "int8" },
];

export interface StreamChannel {
  readonly label: string;
  readonly unit: string;
  readonly role: ChannelRole;
}

/** A stream as its header describes it. */
export interface XdfStream {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly format: ValueFormat;
  readonly channels: readonly StreamChannel[];
  readonly nominalRate: number; // Hz; 0: irregular
  readonly canDropSamples: boolean;
  readonly host: string;
}

/** Throws data/bad-header where the samples of the stream could not be told apart. */
export function readStreamHeader(
  id: number,
  text: string,
  place: { file: string; offset: number },
): XdfStream {
  const info = parseXml(text);
  const format = formats.find(({ name }) => name === textAt(info, "channel_format").toLowerCase());
  const count = Number(textAt(info, "channel_count"));
  if (format === undefined || !Number.isInteger(count) || count < 0 || count > CHANNELS_MAX) {
    const value = format === undefined ? NaN : count;
    const what = `the header of stream ${id} (format "${textAt(info, "channel_format").slice(0, 20)}") with a number of channels`;
    const allowed = `0 to ${CHANNELS_MAX} channels of ${formats.map(({ name }) => name).join(", ")}`;
    throw outside("data/bad-header", what, value, allowed, place);
  }
  const rate = Number(textAt(info, "nominal_srate"));
  const name = textAt(info, "name");
  const type = textAt(info, "type");
  return {
    id,
    name: name === "" ? `stream ${id}` : name,
    type,
    format,
    channels: channelsOf(info, { name, type, count }),
    nominalRate: Number.isFinite(rate) && rate > 0 ? rate : 0,
    canDropSamples: textAt(info, "desc", "synchronization", "can_drop_samples").toLowerCase() === "true",
    host: textAt(info, "hostname"),
  };
}

const units: Readonly<Record<string, string>> = {
  microvolts: "uV",
  microvolt: "uV",
  millivolts: "mV",
  millivolt: "mV",
  volts: "V",
  volt: "V",
};

function channelsOf(
  info: XmlElement | undefined,
  stream: { readonly name: string; readonly type: string; readonly count: number },
): StreamChannel[] {
  const described = childrenOf(childrenOf(childrenOf(info, "desc")[0], "channels")[0], "channel");
  return Array.from({ length: stream.count }, (_, index) => {
    const one = described[index];
    const written = textAt(one, "unit");
    const unit = units[written.toLowerCase()] ?? normaliseUnit(written);
    const base = stream.name === "" ? stream.type : stream.name;
    const label = textAt(one, "label") || (stream.count === 1 ? base : `${base} ${index + 1}`);
    const type = textAt(one, "type") || stream.type;
    const guessed = guessRole(label, unit);
    return { label, unit, role: guessed === "other" && /^s?emg$/i.test(type) ? "emg" : guessed };
  });
}
