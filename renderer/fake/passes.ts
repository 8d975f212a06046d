import type { Handlers } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { Selection } from "../../preload/contract/listing.ts";
import type { MaskSpan } from "../../preload/contract/mask.ts";
import type { PassCounts, PassOrder, PassProgress } from "../../preload/contract/pass.ts";
import type { RecordingDetail } from "../../preload/contract/recording.ts";

export interface PassHost {
  readonly chosen: (selection: Selection) => readonly RecordingDetail[];
  readonly fresh: (recordingId: string) => readonly MaskSpan[]; // that the rule would lay
  readonly laid: (recordingId: string) => readonly MaskSpan[];
  readonly change: (recordingId: string, what: "add" | "remove", spans: readonly MaskSpan[]) => void;
  readonly job: (jobId: string) => JobProgress | undefined;
  readonly tell: (job: JobProgress) => void;
  readonly newId: () => string;
  readonly now: string;
}

interface Part {
  readonly id: string;
  readonly spans: readonly MaskSpan[];
}

const none: PassCounts = {
  ...{ looked: 0, recordings: 0, spans: 0, seconds: 0, unchanged: 0, noChannel: 0, kept: 0 },
  ...{ unfinished: 0, unfinishedNames: [], failed: 0, failures: [] },
};

/** Passes that are over at once, each kept so that it can be taken back. */
export function passAnswers(
  host: PassHost,
): Pick<Handlers, `passes.${"look" | "stopLooking" | "start" | "undo"}`> {
  const done = new Map<string, { readonly what: "add" | "remove"; readonly parts: readonly Part[] }>();
  const look = ({ what, selection }: PassOrder): { readonly counts: PassCounts; readonly parts: Part[] } => {
    const chosen = host.chosen(selection);
    const ruled = chosen.filter(({ channels }) => channels.some(({ role }) => role === "uc"));
    const parts = ruled
      .map(({ id }) => ({ id, spans: what === "lay" ? host.fresh(id) : host.laid(id) }))
      .filter(({ spans }) => spans.length > 0);
    const noChannel = chosen.length - ruled.length;
    const unchanged = ruled.length - parts.length;
    return { parts, counts: { ...counted(parts), looked: chosen.length, noChannel, unchanged } };
  };
  const take = (
    way: "add" | "remove",
    parts: readonly Part[],
    pass: Pick<PassProgress, "what"> & PassCounts,
  ): { jobId: string } => {
    for (const { id, spans } of parts) host.change(id, way, spans);
    const jobId = host.newId();
    done.set(jobId, { what: way, parts });
    host.tell({
      ...{ jobId, kind: "masks", state: "done", file: "", done: 1, bytesPerSecond: 0, files: [] },
      pass: { rule: "flat-uc", of: pass.looked, beganAt: host.now, isUndone: false, ...pass },
    });
    return { jobId };
  };
  return {
    "passes.look": (order) => look(order).counts,
    "passes.stopLooking": () => undefined,
    "passes.start": (order) => {
      const { parts, counts } = look(order);
      return take(order.what === "lay" ? "add" : "remove", parts, { what: order.what, ...counts });
    },
    "passes.undo": ({ jobId }) => {
      const [before, job] = [done.get(jobId), host.job(jobId)];
      if (before === undefined || job?.pass === undefined)
        throw new AppError("data/job-unknown", `Nothing is kept of job ${jobId}; ask once more`, { jobId });
      host.tell({ ...job, pass: { ...job.pass, isUndone: true } });
      const counts = { ...counted(before.parts), looked: before.parts.length };
      return take(before.what === "add" ? "remove" : "add", before.parts, { what: "undo", ...counts });
    },
  };
}

function counted(parts: readonly Part[]): PassCounts {
  const spans = parts.flatMap((part) => part.spans);
  const seconds = spans.reduce((sum, { durationS }) => sum + durationS, 0);
  return { ...none, recordings: parts.length, spans: spans.length, seconds };
}
