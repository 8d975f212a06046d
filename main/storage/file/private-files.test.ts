import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { block, inFolder, newRecording, ramp } from "../testing.ts";

const modes = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
  );

test.skipIf(process.platform === "win32")(
  "a library, its log of writes and its copies are this user's alone, those of an earlier version too",
  () =>
    inFolder((folder) => {
      const path = join(folder, "old.kodo");
      const kept = new URL("../migrations/testdata/schema-4.kodo.gz", import.meta.url);
      writeFileSync(path, gunzipSync(readFileSync(kept)), { mode: 0o644 });
      writeFileSync(`${path}.schema-2.backup`, "", { mode: 0o644 });
      writeFileSync(join(folder, "another.txt"), "");
      chmodSync(join(folder, "another.txt"), 0o644);
      const library = openLibrary(path);
      library.appendBlocks(library.createRecording(newRecording()), [block(0, 0, ramp(100))]);
      expect(modes(folder)).toEqual({
        "another.txt": "644",
        "old.kodo": "600",
        "old.kodo-shm": "600",
        "old.kodo-wal": "600",
        "old.kodo.schema-2.backup": "600",
        "old.kodo.schema-4.backup": "600",
      });
      library.close();
      openLibrary(join(folder, "new.kodo")).close();
      expect(modes(folder)["new.kodo"]).toBe("600");
    }),
);
