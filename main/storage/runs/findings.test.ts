import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import {
  type Content,
  type Curves,
  type Events,
  type FindingOrigin,
  type NewFinding,
  WindowClasses,
} from "../../../preload/contract/finding.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { CHANNELS_MAX } from "../../../preload/contract/recording.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import {
  block,
  channelHeader,
  inFolder,
  newPrediction,
  newRecording,
  newRun,
  ramp,
  purgeWhole,
} from "../testing.ts";
import { VERIFY_START, type VerifyCursor } from "../file/verify.ts";

const rule = (version = "1", config: Record<string, unknown> = {}): FindingOrigin => ({
  kind: "rule",
  rule: "figo-baseline",
  version,
  config,
});
const ofRun = (runId: string): FindingOrigin => ({ kind: "run", runId, adaptation: "none" });

/** 600 s of a probability a second with its band; nothing can be said from 100 s to 200 s. */
function curves(values = (i: number): number => (i % 50) / 100): Curves {
  const observed = Uint8Array.from({ length: 600 }, (_, i) => Number(i < 100 || i >= 200));
  const make = (shift: number): Float32Array =>
    Float32Array.from({ length: 600 }, (_, i) => (observed[i] === 1 ? values(i) + shift : NaN));
  return {
    kind: "curves",
    series: [
      {
        ...{ name: "deceleration", unit: "probability", over: "FHR", sampleRate: 1, observed },
        ...{ value: make(0), low: make(-0.25), high: make(0.25) },
      },
    ],
    forecasts: [
      {
        fromS: 590,
        horizonS: 2,
        stepS: 1,
        quantiles: [{ share: 0.5, value: Float32Array.of(0.1, 0.2) }],
        branches: [{ probability: 0.75, value: Float32Array.of(1, NaN), quantiles: [] }],
        assumed: [],
      },
    ],
  };
}

const events: Events = {
  kind: "events",
  labelSet: "ctg-events",
  events: [
    { onsetS: 10, durationS: 30, code: "deceleration", probability: 0.75, facts: { depth: 22.5 } },
    { onsetS: 300, durationS: 0, code: "note", facts: {}, clause: "FIGO 2015, 4.3" },
  ],
  notAssessable: [{ onsetS: 100, durationS: 100, codes: ["deceleration"] }],
  verdict: { text: "suspicious", reasons: ["reduced variability"] },
};

const windows = (recordingId: string, count: number): Content =>
  WindowClasses.parse({ kind: "window-classes", ...newPrediction("x", recordingId, count) });

/** Ten minutes of heart rate at 4 Hz. */
function record(library: OpenLibrary): string {
  const id = library.createRecording(newRecording());
  library.appendBlocks(id, [block(0, 0, ramp(2400), [{ first: 0, count: 24, reason: 1 }])]);
  library.closeRecording(id, { state: "complete", repairs: [] });
  return id;
}

const inLibrary = (work: (library: OpenLibrary, id: string, path: string) => void) =>
  inFolder((folder) => {
    const path = join(folder, "library.kodo");
    const library = openLibrary(path);
    try {
      work(library, record(library), path);
    } finally {
      library.close();
    }
  });

test("curves come back bit by bit, whole or a span, with their gaps, bands and forecasts", () =>
  inLibrary((library, recordingId) => {
    const content = curves();
    const saved = library.saveFinding({ recordingId, origin: rule(), content });
    const found = library.getFinding(saved.id);
    expect(found).toEqual({ ...found, recordingId, origin: rule(), isOutdated: false, content });
    const part = library.getFinding(saved.id, { fromS: 98.5, toS: 201 });
    if (part.content.kind !== "curves") throw new Error("curves were stored");
    const [series] = part.content.series;
    expect([series?.startS, series?.value.length, part.content.forecasts]).toEqual([99, 102, []]);
    expect([...(series?.observed ?? [])].flatMap((one, i) => (one === 1 ? [i] : []))).toEqual([0, 101]);
    expect(series?.high?.[101]).toBe(content.series[0]?.high?.[200]);
    const none = library.getFinding(saved.id, { fromS: 5000, toS: 6000 });
    expect(none.content).toMatchObject({ series: [{ value: new Float32Array() }] });
  }));

test("what was said under the names of where a run was trained is told as the recording calls its channels", () =>
  inLibrary((library, learnedFrom) => {
    const monitor = library.createRecording(newRecording([channelHeader({ label: "FHR1" })]));
    const run = newRun("walk");
    const data = { ...run.config.data, recordingIds: [learnedFrom] };
    library.saveRun({ ...run, config: { ...run.config, data } });
    const origin = ofRun("walk");
    const [series] = curves().series;
    if (series === undefined) throw new Error("a curve has a series");
    const filled = { ...series, name: "FHR", as: "filled" as const };
    const [forecast] = curves().forecasts;
    const over = { over: "FHR", assumed: [{ channel: "FHR", untilS: 1, value: Float32Array.of(1) }] };
    const content = {
      ...curves(),
      series: [series, filled],
      forecasts: forecast ? [{ ...forecast, ...over }] : [],
    };
    const found = [{ onsetS: 1, durationS: 2, code: "deceleration", facts: {} }];
    const saved = library.saveFindings([
      { recordingId: monitor, origin, content },
      {
        recordingId: monitor,
        origin,
        content: { ...events, events: [{ ...found[0]!, channel: "FHR" }, ...found] },
      },
    ]);
    const said = saved.map(({ id }) => library.getFinding(id).content);
    expect(said).toMatchObject([
      {
        series: [
          { name: "deceleration", over: "FHR1" },
          { name: "FHR1", over: "FHR1" },
        ],
        forecasts: [{ over: "FHR1", assumed: [{ channel: "FHR1" }] }],
      },
      { events: [{ channel: "FHR1" }, {}] },
    ]);
    const listed = library.listFindings(monitor).map((one) => one.content);
    expect(listed).toContainEqual(
      expect.objectContaining({
        series: [
          expect.objectContaining({ name: "deceleration", over: "FHR1" }),
          expect.objectContaining({ name: "FHR1", over: "FHR1" }),
        ],
      }),
    );
    const ruled = library.saveFinding({ recordingId: monitor, origin: rule(), content });
    expect(library.getFinding(ruled.id).content).toMatchObject({
      series: [{ over: "FHR" }, { over: "FHR" }],
    });
  }));

test("derived channels have tiles and gaps, and are nobody's channel to learn from, to count or to export", () =>
  inLibrary((library, recordingId) => {
    const before = library.getRecording(recordingId);
    const sum = library.checksum(recordingId);
    const saved = library.saveFinding({ recordingId, origin: rule(), content: curves() });
    if (saved.content.kind !== "curves") throw new Error("curves were stored");
    const [places] = saved.content.series;
    expect(places?.value).toBeGreaterThanOrEqual(CHANNELS_MAX);
    const [tile] = library.tiles(recordingId, places?.high ?? -1, 4, 0, 1);
    expect([tile?.min[24], tile?.min[25], tile?.reason[25]]).toEqual([
      Math.fround(0.25 + 0.46),
      NaN,
      maskReasons.notAssessable,
    ]);
    expect(library.getRecording(recordingId)).toEqual(before);
    expect(library.listRecordings()).toMatchObject([{ channels: [{ label: "FHR", observedCount: 2376 }] }]);
    expect(library.checksum(recordingId)).toEqual(sum);
    // A stretch taken out since hides what was recorded, not what was said of it.
    const mask = {
      recordingId,
      layer: "person",
      reason: maskReasons.artefactByPerson,
      onsetS: 0,
      durationS: 60,
    } as const;
    library.addMask({ ...mask, author: "Mori" });
    expect(library.tiles(recordingId, places?.value ?? -1, 4, 0, 1)[0]?.reason[0]).toBe(0);
    expect(library.getRecording(recordingId).missingShare).toBeCloseTo(0.1);
    expect(() => library.addMask({ ...mask, channel: places?.value, author: "Mori" })).toThrow(
      expect.objectContaining({ code: "storage/not-found" }),
    );
  }));

test("events and windows come back as they were, and a list of them carries no arrays", () =>
  inLibrary((library, recordingId) => {
    library.saveRun(newRun("run-1"));
    const said = library.saveFinding({ recordingId, origin: ofRun("run-1"), content: events });
    const byRule = library.saveFinding({ recordingId, origin: rule(), content: windows(recordingId, 3) });
    const predicted = library.saveFinding({
      recordingId,
      origin: ofRun("run-1"),
      content: windows(recordingId, 5),
    });
    expect(library.getFinding(said.id).content).toEqual(events);
    expect(library.getFinding(said.id, { fromS: 40, toS: 150 }).content).toMatchObject({
      events: [],
      notAssessable: events.notAssessable,
    });
    expect(library.getFinding(said.id, { fromS: 300, toS: 301 }).content).toMatchObject({
      events: [{ code: "note" }],
    });
    expect(library.getFinding(byRule.id, { fromS: 1, toS: 2 }).content).toMatchObject({
      onsetS: Float64Array.of(1),
      probabilities: Float32Array.of(1),
    });
    expect(library.getFinding(predicted.id).content).toEqual(windows(recordingId, 5));
    expect(library.listPredictions(recordingId)).toHaveLength(1); // a run's windows are its prediction
    expect(new Map(library.listFindings(recordingId).map(({ id, content }) => [id, content]))).toEqual(
      new Map<string, unknown>([
        [
          said.id,
          {
            ...{ kind: "events", labelSet: "ctg-events", verdict: events.verdict },
            ...{ codes: ["deceleration", "note"], events: 2, notAssessable: 1 },
          },
        ],
        [byRule.id, { kind: "window-classes", classes: ["deceleration"], windowS: 1, windows: 3 }],
        [predicted.id, { kind: "window-classes", classes: ["deceleration"], windowS: 1, windows: 5 }],
      ]),
    );
    library.removeRun("run-1");
    expect(library.listFindings(recordingId).map(({ id }) => id)).toEqual([byRule.id]);
    library.restoreRun("run-1");
    expect(library.listFindings(recordingId)).toHaveLength(3);
  }));

test("a curve may have no band, lie over no channel and hold no value", () =>
  inLibrary((library, recordingId) => {
    const bare = (length: number, level = 0.5): Curves => ({
      kind: "curves",
      series: [
        {
          ...{ name: "risk", unit: "probability", sampleRate: 4 },
          ...{ value: new Float32Array(length).fill(level), observed: new Uint8Array(length).fill(1) },
        },
      ],
      forecasts: [],
    });
    const save = (content: Curves) => library.saveFinding({ recordingId, origin: rule(), content });
    expect(() => save(bare(8, NaN))).toThrow("value NaN at 0 does not lie in its band NaN to NaN");
    const saved = save(bare(8));
    expect(saved.content).toMatchObject({ series: [{ sampleCount: 8 }] });
    expect(library.getFinding(saved.id).content).toStrictEqual(bare(8)); // what is absent stays so
    expect(library.getFinding(save(bare(0)).id).content).toStrictEqual(bare(0));
  }));

test("of windows a span gives those that touch it, by rule or by run; a span past them gives none", () =>
  inLibrary((library, recordingId) => {
    library.saveRun(newRun("run-1"));
    const part = Uint8Array.of(0, 1, 2, 2);
    const content = WindowClasses.parse({ ...windows(recordingId, 4), part });
    for (const origin of [rule(), ofRun("run-1")]) {
      const { id } = library.saveFinding({ recordingId, origin, content });
      expect(library.getFinding(id).content).toEqual(content);
      const within = (fromS: number, toS: number) => library.getFinding(id, { fromS, toS }).content;
      expect(within(1.5, 3)).toEqual({
        ...WindowClasses.parse({ ...windows(recordingId, 2), part: part.slice(1, 3) }),
        onsetS: Float64Array.of(1, 2),
      });
      expect(within(4, 9)).toEqual(
        WindowClasses.parse({ ...windows(recordingId, 0), part: new Uint8Array() }),
      );
    }
  }));

test("findings come newest first, a run's windows among them, and no verdict is made up", () =>
  inFolder((folder) => {
    let hour = 0;
    const library = openLibrary(join(folder, "library.kodo"), { now: () => new Date(3_600_000 * hour) });
    const recordingId = record(library);
    library.saveRun(newRun("run-1"));
    const { kind, labelSet, notAssessable } = events;
    const silent: Events = { kind, labelSet, events: events.events, notAssessable };
    const save = (at: number, origin: FindingOrigin, content: Content): string => {
      hour = at;
      return library.saveFinding({ recordingId, origin, content }).id;
    };
    const newest = save(3, rule("1", { a: 1 }), silent);
    const oldest = save(1, rule("1", { a: 2 }), silent);
    const middle = save(2, ofRun("run-1"), windows(recordingId, 1));
    const alike = save(2, rule("1", { a: 3 }), silent);
    const listed = library.listFindings(recordingId);
    expect(listed.map(({ id }) => id)).toEqual([newest, alike, middle, oldest]);
    expect(listed[0]?.content).not.toHaveProperty("verdict");
    library.close();
  }));

test("how a series is meant comes back with it; what fills gaps stands beside what was judged, and goes alone", () =>
  inLibrary((library, recordingId, path) => {
    library.saveRun(newRun("run-1"));
    const [series] = curves().series;
    if (series === undefined) throw new Error("there is one");
    const made = (look: object): Curves => ({ ...curves(), series: [{ ...series, ...look }] });
    const bars = made({ as: "bars", notable: 0.3 });
    const filled = made({ as: "filled" });
    const judged = library.saveFinding({ recordingId, origin: ofRun("run-1"), content: bars });
    const origin: FindingOrigin = { kind: "run", runId: "run-1", adaptation: "none", step: "fill" };
    const fill = library.saveFinding({ recordingId, origin, content: filled });
    expect(judged.content).toMatchObject({ series: [{ as: "bars", notable: 0.3 }] });
    expect(library.getFinding(judged.id).content).toEqual(bars);
    expect(library.getFinding(fill.id)).toMatchObject({ origin, content: filled });
    const before = library.listFindings(recordingId);
    expect(() => library.removeFindings([fill.id, "nobody"])).toThrow("There is no finding nobody");
    expect(library.listFindings(recordingId)).toEqual(before);
    expect(library.removeFindings([fill.id])).toEqual([recordingId]);
    expect(library.listFindings(recordingId)).toEqual([judged]);
    const raw = new Sqlite(path, { readonly: true });
    expect(raw.prepare("SELECT count(*) FROM channel WHERE origin = ?").pluck().get(fill.id)).toBe(0);
    raw.close();
  }));

test("what is said again replaces what was said; a newer version outdates it in every recording and keeps it", () =>
  inLibrary((library, recordingId) => {
    const other = record(library);
    const save = (of: string, origin: FindingOrigin) =>
      library.saveFinding({ recordingId: of, origin, content: events }).id;
    const elsewhere = save(other, rule("1"));
    save(recordingId, rule("1", { a: 1, b: 2 }));
    const kept = save(recordingId, rule("1", { b: 2, a: 1 }));
    const otherConfig = save(recordingId, rule("1", { a: 2 }));
    expect(library.listFindings(recordingId).map(({ id }) => id)).toEqual([otherConfig, kept]);
    const fresh = save(recordingId, rule("2"));
    expect(library.listFindings(recordingId).map(({ id, isOutdated }) => [id, isOutdated])).toEqual([
      [fresh, false],
      [otherConfig, true],
      [kept, true],
    ]);
    expect(library.getFinding(elsewhere).isOutdated).toBe(true);
    expect(library.outdateFindings({ maker: "figo-baseline", version: "3" })).toEqual([recordingId]);
    expect(library.getFinding(fresh)).toMatchObject({ isOutdated: true, content: events });
  }));

test("a finding that cannot be right is refused and leaves nothing", () =>
  inLibrary((library, recordingId) => {
    const bad = (change: Partial<Curves["series"][number]>): NewFinding => {
      const content = curves();
      return {
        recordingId,
        origin: rule(),
        content: { ...content, series: content.series.map((one) => ({ ...one, ...change })) },
      };
    };
    const refused = (finding: NewFinding, message: string | RegExp): void =>
      expect(() => library.saveFinding(finding)).toThrow(message);
    refused(bad({ low: new Float32Array(3) }), "low has 3 values; 600 are needed");
    refused(
      bad({ high: new Float32Array(600).fill(-1) }),
      "value 0 at 0 does not lie in its band -0.25 to -1",
    );
    refused(bad({ value: new Float32Array(600).fill(Infinity) }), "value Infinity at 0");
    refused(bad({ observed: new Uint8Array(600).fill(2, 7) }), "observed is 2 at 7; 0 or 1 is needed");
    refused(bad({ sampleRate: 1e12 }), /sampleRate/);
    refused({ recordingId, origin: ofRun("nobody"), content: events }, "There is no run nobody");
    refused({ recordingId: "nowhere", origin: rule(), content: events }, "There is no recording nowhere");
    expect(library.listFindings(recordingId)).toEqual([]);
    for (const id of ["x", "prediction/nobody/nowhere/none", "prediction/nobody/nowhere/somehow"])
      expect(() => library.getFinding(id)).toThrow(`There is no finding ${id}`);
  }));

test("whichever write fails, what is said together is whole or not there", () =>
  inFolder((folder) => {
    const path = join(folder, "library.kodo");
    let left = Infinity;
    const library = openLibrary(path, {
      beforeWrite: () => {
        left -= 1;
        if (left === 0) throw new Error("planted");
      },
    });
    const recordingId = record(library);
    const said = [curves(), events].map((content) => ({ recordingId, origin: rule(), content }));
    const ids = (): string[] => library.listFindings(recordingId).map(({ id }) => id);
    library.saveFindings(said);
    const first = ids();
    let failures = 0;
    for (;;) {
      left = failures + 1;
      try {
        library.saveFindings(said);
        break;
      } catch (error) {
        expect(error).toMatchObject({ message: "planted" });
        failures += 1;
        left = Infinity;
        expect(ids()).toEqual(first);
      }
    }
    left = Infinity;
    expect(failures).toBeGreaterThan(10);
    const [, again = ""] = ids();
    expect(library.getFinding(again).content).toEqual(curves());
    library.close();
    const raw = new Sqlite(path, { readonly: true });
    expect(raw.prepare("SELECT count(*) FROM channel WHERE origin IS NOT NULL").pluck().get()).toBe(3);
    raw.close();
  }));

/** Bytes of a curve's values, which nothing else makes, and words that only the events say. */
const values = Float32Array.from({ length: 16 }, (_, i) => Math.fround(Math.sin(300 + i)));
const secret = "cord entanglement of Sato";
const holds = (folder: string): string[] =>
  Object.entries({ values: Buffer.from(values.buffer), secret: Buffer.from(secret) }).flatMap(
    ([what, bytes]) =>
      readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(bytes)) ? [what] : [],
  );

test.each(["recording", "run"] as const)("purging a %s leaves no byte of what was said of it", (what) =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "library.kodo"));
    const recordingId = record(library);
    library.saveRun(newRun("run-1"));
    const origin = ofRun("run-1");
    library.saveFinding({ recordingId, origin, content: curves((i) => Math.sin(i)) });
    library.saveFinding({
      recordingId,
      origin,
      content: { ...events, verdict: { text: secret, reasons: [] } },
    });
    expect(holds(folder)).toEqual(["values", "secret"]);
    if (what === "recording") purgeWhole(library, [recordingId]);
    else library.purgeRuns(["run-1"]);
    expect(holds(folder)).toEqual([]);
    if (what === "run") expect(library.listFindings(recordingId)).toEqual([]);
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
  }),
);

/** Everything a check of the whole library says. */
function verified(library: OpenLibrary): string[] {
  const said: string[] = [];
  for (let cursor: VerifyCursor | undefined = VERIFY_START; cursor !== undefined;) {
    const step = library.verifyStep(cursor);
    said.push(...step.problems.map(({ message }) => message));
    cursor = step.next;
  }
  return said;
}

test("a damaged finding is left out and counted, and a check finds its row and its samples", () =>
  inFolder((folder) => {
    const path = join(folder, "library.kodo");
    const library = openLibrary(path);
    const recordingId = record(library);
    const curve = library.saveFinding({ recordingId, origin: rule(), content: curves() }).id;
    const event = library.saveFinding({ recordingId, origin: rule(), content: events }).id;
    expect(verified(library)).toEqual([]);
    const raw = new Sqlite(path);
    raw.exec(`UPDATE finding SET content = replace(content, 'suspicious', 'normal') WHERE id = '${event}'`);
    raw.exec(
      "UPDATE block SET samples = zeroblob(2400) WHERE channel IN (SELECT key FROM channel WHERE label = 'deceleration')",
    );
    raw.close();
    expect(library.listFindings(recordingId).map(({ id }) => id)).toEqual([curve]);
    expect(library.getRecording(recordingId).fault).toMatch(/^1 of its .* findings cannot be read$/);
    expect(() => library.getFinding(event)).toThrow(expect.objectContaining({ code: "storage/corrupt" }));
    expect(library.getFinding(curve).content).toMatchObject({ series: [{ observed: new Uint8Array(600) }] });
    expect(verified(library).map((message) => message.replace(/\d{5,}/, "N"))).toEqual([
      "A row of finding (2) is not what was written",
      "Channel N: 600 samples from 0.000 s on are not what was written",
    ]);
    const again = new Sqlite(path);
    again.exec("DELETE FROM channel WHERE label = 'deceleration high'");
    again.close();
    expect(verified(library)).toContainEqual(`Finding ${curve} has lost values of its curve deceleration`);
    library.close();
  }));

test("half a number in an array, and a prediction's row that was changed, are not taken for findings", () =>
  inLibrary((library, recordingId, path) => {
    library.saveRun(newRun("run-1"));
    const byRule = library.saveFinding({ recordingId, origin: rule(), content: windows(recordingId, 1) }).id;
    const origin = ofRun("run-1");
    const byRun = library.saveFinding({ recordingId, origin, content: windows(recordingId, 1) }).id;
    const raw = new Sqlite(path);
    const half = Buffer.alloc(2).toString("base64");
    const one = Buffer.from(Float32Array.of(1).buffer).toString("base64");
    raw.prepare("UPDATE finding SET content = replace(content, ?, ?) WHERE id = ?").run(one, half, byRule);
    raw.exec("UPDATE prediction SET window_s = 2");
    raw.close();
    expect(library.listFindings(recordingId)).toEqual([]);
    for (const id of [byRule, byRun])
      expect(() => library.getFinding(id)).toThrow(expect.objectContaining({ code: "storage/corrupt" }));
  }));

test("what a run in the bin said is neither listed nor read until it is brought back", () =>
  inLibrary((library, recordingId) => {
    library.saveRun(newRun("r"));
    const { id } = library.saveFinding({ recordingId, origin: ofRun("r"), content: events });
    library.removeRun("r");
    expect(library.listFindings(recordingId)).toEqual([]);
    expect(() => library.getFinding(id)).toThrow(`There is no finding ${id}`);
    library.restoreRun("r");
    expect(library.getFinding(id).content).toEqual(events);
  }));

test("what stands stays as it is when it is said again, and is made anew where it is outdated or damaged", () =>
  inLibrary((library, recordingId, path) => {
    const again = () => {
      const { whole: basis } = library.basisOf(recordingId);
      const [saved] = library.saveFindings([{ recordingId, origin: rule(), content: events }], { basis });
      return saved;
    };
    const first = again();
    expect(again()).toEqual(first);
    expect(library.listFindings(recordingId)).toEqual([first]);
    library.setCtgContext(recordingId, { isLabour: true, anchors: [] });
    const second = again();
    expect(second).toMatchObject({ isOutdated: false });
    expect(second?.id).not.toBe(first?.id);
    const database = new Sqlite(path);
    database.exec("UPDATE finding SET created_at = '2020'");
    database.close();
    expect(again()?.id).not.toBe(second?.id);
    expect(library.listFindings(recordingId)).toHaveLength(1);
  }));

test("what a rule said of a recording is outdated as soon as that grows, and does not stand for the longer one", () =>
  inLibrary((library) => {
    const recordingId = library.createRecording(newRecording());
    const grow = (from: number) => library.appendBlocks(recordingId, [block(0, from, ramp(2400))]);
    const read = () => {
      const { whole: basis } = library.basisOf(recordingId);
      return library.saveFindings([{ recordingId, origin: rule(), content: events }], { basis })[0];
    };
    grow(0);
    const first = read();
    grow(2400);
    expect(library.listFindings(recordingId)).toMatchObject([{ id: first?.id, isOutdated: true }]);
    const second = read();
    expect(second).toMatchObject({ isOutdated: false });
    expect(second?.id).not.toBe(first?.id);
  }));

test("what a run said is outdated once masks come or go, and stands again when it is said anew", () =>
  inFolder((folder) => {
    let minute = 0;
    const library = openLibrary(join(folder, "library.kodo"), { now: () => new Date(60_000 * minute) });
    const recordingId = record(library);
    library.saveRun(newRun("run-1"));
    const { channels } = library.getRecording(recordingId);
    const say = () => {
      minute += 1;
      return [
        library.saveFinding({ recordingId, origin: ofRun("run-1"), content: windows(recordingId, 2) }),
        library.saveFinding({ recordingId, origin: ofRun("run-1"), content: events }),
        library.saveFinding({ recordingId, origin: ofRun("run-1"), content: curves() }),
      ];
    };
    const outdated = () => [
      library.listFindings(recordingId).map(({ isOutdated }) => isOutdated),
      library.listFindings(recordingId).map(({ id }) => library.getFinding(id).isOutdated),
    ];
    const all = (is: boolean) => [
      [is, is, is],
      [is, is, is],
    ];
    say();
    expect(outdated()).toEqual(all(false));
    const span = { recordingId, layer: "person", reason: maskReasons.artefactByPerson, author: "A" } as const;
    minute += 1;
    const mask = library.addMask({ ...span, channel: channels[0]?.position, onsetS: 10, durationS: 5 });
    expect(outdated()).toEqual(all(true));
    say();
    expect(outdated()).toEqual(all(false));
    minute += 1;
    library.removeMask(mask.id);
    expect(outdated()).toEqual(all(true));
    library.close();
  }));

test("what a rule said by a run is outdated once that is in the bin, or purged; what asked no run stands", () =>
  inLibrary((library, recordingId) => {
    const said = () =>
      ["run-1", "run-2", undefined].map((baselineRunId) =>
        library.saveFinding({ recordingId, origin: rule("1", { baselineRunId }), content: events }),
      );
    const outdated = () =>
      library
        .listFindings(recordingId)
        .flatMap(({ origin, isOutdated }) =>
          isOutdated && origin.kind === "rule" ? [origin.config["baselineRunId"]] : [],
        );
    for (const id of ["run-1", "run-2"]) library.saveRun(newRun(id));
    said();
    library.removeRun("run-1");
    expect(outdated()).toEqual(["run-1"]);
    library.restoreRun("run-1");
    said();
    library.purgeRuns(["run-2"]);
    expect(outdated()).toEqual(["run-2"]);
  }));
