import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { type Roster, ROSTER_ROWS } from "../../../preload/contract/listing.ts";
import type { OpenLibrary } from "../open-library.ts";
import { block, channelHeader, newRun, newWhole, ramp, withLibrary } from "../testing.ts";

const emg = [channelHeader({ label: "EMG", unit: "uV", role: "emg" })];

function add(library: OpenLibrary, layouts: readonly (typeof emg)[]): string[] {
  const made = layouts.map((channels) => newWhole(channels, [block(0, 0, ramp(8))]));
  for (const outcome of library.addRecordings(made)) expect(outcome.ok).toBe(true);
  return made.map(({ id }) => id);
}

test("the roster comes in parts, each with the layouts of its own recordings", () =>
  withLibrary((library) => {
    const ids = add(
      library,
      Array.from({ length: ROSTER_ROWS + 2 }, (_, i) => (i % 2 === 0 ? [channelHeader()] : emg)),
    );
    const first = library.roster(0);
    expect(first.layouts).toEqual([[{ label: "FHR", role: "fhr" }], [{ label: "EMG", role: "emg" }]]);
    const second: Roster = library.roster(first.next ?? Number.NaN);
    expect(second.next).toBeUndefined();
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(ids);
    expect(first.rows.slice(0, 3).map(({ layout }) => layout)).toEqual([0, 1, 0]);
    expect(second.rows[0]).toMatchObject({ name: "1001", kind: "ctg", durationS: 2, annotationCount: 0 });
  }));

test("what a run reads is told by its recordings as they are now; nothing where none of them is left", () =>
  withLibrary((library, path) => {
    const [id = ""] = add(library, [[channelHeader()]]);
    const run = newRun("r1");
    const data = { ...run.config.data, recordingIds: [id], channels: ["FHR", "lost"] };
    library.saveRun({ ...run, config: { ...run.config, data } });
    library.saveRun(newRun("r2"));
    expect(library.runReads()).toEqual({
      r1: { channels: [{ label: "FHR", role: "fhr" }, { label: "lost" }], kinds: ["ctg"] },
      r2: { channels: [{ label: "FHR" }], kinds: [] },
    });
    const raw = new Sqlite(path);
    raw.pragma("ignore_check_constraints = ON");
    raw.exec("UPDATE recording SET kind = 'odd'");
    raw.close();
    expect(library.runReads()["r1"]).toMatchObject({ kinds: [] });
  }));
