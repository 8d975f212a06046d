import type { Handlers } from "../../preload/contract/channels.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { Selection } from "../../preload/contract/listing.ts";
import type { RecordingDetail } from "../../preload/contract/recording.ts";
import type { StudyAsk, StudyPreview, StudyProgress } from "../../preload/contract/study.ts";

export interface StudyHost {
  readonly chosen: (selection: Selection) => readonly RecordingDetail[];
  readonly place: () => string; // name of the cluster; throws where none is connected or nobody agreed
  readonly nameOf: (runId: string) => string;
  readonly start: (
    kind: JobProgress["kind"],
    names: readonly string[],
    study: Pick<StudyProgress, "name" | "place" | "known">,
  ) => { jobId: string };
}

/** A model of heart rates fits cardiotocograms, any other the rest; the first that fits is known already. */
export function studyAnswers(host: StudyHost): Pick<Handlers, `studies.${"preview" | "start" | "goOn"}`> {
  return {
    "studies.preview": (ask) => look(host, ask).preview,
    "studies.start": ({ where, ...ask }) => {
      const { preview, names } = look(host, ask);
      const { order } = ask;
      return host.start(order.kind, names, {
        name: order.kind === "predict" ? host.nameOf(order.runId) : "",
        place: where === "there" ? host.place() : null,
        known: preview.known,
      });
    },
    "studies.goOn": () => undefined,
  };
}

function look(
  { chosen }: StudyHost,
  { order, selection, again }: StudyAsk,
): { readonly preview: StudyPreview; readonly names: readonly string[] } {
  const kind = order.kind === "analyse" ? "ctg" : "emg";
  const all = chosen(selection);
  const fitting = all.filter((one) => one.kind === kind).map(({ name }) => name);
  const others = all.filter((one) => one.kind !== kind).map(({ name }) => name);
  const names = again ? fitting : fitting.slice(1);
  const reason = { reason: "kind" as const, what: "", count: others.length, names: others.slice(0, 3) };
  return {
    names,
    preview: {
      ...{ fitting: names.length, known: fitting.length - names.length },
      unfit: others.length === 0 ? [] : [reason],
    },
  };
}
