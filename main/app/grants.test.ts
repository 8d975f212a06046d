import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { DeviceChoice } from "../../preload/contract/acquisition.ts";
import { requests } from "../../preload/contract/channels.ts";
import { Grants } from "./grants.ts";
import { checkPaths, namedPaths } from "./named-paths.ts";

let folder: string;
let grants: Grants;
const place = (...names: string[]): string => join(folder, ...names);
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "kodo-grants-")));
  grants = new Grants();
  for (const name of ["given", "given/deep", "given-not", "out"]) mkdirSync(place(name));
  for (const name of ["a.edf", "b.edf", "given/c.edf", "given/deep/d.edf", "given-not/e.edf"])
    writeFileSync(place(name), "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mayRead = (path: string): boolean => {
  try {
    grants.checkRead(path);
    return true;
  } catch {
    return false;
  }
};

test("nothing may be read or written that nobody gave", () => {
  for (const path of [place("a.edf"), "/etc/shadow", "/", "", "a.edf", ".", `${place("a.edf")}\0.csv`])
    expect([path, mayRead(path)]).toEqual([path, false]);
  expect(() => grants.checkWriteInto(place("out"))).toThrow(/only into a folder that was chosen.*out/);
  expect(() => grants.checkRead("/etc/shadow")).toThrow(/chosen in the dialog or dropped.*shadow was not/);
});

test("a file that was given may be read, and no other; a folder with all it holds, and nothing beside it", () => {
  grants.read([place("a.edf"), place("given")]);
  const allowed = ["a.edf", "given", "given/c.edf", "given/deep/d.edf", "given/later.edf"];
  const refused = [
    "b.edf",
    "given-not/e.edf",
    "given/deep/../c.edf",
    "given/../b.edf",
    "given/deep/../../b.edf",
    "given/no/../../b.edf",
    ".",
  ];
  for (const name of allowed) expect([name, mayRead(`${folder}/${name}`)]).toEqual([name, true]);
  for (const name of refused) expect([name, mayRead(`${folder}/${name}`)]).toEqual([name, false]);
  grants.forget();
  expect(mayRead(place("a.edf"))).toBe(false);
});

test("what may be read may not be written into, nor the other way round", () => {
  grants.read([place("given")]);
  grants.writeInto(place("out"));
  expect(() => grants.checkWriteInto(place("given"))).toThrow();
  grants.checkWriteInto(place("out"));
  expect(mayRead(place("out"))).toBe(false);
});

test.skipIf(process.platform === "win32")("a link is what it points to", () => {
  symlinkSync(place("b.edf"), place("given/link.edf"));
  symlinkSync(place("given"), place("way"));
  grants.read([place("way")]); // gives the folder, not the link
  expect([mayRead(place("given/c.edf")), mayRead(place("way/c.edf"))]).toEqual([true, true]);
  expect(mayRead(place("given/link.edf"))).toBe(false); // leads out of it
  symlinkSync(place("given/deep"), place("given/in")); // up again from a link is elsewhere for who shortens the way first
  expect(mayRead(`${place("given")}/in/../../b.edf`)).toBe(false);
  expect(mayRead(`${place("given")}/in/../no.edf`)).toBe(false);
  rmSync(place("way"));
  symlinkSync(place("given-not"), place("way"));
  expect(mayRead(place("way/e.edf"))).toBe(false);
});

/** Fields of a JSON schema that are texts, or lists of them, with their names. */
function textFields(schema: unknown, name = ""): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { type, properties, items, anyOf } = schema as Record<string, unknown>;
  return [
    ...(type === "string" ? [name] : []),
    ...textFields(items, name),
    ...(Array.isArray(anyOf) ? anyOf : []).flatMap((one) => textFields(one, name)),
    ...Object.entries(properties ?? {}).flatMap(([key, one]) => textFields(one, key)),
  ];
}

test("every request that names a place on the disk is checked", () => {
  const naming = Object.entries(requests).filter(([, { params }]) =>
    textFields(z.toJSONSchema(params, { io: "input", unrepresentable: "any" })).some((field) =>
      /path|file|folder|director|destination|target|location/i.test(field),
    ),
  );
  expect(naming.map(([name]) => name).sort()).toEqual(Object.keys(namedPaths).sort());
  const params = {
    "import.preview": { path: "/etc/shadow" },
    "import.start": { paths: [place("a.edf"), "/etc/shadow"], options: {} },
    "export.start": {
      recordingIds: ["r"],
      format: "edf" as const,
      directory: "/etc",
      withAnnotations: false,
      withMask: false,
      deidentify: false,
    },
    "models.export": { runId: "r", directory: "/etc" },
    "models.import": { file: "/etc/shadow" },
  };
  grants.read([place("a.edf")]);
  for (const [name, given] of Object.entries(params))
    expect(() => checkPaths(name as keyof typeof params, given as never, grants), name).toThrow(
      expect.objectContaining({ code: "contract/path-not-given" }),
    );
  expect(() => checkPaths("settings.get", {}, grants)).not.toThrow();
});

test("a port may be typed, and neither a file nor a capture that nobody chose goes for one", () => {
  const arm = (port: string) => () =>
    checkPaths("devices.identify", DeviceChoice.parse({ protocol: "cyton", port }), grants);
  for (const port of ["/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI_1-port0", "COM3", "simulated:cyton"])
    expect(arm(port)).not.toThrow();
  for (const port of [
    "/etc/shadow",
    "/dev/../etc/shadow",
    "../x",
    "COM3\n",
    "simulated:cyton?scenario=/etc/shadow",
  ])
    expect(arm(port)).toThrow(expect.objectContaining({ code: "contract/not-a-port" }) as Error);
  expect(() =>
    checkPaths("contact.start", DeviceChoice.parse({ protocol: "cyton", port: "/etc/shadow" }), grants),
  ).toThrow(expect.objectContaining({ code: "contract/not-a-port" }) as Error);
  expect(arm("replay:/etc/shadow?speed=4")).toThrow(
    expect.objectContaining({ code: "contract/path-not-given" }) as Error,
  );
  vi.stubEnv("KODO_PORTS", `/tmp/a${delimiter}/tmp/pty`);
  expect(arm("/tmp/pty")).not.toThrow();
  vi.unstubAllEnvs();
});
