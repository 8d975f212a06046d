import Sqlite from "better-sqlite3";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, ramp } from "../testing.ts";
import { CUT_OFF } from "./begun.ts";

const press = { labelSet: "emg-gestures", label: "hand-close", author: "Mori", atS: 0.5 };

/** A recording of two seconds, as a process that is killed leaves it; and the library in the next one. */
const afterKill = (
  work: (library: OpenLibrary) => string,
  look: (library: OpenLibrary, id: string) => void,
) =>
  inFolder((folder) => {
    const path = join(folder, "test.kodo");
    const gone = openLibrary(path, { owner: { pid: 2 ** 22 + 1, started: "1", host: hostname() } });
    const id = work(gone);
    gone.close();
    const library = openLibrary(path);
    look(library, id);
    library.close();
  });

function twoSeconds(library: OpenLibrary): string {
  const id = library.createRecording(newRecording([channelHeader()], { state: "recording" }));
  library.appendBlocks(id, [block(0, 0, ramp(8))]);
  return id;
}

const said = (library: OpenLibrary, id: string): unknown[] =>
  library
    .listAnnotations(id)
    .map(({ label, onsetS, durationS, author, note }) => [label, onsetS, durationS, author, note]);

/** Of all recordings, what is still begun. */
function stillBegun(library: OpenLibrary): number {
  const raw = new Sqlite(library.info().path, { readonly: true });
  const count = raw.prepare("SELECT count(*) FROM setting WHERE name LIKE 'session.begun.%'").pluck().get();
  raw.close();
  return Number(count);
}

test("what was begun in a recording that was cut off lasts as far as it does, and says that nobody ended it", () =>
  afterKill(
    (library) => {
      const id = twoSeconds(library);
      library.keepBegun(id, [press, { ...press, label: "neutral" }]);
      library.keepBegun(id, [
        { ...press, labelSet: "no-such-set" },
        press,
        { ...press, label: "hand-open", atS: 1 },
        { ...press, label: "neutral", atS: 2.25 }, // nothing was stored after it
      ]);
      const { version } = library.getLabelSet(press.labelSet);
      library.addAnnotations([
        // its second press came in the last moment
        {
          ...{ recordingId: id, labelSet: press.labelSet, labelSetVersion: version, label: "hand-open" },
          ...rest,
        },
      ]);
      return id;
    },
    (library, id) => {
      expect(library.getRecording(id).state).toBe("interrupted");
      expect(said(library, id)).toEqual([
        ["hand-close", 0.5, 1.5, "Mori", CUT_OFF],
        ["hand-open", 1, 0.25, "Mori", ""],
      ]);
      expect(stillBegun(library)).toBe(0);
      expect(library.undo(id), "what came with it is nobody's to undo").toMatchObject({
        history: { undo: 0 },
      });
      expect(said(library, id)).toHaveLength(1);
    },
  ));
const rest = { onsetS: 1, durationS: 0.25, author: "Mori", note: "", source: "person" as const };

test("a recording that goes on has again what was ended for it, unless somebody changed it; what ends in order leaves nothing begun", () =>
  afterKill(
    (library) => {
      const id = twoSeconds(library);
      library.keepBegun(id, [press, { ...press, label: "hand-open" }]);
      return id;
    },
    (library, id) => {
      const [, open] = library.listAnnotations(id);
      library.changeAnnotation({ id: open!.id, durationS: 0.125 });
      library.reopenRecording(id);
      expect(said(library, id)).toEqual([["hand-open", 0.5, 0.125, "Mori", CUT_OFF]]);
      library.appendBlocks(id, [block(0, 8, ramp(4))]);
      library.closeRecording(id, { state: "interrupted", repairs: [] });
      expect(said(library, id)).toContainEqual(["hand-close", 0.5, 2.5, "Mori", CUT_OFF]);
      library.reopenRecording(id);
      expect(stillBegun(library)).toBe(1);
      library.closeRecording(id, { state: "complete", repairs: [] });
      expect([said(library, id).length, stillBegun(library)]).toEqual([1, 0]);
      expect(() => library.keepBegun(id, [press])).toThrow("complete");
    },
  ));

test("a label that was ended, the only one, is begun no more", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "test.kodo"));
    const id = twoSeconds(library);
    library.keepBegun(id, [press]);
    expect(stillBegun(library)).toBe(1);
    library.keepBegun(id, []);
    expect(stillBegun(library)).toBe(0);
    library.close();
  }));

test("what cannot be ended stays begun and keeps no library from opening; a damaged word counts as none, and deleting forgets it", () =>
  afterKill(
    (library) => {
      const id = twoSeconds(library);
      library.keepBegun(id, [{ ...press, label: "wave" }]);
      const damaged = twoSeconds(library);
      library.keepBegun(damaged, [press]);
      const raw = new Sqlite(library.info().path);
      raw.prepare("UPDATE setting SET value = '3' WHERE name = ?").run(`session.begun.${damaged}`);
      raw.close();
      return id;
    },
    (library, id) => {
      for (const { id: one } of library.listRecordings()) expect(said(library, one)).toEqual([]);
      expect(stillBegun(library)).toBe(2);
      library.beginPurge([id]);
      expect(stillBegun(library)).toBe(1);
    },
  ));
