import { describe, expect, test } from "vitest";
import type { ChannelRole } from "./recording.ts";
import { matchChannels, sharedChannels, strays, wantedChannels } from "./match-channels.ts";

const channel = (label: string, role: ChannelRole) => ({ label, role });
const bracelet = (name: string, count = 4) =>
  Array.from({ length: count }, (_, i) => channel(`${name}${i + 1}`, "emg"));
const found = (wanted: readonly ReturnType<typeof channel>[], there: readonly ReturnType<typeof channel>[]) =>
  matchChannels(wanted, there).map((one) => one.channel?.label);

const fhr = channel("FHR", "fhr");
const uc = channel("UC", "uc");

describe("the channel a run means", () => {
  test("is the one of its role, whatever a hospital calls it", () => {
    expect(found([fhr, uc], [channel("子宮収縮", "uc"), channel("心拍数", "fhr")])).toEqual([
      "心拍数",
      "子宮収縮",
    ]);
    expect(found([channel("FHR1", "fhr")], [channel("MHR", "mhr"), fhr])).toEqual(["FHR"]);
  });

  test("of twins is the one of its name, else the first, and says that there was another", () => {
    const twins = [channel("FHR1", "fhr"), channel("FHR2", "fhr")];
    expect(found([channel("FHR2", "fhr")], twins)).toEqual(["FHR2"]);
    const [match] = matchChannels([fhr], twins);
    expect(match).toMatchObject({ channel: { label: "FHR1" }, others: [{ label: "FHR2" }] });
    expect(found(twins, twins.toReversed())).toEqual(["FHR1", "FHR2"]);
    expect(found(twins, [channel("FHR1", "fhr"), channel("Zwilling", "fhr")])).toEqual(["FHR1", "Zwilling"]);
    expect(found([channel("A", "fhr"), channel("FHR1", "fhr")], twins)).toEqual(["FHR2", "FHR1"]);
    expect(found(twins, [fhr])).toEqual(["FHR", undefined]);
  });

  test("is of its name where the recording does not say what it measures, but never of another role", () => {
    expect(found([fhr], [channel("FHR", "other")])).toEqual(["FHR"]);
    expect(found([fhr], [channel("FHR", "mhr")])).toEqual([undefined]);
    expect(found([channel("SpO2", "other")], [channel("SpO2 2", "other"), channel("SpO2", "other")])).toEqual(
      ["SpO2"],
    );
    expect(found([channel("pH", "other")], [channel("SpO2", "other")])).toEqual([undefined]);
    expect(matchChannels([{ label: "FHR", role: undefined }], [fhr])[0]?.channel).toBe(fhr);
  });

  test("of a bracelet is the electrode of its name, the one in its place only where no name is there and there are as many", () => {
    expect(found(bracelet("EMG "), bracelet("EMG ").toReversed())).toEqual([
      "EMG 1",
      "EMG 2",
      "EMG 3",
      "EMG 4",
    ]);
    expect(found(bracelet("EMG "), bracelet("ch"))).toEqual(["ch1", "ch2", "ch3", "ch4"]);
    expect(found(bracelet("EMG "), bracelet("ch", 8))).toEqual(new Array(4).fill(undefined));
    expect(found(bracelet("EMG ", 8), bracelet("EMG ", 7)).at(-1)).toBeUndefined();
    const [biceps, triceps] = [channel("biceps", "emg"), channel("triceps", "emg")];
    expect(found([biceps, triceps], [triceps, channel("brachialis", "emg")])).toEqual([undefined, "triceps"]);
    expect(found(bracelet("EMG ", 2), bracelet("EMG ", 8))).toEqual(["EMG 1", "EMG 2"]);
  });
});

test("of recordings that share nothing those are named that are unlike most", () => {
  const of = (id: string, channels: readonly ReturnType<typeof channel>[]) => ({
    id,
    channels: channels.map((one, position) => ({
      ...{ ...one, position, unit: "", sampleRate: 4, sampleType: "int16" as const },
      ...{ gain: 1, offset: 0, sampleCount: 4, observedCount: 4 },
    })),
  });
  const all = [
    of("arm", bracelet("EMG ")),
    of("a", [fhr, uc]),
    of("b", [channel("心拍数", "fhr"), uc]),
    of("c", [fhr]),
  ];
  expect(sharedChannels(all)).toEqual([]);
  expect(
    strays(all).map(({ channel: { label }, recordings }) => [label, recordings.map(({ id }) => id)]),
  ).toEqual([
    ["FHR", ["arm"]],
    ["UC", ["arm", "c"]],
  ]);
  expect(sharedChannels(all.slice(1))).toEqual(["FHR"]);
  expect(strays(all.slice(1, 3))).toEqual([]);
});

test("of two kinds of recordings that share something the commoner one says what is usual", () => {
  const bare = { id: "bare", channels: [channel("HR", "other"), uc] };
  const named = ["a", "b"].map((id) => ({ id, channels: [fhr, uc] }));
  expect(strays([bare, ...named])).toEqual([{ channel: fhr, recordings: [bare] }]);
  const dense = { id: "dense", channels: bracelet("EMG", 32) };
  const worn = ["a", "b"].map((id) => ({ id, channels: bracelet("EMG", 8) }));
  expect(strays([dense, ...worn])).toEqual([]); // nobody is asked to leave the others out for it
});

test("a run's channels have the roles of its recordings, or of the library it came from", () => {
  const config = { data: { channels: ["FHR1", "x"], recordingIds: ["gone", "a"] } };
  const channelsOf = (id: string) => (id === "a" ? [channel("FHR1", "fhr")] : undefined);
  expect(wantedChannels({ config }, channelsOf)).toEqual([
    { label: "FHR1", role: "fhr" },
    { label: "x", role: undefined },
  ]);
  const imported = { channels: [channel("FHR1", "fhr"), channel("x", "uc")] };
  expect(wantedChannels({ config, imported }, () => undefined).map(({ role }) => role)).toEqual([
    "fhr",
    "uc",
  ]);
});

test("the first recording that has a channel is asked for it, and no other", () => {
  const asked: string[] = [];
  const data = { channels: ["FHR", "UC"], recordingIds: ["a", "b", "c"] };
  wantedChannels({ config: { data } }, (id) => (asked.push(id), [fhr, uc]));
  expect(asked).toEqual(["a", "a"]);
});
