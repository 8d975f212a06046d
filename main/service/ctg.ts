import type { Handlers } from "../../preload/contract/channels.ts";
import type { KnownContext } from "../../preload/contract/ctg-reading.ts";
import { contextOfHeader, knownContext } from "../analysis/ctg/context.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { ServiceEvents } from "./events.ts";

/** Reading a cardiotocogram by rule. */
export function ctgHandlers(
  library: AsyncLibrary,
  events: ServiceEvents,
): Pick<Handlers, "ctg.context" | "ctg.setContext"> {
  const known = async (recordingId: string): Promise<KnownContext> =>
    knownContext(
      contextOfHeader(await library.getRecording(recordingId)),
      await library.getCtgContext(recordingId),
    );
  return {
    "ctg.context": ({ recordingId }) => known(recordingId),
    "ctg.setContext": async ({ recordingId, context }) => {
      await library.setCtgContext(recordingId, context);
      events.emit("annotations.changed", { recordingId });
      events.emit("findings.changed", { recordingId }); // of rules: outdated
      return known(recordingId);
    },
  };
}
