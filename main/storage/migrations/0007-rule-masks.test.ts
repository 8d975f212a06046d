import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { inFolder } from "../testing.ts";

test("0007 keeps the masks of before and lays no rule on what is there already", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    const kept = new URL("./testdata/schema-2.kodo.gz", import.meta.url);
    writeFileSync(path, gunzipSync(readFileSync(kept)));
    const library = openLibrary(path);
    const { id } = library.listRecordings()[0]!;
    const masks = library.listMasks(id);
    expect(masks).toMatchObject([
      { author: "Sato", layer: "person", onsetS: 100, durationS: 50, channel: 0 },
    ]);
    library.removeMask(masks[0]!.id);
    library.addMask({ recordingId: id, layer: "rule", reason: 10, onsetS: 1, durationS: 60, author: "" });
    library.undo(id);
    library.undo(id);
    expect(library.listMasks(id)).toEqual(masks);
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
  }));
