import { expect, test } from "vitest";
import { CtgSettings } from "../../preload/contract/ctg.ts";
import type { CtgRule } from "../../preload/contract/ctg-reading.ts";
import type { Content, Finding, Series } from "../../preload/contract/finding.ts";
import { type Run, RunConfig } from "../../preload/contract/run.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { createTrainer } from "../training/process/host.ts";
import { level, type MadeChannel, record, withService, type World } from "./ctg.fixtures.ts";

const SECONDS = 1800;
/** A rise of 25 beats a minute for 40 s, every five minutes. */
const isRisen = (s: number): boolean => s % 300 >= 150 && s % 300 < 190;
const fhr: MadeChannel = { role: "fhr", valueAt: (s) => level(140)(s) + (isRisen(s) ? 25 : 0) };

/** A value a second, its band so wide to either side; none from 600 s to 700 s where it has a hole. */
function series(
  name: string,
  unit: string,
  { at, half = 0, hasHole = false }: { at: (s: number) => number; half?: number; hasHole?: boolean },
): Series {
  const of = (shift: number): Float32Array => Float32Array.from({ length: SECONDS }, (_, s) => at(s) + shift);
  const observed = Uint8Array.from({ length: SECONDS }, (_, s) => Number(!hasHole || s < 600 || s >= 700));
  return {
    ...{ name, unit, over: "FHR", sampleRate: 1, value: of(0), observed },
    ...(half === 0 ? {} : { low: of(-half), high: of(half) }),
  };
}

const curves = (...all: Series[]): Content => ({ kind: "curves", series: all, forecasts: [] });

/** What three runs would say, each after a while; nobody trained them. */
class SayingTrainer {
  readonly asked: string[] = [];
  readonly #said: Readonly<Record<string, Content>> = {
    states: curves(
      series("moderate", "probability", { at: () => 1 }),
      series("baseline", "bpm", { at: () => 150, half: 5, hasHole: true }),
    ),
    network: curves(
      series("acceleration", "probability", { at: (s) => (isRisen(s) && s < 900 ? 0.9 : 0.01) }),
      series("late-deceleration", "probability", { at: () => 0.01 }),
    ),
    trust: curves(
      series("false-signal", "probability", { at: (s) => (s >= 1000 && s < 1240 ? 0.96 : 0.02) }),
    ),
  };

  find: Trainer["find"] = async ({ runId }) => {
    this.asked.push(runId);
    await new Promise((done) => setTimeout(done, 20));
    const said = this.#said[runId];
    return said === undefined ? [] : [said];
  };
}

const runOf = (id: string): Run => ({
  ...{ id, classes: [], phase: "done", createdAt: "2026-01-01T00:00:00Z", codeVersion: "test" },
  config: RunConfig.parse({
    ...{ name: id, model: { kind: "event-net" }, split: { testSubjects: [], validationSubjects: [] } },
    data: {
      ...{ recordingIds: ["x"], labelSet: "ctg-events", labels: [], channels: ["FHR"] },
      windows: { windowS: 60, strideS: 60 },
    },
  }),
  ...{ data: [], curve: [], hasCheckpoint: false },
});

async function withRuns(
  work: (world: World & { readonly asked: readonly string[] }) => Promise<void>,
): Promise<void> {
  const saying = new SayingTrainer();
  await withService(
    async (world) => {
      for (const id of ["states", "network", "trust"]) await world.library.saveRun(runOf(id));
      await work({ ...world, asked: saying.asked });
    },
    (libraryPath) => ({ ...createTrainer({ libraryPath, workerFile: "never-started" }), find: saying.find }),
  );
}

const settingsOf = (given: Partial<CtgSettings>): CtgSettings => CtgSettings.parse({ draws: 0, ...given });

/** What a rule says, read whole. */
async function said(
  { service: { handlers }, library }: World,
  recordingId: string,
  { rule, settings }: { readonly rule: CtgRule; readonly settings: CtgSettings },
): Promise<readonly Finding[]> {
  const found = await handlers["ctg.read"]({ recordingId, settings, rules: [rule] });
  return Promise.all(found.map(({ id }) => library.getFinding(id)));
}

const byStates = settingsOf({ baseline: "run", baselineRunId: "states" });

test("a baseline is a run's with its band, passes where a person says, and is none where the run says none", () =>
  withRuns(async (world) => {
    const recordingId = await record(world.library, SECONDS, [fhr]);
    const context = { anchors: [{ atS: 1200, bpm: 158 }] };
    const lineOf = async (): Promise<Series> => {
      const [one] = await said(world, recordingId, { rule: "ctg/baseline", settings: byStates });
      if (one?.content.kind !== "curves" || one.content.series[0] === undefined) throw new Error("a curve");
      return one.content.series[0];
    };
    const line = await lineOf();
    const at = (s: number, { low, value, high, observed } = line) =>
      [low?.[4 * s], value[4 * s], high?.[4 * s], observed[4 * s]] as const;
    expect(at(300)).toEqual([145, 150, 155, 1]);
    expect(at(650)).toEqual([0, 0, 0, 0]);
    await world.service.handlers["ctg.setContext"]({ recordingId, context });
    const anchored = await lineOf();
    expect(anchored.value[4800]).toBeCloseTo(158, 0);
    expect((anchored.high?.[4800] ?? 0) - (anchored.low?.[4800] ?? 0)).toBeLessThan(3); // a person is sure there
    expect(anchored.value[400]).toBeCloseTo(150, 0);
    expect(world.asked).toEqual(["states"]); // its samples are as they were
  }));

test("events are a network's, or the rule's that it accepts; what it takes for another signal is not analysed", () =>
  withRuns(async (world) => {
    const recordingId = await record(world.library, SECONDS, [fhr]);
    const risesOf = async (given: Partial<CtgSettings>): Promise<readonly (readonly [number, unknown])[]> => {
      const [one] = await said(world, recordingId, { rule: "ctg/events", settings: settingsOf(given) });
      if (one?.content.kind !== "events") throw new Error("events");
      return one.content.events
        .filter(({ code }) => code === "acceleration")
        .map(({ onsetS, facts }) => [Math.round(onsetS / 50) * 50, facts["by"]] as const);
    };
    const [all, some] = [
      [150, 450, 750, 1050, 1350, 1650],
      [150, 450, 750],
    ];
    expect(await risesOf({})).toEqual(all.map((onsetS) => [onsetS, "rule"]));
    for (const events of ["network", "both"] as const)
      expect(await risesOf({ events, eventRunId: "network" })).toEqual(
        some.map((onsetS) => [onsetS, events]),
      );
    const trusted = settingsOf({ falseSignalRunId: "trust" });
    expect(await risesOf(trusted)).toEqual(
      all.filter((onsetS) => onsetS !== 1050).map((onsetS) => [onsetS, "rule"]),
    );
    const [, proposed] = await said(world, recordingId, { rule: "ctg/false-signal", settings: trusted });
    expect(proposed?.content).toMatchObject({
      events: [{ code: "false-signal", onsetS: 1000, durationS: 240, facts: { rule: "run" } }],
    });
    const [minutes] = await said(world, recordingId, { rule: "ctg/variability", settings: trusted });
    if (minutes?.content.kind !== "verdicts") throw new Error("verdicts");
    expect(minutes.content.verdicts.filter(({ code }) => code === null).map(({ onsetS }) => onsetS)).toEqual(
      expect.arrayContaining([1020, 1080, 1140]),
    );
  }));

test("a run is asked once, also by several at a time, and again where samples have changed", () =>
  withRuns(async ({ service: { handlers }, library, asked }) => {
    const recordingId = await record(library, SECONDS, [fhr]);
    const read = () => handlers["ctg.read"]({ recordingId, settings: byStates, rules: ["ctg/baseline"] });
    const measure = () => handlers["ctg.measure"]({ recordingId, settings: byStates, fromS: 0, toS: 500 });
    const [numbers] = await Promise.all([measure(), read(), measure()]);
    expect(numbers.baseline.figo.value).toBeCloseTo(150, 3);
    await read();
    expect(asked).toEqual(["states"]);
    await handlers["masks.add"]({
      ...{ recordingId, layer: "person", reason: maskReasons.artefactByPerson },
      ...{ onsetS: 100, durationS: 60, author: "Mori" },
    });
    await read();
    expect(asked).toEqual(["states", "states"]);
    const byRun = (await library.listFindings(recordingId)).find(({ origin }) => origin.kind === "run");
    await handlers["findings.remove"]({ ids: [byRun?.id ?? ""] });
    await read();
    expect(asked).toHaveLength(3);
  }));

test("what rests upon a run in the bin is outdated, and stays readable; the run is asked no more until it is back", () =>
  withRuns(async ({ service: { handlers }, library }) => {
    const recordingId = await record(library, SECONDS, [fhr]);
    const read = (settings: CtgSettings) =>
      handlers["ctg.read"]({ recordingId, settings, rules: ["ctg/baseline", "ctg/events"] });
    await read(settingsOf({}));
    await read(byStates);
    const outdated = async (): Promise<unknown[]> =>
      (await library.listFindings(recordingId)).flatMap(({ origin, isOutdated }) =>
        isOutdated && origin.kind === "rule" ? [origin.config["baseline"]] : [],
      );
    expect(await outdated()).toEqual([]);
    await handlers["runs.remove"]({ id: "states" });
    expect(await outdated()).toEqual(["run", "run"]);
    await expect(read(byStates)).rejects.toMatchObject({ code: "model/no-run-chosen" });
    expect(await outdated()).toHaveLength(2);
    await handlers["runs.restore"]({ id: "states" });
    await read(byStates);
    expect(await outdated()).toEqual([]);
    await handlers["runs.remove"]({ id: "states" });
    await handlers["runs.purge"]({ id: "states" });
    expect(await outdated()).toEqual(["run", "run"]);
    await expect(read(byStates)).rejects.toMatchObject({ code: "model/no-run-chosen" });
  }));

test.each([
  ["a baseline", { baseline: "run", baselineRunId: "network" }],
  ["events", { events: "both", eventRunId: "states" }],
  ["false signal", { falseSignalRunId: "states" }],
] as const)("a run that says no %s is refused, not read as one that saw none", (_, given) =>
  withRuns(async ({ service: { handlers }, library }) => {
    const recordingId = await record(library, SECONDS, [fhr]);
    await expect(handlers["ctg.read"]({ recordingId, settings: settingsOf(given) })).rejects.toMatchObject({
      code: "model/says-nothing",
    });
  }),
);

test("a recording that is read by ever other settings keeps the last readings of each rule; a rule named twice is asked once", () =>
  withRuns(async ({ service: { handlers }, library }) => {
    const recordingId = await record(library, SECONDS, [fhr]);
    for (let draws = 1; draws <= 15; draws += 1)
      await handlers["ctg.read"]({
        ...{ recordingId, settings: settingsOf({ draws }) },
        rules: ["ctg/baseline", "ctg/figo-2015", "ctg/figo-2015"],
      });
    const kept = (await library.listFindings(recordingId)).map(({ origin }) =>
      origin.kind === "rule" ? `${origin.rule} ${JSON.stringify(origin.config["draws"])}` : "",
    );
    expect(kept.filter((one) => one.startsWith("ctg/baseline"))).toHaveLength(1); // it does not listen to that
    expect(kept.filter((one) => one.startsWith("ctg/figo"))).toEqual(
      [15, 14, 13, 12, 11, 10, 9, 8, 7].map((draws) => `ctg/figo-2015 ${draws}`),
    );
  }));

test("a run that is named and not asked for is no part of what a finding rests upon", () =>
  withRuns(async ({ service: { handlers }, library, asked }) => {
    const recordingId = await record(library, SECONDS, [fhr]);
    const read = (given: Partial<CtgSettings>) =>
      handlers["ctg.read"]({ recordingId, settings: settingsOf(given), rules: ["ctg/events"] });
    await read({});
    await read({ baselineRunId: "states", eventRunId: "network" });
    expect(await library.listFindings(recordingId)).toHaveLength(1);
    expect(asked).toEqual([]);
    const [one, again] = await Promise.all([read({}), read({})]);
    expect([one[0]?.id, again[0]?.id]).toEqual([(await read({}))[0]?.id, one[0]?.id]); // what stands is not made anew under a reader
  }));
