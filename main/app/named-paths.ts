import { delimiter } from "node:path";
import { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import type { Params, ParsedParams, RequestName } from "../../preload/contract/channels.ts";
import type { Grants } from "./grants.ts";

/** Names under which a request speaks of places on the disk. A field of that name that holds none has no place here. */
type PathField = "path" | "paths" | "file" | "files" | "directory" | "folder" | "destination";

type NamesPath = { [N in RequestName]: Extract<keyof Params<N>, PathField> extends never ? never : N };
/** Requests in which the page names a place. */
type PathRequest = NamesPath[RequestName];

type PathCheck<N extends RequestName> = (params: ParsedParams<N>, grants: Grants) => void;

function certificateGiven({ file }: { readonly file: string | null }, grants: Grants): void {
  if (file !== null) grants.checkRead(file);
}

/** What the page may name in each of them. One that is missing here does not compile. */
export const namedPaths: { readonly [N in PathRequest]: PathCheck<N> } = {
  "import.preview": ({ path }, grants) => grants.checkRead(path),
  "import.start": ({ paths }, grants) => {
    for (const path of paths) grants.checkRead(path);
  },
  "export.start": ({ directory }, grants) => grants.checkWriteInto(directory),
  "report.start": ({ directory }, grants) => grants.checkWriteInto(directory),
  "models.export": ({ directory }, grants) => grants.checkWriteInto(directory),
  "models.import": ({ file }, grants) => grants.checkRead(file),
  "cluster.test": certificateGiven,
  "cluster.connect": certificateGiven,
};

/** Requests in which the page names ports, and where in them. */
const namesPorts: ReadonlySet<RequestName> = new Set([
  "devices.identify",
  "recorder.arm",
  "capture.start",
  "contact.start",
]);
const Ports = z.object({
  port: z.string().optional(),
  devices: z.array(z.object({ port: z.string() })).optional(),
});

function portsOf(name: RequestName, params: unknown): string[] {
  if (!namesPorts.has(name)) return [];
  const { port, devices = [] } = Ports.parse(params);
  return [...(port === undefined ? [] : [port]), ...devices.map((one) => one.port)];
}

const REPLAY = /^replay:(.*?)(\?speed=[\d.]+)?$/s;
/** Where the system keeps its serial ports. Anything else is opened only where whoever started Kodo named it. */
const PORTS = /^(?:\/dev\/[\w.\-/]+|COM\d{1,4}|simulated:\w+)$/;

/** A port may be typed by hand; what is played back is a file like any other. */
function checkPort(port: string, grants: Grants): void {
  const file = REPLAY.exec(port)?.[1];
  if (file !== undefined) {
    grants.checkRead(file);
    return;
  }
  const given = (process.env.KODO_PORTS ?? "").split(delimiter);
  if ((PORTS.test(port) && !port.includes("..")) || given.includes(port)) return;
  const shown = port.slice(0, 100);
  const message = `${shown} is not the name of a port of this system (such as /dev/ttyUSB0 or COM3)`;
  throw new AppError("contract/not-a-port", message, { port: shown });
}

/** Throws where the page names a place that nobody gave it. */
export function checkPaths<N extends RequestName>(name: N, params: ParsedParams<N>, grants: Grants): void {
  const checks: Partial<Record<RequestName, PathCheck<never>>> = namedPaths;
  const check = checks[name] as PathCheck<N> | undefined;
  check?.(params, grants);
  for (const port of portsOf(name, params)) checkPort(port, grants);
}
