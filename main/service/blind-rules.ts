import type { ParsedParams, RequestName, Result } from "../../preload/contract/channels.ts";
import { reportOf } from "../../preload/contract/errors.ts";
import type { Run, RunSummary } from "../../preload/contract/run.ts";
import { CHANNELS_MAX, type RecordingSummary } from "../../preload/contract/recording.ts";
import type { HistoryState, Travelled } from "../../preload/contract/annotation.ts";
import { type Blind, toldByTraining } from "./blind.ts";

/** Tells nothing of what others labelled, or of what a model or a rule says of a recording. */
const OPEN = "open";

/** What of a request's answer is told while something is read blind. */
interface Told<N extends RequestName> {
  readonly when?: (params: ParsedParams<N>) => boolean; // absent: whatever is asked
  readonly told: (answer: Result<N>, blind: Blind, params: ParsedParams<N>) => Result<N> | Promise<Result<N>>;
}

/** How it is answered then, where that must be known before; `ask` answers it as if nothing were read blind. */
type Answer<N extends RequestName> = (
  params: ParsedParams<N>,
  blind: Blind,
  ask: (params: ParsedParams<N>) => Promise<Result<N>>,
) => Promise<Result<N>>;
export type BlindRules<N extends RequestName> = { readonly [K in N]: typeof OPEN | Told<K> | Answer<K> };

/** Refused where one of these is read blind: with why, and how that ends. */
const refused =
  <Base>(of: (params: Base) => Iterable<string>) =>
  async <P extends Base, R>(params: P, blind: Blind, ask: (params: P) => Promise<R>): Promise<R> => {
    await blind.refuse(of(params));
    return ask(params);
  };

const one = ({ recordingId }: { readonly recordingId: string }): string[] => [recordingId];
const several = ({ recordingIds }: { readonly recordingIds: readonly string[] }): readonly string[] =>
  recordingIds;

/** Of a list about one recording, what may be seen of it. */
const seen = <T>(
  isSeen: (item: T, blind: Blind) => boolean,
): {
  readonly told: (all: T[], blind: Blind, params: { readonly recordingId: string }) => T[];
} => ({
  told: (all, blind, { recordingId }) =>
    blind.has(recordingId) ? all.filter((item) => isSeen(item, blind)) : all,
});

/** What others did is neither touched nor told of; whoever reads blind is not asked about it. */
const ownOnly = async <P extends { readonly evenOfOthers?: boolean | undefined }, R>(
  params: P,
  blind: Blind,
  ask: (params: P) => Promise<R>,
): Promise<R> => {
  try {
    return await ask({ ...params, evenOfOthers: false });
  } catch (error) {
    const { code, detail } = reportOf(error);
    if (code !== "data/other-reader") throw error;
    if (blind.has(String(detail["recording"]))) throw blind.notOwn();
    return ask(params); // of another recording, which is read openly
  }
};

/** Whether there is a step, not how many: others made some of them. */
const whether = ({ undo, redo }: HistoryState): HistoryState => ({
  undo: Math.min(undo, 1),
  redo: Math.min(redo, 1),
});

/** The step before may be another's: then there is none. */
const travelled = async <
  P extends { readonly recordingId: string; readonly evenOfOthers?: boolean | undefined },
>(
  params: P,
  blind: Blind,
  ask: (params: P) => Promise<Travelled>,
): Promise<Travelled> => {
  if (!blind.has(params.recordingId)) return ask(params);
  try {
    const { history, ...rest } = await ask({ ...params, evenOfOthers: false });
    return { ...rest, history: whether(history) };
  } catch (error) {
    if (reportOf(error).code !== "data/other-reader") throw error;
    return { history: { undo: 0, redo: 0 } };
  }
};

/** A recording's row, or all that is known of it: with its reader's own labels counted, nobody else's. */
const counted = {
  told: <R extends RecordingSummary>(one: R, blind: Blind): Promise<R> => blind.summary(one),
};
const allCounted = {
  told: <R extends RecordingSummary>(all: R[], blind: Blind): Promise<R[]> => blind.summaries(all),
};

const scored = { told: (run: Run, blind: Blind): Run => blind.run(run) };

const listed = {
  told: <R extends RunSummary>(runs: R[], blind: Blind): Promise<R[]> => blind.runs(runs),
};

/** Derived channels hold what a model or a rule drew. Of others nothing is looked up: a trace that is moved asks for many tiles. */
const traced = {
  when: ({ channel }: { readonly channel: number }) => channel > CHANNELS_MAX,
  told: async <R>(answer: R, blind: Blind, { recordingId }: { readonly recordingId: string }): Promise<R> => {
    await blind.refuse([recordingId]);
    return answer;
  },
};

const listRules: BlindRules<Extract<RequestName, `recordings.${string}`>> = {
  "recordings.page": {
    told: async (page, blind) => ({ ...page, rows: await blind.summaries(page.rows) }),
  },
  "recordings.outline": OPEN, // what is read blind passes no filter by labels, and comes last by their share
  "recordings.counts": OPEN,
  "recordings.some": allCounted,
  "recordings.names": OPEN,
  "recordings.selected": {
    told: async (selected, blind) => ({ ...selected, first: await blind.summaries(selected.first) }),
  },
  "recordings.ids": OPEN,
  "recordings.roster": {
    told: async (roster, blind) => ({
      ...roster,
      rows: await Promise.all(roster.rows.map((row) => blind.row(row))),
    }),
  },
  "recordings.removeAll": OPEN,
  "recordings.restoreAll": OPEN,
  "recordings.get": counted,
  "recordings.change": counted,
  "recordings.remove": OPEN,
  "recordings.restore": counted,
  "recordings.bin": {
    told: async (page, blind) => ({ ...page, rows: await blind.summaries(page.rows) }),
  },
  "recordings.binIds": OPEN,
  "recordings.restoreThese": OPEN,
  "recordings.purge": OPEN,
  "recordings.checksum": OPEN, // of its samples
};

const readerRules: BlindRules<
  Extract<
    RequestName,
    `${"annotations" | "readings" | "masks" | "passes" | "agreement" | "labelSets" | "trace" | "ctg"}.${string}`
  >
> = {
  "trace.tiles": traced,
  "trace.samples": traced,
  "masks.list": seen(({ layer, author }, blind) =>
    layer === "person" ? author === blind.reader : layer === "rule",
  ),
  "masks.add": OPEN,
  "masks.remove": OPEN,
  "masks.layRules": OPEN, // by a rule about the signal that is stated, not about what it says
  "masks.liftRules": OPEN,
  "passes.look": OPEN, // as masks.layRules; what others lifted by hand is not counted there
  "passes.stopLooking": OPEN,
  "passes.start": OPEN,
  "passes.undo": OPEN,
  "annotations.list": seen((label, blind) => blind.isOwn(label)),
  "annotations.add": OPEN,
  "annotations.change": ownOnly,
  "annotations.remove": ownOnly,
  "annotations.undo": travelled,
  "annotations.redo": travelled,
  "annotations.history": {
    told: (history, blind, { recordingId }) => (blind.has(recordingId) ? whether(history) : history),
  },
  "readings.list": seen(({ author }, blind) => author === blind.reader),
  "readings.add": OPEN,
  "readings.remove": ownOnly,
  "agreement.report": refused(several),
  "agreement.decide": refused(one),
  "agreement.keep": refused(one),
  /** Points of the baseline that somebody set are an opinion of it: not told, and kept. */
  "ctg.context": {
    told: (known, blind, { recordingId }) =>
      blind.has(recordingId) ? { ...known, context: { ...known.context, anchors: [] } } : known,
  },
  "ctg.setContext": async (params, blind, ask) => {
    const { recordingId, context } = params;
    if (context === null || !blind.has(recordingId)) return ask(params);
    const known = await ask({
      recordingId,
      context: { ...context, anchors: await blind.anchors(recordingId) },
    });
    return { ...known, context: { ...known.context, anchors: [] } };
  },
  "ctg.read": refused(one),
  "ctg.measure": refused(one),
  "ctg.chooseReference": OPEN,
  "ctg.cancel": OPEN,
  "labelSets.list": OPEN,
  "labelSets.get": OPEN,
  "labelSets.usage": {
    told: (uses) => uses.map(({ label }) => ({ label, annotations: null, recordings: null })),
  },
  "labelSets.save": OPEN,
};

const training = refused(toldByTraining);

const modelRules: BlindRules<
  Extract<
    RequestName,
    `${"methods" | "models" | "comparisons" | "runs" | "engines" | "predictions" | "findings" | "forecasts" | "layers" | "windows" | "studies"}.${string}`
  >
> = {
  "methods.learned": OPEN, // of all it learned from together
  "models.list": OPEN,
  "models.export": async (params, blind, ask) => {
    await blind.refuseUntold([params.runId]); // its card says how well it is calibrated
    return ask(params);
  },
  "models.choose": OPEN,
  "models.import": OPEN,
  "comparisons.start": training,
  "comparisons.report": async (params, blind, ask) => {
    await blind.refuseUntold(params.runIds);
    return ask(params);
  },
  "comparisons.saveTable": OPEN, // what comparisons.report says
  "runs.estimate": (params, blind, ask) => {
    const untold = new Set(toldByTraining({ data: params }).filter((id) => blind.has(id)));
    return ask({ ...params, recordingIds: params.recordingIds.filter((id) => !untold.has(id)) });
  },
  "runs.stopCounting": OPEN,
  "runs.preview": (params, blind, ask) => blind.preview(params, ask),
  "runs.start": training,
  "runs.startThere": training,
  "runs.cancel": OPEN,
  "runs.pause": OPEN,
  "runs.resume": scored,
  "runs.change": scored,
  "runs.remove": OPEN,
  "runs.restore": scored,
  "runs.bin": listed,
  "runs.purge": OPEN,
  "runs.saveRecord": OPEN, // what runs.get says
  "runs.reads": OPEN,
  "runs.list": listed,
  "runs.get": scored,
  "runs.progress": OPEN,
  "engines.list": OPEN,
  "engines.install": OPEN,
  "engines.cancel": OPEN,
  "engines.remove": OPEN,
  "engines.progress": OPEN,
  "predictions.make": refused(one),
  "predictions.list": seen(() => false),
  "findings.list": seen(() => false),
  "findings.lists": {
    told: (lists, blind, { recordingIds }) =>
      lists.map((list, i) => (blind.has(recordingIds[i] ?? "") ? [] : list)),
  },
  "findings.make": refused(one),
  "findings.fill": refused(one),
  "findings.remove": OPEN,
  "findings.get": {
    told: async (found, blind) => {
      await blind.refuse([found.recordingId]);
      return found;
    },
  },
  "forecasts.at": refused(one),
  "layers.get": refused(one),
  "windows.next": async ({ limit, ...params }, blind, ask) => {
    const ranked = await ask({ ...params, limit: WINDOWS_MOST }); // so that enough are left
    return ranked.filter(({ recordingId }) => !blind.has(recordingId)).slice(0, limit);
  },
  "studies.preview": OPEN,
  "studies.start": OPEN, // what comes of it is findings
  "studies.goOn": OPEN,
};

/** The most windows that windows.next may be asked for. */
const WINDOWS_MOST = 500;

const otherRules: BlindRules<
  Exclude<RequestName, keyof typeof listRules | keyof typeof readerRules | keyof typeof modelRules>
> = {
  "app.info": OPEN,
  "app.log": ({ limit }, blind) => blind.log(limit),
  "library.verify": OPEN,
  "library.cancelVerify": OPEN,
  "library.backup": OPEN,
  "settings.get": OPEN,
  "settings.set": OPEN,
  "import.choose": OPEN,
  "import.preview": OPEN,
  "import.start": OPEN,
  "sample.open": OPEN,
  "export.chooseDirectory": OPEN,
  "export.start": async ({ selection, ...params }, blind, ask) => {
    const recordingIds = selection === undefined ? params.recordingIds : await blind.idsOf(selection);
    if (params.withAnnotations || params.withFindings === true || params.withFilled === true)
      await blind.refuse(recordingIds);
    return ask({ ...params, recordingIds });
  },
  "report.start": async (params, blind, ask) => {
    if (params.withOverlays || params.withAnnotations) await blind.refuse(params.recordingIds);
    return ask(params);
  },
  "jobs.list": OPEN,
  "jobs.dismiss": OPEN,
  "jobs.cancel": OPEN,
  "devices.list": OPEN,
  "devices.identify": OPEN,
  "recorder.state": OPEN,
  "recorder.arm": OPEN,
  "recorder.record": OPEN,
  "recorder.stop": OPEN,
  "recorder.mark": OPEN,
  "recorder.begun": OPEN,
  "recorder.silence": OPEN,
  "recorder.guide": OPEN,
  "recorder.templates": OPEN,
  "recorder.saveTemplate": OPEN,
  "recorder.removeTemplate": OPEN,
  "capture.start": OPEN,
  "capture.stop": OPEN,
  "capture.state": OPEN,
  "contact.start": OPEN,
  "contact.stop": OPEN,
  "contact.state": OPEN,
  "archive.list": OPEN,
  "archive.push": OPEN, // what came of one is told by the link, which keeps the rule itself
  "archive.pull": OPEN,
  "archive.cancel": OPEN,
  "archive.transfer": OPEN,
  "cluster.state": OPEN,
  "cluster.chooseCertificate": OPEN,
  "cluster.test": OPEN,
  "cluster.connect": OPEN,
  "cluster.agree": OPEN,
  "cluster.standing": OPEN,
  "cluster.forget": OPEN,
};

/**
 * The one rule of blind reading: what each request may tell of a recording that its reader reads blind, for the window and
 * the command line. A request that is new does not compile before it stands here.
 */
export const blindRules: BlindRules<RequestName> = {
  ...listRules,
  ...readerRules,
  ...modelRules,
  ...otherRules,
};

type Handler<N extends RequestName> = (params: ParsedParams<N>) => Promise<Result<N>> | Result<N>;
type HandlersOf<N extends RequestName> = { [K in N]: Handler<K> };

const isIn = <T extends object>(table: T, name: PropertyKey): name is keyof T => Object.hasOwn(table, name);

/** Handlers that keep the rule; `blindNow` says what is read blind at this moment. */
export function keptBlind<N extends RequestName>(
  handlers: HandlersOf<N>,
  blindNow: () => Promise<Blind>,
): HandlersOf<N> {
  const kept = { ...handlers };
  for (const name of Object.keys(handlers))
    if (isIn(handlers, name)) kept[name] = keptOne(name, handlers[name], blindNow);
  return kept;
}

/** The same of one. */
export function keptOne<N extends RequestName>(
  name: N,
  handle: Handler<N>,
  blindNow: () => Promise<Blind>,
): Handler<N> {
  const rule = blindRules[name];
  if (rule === OPEN) return handle;
  if (typeof rule !== "function")
    return async (params) => {
      const answer = await handle(params);
      if (rule.when?.(params) === false) return answer;
      const blind = await blindNow();
      return blind.ids.size === 0 ? answer : rule.told(answer, blind, params);
    };
  return async (params) => {
    const blind = await blindNow();
    const ask = async (asked: ParsedParams<N>): Promise<Result<N>> => handle(asked);
    return blind.ids.size === 0 ? ask(params) : rule(params, blind, ask);
  };
}
