import { writeSync } from "node:fs";
import { sure } from "../../preload/contract/sure.ts";
import type { Library } from "./api.ts";
import { openLibrary } from "./open-library.ts";
import { block, channelHeader, newRecording, newWhole, ramp } from "./testing.ts";

// A process for the fault tests to end: records, annotates and trains without a pause, and says what was acknowledged.
const [path, piece] = [sure(process.argv[2]), Number(process.argv[3])];
const say = (line: unknown): void => void writeSync(1, `${JSON.stringify(line)}\n`);

/** Recordings that come whole, three at a time, each told of once its group is stored. */
function importForever(library: Library): void {
  for (let n = 0; n < 100_000; n++) {
    const group = [0, 1, 2].map((i) =>
      newWhole([channelHeader()], [block(0, 0, ramp(piece, "int16", n + i))]),
    );
    library.addRecordings(group);
    for (const [i, { id }] of group.entries()) say({ whole: { id, from: n + i } });
  }
}

try {
  const library = openLibrary(path);
  if (process.argv[4] === "whole") importForever(library);
  const channels = [
    channelHeader({ sampleRate: 1000 }),
    channelHeader({ label: "UC", sampleRate: 1000, sampleType: "float32" }),
  ];
  const id = library.createRecording(newRecording(channels, { state: "recording" }));
  say({ recording: id });
  for (let n = 0; n < 100_000; n++) {
    const at = n * piece;
    const mask = n % 3 === 0 ? [{ first: 0, count: 2, reason: 3 }] : [];
    library.appendBlocks(id, [
      block(0, at, ramp(piece, "int16", at), mask),
      block(1, at, ramp(piece, "float32", at)),
    ]);
    say({ samples: at + piece });
    if (n % 5 === 0) {
      const [added] = library.addAnnotations([
        {
          recordingId: id,
          label: "acceleration",
          labelSet: "ctg-events",
          labelSetVersion: 1,
          onsetS: n,
          durationS: 1,
          author: "a",
          source: "person",
          note: "",
        },
      ]);
      say({ annotation: sure(added).id });
    }
    if (n % 11 === 0) {
      library.addMask({
        recordingId: id,
        channel: 0,
        layer: "person",
        reason: 7,
        onsetS: n / 10,
        durationS: 0.05,
        author: "a",
      });
      say({ masks: Math.floor(n / 11) + 1 });
    }
  }
} catch (error) {
  say({ failed: (error as { code?: string }).code ?? String(error) });
}
