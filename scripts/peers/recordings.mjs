// Varied recordings for the peers to read: rates, lengths, gaps, types, names and texts, all from one seed.
import { maskReasons } from "../../preload/contract/mask.ts";
import { sampleArrays } from "../../main/signal/block.ts";

const texts = [
  "acceleration",
  "Late deceleration",
  "一過性徐脈",
  "中文测试八个字",
  "胎動 fetal movement",
  "(N",
  "(AFIB",
  "(maybe late)",
  "N",
  "n",
  "V",
  "A",
  "~",
  "+",
  "artefact, left",
  "x@y",
  "EMG 1@@EMG 1",
  "a@@b@@c",
  "Sleep stage W",
  "  blanks  ",
  "",
  "two\nlines",
  "Kodo read completely: by nobody",
  "#+read completely",
  "return\r\nfeed",
  "tab\tin it",
  "\u0001control",
  "## note",
  "## time resolution: 5",
  "#+kodo annotations 2",
  "Missing:droppedPacket@@EMG 1",
  'Recording:{"subject":"no"}',
  "=1+1",
  "'=1+1",
  "-5",
  '"quoted"',
  "ｗｉｄｅ",
  "e\u0301",
  "\u00e9",
  "👶🏽",
  "長い文".repeat(60),
  "long ".repeat(150),
];
const labels = [
  "FHR",
  "UC",
  "EMG biceps",
  "EMG 1",
  "胎児心拍",
  "陣痛計",
  "右前腕",
  "心率",
  "a label of more than sixteen",
  'x,y"z',
  "=cell",
];
const units = ["uV", "mV", "bpm", "mmHg", "µV", ""];
const types = ["int8", "uint8", "int16", "int32", "float32", "float64"];
const ranges = { int8: [-128, 127], uint8: [0, 255], int16: [-32768, 32767], int32: [-8_000_000, 8_000_000] };
const families = [[4], [100], [250, 50], [1000], [4, 1], [2000], [99.97], [100, 25, 1], [12.8], [1 / 3]];

/** mulberry32 */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function recordingOf(index, seed) {
  const next = random(seed * 1000 + index);
  const int = (low, high) => low + Math.floor(next() * (high - low + 1));
  const pick = (list) => list[int(0, list.length - 1)];
  const rates = families[index % families.length];
  const channelCount = index % 7 === 6 ? 40 : int(1, 5);
  const seconds = pick([10, 10.5, 7.31, 60, 1, 0.5, 33.333]);
  const isGapped = index % 3 === 1;
  const why = index % 2 === 0 ? maskReasons.notRecorded : maskReasons.linkDown; // an outage of all channels
  const gaps = isGapped ? [[int(1, 4) / 10, int(1, 3) / 10]] : [];
  const headers = Array.from({ length: channelCount }, (_, i) => ({
    label: i === 0 ? "EMG 1" : `${pick(labels)}${i > 1 ? ` ${i}` : ""}`,
    unit: pick(units),
    sampleRate: rates[i % rates.length],
    role: "emg",
    sampleType: types[(index + i) % types.length],
    gain: pick([1, 0.25, 0.01, 1 / 200, 0.1220703125, 3.3e-5]),
    offset: pick([0, 0, 12.5]),
  }));
  const channels = headers.map((header) => {
    const count = Math.max(1, Math.round(seconds * header.sampleRate));
    const samples = new sampleArrays[header.sampleType](count);
    const [low, high] = ranges[header.sampleType] ?? [-1000, 1000];
    for (let i = 0; i < count; i++)
      samples[i] = low + (high - low) * (0.5 + 0.4 * Math.sin(i / 7) + 0.1 * (next() - 0.5));
    const reason = new Uint8Array(count);
    for (const [from, share] of gaps)
      reason.fill(why, Math.floor(from * count), Math.floor((from + share) * count));
    if (index % 5 === 2) reason.fill(1, int(0, count - 1), count); // the end is missing
    if (index % 4 === 0 && count > 3) reason[int(1, count - 2)] = 3; // a gap of one sample
    return { samples, reason };
  });
  const endS = Math.min(...channels.map(({ samples }, i) => (samples.length - 1) / headers[i].sampleRate));
  const annotations = texts.flatMap((label, i) => {
    if (index > 0 && next() < 0.5) return [];
    const onsetS = i === 0 ? 0 : Math.floor(next() * endS * 1000) / 1000;
    return [
      {
        onsetS,
        durationS: i % 3 === 0 ? Math.round(next() * 2000) / 1000 : 0,
        label,
        channel: i % 4 === 0 ? int(0, channelCount - 1) : undefined,
        note: i % 5 === 0 ? pick(["体位変換", "two\nlines", "=2"]) : "",
        author: i % 6 === 0 ? "peer.qrs" : "山田",
      },
    ];
  });
  return {
    header: {
      name: `peer-${index}`,
      kind: "emg",
      subject: pick(["S1", "患者 7", "S".repeat(78), undefined]),
      startedAt: pick([
        "2024-03-05T12:13:14",
        "2031-01-01T00:00:00.3945312",
        "1999-12-31T23:59:59.25",
        undefined,
      ]),
      channels: headers,
      facts:
        index % 2 === 0
          ? { pH: "7.21", 備考: "双胎", "patient sex": "F", "patient name": "名".repeat(40) }
          : {},
    },
    channels,
    annotations,
    readings: ["山田", undefined, "two\nlines@@EMG 1"].slice(index % 3).map((author, i) => ({
      onsetS: i * 0.125,
      durationS: Math.max(0.25, endS / 2),
      labelSet: "emg-gestures",
      labels: Array.from({ length: index % 2 === 0 ? 2 : 60 }, (_, k) => `label-${k}`),
      ...(author === undefined ? {} : { author }),
    })),
  };
}
