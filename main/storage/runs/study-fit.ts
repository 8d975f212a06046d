import { z } from "zod";
import { isBySettings } from "../../../preload/contract/ctg-shown.ts";
import type { CtgRule } from "../../../preload/contract/ctg-reading.ts";
import { FindingOrigin } from "../../../preload/contract/finding.ts";
import { matchChannels, type WantedChannel } from "../../../preload/contract/match-channels.ts";
import { ChannelRole } from "../../../preload/contract/recording.ts";
import { type Run, runReport } from "../../../preload/contract/run.ts";
import type { StudyOrder, Unfit } from "../../../preload/contract/study.ts";
import type { StudyFit, StudyWhich } from "../api.ts";
import { parsedJson } from "../checked.ts";
import type { Context } from "../context.ts";
import type { Row } from "../file/database.ts";
import { readsOf } from "./run-reads.ts";
import { getRun } from "./runs.ts";

type Order<Kind extends StudyOrder["kind"]> = Extract<StudyOrder, { kind: Kind }>;

interface Reason {
  readonly reason: Unfit;
  readonly what: string;
}

/** What an order asks of a recording, and whether it has been answered. */
interface Demands {
  readonly kinds: readonly string[]; // none: whatever it is
  readonly wanted: readonly WantedChannel[];
  readonly shortestS: number;
  readonly isKnown: (recording: number) => boolean;
}

/** Which of some recordings an order can be asked of, by what the library knows of them: no sample is read. */
export function studyFit(context: Context, order: StudyOrder, which: StudyWhich): StudyFit {
  const demands = order.kind === "predict" ? ofRun(context, order) : ofRules(context, order, which.version);
  const fitting: string[] = [];
  const known: string[] = [];
  const unfit: StudyFit["unfit"][number][] = [];
  const byLayout = new Map<string, Reason | undefined>(); // recordings of one device are alike
  for (const row of rowsOf(context, which.ids)) {
    const reason = unfitBy(row, demands, byLayout);
    if (reason !== undefined) unfit.push({ name: String(row["name"]), ...reason });
    else if (!which.again && demands.isKnown(Number(row["key"]))) known.push(String(row["id"]));
    else fitting.push(String(row["id"]));
  }
  return { fitting, known, unfit };
}

const rowsOf = ({ database }: Context, ids: readonly string[]): Row[] =>
  database.all(
    `SELECT r.key, r.id, r.name, r.kind, r.state, l.length_s,
       (SELECT json_group_array(json_array(c.label, c.role, c.source_observed > c.layer_masked)) FROM
         (SELECT label, role, source_observed, layer_masked FROM channel
            WHERE recording = r.key AND origin IS NULL ORDER BY position) c) AS layout
     FROM json_each(?) j JOIN recording r ON r.id = j.value JOIN listing l ON l.recording = r.key ORDER BY j.key`,
    JSON.stringify(ids),
  );

function unfitBy(
  row: Row,
  { kinds, wanted, shortestS }: Demands,
  byLayout: Map<string, Reason | undefined>,
): Reason | undefined {
  if (row["state"] === "importing" || row["state"] === "recording") return { reason: "unfinished", what: "" };
  if (kinds.length > 0 && !kinds.includes(String(row["kind"]))) return { reason: "kind", what: "" };
  const layout = String(row["layout"]);
  if (!byLayout.has(layout)) byLayout.set(layout, unfitChannels(layout, wanted));
  const reason = byLayout.get(layout);
  if (reason !== undefined) return reason;
  return Number(row["length_s"]) < shortestS ? { reason: "short", what: "" } : undefined;
}

const Layout = z.array(z.tuple([z.string(), ChannelRole.catch("other"), z.number()]));

function unfitChannels(layout: string, wanted: readonly WantedChannel[]): Reason | undefined {
  const channels = Layout.parse(JSON.parse(layout)).map(([label, role, isSeen]) => ({ label, role, isSeen }));
  const matches = matchChannels(wanted, channels);
  const named = (some: typeof matches): string => some.map((one) => one.wanted.label).join(", ");
  const lacking = matches.filter(({ channel }) => channel === undefined);
  if (lacking.length > 0) return { reason: "channels", what: named(lacking) };
  // Of several sensors for one thing that which saw most is taken, or any.
  const blind = matches.filter(({ channel, others }) =>
    [channel, ...others].every((one) => one === undefined || one.isSeen === 0),
  );
  return blind.length > 0 && blind.length === matches.length
    ? { reason: "unobserved", what: named(blind) }
    : undefined;
}

/** What a run said, in a row of its own, is newer than the last mask that came or went. */
const isUnmasked = (row: string): string =>
  `NOT EXISTS (SELECT 1 FROM recording r WHERE r.key = ${row}.recording AND r.masks_changed_at >= ${row}.created_at)`;

/** A run is known to have answered where its prediction, or what it found, is newer than the masks. */
function ofRun(context: Context, { runId, adaptation }: Order<"predict">): Demands {
  const { database } = context;
  const run = getRun(context, runId);
  const { channels: wanted, kinds } = readsOf(context, run);
  const shared = { kinds, wanted };
  if (saysSequences(run))
    return {
      ...shared,
      shortestS: 0,
      isKnown: (recording) =>
        database.get(
          `SELECT 1 FROM finding f WHERE recording = ? AND run = ? AND is_outdated = 0
             AND json_extract(origin, '$.step') IS NULL AND ${isUnmasked("f")}`,
          recording,
          runId,
        ) !== undefined,
    };
  return {
    ...shared,
    shortestS: run.config.data.windows.windowS,
    isKnown: (recording) =>
      database.get(
        `SELECT 1 FROM prediction p WHERE run = ? AND recording = ? AND adaptation = ? AND ${isUnmasked("p")}`,
        ...[runId, recording, adaptation],
      ) !== undefined,
  };
}

const saysSequences = (run: Run): boolean => runReport(run)?.kind === "sequences";

/** Rules have answered where each says what it would say now. */
function ofRules({ database }: Context, { settings, rules }: Order<"analyse">, version: string): Demands {
  const byOrigin = new Map<string, CtgRule | undefined>(); // of many recordings they are the same texts
  const ruleOf = (origin: string): CtgRule | undefined => {
    if (!byOrigin.has(origin)) {
      const said = FindingOrigin.safeParse(parsedJson(origin)).data;
      const isCurrent =
        said?.kind === "rule" && said.version === version && isBySettings({ origin: said }, settings);
      byOrigin.set(origin, isCurrent ? rules.find((rule) => rule === said.rule) : undefined);
    }
    return byOrigin.get(origin);
  };
  return {
    kinds: ["ctg"],
    wanted: [{ label: "FHR", role: "fhr" }],
    shortestS: 0,
    isKnown: (recording) => {
      const said = new Set(
        database
          .all(
            "SELECT origin FROM finding WHERE recording = ? AND run IS NULL AND is_outdated = 0",
            recording,
          )
          .map((row) => ruleOf(String(row["origin"]))),
      );
      return rules.every((rule) => said.has(rule));
    },
  };
}
