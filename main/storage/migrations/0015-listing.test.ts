import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { listed, RecordingView } from "../../../preload/contract/listing.ts";
import { openLibrary } from "../open-library.ts";
import { inFolder } from "../testing.ts";

test.each([2, 4, 8, 13])(
  "0015 lists what a library of schema %d holds, in every order and by every word",
  (schema) =>
    inFolder((folder) => {
      const path = join(folder, "old.kodo");
      const kept = new URL(`./testdata/schema-${schema}.kodo.gz`, import.meta.url);
      writeFileSync(path, gunzipSync(readFileSync(kept)));
      const library = openLibrary(path);
      const details = library.listRecordings().map(({ id }) => library.getRecording(id));
      expect(details.length).toBeGreaterThan(0);
      for (const change of [
        {},
        { filter: "labelled" },
        { query: details[0]?.name },
        { sort: { by: "missing", isDescending: true } },
      ]) {
        const view = RecordingView.parse({ sort: { by: "name", isDescending: false }, ...change });
        expect(library.listPage({ view }).rows.map(({ id }) => id)).toEqual(
          listed(details, view).map(({ recording }) => recording.id),
        );
      }
      expect(library.libraryCounts()).toMatchObject({
        recordings: details.length,
        binned: library.binPage({}).count,
      });
      expect(library.checkIntegrity()).toEqual([]);
      library.close();
    }),
);
