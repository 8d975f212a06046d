import { SegmentedControl, Select } from "@mantine/core";
import { useMemo, useRef, useState, type CSSProperties, type PointerEvent, type ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { type LayerReport, type RunSummary, settingsSeen } from "../../../preload/contract/run.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { channelsRead, fits, fittingRuns, type Reads, runOnPage } from "../../state/runs.ts";
import { canOf } from "../../state/models.ts";
import { chooseRun, goTo, openAt, openLayers, useSession } from "../../state/session.ts";
import { paletteOf } from "../../trace/tracks/palette.ts";
import { classColours, className } from "../../ui/class-names.ts";
import { clock, fixed, percent } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { useScheme, useTokens } from "../../ui/scheme.ts";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Bar, Chip, Empty, Facts, Failure, Skeleton } from "../../ui/widgets.tsx";
import { unitText } from "../../ui/unit.ts";
import { useLanguage, useWords, type KeyOf, type Translate } from "../../ui/words.ts";
import { ChannelStrip } from "./channel-strip.tsx";
import { type Ends, Heat, isAcross, tint } from "./heat.tsx";
import { inputName } from "./input-name.ts";
import css from "./layers.module.css";
import {
  columnAt,
  evidenceOf,
  isObserved,
  modes,
  sentencesOf,
  spanOf,
  strongestInputs,
  tintScale,
  type Mode,
} from "./report.ts";
import { layersWords } from "./words.ts";

/** Recordings that are offered beside the one that is open, the first ones added. */
const OFFERED = 200;
const noReads: Reads = {};

const withOpen = (
  recordings: readonly RecordingSummary[],
  open: RecordingSummary | undefined,
): readonly RecordingSummary[] =>
  open === undefined || recordings.some(({ id }) => id === open.id) ? recordings : [open, ...recordings];

export function LayersPage(): ReactNode {
  const t = useWords(layersWords);
  const runs = useRequest("runs.list", {});
  const reads = useRequest("runs.reads", {});
  const labelSets = useRequest("labelSets.list", {}).data ?? [];
  const runId = useSession((one) => one.runId);
  const recordingId = useSession((one) => one.recordingId);
  const models = useRequest("models.list", {});
  const failed = [runs, reads, models].find((one) => one.isError);
  const isKnown = runs.data !== undefined && models.data !== undefined;
  const done = (isKnown && runs.data.filter(({ phase }) => phase === "done")) || [];
  const finished = done.filter((one) => canOf(one, "layers", models.data));
  const opened = useRequest("recordings.some", { ids: recordingId === undefined ? [] : [recordingId] });
  const open = opened.data?.[0];
  const run = runOnPage(finished, { page: "layers", recordingId, runId }, { open, reads: reads.data });
  const [kind, ...otherKinds] = (run && reads.data?.[run.id]?.kinds) ?? [];
  const view = { kind: kind === undefined || otherKinds.length > 0 ? ("all" as const) : kind };
  const near = useRequest("recordings.page", run && { view, limit: OFFERED }, { keepPrevious: true });
  const isListed = reads.data !== undefined && opened.data !== undefined && (!run || near.data !== undefined);
  const able =
    run && reads.data
      ? withOpen(near.data?.rows ?? [], open).filter((one) => fits(run, one, reads.data))
      : [];
  // What is open is explained or nothing is: another recording only where none is open.
  const recording = recordingId === undefined ? able[0] : open;
  return (
    <div className={css["page"]} data-testid={testIds.layersPage}>
      <TopBar>
        <h1>{t("title")}</h1>
        {run && <Chip>{run.config.name}</Chip>}
        {recording && <Chip>{recording.name}</Chip>}
      </TopBar>
      {failed?.error && <Failure error={failed.error} onRetry={() => void failed.refetch()} />}
      {isKnown && finished.length === 0 && (
        <div className={css["hollow"]}>
          <Empty
            title={t(done.length > 0 ? "noLayers" : "noRun")}
            actions={
              <ActionButton primary keys="Mod+4" onClick={() => goTo("train")}>
                {t("toTrain")}
              </ActionButton>
            }
          >
            {t(done.length > 0 ? "noLayersText" : "noRunText")}
          </Empty>
        </div>
      )}
      {finished.length > 0 && isListed && open && !run && (
        <div className={css["hollow"]}>
          <Empty
            title={t("wrongKind")}
            actions={
              <ActionButton primary keys="Mod+1" onClick={() => goTo("library")}>
                {t("toLibrary")}
              </ActionButton>
            }
          >
            {t("wrongKindText")}
          </Empty>
        </div>
      )}
      {run && isListed && !recording && (
        <div className={css["hollow"]}>
          <Empty
            title={t("noRecording")}
            actions={
              <ActionButton primary keys="Mod+1" onClick={() => goTo("library")}>
                {t("toLibrary")}
              </ActionButton>
            }
          >
            {t("noRecordingText")}
          </Empty>
        </div>
      )}
      {run && recording && (
        <Board
          key={`${run.id} ${recording.id}`}
          run={run}
          runs={open && reads.data ? fittingRuns(finished, open, reads.data) : finished}
          reads={reads.data ?? noReads}
          recording={recording}
          recordings={able}
          labelSets={labelSets}
        />
      )}
    </div>
  );
}

interface BoardProps {
  readonly run: RunSummary;
  readonly runs: readonly RunSummary[]; // finished; of an open recording those that can read it
  readonly recording: RecordingSummary;
  readonly recordings: readonly RecordingSummary[];
  readonly reads: Reads;
  readonly labelSets: readonly LabelSet[];
}

function Board({ run, runs, recording, recordings, reads, labelSets }: BoardProps): ReactNode {
  const t = useWords(layersWords);
  const asked = useSession((one) => one.layersAtS);
  const timeS = Math.min(Math.max(0, asked), recording.durationS); // a moment; the window nearest to it is shown
  const [mode, setMode] = useState<Mode>("relevance");
  const [selected, setSelected] = useState(0);
  const report = useRequest(
    "layers.get",
    { runId: run.id, recordingId: recording.id, timeS },
    { keepPrevious: true },
  );
  const shown = useMemo(
    () => report.data && { ...report.data, rows: report.data.rows.map((name) => inputName(name, t)) },
    [report.data, t],
  );
  const count = report.data?.layers.length ?? settingsSeen(run.config).layers ?? 0;
  const at = Math.min(selected, count - 1);
  const move = (steps: number) => {
    // From the moment asked for, not from the window found: that way steps lead through a gap.
    openLayers(Math.min(Math.max(0, timeS + steps * run.config.data.windows.strideS), recording.durationS));
  };
  const toReview = () => openAt(recording.id, report.data?.onsetS ?? timeS, run.config.data.windows.windowS);
  useKeys(t("title"), [
    { keys: "ArrowLeft", what: t("previousWindow"), run: () => move(-1), hint: true },
    { keys: "ArrowRight", what: t("nextWindow"), run: () => move(1), hint: true },
    { keys: "Shift+ArrowLeft", what: `${t("previousWindow")} ×10`, run: () => move(-10) },
    { keys: "Shift+ArrowRight", what: `${t("nextWindow")} ×10`, run: () => move(10) },
    { keys: "ArrowUp", what: t("previousLayer"), run: () => setSelected(Math.max(0, at - 1)) },
    { keys: "ArrowDown", what: t("nextLayer"), run: () => setSelected(Math.min(count - 1, at + 1)) },
    {
      keys: "R",
      what: t("toggle"),
      run: () => setMode(mode === "relevance" ? "contribution" : "relevance"),
      hint: true,
    },
    { keys: "Enter", what: t("toReview"), run: toReview },
  ]);
  return (
    <>
      <div className={css["tools"]}>
        <Select
          w={210}
          aria-label={t("recording")}
          searchable
          value={recording.id}
          data={recordings.map((one) => ({ value: one.id, label: one.name }))}
          onChange={(id) => {
            if (id !== null) useSession.setState({ recordingId: id, layersAtS: 0 });
          }}
        />
        <Select
          w={230}
          aria-label={t("run")}
          value={run.id}
          data={runs.map((one) => ({ value: one.id, label: one.config.name }))}
          onChange={(id) => {
            if (id !== null) chooseRun(id);
          }}
        />
        <SegmentedControl
          aria-label={t("mode")}
          data-testid={testIds.layerMode}
          value={mode}
          data={modes.map((value) => ({ value, label: t(value) }))}
          onChange={(value) => setMode(modes.find((one) => one === value) ?? "relevance")}
        />
        <span className={css["fill"]} />
        {report.data && (
          <Chip>
            {t("window", {
              from: clock(report.data.onsetS, 2),
              to: clock(report.data.onsetS + report.data.windowS, 2),
            })}
          </Chip>
        )}
      </div>
      {report.isError && <Failure error={report.error} onRetry={() => void report.refetch()} />}
      {report.isPending && <Skeleton height={360} />}
      {shown && (
        <Report
          report={shown}
          run={run}
          recording={recording}
          reads={reads}
          labelSets={labelSets}
          mode={mode}
          selected={at}
          onSelect={setSelected}
          onReview={toReview}
        />
      )}
    </>
  );
}

interface ReportProps {
  readonly report: LayerReport;
  readonly run: RunSummary;
  readonly recording: RecordingSummary;
  readonly reads: Reads;
  readonly labelSets: readonly LabelSet[];
  readonly mode: Mode;
  readonly selected: number;
  readonly onSelect: (layer: number) => void;
  readonly onReview: () => void;
}

interface Pointed {
  readonly layer: number | undefined; // undefined: the trace
  readonly row: number;
  readonly column: number;
}

const TICKS = 5;
/** Of an input whose name stands beside it. */
const ROW_HEIGHT = 13;

function Report(props: ReportProps): ReactNode {
  const { report, run, recording, reads, labelSets, mode, selected, onSelect } = props;
  const t = useWords(layersWords);
  const language = useLanguage();
  const scheme = useScheme();
  const board = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<Pointed>();
  const across = isAcross(report);
  const { fromS, lengthS } = spanOf(report);
  const names = useMemo(
    () => report.classes.map((code) => className(code, labelSets, language)),
    [report.classes, labelSets, language],
  );
  const colours = classColours(report.classes, labelSets, scheme, paletteOf(scheme).ofLabel);
  const scale = useMemo(() => tintScale(report, mode), [report, mode]);
  const inputScale = useMemo(
    () => Math.max(1e-9, ...Array.from(report.input, (one) => (Number.isNaN(one) ? 0 : Math.abs(one)))),
    [report],
  );
  const farthest = Math.max(1e-9, ...report.layers.map((one) => one.distanceFromIdentity));
  const tokens = useTokens();
  const { leading, runnerUp } = report;
  const ends = useMemo(() => {
    const level: Ends = { zero: tokens.panel, above: tokens.raisedBy, below: tokens.loweredBy };
    const above = colours[leading];
    const below = colours[runnerUp];
    const isTold = above !== undefined && below !== undefined && above !== below;
    return { level, shown: mode === "relevance" && isTold ? { ...level, above, below } : level };
  }, [tokens, colours, leading, runnerUp, mode]);
  const used = channelsRead(run, recording, reads).flatMap(({ channel }) => channel ?? []);
  const stripHeight = Math.max(18, Math.min(72, Math.floor(150 / Math.max(1, used.length))));
  const heatHeight = across ? 24 : Math.max(20, Math.min(56, report.rows.length * 5));
  const namedHeight = across ? heatHeight : report.rows.length * ROW_HEIGHT;
  const point = (event: PointerEvent<HTMLElement>, layer?: number) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = Math.min(0.999999, Math.max(0, (event.clientX - box.left) / box.width));
    const row = across
      ? Math.floor(share * report.rows.length)
      : Math.min(
          report.rows.length - 1,
          Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * report.rows.length)),
        );
    const column = across ? 0 : columnAt(report, fromS + share * lengthS);
    if (column < 0) {
      leave();
      return;
    }
    // The mark is moved without a render: fifty layers would not keep up with the pointer otherwise.
    const style = board.current?.style;
    style?.setProperty("--mark", "1");
    style?.setProperty("--at", String(across ? row / report.rows.length : share));
    style?.setProperty("--wide", String(across ? 1 / report.rows.length : 0));
    setPointed((known) =>
      known?.layer === layer && known?.row === row && known.column === column
        ? known
        : { layer, row, column },
    );
  };
  const leave = (): void => {
    board.current?.style.setProperty("--mark", "0");
    setPointed(undefined);
  };
  const sentences = sentencesOf(report, (i) => names[i] ?? "", t);
  const isAmongNeighbours = lengthS > report.windowS * 1.01;
  const focus = (share: number): CSSProperties => ({
    left: `${(100 * (report.onsetS - fromS)) / lengthS}%`,
    width: `${(100 * share) / lengthS}%`,
  });
  const marks = (wideS: number) => (
    <>
      {isAmongNeighbours && <span className={css["focus"]} style={focus(wideS)} />}
      {across ? <span className={css["band"]} /> : <span className={css["mark"]} />}
    </>
  );
  const likelihood = (values: readonly number[]) => (
    <Likelihood values={values} names={names} colours={colours} />
  );
  return (
    <>
      <p className={css["sentence"]} data-testid={testIds.layerSentence}>
        {sentences.join(language === "ja" ? "" : " ")}
      </p>
      <div className={css["board"]} ref={board} onPointerLeave={leave}>
        {used.map((channel) => (
          <div key={channel.position} className={css["line"]}>
            <span className={css["channel"]} title={channel.label}>
              {channel.label} {unitText(language, channel)}
            </span>
            <span className={css["cells"]} onPointerMove={across ? undefined : (event) => point(event)}>
              <ChannelStrip
                recordingId={recording.id}
                channel={channel}
                fromS={fromS}
                lengthS={lengthS}
                height={stripHeight}
              />
              {!across && marks(report.windowS)}
            </span>
            <span />
          </div>
        ))}
        <div className={css["line"]}>
          <span />
          <div className={css["axis"]}>
            {Array.from({ length: TICKS }, (_, i) => (
              <span key={i} style={{ left: `${(100 * i) / (TICKS - 1)}%` }}>
                {clock(fromS + (lengthS * i) / (TICKS - 1), lengthS < 20 ? 2 : 0)}
              </span>
            ))}
          </div>
          <span />
        </div>
        <div className={css["divider"]} />
        <div className={css["line"]}>
          <span className={css["layerName"]}>
            <strong>{t("input")}</strong>
          </span>
          <span className={css["cells"]} onPointerMove={(event) => point(event)}>
            <Heat
              report={report}
              values={report.input}
              scale={inputScale}
              ends={ends.level}
              height={heatHeight}
            />
            {marks(report.columnS)}
          </span>
          <h2 className={css["columnName"]}>{t("likelihood")}</h2>
        </div>
        {across && (
          <div className={css["line"]}>
            <span />
            <div className={css["inputs"]}>
              {report.rows.map((row) => (
                <span key={row} title={row}>
                  {row}
                </span>
              ))}
            </div>
            <span />
          </div>
        )}
        {report.layers.map((layer, at) => (
          <button
            key={layer.index}
            type="button"
            className={`${css["line"] ?? ""} ${css["layer"] ?? ""}`}
            aria-pressed={at === selected}
            data-testid={testIds.layerRow}
            data-layer={at + 1}
            onClick={() => onSelect(at)}
          >
            <span className={css["layerName"]}>
              <strong>{t("layer", { n: at + 1 })}</strong>
              <small>{t("distance", { value: fixed(layer.distanceFromIdentity, 3) })}</small>
              <span className={css["distance"]} aria-hidden>
                <span style={{ width: `${(100 * layer.distanceFromIdentity) / farthest}%` }} />
              </span>
            </span>
            {at === selected && !across && (
              <>
                <span />
                {likelihood(layer.likelihood)}
                <InputNames rows={report.rows} />
              </>
            )}
            <span className={css["cells"]} onPointerMove={(event) => point(event, at)}>
              <Heat
                report={report}
                values={layer[mode]}
                scale={scale}
                ends={ends.shown}
                height={at === selected ? namedHeight : heatHeight}
              />
              {marks(report.columnS)}
            </span>
            {(at !== selected || across) && likelihood(layer.likelihood)}
          </button>
        ))}
      </div>
      <Foot {...props} names={names} scale={scale} inputScale={inputScale} ends={ends} pointed={pointed} />
      <Inspector>
        <Side {...props} names={names} colours={colours} ends={ends.shown} />
      </Inspector>
    </>
  );
}

/** Beside a tint as high as they are. */
function InputNames({ rows }: { readonly rows: readonly string[] }): ReactNode {
  return (
    <span className={css["rowNames"]} style={{ lineHeight: `${ROW_HEIGHT}px` }}>
      {rows.map((row) => (
        <span key={row} title={row}>
          {row}
        </span>
      ))}
    </span>
  );
}

function Likelihood({
  values,
  names,
  colours,
}: {
  readonly values: readonly number[];
  readonly names: readonly string[];
  readonly colours: readonly string[];
}): ReactNode {
  const leading = values.indexOf(Math.max(...values));
  return (
    <span className={css["likelihood"]}>
      <span className={css["stack"]} aria-hidden>
        {values.map((value, i) => (
          <span
            key={i}
            style={{
              width: `${100 * value}%`,
              background: colours[i] ?? "",
              opacity: i === leading ? 1 : 0.45,
            }}
          />
        ))}
      </span>
      <span className={css["leading"]}>
        <span>{names[leading]}</span>
        <span>{percent(values[leading] ?? Number.NaN, 0)}</span>
      </span>
    </span>
  );
}

function Foot({
  report,
  mode,
  names,
  scale,
  inputScale,
  ends,
  pointed,
}: ReportProps & {
  readonly names: readonly string[];
  readonly scale: number;
  readonly inputScale: number;
  readonly ends: { readonly level: Ends; readonly shown: Ends };
  readonly pointed: Pointed | undefined;
}): ReactNode {
  const t = useWords(layersWords);
  const [low, high] =
    mode === "relevance"
      ? [
          t("against", { name: names[report.runnerUp] ?? "" }),
          t("for", { name: names[report.leading] ?? "" }),
        ]
      : [t("lowered"), t("raised")];
  return (
    <div className={css["foot"]}>
      <span className={css["scale"]}>
        <strong>{t("input")}</strong>
        <Ramp low={t("below")} high={t("above")} scale={inputScale} ends={ends.level} />
      </span>
      <span className={css["scale"]}>
        <strong>{t(mode)}</strong>
        <Ramp low={low} high={high} scale={scale} ends={ends.shown} />
      </span>
      <span className={css["scale"]}>
        <span className={css["hatch"]} aria-hidden /> {t("unobserved")}
      </span>
      <span className={css["readout"]}>{pointed ? readoutOf(report, mode, pointed, t) : t("hoverHint")}</span>
    </div>
  );
}

function Ramp({
  low,
  high,
  scale,
  ends,
}: {
  readonly low: string;
  readonly high: string;
  readonly scale: number;
  readonly ends: Ends;
}): ReactNode {
  const stops = [-1, -0.5, 0, 0.5, 1].map((one) => tint(one * scale, scale, ends)).join(", ");
  const ramp: CSSProperties = { background: `linear-gradient(90deg, ${stops})` };
  const places = scale < 0.1 ? 3 : 2;
  return (
    <>
      {low} {fixed(-scale, places)} <span className={css["ramp"]} style={ramp} aria-hidden /> +
      {fixed(scale, places)} {high}
    </>
  );
}

function readoutOf(
  report: LayerReport,
  mode: Mode,
  { layer, row, column }: Pointed,
  t: Translate<KeyOf<typeof layersWords>>,
): string {
  const columns = report.columnOnsetS.length;
  const values = layer === undefined ? report.input : report.layers[layer]?.[mode];
  const value = values?.[row * columns + column] ?? Number.NaN;
  const words = {
    layer: layer === undefined ? t("input") : t("layer", { n: layer + 1 }),
    input: report.rows[row] ?? "",
    value: isObserved(report, row, column)
      ? value > 0
        ? `+${fixed(value, 3)}`
        : fixed(value, 3)
      : t("unobserved"),
  };
  if (columns === 1) return t("readoutPlain", words);
  return t("readout", {
    ...words,
    time: clock(report.columnOnsetS[column] ?? 0, report.columnS < 1 ? 2 : 0),
  });
}

const STRONGEST = 5;

function Side({
  report,
  run,
  mode,
  selected,
  onReview,
  names,
  colours,
  ends,
}: ReportProps & {
  readonly names: readonly string[];
  readonly colours: readonly string[];
  readonly ends: Ends;
}): ReactNode {
  const t = useWords(layersWords);
  const layer = report.layers[selected];
  const order = report.probabilities
    .map((_, i) => i)
    .sort((a, b) => (report.probabilities[b] ?? 0) - (report.probabilities[a] ?? 0));
  const strongest = strongestInputs(report, selected, mode, STRONGEST);
  const most = Math.max(1e-9, ...strongest.map((one) => Math.abs(one.value)));
  const signed = (value: number) => (value > 0 ? `+${fixed(value, 2)}` : fixed(value, 2));
  return (
    <div className={css["side"]}>
      <div>
        <h2>{names[report.leading]}</h2>
        <p className={css["hint"]}>
          {t("window", { from: clock(report.onsetS, 2), to: clock(report.onsetS + report.windowS, 2) })}
        </p>
      </div>
      <div>
        <h3>{t("final")}</h3>
        {order.map((i) => (
          <div key={i} className={css["prob"]}>
            <span>{names[i]}</span>
            <Bar share={report.probabilities[i] ?? 0} colour={colours[i] ?? "var(--kodo-accent)"} />
            <span className={css["number"]}>{fixed(report.probabilities[i] ?? Number.NaN, 2)}</span>
          </div>
        ))}
        {settingsSeen(run.config).adaptation !== "none" && <p className={css["hint"]}>{t("notAdapted")}</p>}
        {report.isIntegrated && <p className={css["hint"]}>{t("notIntegrated")}</p>}
      </div>
      {layer && (
        <div>
          <h2 style={{ marginBottom: 6 }}>{t("selected", { n: selected + 1 })}</h2>
          <Facts
            facts={[
              [t("distanceName"), fixed(layer.distanceFromIdentity, 3)],
              ...(layer.accuracy === undefined
                ? []
                : [[t("accuracyName"), percent(layer.accuracy)] as const]),
              [t("evidenceHere"), t("logits", { value: signed(evidenceOf(report, selected)) })],
              [t("evidenceSum"), t("logits", { value: signed(report.evidenceSum) })],
            ]}
          />
          <h3 style={{ margin: "12px 0 4px" }}>{t("selectedInput")}</h3>
          {strongest.map(({ row, value }) => (
            <div key={row} className={css["prob"]}>
              <span>{report.rows[row]}</span>
              <Bar share={Math.abs(value) / most} colour={value >= 0 ? ends.above : ends.below} />
              <span className={css["number"]}>{signed(value)}</span>
            </div>
          ))}
        </div>
      )}
      <p className={css["hint"]}>
        {mode === "relevance"
          ? t("relevanceHint", {
              leading: names[report.leading] ?? "",
              runnerUp: names[report.runnerUp] ?? "",
            })
          : t("contributionHint")}
        {isAcross(report) ? ` ${t("inputsAcross")}` : ""}
        {spanOf(report).lengthS > report.windowS * 1.01 ? ` ${t("amongNeighbours")}` : ""}
      </p>
      <div className={css["actions"]}>
        <ActionButton keys="Enter" onClick={onReview}>
          {t("toReview")}
        </ActionButton>
      </div>
    </div>
  );
}
