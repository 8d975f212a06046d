import { expect, test } from "vitest";
import { block, channelHeader, newWhole, ramp, withLibrary } from "../testing.ts";
import type { OpenLibrary } from "../open-library.ts";

function filled(library: OpenLibrary, count: number): string[] {
  const all = Array.from({ length: count }, (_, i) => {
    const whole = newWhole([channelHeader()], [block(0, 0, ramp(4))]);
    return { ...whole, header: { ...whole.header, name: i < 2 ? "twice" : `R${i}` } };
  });
  library.addRecordings(all);
  return all.map(({ id }) => id);
}

test("the bin is read a part at a time, last binned first, each once, whatever was binned together", () =>
  withLibrary((library) => {
    const ids = filled(library, 9);
    library.binRecordings(ids.slice(0, 5), "2026-01-01T00:00:00Z");
    library.binRecordings(ids.slice(5, 7), "2026-01-02T00:00:00Z");
    const inOrder = [ids[6], ids[5], ...ids.slice(0, 5).reverse()];
    const read = (limit: number): string[] => {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = library.binPage({ after, limit });
        expect([page.count, page.rows.length <= limit]).toEqual([7, true]);
        found.push(...page.rows.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      return found;
    };
    for (const limit of [1, 2, 3, 7, 8]) expect(read(limit)).toEqual(inOrder);
    const first = library.binIds(undefined, 4);
    const rest = library.binIds(first.next, 4);
    expect([...first.ids, ...rest.ids]).toEqual(inOrder);
    expect([first.ids.length, rest.next, library.binIds().next]).toEqual([4, undefined, undefined]);
    expect(() => library.binPage({ after: "soon" })).toThrow(/place in the bin/);
  }));

test("what is brought back together was in the bin; of others nothing is done", () =>
  withLibrary((library) => {
    const [a = "", b = "", c = ""] = filled(library, 3);
    library.binRecordings([a, b], "2026-01-01T00:00:00Z");
    expect(library.stillBinned([a, b, c, "gone"])).toEqual([a, b]);
    expect(library.restoreThese([b, c, "gone"])).toEqual([b]);
    expect(library.binPage({}).rows.map(({ id }) => id)).toEqual([a]);
    expect(library.restoreThese([b])).toEqual([]);
  }));

test("what is being deleted for good is counted in the bin no more, whether it was in the bin or not", () =>
  withLibrary((library) => {
    const [a = "", b = "", c = ""] = filled(library, 3);
    library.binRecordings([a, b], "2026-01-01T00:00:00Z");
    library.beginPurge([b, c]);
    const { rows, count } = library.binPage({});
    expect([rows.map(({ id }) => id), count]).toEqual([[a], 1]);
  }));

test("a name means one recording, or is told to be of several, in the bin too where it is asked for", () =>
  withLibrary((library) => {
    const [a = "", b = "", c = ""] = filled(library, 3);
    library.removeRecording(c);
    expect([library.recordingsNamed(a), library.recordingsNamed("twice")]).toEqual([[a], [a, b]]);
    expect([library.recordingsNamed("R2"), library.recordingsNamed("R2", "library and bin")]).toEqual([
      [],
      [c],
    ]);
    expect([library.findRecording("twice"), library.findRecording(b)]).toEqual([undefined, b]);
  }));
