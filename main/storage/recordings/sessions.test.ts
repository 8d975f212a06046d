import Sqlite from "better-sqlite3";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SessionTemplate } from "../../../preload/contract/acquisition.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { openLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, ramp, withLibrary } from "../testing.ts";

const template = (name: string, subject = "S1") =>
  SessionTemplate.parse({
    name,
    setup: { subject, kind: "ctg", devices: [{ protocol: "series50", port: "COM3" }] },
  });
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof AppError ? error.code : "other";
  }
  return "none";
};

test("templates are kept newest first, one a name, and one that cannot be used hides no others", () =>
  withLibrary((library, path) => {
    expect([library.listTemplates(), library.listRemembered()]).toEqual([[], []]);
    library.saveTemplate(template("first"));
    library.saveTemplate(template("second"));
    library.saveTemplate(template("first", "S2"));
    expect(library.listTemplates().map(({ name, setup }) => [name, setup.subject])).toEqual([
      ["first", "S2"],
      ["second", "S1"],
    ]);
    library.removeTemplate("first");
    library.removeTemplate("no such one");
    expect(library.listTemplates().map(({ name }) => name)).toEqual(["second"]);
    const raw = new Sqlite(path);
    raw.exec(
      `UPDATE setting SET value = '[{"name": 1}, ${JSON.stringify(template("third"))}]' WHERE name = 'session.templates'`,
    );
    expect(library.listTemplates().map(({ name }) => name)).toEqual(["third"]);
    raw.exec(`UPDATE setting SET value = '3' WHERE name = 'session.templates'`);
    expect(library.listTemplates()).toEqual([]);
    raw.close();
    expect(codeOf(() => library.saveTemplate({ ...template("x"), name: "" }))).toBe("contract/bad-params");
  }));

test("a device is remembered as it was last set up, and one of no use hides no others", () =>
  withLibrary((library, path) => {
    const { devices } = template("t").setup;
    const [choice] = devices;
    if (choice === undefined) throw new Error("it has one");
    library.rememberDevices([{ portId: "a", choice }]);
    library.rememberDevices([{ portId: "b", choice }]);
    library.rememberDevices([{ portId: "a", choice: { ...choice, port: "COM4" } }]);
    expect(library.listRemembered().map(({ portId, choice: { port } }) => [portId, port])).toEqual([
      ["a", "COM4"],
      ["b", "COM3"],
    ]);
    const raw = new Sqlite(path);
    raw.exec(`UPDATE setting SET value = '[{"portId": 1}]' WHERE name = 'session.devices'`);
    expect(library.listRemembered()).toEqual([]);
    raw.exec(`UPDATE setting SET value = '3' WHERE name = 'session.devices'`);
    expect(library.listRemembered()).toEqual([]);
    raw.close();
  }));

test("when samples came and by which clock is kept with them, and goes with the recording", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording([channelHeader()], { state: "recording" }));
    const arrival = { channel: 0, first: 0, count: 4, arrivedS: 1.25, session: 0 };
    const fit = { channel: 0, session: 0, first: 0, atS: 0.25, rate: 4, errorMs: 1 };
    library.appendBlocks(id, [block(0, 0, ramp(4))], { arrivals: [arrival], fits: [fit] });
    library.appendBlocks(id, [block(0, 4, ramp(4))], { arrivals: [], fits: [{ ...fit, rate: 4.001 }] });
    library.appendBlocks(id, [block(0, 8, ramp(4))]);
    expect(library.listArrivals(id)).toEqual([arrival]);
    expect(library.listClockFits(id)).toEqual([{ ...fit, rate: 4.001 }]);
    const later = { ...fit, first: 9, atS: 2.5 };
    library.appendBlocks(id, [block(0, 12, ramp(4))], { arrivals: [], fits: [later] });
    expect(library.listClockFits(id)).toEqual([{ ...fit, rate: 4.001 }, later]);
    expect(library.getRecording(id).clocks).toBeUndefined(); // it has one stream, whose time it is
    const wrong = { arrivals: [{ ...arrival, count: 0 }], fits: [] };
    expect(codeOf(() => library.appendBlocks(id, [block(0, 16, ramp(4))], wrong))).toBe(
      "contract/bad-params",
    );
    expect(library.getRecording(id).channels[0]?.sampleCount).toBe(16); // all or nothing
    library.closeRecording(id, { state: "complete", repairs: [] });
    library.purgeRecording(id);
    expect(codeOf(() => library.listArrivals(id))).toBe("storage/not-found");
  }));

test("where the samples of a second device lie comes with the recording", () =>
  withLibrary((library) => {
    const id = library.createRecording(
      newRecording([channelHeader(), channelHeader({ label: "B" })], { state: "recording" }),
    );
    const fits = [0, 1].map((channel) => ({
      ...{ channel, session: 0, first: 0, atS: channel / 4, rate: 4, errorMs: 1 },
    }));
    library.appendBlocks(id, [block(0, 0, ramp(8)), block(1, 0, ramp(8))], { arrivals: [], fits });
    expect(library.getRecording(id).clocks).toEqual([
      { channels: [1], pieces: [{ first: 0, atS: 0.25, rate: 4 }] },
    ]);
  }));

test("a recording whose process ended goes on in another; one that is complete does not", () =>
  inFolder((folder) => {
    const path = join(folder, "test.kodo");
    const gone = openLibrary(path, { owner: { pid: 2 ** 22 + 1, started: "1", host: hostname() } });
    const id = gone.createRecording(newRecording([channelHeader()], { state: "recording" }));
    gone.appendBlocks(id, [block(0, 0, ramp(4))]);
    gone.close();
    const library = openLibrary(path);
    expect(library.getRecording(id).state).toBe("interrupted");
    library.reopenRecording(id);
    library.reopenRecording(id); // it is this one's already
    library.appendBlocks(id, [block(0, 4, ramp(4))]);
    expect(library.getRecording(id)).toMatchObject({ state: "recording", durationS: 2 });
    library.closeRecording(id, { state: "complete", repairs: [] });
    expect(codeOf(() => library.reopenRecording(id))).toBe("storage/closed");
    library.close();
  }));
