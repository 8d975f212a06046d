import { join } from "node:path";
import { expect, test } from "vitest";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { openLibrary } from "../open-library.ts";
import { channelHeader, inFolder, newRecording } from "../testing.ts";
import { SampleDigest } from "./sample-digest.ts";

test("the digest of what comes is that of what is kept: gaps, masks over blocks, numbers that are none, channels without a sample", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "of.kodo"));
    const headers = [
      channelHeader({ sampleType: "float32" }),
      channelHeader({ label: "UC", role: "uc" }),
      channelHeader({ label: "empty" }),
    ];
    const id = library.createRecording(newRecording(headers));
    const end = { first: 2, count: 2, reason: maskReasons.saturated };
    const begin = { first: 0, count: 1, reason: maskReasons.saturated };
    const blocks = [
      { channel: 0, firstSample: 5, samples: Float32Array.of(1, NaN, 3, 4), mask: [end] },
      { channel: 0, firstSample: 9, samples: Float32Array.of(1, Infinity, 3), mask: [begin] },
      { channel: 0, firstSample: 90, samples: Float32Array.of(7), mask: [] },
      { channel: 1, firstSample: 0, samples: Int16Array.of(1, 2, 3, 4), mask: [begin] },
    ];
    library.appendBlocks(id, blocks);
    const digest = new SampleDigest();
    for (const [position, channel] of library.getRecording(id).channels.entries()) {
      const own = blocks.filter((block) => block.channel === position);
      const extents = own.map(({ firstSample, samples }) => ({ first: firstSample, count: samples.length }));
      digest.begin(position, channel, extents);
      for (const block of own) digest.addNew(block);
    }
    expect({ sha256: digest.digest(), damagedBlocks: 0 }).toEqual(library.checksum(id));
    library.close();
  }));
