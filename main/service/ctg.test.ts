import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { CtgSettings } from "../../preload/contract/ctg.ts";
import { CtgRule } from "../../preload/contract/ctg-reading.ts";
import type { FoundEvent } from "../../preload/contract/finding.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { calm, level, type MadeChannel, record, withService, type World } from "./ctg.fixtures.ts";

const settings = CtgSettings.parse({});

/** A record of CTU-UHB kept beside the project; undefined where there is none. */
const sharedRecord = ["../shared", "../../shared", "../../../shared"]
  .map((folder) => resolve(process.env["KODO_SHARED"] ?? folder, "data/ctg-ctu-uhb/records/1001.hea"))
  .find((path) => existsSync(path));
if (sharedRecord === undefined)
  console.warn("SKIPPED: no shared/data/ctg-ctu-uhb, so no real record was read by rule");

test("a baseline by rule is kept with its settings, told of, and made anew in its own place", () =>
  withService(async ({ service: { handlers }, library, heard }) => {
    const recordingId = await record(library, 1800, [calm]);
    const ask = { recordingId, settings, rules: ["ctg/baseline" as const] };
    const [found, ...others] = await handlers["ctg.read"](ask);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      origin: { kind: "rule", rule: "ctg/baseline", config: { baseline: "wmfb" } },
      isOutdated: false,
    });
    const { content } = await library.getFinding(found?.id ?? "");
    if (content.kind !== "curves") throw new Error("a baseline is a curve");
    expect(content.series[0]?.observed.every((one) => one === 1)).toBe(true);
    expect(Math.abs((content.series[0]?.value[3600] ?? 0) - 140)).toBeLessThan(2);
    const steps = heard.filter(({ name }) => name === "ctg.progress");
    expect(steps.length).toBeGreaterThan(1);
    expect(heard.at(-1)).toEqual({ name: "findings.changed", payload: { ids: [recordingId] } });
    await handlers["ctg.setContext"]({
      recordingId,
      context: { isLabour: true, anchors: [{ atS: 900, bpm: 150 }] },
    });
    expect(await library.listFindings(recordingId)).toMatchObject([{ isOutdated: true }]);
    const [again] = await handlers["ctg.read"](ask);
    const listed = await library.listFindings(recordingId);
    expect(listed.map(({ id, isOutdated }) => [id, isOutdated])).toEqual([[again?.id, false]]);
    const anchored = (await library.getFinding(again?.id ?? "")).content;
    if (anchored.kind !== "curves") throw new Error("a baseline is a curve");
    expect(Math.abs((anchored.series[0]?.value[3600] ?? 0) - 150)).toBeLessThan(1);
  }));

test("points of the baseline and a second stage beyond the recording's end are refused, and what was said stays", () =>
  withService(async ({ service: { handlers }, library }) => {
    const recordingId = await record(library, 600, [calm]);
    const anchors = [{ atS: 600, bpm: 150 }];
    await handlers["ctg.setContext"]({ recordingId, context: { anchors, secondStageFromS: 590 } });
    for (const context of [
      { anchors: [...anchors, { atS: 601, bpm: 90 }] },
      { anchors, secondStageFromS: 700 },
    ])
      await expect(handlers["ctg.setContext"]({ recordingId, context })).rejects.toMatchObject({
        code: "data/beyond-end",
      });
    const { context } = await handlers["ctg.context"]({ recordingId });
    expect(context).toMatchObject({ anchors, secondStageFromS: 590 });
    await handlers["ctg.setContext"]({ recordingId, context: null });
  }));

test.each([
  ["an EMG", [{ ...calm, role: "emg" }] as const, "emg", 60],
  ["without a heart rate", [{ ...calm, role: "uc" }] as const, "ctg", 60],
  ["without a sample", [calm] as const, "ctg", 0],
] as const)("a recording %s is refused in words, and nothing of it is kept", (_, channels, kind, seconds) =>
  withService(async ({ service: { handlers }, library }) => {
    const recordingId = await record(library, seconds, channels, kind);
    await expect(handlers["ctg.read"]({ recordingId, settings })).rejects.toMatchObject({
      code: "data/no-cardiotocogram",
    });
    expect(await library.listFindings(recordingId)).toEqual([]);
  }),
);

test("of a recording that a study comes to no step is told, unless somebody waits for the same", () =>
  withService(async ({ service: { handlers }, library, heard }) => {
    const rules = ["ctg/baseline" as const];
    const [alone, awaited] = [await record(library, 1800, [calm]), await record(library, 1800, [calm])];
    const start = async (recordingId: string): Promise<string> => {
      const order = { kind: "analyse" as const, settings, rules };
      const selection = { kind: "these" as const, ids: [recordingId] };
      return (await handlers["studies.start"]({ order, selection, again: true, where: "here" })).jobId;
    };
    const done = (jobId: string) =>
      expect
        .poll(async () => (await handlers["jobs.list"]({})).find((one) => one.jobId === jobId)?.state, {
          timeout: 20_000,
        })
        .toBe("done");
    const steps = (): number => heard.filter(({ name }) => name === "ctg.progress").length;
    await done(await start(alone));
    expect(steps()).toBe(0);
    expect(heard).toContainEqual({ name: "findings.changed", payload: { ids: [alone] } });
    const jobId = await start(awaited);
    await handlers["ctg.read"]({ recordingId: awaited, settings, rules });
    await done(jobId);
    expect(steps()).toBeGreaterThan(0);
  }));

test("a reading that is cancelled leaves nothing, and the next one is whole", () =>
  withService(async ({ service, library, heard }) => {
    const recordingId = await record(library, 1800, [calm]);
    service.on((name) => {
      if (name === "ctg.progress") void service.handlers["ctg.cancel"]({ recordingId });
    });
    await expect(service.handlers["ctg.read"]({ recordingId, settings })).rejects.toMatchObject({
      code: "cancelled/by-user",
    });
    expect(await library.listFindings(recordingId)).toEqual([]);
    expect(heard.filter(({ name }) => name === "findings.changed")).toEqual([]);
  }));

test("settings that name no run for what they want of one are refused", () =>
  withService(async ({ service: { handlers }, library }) => {
    const recordingId = await record(library, 60, [calm]);
    await expect(
      handlers["ctg.read"]({ recordingId, settings: { ...settings, baseline: "run" } }),
    ).rejects.toMatchObject({ code: "model/no-run-chosen" });
  }));

/** The codes that a scheme says, minute by minute; null where it cannot be assessed. */
async function classesOf(
  { service: { handlers } }: World,
  recordingId: string,
  draws = 0,
): Promise<ReadonlyMap<string, readonly (string | null)[]>> {
  const found = await handlers["ctg.read"]({ recordingId, settings: { ...settings, draws } });
  const said = new Map<string, readonly (string | null)[]>();
  for (const { id } of found) {
    const { content } = await handlers["findings.get"]({ id });
    if (content.kind === "verdicts")
      said.set(
        content.scheme,
        content.verdicts.map(({ code }) => code),
      );
  }
  return said;
}

async function eventsOf(world: World, recordingId: string): Promise<readonly FoundEvent[]> {
  const { handlers } = world.service;
  const [found] = await handlers["ctg.read"]({ recordingId, settings, rules: ["ctg/events"] });
  const { content } = await handlers["findings.get"]({ id: found?.id ?? "" });
  return content.kind === "events" ? content.events : [];
}

const last = (codes: readonly (string | null)[] | undefined): string | null | undefined => codes?.at(-1);

/** Late by half a minute, gradual, with every contraction; contractions every three minutes. */
const EVERY_S = 180;
const dip = (s: number): number => {
  const after = (s % EVERY_S) - 90 - 50; // after the nadir
  return 35 * Math.exp(-((after / 26) ** 2));
};
const late: MadeChannel = { role: "fhr", valueAt: (s) => level(140)(s) - dip(s) };
const contractions: MadeChannel = {
  role: "uc",
  unit: "",
  valueAt: (s) => 10 + (s % 7) / 7 + 50 * Math.exp(-((((s % EVERY_S) - 90) / 25) ** 2)),
};

test("ctg.md 8.5, 9: without contractions no deceleration becomes early, and its contraction is unknown", () =>
  withService(async (world) => {
    const withUc = await eventsOf(world, await record(world.library, 2400, [late, contractions]));
    const lates = withUc.filter(({ code }) => code === "late-deceleration");
    expect(lates.length).toBeGreaterThan(6);
    expect(lates[1]?.facts["nadirLagS"]).toBeGreaterThan(20);
    for (const channels of [[late], [late, { ...contractions, valueAt: () => 20 }]]) {
      const without = await eventsOf(world, await record(world.library, 2400, channels));
      const dips = without.filter(({ code }) => code.endsWith("deceleration"));
      expect(dips.length).toBeGreaterThan(6);
      for (const { code, facts } of dips) {
        expect(["early-deceleration", "late-deceleration"]).not.toContain(code);
        expect(facts["contraction"]).toBe("unknown");
        for (const guideline of ["figo", "nichd", "jsog"]) expect(facts[`${guideline}-early`] ?? 0).toBe(0);
      }
    }
  }));

test("ctg.md 8.5, 2 and 10: a dropout of 30 % changes no class, only its probability and support", () =>
  withService(async (world) => {
    const uniform = (i: number): number => {
      const x = Math.sin(i * 12.9898) * 43_758.5453;
      return x - Math.floor(x);
    };
    const whole: MadeChannel = { role: "fhr", valueAt: level(140) };
    const patchy: MadeChannel = {
      role: "fhr",
      valueAt: (s) => (uniform(Math.floor(s / 8)) < 0.3 ? undefined : level(140)(s)),
    };
    const said: ReadonlyMap<string, readonly (string | null)[]>[] = [];
    for (const fhr of [whole, patchy])
      said.push(await classesOf(world, await record(world.library, 2400, [fhr, contractions])));
    for (const classes of said)
      expect([
        last(classes.get("figo-2015")),
        last(classes.get("nichd-2008")),
        last(classes.get("jsog-2010")),
      ]).toEqual(["normal", "I", "1"]);
  }));

test("of what is all masked nothing is said, by any rule; what is not masked any more is read again", () =>
  withService(async (world) => {
    const { service, library } = world;
    const recordingId = await record(library, 1800, [{ role: "fhr", valueAt: level(140) }, contractions]);
    const mask = await service.handlers["masks.add"]({
      ...{ recordingId, layer: "person", reason: maskReasons.artefactByPerson },
      ...{ onsetS: 0, durationS: 1800, author: "Mori" },
    });
    const nothing = await classesOf(world, recordingId, 20);
    expect([...nothing.keys()].sort()).toEqual(
      ["antepartum", "figo-2015", "jsog-2010", "nichd-2008", "variability"].sort(),
    );
    for (const codes of nothing.values()) expect(codes.every((code) => code === null)).toBe(true);
    expect(await eventsOf(world, recordingId)).toEqual([]);
    const ask = { recordingId, settings, fromS: 0, toS: 1800 };
    expect(await service.handlers["ctg.measure"](ask)).toMatchObject({
      fhr: { missing: 1, longestGapS: 1800, masked: [{ reason: maskReasons.artefactByPerson, share: 1 }] },
      baseline: { figo: { value: null, support: 0 } },
      contractionRate: { value: null, support: 0 },
    });
    await service.handlers["masks.remove"]({ id: mask.id });
    expect((await library.listFindings(recordingId)).every(({ isOutdated }) => isOutdated)).toBe(true);
    expect(last((await classesOf(world, recordingId)).get("figo-2015"))).toBe("normal");
    const kept = await library.listFindings(recordingId);
    expect(kept.filter(({ isOutdated }) => isOutdated)).toEqual([]); // those of before went
  }));

test("movements that a reader marks are read with the rest, and what was read before them is outdated", () =>
  withService(async ({ service: { handlers }, library, heard }) => {
    const recordingId = await record(library, 1800, [{ role: "fhr", valueAt: level(140) }, contractions]);
    await handlers["ctg.setContext"]({ recordingId, context: { isLabour: false, anchors: [] } });
    const reasons = async (): Promise<readonly string[]> => {
      const ask = { recordingId, settings: { ...settings, draws: 0 }, rules: ["ctg/antepartum" as const] };
      const [found] = await handlers["ctg.read"](ask);
      const { content } = await handlers["findings.get"]({ id: found?.id ?? "" });
      const last = content.kind === "verdicts" ? content.verdicts.at(-1) : undefined;
      return (last?.reasons ?? []).map(
        ({ code, values }) => `${code} ${values["criterion"]} ${values["value"]}`,
      );
    };
    expect((await reasons()).join()).not.toContain("movement"); // nobody knows
    const { id: labelSet, version } = await library.getLabelSet("recording-marks");
    heard.length = 0;
    await handlers["annotations.add"]({
      ...{ recordingId, label: "fetal-movement", labelSet, labelSetVersion: version },
      ...{ onsetS: 100, durationS: 0, author: "Mori", source: "person", note: "" },
    });
    expect(heard.map(({ name }) => name)).toEqual(["annotations.changed", "findings.changed"]);
    expect(await reasons()).toContain("CRITERION_VALUE_MET criterion-movement 1");
  }));

test("numbers of a stretch say what they rest upon, and what cannot be assessed", () =>
  withService(async ({ service: { handlers }, library }) => {
    const fhr: MadeChannel = {
      role: "fhr",
      valueAt: (s) => (s >= 600 && s < 700 ? undefined : level(140)(s) - dip(s)),
    };
    const recordingId = await record(library, 2400, [fhr, contractions]);
    const measured = (fromS: number, toS: number) =>
      handlers["ctg.measure"]({ recordingId, settings, fromS, toS });
    const whole = await measured(0, 1e6);
    expect(whole.toS).toBe(2400);
    expect(whole.fhr).toEqual({
      missing: 100 / 2400,
      longestGapS: 100,
      masked: [{ reason: maskReasons.missingInSource, share: 100 / 2400 }],
    });
    expect(whole.baseline.nichd.value).toBe(140);
    expect(Math.abs((whole.baseline.figo.value ?? 0) - 140)).toBeLessThan(3);
    expect(whole.contractionRate.value).toBeCloseTo(600 / EVERY_S, 0);
    expect(whole.events.find(({ code }) => code === "contraction")?.count).toBeGreaterThan(10);
    const gap = await measured(610, 690);
    expect(gap).toMatchObject({
      fhr: { missing: 1 },
      eventSupport: 0,
      bandwidth: { value: null },
      stvMs: { value: null },
      baseline: { nichd: { value: null, support: 0 } },
    });
    const brief = await measured(100, 110);
    expect(brief.bandwidth).toEqual({ value: null, support: 0 }); // no minute lies in it
    expect(brief.fhr.missing).toBe(0);
  }));

/** Moves for a quarter of an hour, then stands still. */
const stuck: MadeChannel = { role: "fhr", valueAt: (s) => (s < 900 ? level(140)(s) : 138.25) };

test("a monitor that stands still is no absent variability, until a person says that it is the fetus", () =>
  withService(async (world) => {
    const { library, service } = world;
    const { handlers } = service;
    const recordingId = await record(library, 2400, [stuck, contractions]);
    const told = await classesOf(world, recordingId);
    for (const scheme of ["variability", "figo-2015", "nichd-2008", "jsog-2010"])
      expect([scheme, last(told.get(scheme))]).toEqual([scheme, null]);
    const found = await handlers["ctg.read"]({
      recordingId,
      settings,
      rules: ["ctg/false-signal", "ctg/jsog-2010"],
    });
    const contents = await Promise.all(
      found.map(async ({ id }) => (await handlers["findings.get"]({ id })).content),
    );
    const proposed = contents.flatMap((one) => (one.kind === "events" ? one.events : []));
    expect(proposed.filter(({ code }) => code === "frozen")).toEqual([
      { onsetS: 900, durationS: 1500, code: "frozen", channel: "FHR", facts: { rule: "ctg/cleaning" } },
    ]);
    const jsog = contents.flatMap((one) => (one.kind === "verdicts" ? one.verdicts : [])).at(-1);
    expect(jsog?.missing[0]).toMatchObject({ code: "FROZEN", values: { count: 25, minutes: 40 } });
    const measured = await handlers["ctg.measure"]({ recordingId, settings, fromS: 1200, toS: 2400 });
    expect(measured).toMatchObject({ fhr: { missing: 0 }, bandwidth: { value: null, support: 0 } });
    expect(measured.baseline.nichd.value).toBeNull();
    expect((await library.samples(recordingId, 0, 4000, 1)).values[0]).toBe(138.25); // nothing is taken away

    const { version } = await library.getLabelSet("signal-trust");
    const [label] = await library.addAnnotations([
      {
        ...{
          recordingId,
          label: "true-signal",
          labelSet: "signal-trust",
          labelSetVersion: version,
          channel: 0,
        },
        ...{ onsetS: 900, durationS: 1500, author: "Mori", source: "person" as const, note: "" },
      },
    ]);
    expect((await library.listFindings(recordingId)).every(({ isOutdated }) => isOutdated)).toBe(true);
    const trusted = await classesOf(world, recordingId);
    expect([last(trusted.get("variability")), last(trusted.get("jsog-2010"))]).toEqual(["absent", "4"]);
    await handlers["annotations.remove"]({ id: label?.id ?? "", evenOfOthers: true });
    expect(last((await classesOf(world, recordingId)).get("jsog-2010"))).toBeNull();
    await library.addMask({
      ...{ recordingId, channel: 0, layer: "person", reason: maskReasons.artefactByPerson, onsetS: 900 },
      ...{ durationS: 1500, author: "Mori" },
    });
    const masked = await handlers["ctg.read"]({ recordingId, settings, rules: ["ctg/jsog-2010"] });
    const { content } = await handlers["findings.get"]({ id: masked[0]?.id ?? "" });
    const codes = content.kind === "verdicts" ? (content.verdicts.at(-1)?.missing ?? []) : [];
    expect(codes.map(({ code }) => code)).toContain("NEEDS_SIGNAL");
    expect(codes.map(({ code }) => code)).not.toContain("FROZEN");
  }));

test("of a heart rate with a value every ten seconds nothing is said, and of a second of one no count", () =>
  withService(async ({ service: { handlers }, library }) => {
    const slow = await record(library, 3600, [{ role: "fhr", sampleRate: 0.1, valueAt: level(140) }]);
    await expect(handlers["ctg.read"]({ recordingId: slow, settings })).rejects.toMatchObject({
      code: "data/no-cardiotocogram",
    });
    const brief = await record(library, 1, [calm, contractions]);
    const [found] = await handlers["ctg.read"]({ recordingId: brief, settings, rules: ["ctg/events"] });
    const { content } = await handlers["findings.get"]({ id: found?.id ?? "" });
    expect(content).toMatchObject({
      events: [],
      notAssessable: [{ durationS: 1 }, { codes: ["contraction"] }],
    });
  }));

test("a bradycardia below what is analysed is said to be drawn there, and is read once a person says that it is one", () =>
  withService(async (world) => {
    const { library, service } = world;
    const low: MadeChannel = {
      role: "fhr",
      valueAt: (s) => (s < 1200 ? level(140)(s) : 42 + 3 * Math.sin(s / 2)),
    };
    const recordingId = await record(library, 2400, [low]);
    expect(last((await classesOf(world, recordingId)).get("figo-2015"))).toBeNull();
    const [found] = await service.handlers["ctg.read"]({ recordingId, settings, rules: ["ctg/figo-2015"] });
    const { content } = await service.handlers["findings.get"]({ id: found?.id ?? "" });
    const verdict = content.kind === "verdicts" ? content.verdicts.at(-1) : undefined;
    expect(verdict?.missing[0]).toMatchObject({ code: "OUTSIDE", values: { count: 20 } });
    const { version } = await library.getLabelSet("signal-trust");
    await library.addAnnotations([
      {
        ...{ recordingId, label: "true-signal", labelSet: "signal-trust", labelSetVersion: version },
        ...{ onsetS: 1200, durationS: 1200, author: "Mori", source: "person" as const, note: "" },
      },
    ]);
    expect(last((await classesOf(world, recordingId)).get("figo-2015"))).toBe("pathological");
  }));

test("a recording of one value a second, and of two heart rates, is read; of two the one that saw more, or that is meant", () =>
  withService(async (world) => {
    const { service, library } = world;
    const slow = await record(library, 1800, [{ role: "fhr", sampleRate: 1, valueAt: level(130) }]);
    expect(last((await classesOf(world, slow)).get("variability"))).not.toBeUndefined();
    const twins = await record(library, 1800, [
      { role: "fhr", label: "FHR1", valueAt: (s) => (s < 900 ? undefined : level(120)(s)) },
      { role: "fhr", label: "FHR2", valueAt: level(150) },
    ]);
    const overOf = async (channel?: number): Promise<readonly [string | undefined, number]> => {
      const [found] = await service.handlers["ctg.read"]({
        ...{ recordingId: twins, settings, rules: ["ctg/baseline"] },
        ...(channel === undefined ? {} : { channel }),
      });
      const { content } = await library.getFinding(found?.id ?? "");
      const series = content.kind === "curves" ? content.series[0] : undefined;
      return [series?.over, Math.round(series?.value[6000] ?? 0)];
    };
    expect(await overOf()).toEqual(["FHR2", 150]);
    expect(await overOf(0)).toEqual(["FHR1", 120]);
    expect(await library.listFindings(twins)).toHaveLength(2); // each in a place of its own
    await expect(overOf(7)).rejects.toMatchObject({ code: "data/no-cardiotocogram" });
  }));

test.skipIf(sharedRecord === undefined)(
  "a record of CTU-UHB is read whole, with reasons and probabilities, its weeks and second stage by its header",
  () =>
    withService(async ({ service: { handlers, ...service }, library }) => {
      const { jobId } = await handlers["import.start"]({ paths: [sharedRecord ?? ""], options: {} });
      const job = await service.exchange.finished(jobId);
      const recordingId = job.files[0]?.recordingIds[0] ?? "";
      expect((await handlers["ctg.context"]({ recordingId })).context).toEqual({
        ...{ gestationDays: 259, isLabour: true, secondStageFromS: 3600, anchors: [] },
      });
      const found = await handlers["ctg.read"]({ recordingId, settings });
      const rules = found.map(({ origin }) => (origin.kind === "rule" ? origin.rule : ""));
      expect([...new Set(rules)]).toEqual(CtgRule.options);
      for (const { id, content: summary } of found) {
        const { content } = await library.getFinding(id);
        if (content.kind !== "verdicts") continue;
        expect(content.verdicts).toHaveLength(80);
        if (summary.kind !== "verdicts" || content.scheme === "variability") continue;
        for (const { code, missing, reasons, probability } of content.verdicts) {
          const sum = Object.values(probability).reduce((all, one) => all + one, 0);
          expect(sum).toBeLessThanOrEqual(1 + 1e-9);
          if (code === null) expect(missing).not.toEqual([]);
          else expect(reasons).not.toEqual([]);
        }
        const isSaid = content.verdicts.some(({ code }) => code !== null);
        expect(isSaid).toBe(content.scheme !== "antepartum"); // not valid in labour
      }
      const { content } = await library.getFinding(
        found.find(({ origin }) => origin.kind === "rule" && origin.rule === "ctg/events")?.id ?? "",
      );
      if (content.kind !== "events") throw new Error("events were kept");
      expect(content.events.length).toBeGreaterThan(20);
    }),
);
