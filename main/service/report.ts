import type { Handlers } from "../../preload/contract/channels.ts";
import type { CtgSettings } from "../../preload/contract/ctg.ts";
import { CtgRule } from "../../preload/contract/ctg-reading.ts";
import { isBySettings } from "../../preload/contract/ctg-shown.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Jobs } from "./jobs.ts";
import { VERSION } from "./version.ts";

/** As paper names what wrote it. */
const SOFTWARE = `Kodo ${VERSION}`;

/** Paper shows what is kept of a reading by rule. Where a rule has said nothing that holds by the settings there are, it is asked first. */
export const reportHandlers = (
  library: Pick<AsyncLibrary, "info" | "getRecording" | "getSettings" | "listFindings">,
  jobs: Pick<Jobs, "exchange">,
  read: Handlers["ctg.read"],
): Pick<Handlers, "report.start"> => ({
  "report.start": async ({ idempotencyKey, ...request }) => {
    if (request.withOverlays && !(await library.info()).readOnly)
      for (const recordingId of request.recordingIds) {
        const { kind, channels } = await library.getRecording(recordingId);
        if (kind !== "ctg" || !channels.some(({ role }) => role === "fhr")) continue; // the job says what it cannot draw
        const settings = (await library.getSettings()).ctg;
        if (!(await isRead(library, recordingId, settings))) await read({ recordingId, settings });
      }
    return jobs.exchange({ kind: "report", request, software: SOFTWARE }, idempotencyKey);
  },
});

async function isRead(
  library: Pick<AsyncLibrary, "listFindings">,
  recordingId: string,
  settings: CtgSettings,
): Promise<boolean> {
  const current = (await library.listFindings(recordingId)).filter(({ isOutdated }) => !isOutdated);
  return CtgRule.options.every((rule) =>
    current.some(
      (one) => one.origin.kind === "rule" && one.origin.rule === rule && isBySettings(one, settings),
    ),
  );
}
