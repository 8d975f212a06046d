import type { Finding, FoundEvent } from "../../preload/contract/finding.ts";
import { wordIn } from "../../preload/contract/label-set.ts";
import { reasonNames } from "../../preload/contract/mask.ts";
import { reasonIn, ruleEngineNames } from "../../preload/contract/rule-sentences.ts";
import type { Verdict, Verdicts } from "../../preload/contract/verdict.ts";
import { classLook, isEngine } from "../../preload/strip/classes.ts";
import { formatElapsed } from "../../preload/strip/ticks.ts";
import { type Body, type Cell, heading, paginate, paragraph, type Piece, table } from "./flow.ts";
import type { TimeSpan } from "./gaps.ts";
import { classRuns, shownClass } from "./lanes.ts";
import { contractionRate, figuresOf, LEAST_SUPPORT, qualityOf, unseenShare } from "./measures.ts";
import type { Pen } from "./pen.ts";
import { factOf, type PaperReading, readChannel, VARIABILITY } from "./reading.ts";
import type { Report } from "./report.ts";
import { type Language, listed, reasonWords, type Say, sayIn } from "./words.ts";

/** A page after the strip. */
export interface SummaryPage extends Body {
  readonly head: { readonly left: string; readonly right: string };
}

const ROWS_MOST = 60; // of one table: the rest stands in the table of numbers
const MINUTE_S = 60;

/** What a summary is made of, and how it speaks. */
interface Told {
  readonly pen: Pick<Pen, "widthOf">;
  readonly report: Report;
  readonly reading: PaperReading;
  readonly span: TimeSpan;
  readonly say: Say;
  readonly language: Language;
}

export const spanOf = ({ options, recording }: Report): TimeSpan => ({
  fromS: options.span?.fromS ?? 0,
  toS: Math.min(options.span?.toS ?? Infinity, recording.durationS),
});

export function summaryPages(
  pen: Pick<Pen, "widthOf">,
  report: Report,
  reading: PaperReading,
): readonly SummaryPage[] {
  const { language } = report.options;
  const say = sayIn(language);
  const span = spanOf(report);
  const told: Told = { pen, report, reading, span, say, language };
  const { withOverlays, withAnnotations } = report.options;
  const pieces = [
    ...quality(told),
    ...(withOverlays ? [...readByRule(told), ...outputs(told)] : []),
    ...(withAnnotations ? labels(told) : []),
  ];
  const minutes = ((span.toS - span.fromS) / MINUTE_S).toFixed(1).replace(/\.0$/, "");
  const stretch = say("stretch", { from: formatElapsed(span.fromS), to: formatElapsed(span.toS), minutes });
  const { gestation } = report;
  const head = {
    left: [say("summary"), stretch].join(" · "),
    right: [
      ...(gestation === undefined ? [] : [say("gestation", { gestation })]),
      say("source", { source: report.recording.source }),
    ].join(" · "),
  };
  return paginate(pieces).map((body) => ({ ...body, head }));
}

const percent = (share: number): string =>
  share > 0 && share < 0.0005 ? "< 0.1 %" : `${(share * 100).toFixed(1)} %`;
const fixed = (value: number | undefined, digits = 0): string =>
  value === undefined ? "–" : value.toFixed(digits);
const isWithin = (
  { onsetS, durationS }: { onsetS: number; durationS: number },
  { fromS, toS }: TimeSpan,
): boolean => onsetS < toS && (onsetS >= fromS || onsetS + durationS > fromS);

const ucOf = ({ channels }: Report) => channels.find(({ role }) => role === "uc");

function quality({ pen, report, span, say, language }: Told): readonly Piece[] {
  const rows = report.channels.map((channel): Cell[] => {
    const { missing, longestGapS, worst, reasons } = qualityOf(channel, span);
    const named = reasons.map(
      ({ reason, share }) =>
        `${reasonWords[language][reasonNames[reason] ?? "notAssessable"]} ${percent(share)}`,
    );
    return [
      ...[channel.label, percent(missing), `${longestGapS.toFixed(0)} s`],
      `${percent(worst.missing)} (+${formatElapsed(worst.fromS)})`,
      reasons.length === 0 ? say("none") : listed(named, language),
    ];
  });
  const columns = [
    { title: say("channel"), widthCm: 3.5 },
    { title: say("missing"), widthCm: 2, align: "right" },
    { title: say("longestGap"), widthCm: 3, align: "right" },
    { title: say("worstTen"), widthCm: 4.5, align: "right" },
    { title: say("masked"), widthCm: 14 },
  ] as const;
  const { leftOut } = report;
  return [
    heading(say("quality")),
    ...table(pen, columns, rows),
    ...(leftOut.length === 0
      ? []
      : paragraph(pen, say("channelsLeftOut", { labels: listed(leftOut, language) }))),
  ];
}

/** Nothing is told of what nobody looked for: no reading is not the same as nothing found. */
function readByRule(told: Told): readonly Piece[] {
  const { pen, reading, say } = told;
  if (reading.rules.length === 0) return [heading(say("reading")), ...paragraph(pen, say("noReading"))];
  return [...baselines(told), ...events(told), ...classes(told), ...unassessed(told)];
}

function baselines({ pen, report, reading, span, say }: Told): readonly Piece[] {
  const uc = ucOf(report);
  const not = say("notAssessable");
  const rows = figuresOf(span, reading, { fetal: readChannel(reading, report.channels), uc }).map(
    (figures): Cell[] => {
      const { baseline } = figures;
      return [
        `+${formatElapsed(figures.fromS)}`,
        baseline === undefined ? not : fixed(baseline.bpm),
        baseline?.low === undefined ? "–" : `${fixed(baseline.low)}–${fixed(baseline.high)}`,
        figures.bandwidthBpm === undefined ? not : fixed(figures.bandwidthBpm, 1),
        figures.missing === undefined ? "–" : percent(figures.missing),
        figures.contractions === undefined ? not : String(figures.contractions),
      ];
    },
  );
  const column = (title: string) => ({ title, widthCm: 3.4, align: "right" }) as const;
  const rate = contractionRate(span, reading, uc);
  return [
    heading(say("baselines")),
    ...table(
      pen,
      [
        { title: say("at"), widthCm: 2.4, align: "right" },
        ...[
          say("baseline"),
          say("range"),
          say("bandwidth"),
          say("missingShare"),
          say("contractionCount"),
        ].map(column),
      ],
      rows,
    ),
    ...paragraph(
      pen,
      rate === undefined
        ? say("rateUnknown")
        : say("rate", {
            ...{ count: rate.count, rate: rate.rate.toFixed(1), most: rate.most },
            at: `+${formatElapsed(rate.atS)}`,
          }),
    ),
  ];
}

/** The first of many rows, and how many more there are. */
function bounded(
  told: Told,
  rows: readonly (readonly Cell[])[],
): {
  readonly rows: readonly (readonly Cell[])[];
  readonly rest: readonly Piece[];
} {
  const left = rows.length - ROWS_MOST;
  return {
    rows: rows.slice(0, ROWS_MOST),
    rest: left > 0 ? paragraph(told.pen, told.say("more", { count: left })) : [],
  };
}

function events(told: Told): readonly Piece[] {
  const { pen, report, reading, span, say } = told;
  const found = [...reading.events, ...reading.contractions]
    .filter((event) => isWithin(event, span))
    .sort((a, b) => a.onsetS - b.onsetS);
  if (found.length === 0) {
    const isUnseen = unseenShare(span, reading, "acceleration") > 1 - LEAST_SUPPORT;
    const none = isUnseen ? "eventsUnseen" : "noEvents";
    return [heading(say("events")), ...paragraph(pen, say(reading.hasEvents ? none : "noReading"))];
  }
  const { rows, rest } = bounded(
    told,
    found.map((event): Cell[] => {
      const { name, colour } = report.labelOf(event.code);
      return [
        `+${formatElapsed(event.onsetS)}`,
        { text: name, colour },
        fixed(event.durationS),
        fixed(factOf(event, "depthBpm")),
        fixed(factOf(event, "extremumBpm")),
        fixed(factOf(event, "nadirLagS")),
        probabilityOf(event),
        saidBy(event, say),
        event.clause ?? "",
      ];
    }),
  );
  const number = (title: string) => ({ title, widthCm: 1.9, align: "right" }) as const;
  return [
    heading(say("events")),
    ...table(
      pen,
      [
        { title: say("at"), widthCm: 2, align: "right" },
        { title: say("event"), widthCm: 4.6 },
        ...[say("duration"), say("depth"), say("nadir"), say("lag")].map(number),
        { title: say("probability"), widthCm: 3, align: "right" },
        { title: say("by"), widthCm: 2 },
        { title: say("clause"), widthCm: 7.8 },
      ],
      rows,
    ),
    ...rest,
  ];
}

/** The rule, where nothing else is named. */
function saidBy({ facts }: FoundEvent, say: Say): string {
  return say(facts.by === "network" || facts.by === "both" ? facts.by : "rule");
}

function probabilityOf({ probability, low, high }: FoundEvent): string {
  if (probability === undefined) return "–";
  const band = low === undefined || high === undefined ? "" : ` (${low.toFixed(2)}–${high.toFixed(2)})`;
  return `${probability.toFixed(2)}${band}`;
}

const engineName = (scheme: string, language: Language): string =>
  isEngine(scheme) ? wordIn(ruleEngineNames[scheme], language) : scheme;

function classes(told: Told): readonly Piece[] {
  const { reading, say, pen } = told;
  if (reading.schemes.length === 0) return [heading(say("classes")), ...paragraph(pen, say("noReading"))];
  return reading.schemes.flatMap((scheme) => schemePieces(told, scheme));
}

/** A row a stretch of one class, with the reasons that stood at its end. */
function schemePieces(told: Told, scheme: Verdicts): readonly Piece[] {
  const { pen, span, say, language } = told;
  const verdicts = scheme.verdicts.filter((verdict) => isWithin(verdict, span));
  const { rows, rest } = bounded(
    told,
    classRuns(verdicts).map(({ onsetS, durationS, code, last }): Cell[] => {
      const probability = code === null ? undefined : last.probability[code];
      return [
        `+${formatElapsed(onsetS)}–${formatElapsed(onsetS + durationS)}`,
        code === null
          ? say("notAssessable")
          : {
              text: wordIn(classLook(scheme.scheme, code).name, language),
              colour: shownClass(scheme, code).colour,
            },
        probability === undefined ? "–" : probability.toFixed(2),
        percent(last.assessable),
        reasonsOf(last, language),
      ];
    }),
  );
  return [
    heading(`${say("classes")}: ${engineName(scheme.scheme, language)}`),
    ...table(
      pen,
      [
        { title: say("time"), widthCm: 3.6 },
        { title: say("class"), widthCm: 4.4 },
        { title: "P", widthCm: 1.2, align: "right" },
        { title: say("assessable"), widthCm: 2, align: "right" },
        { title: say("reasons"), widthCm: 15.8 },
      ],
      rows,
    ),
    ...rest,
  ];
}

const reasonsOf = ({ code, reasons, missing }: Verdict, language: Language): string =>
  (code === null ? missing : reasons)
    .map((reason) => {
      const text = reasonIn(reason, language);
      return reason.clause === "" ? text : `${text} [${reason.clause}]`;
    })
    .join(language === "ja" ? "；" : "; ");

/** What trained runs said, with the intervals they gave. */
function outputs({ pen, report, span, say }: Told): readonly Piece[] {
  const texts = report.findings.flatMap((finding) => {
    const said = outputText(finding, span, report, say);
    return finding.origin.kind === "run" && said !== ""
      ? [`${report.nameOfRun(finding.origin.runId)}: ${said}`]
      : [];
  });
  return texts.length === 0
    ? []
    : [heading(say("outputs")), ...texts.flatMap((text) => paragraph(pen, text))];
}

function outputText({ content }: Finding, span: TimeSpan, { labelOf }: Report, say: Say): string {
  if (content.kind === "events") {
    const here = content.events.filter((event) => isWithin(event, span));
    return [...new Set(here.map(({ code }) => code))]
      .map((code) =>
        say("outputEvents", {
          name: labelOf(code).name,
          count: here.filter((one) => one.code === code).length,
        }),
      )
      .join(", ");
  }
  if (content.kind !== "window-classes") return "";
  const { classes: codes, onsetS, windowS, assessable, probabilities, low, high } = content;
  const windows: number[] = [];
  for (let i = 0; i < onsetS.length; i++)
    if (assessable[i] === 1 && isWithin({ onsetS: onsetS[i] ?? 0, durationS: windowS }, span))
      windows.push(i);
  const meanOf = (values: Float32Array, k: number): string =>
    (windows.reduce((sum, i) => sum + (values[i * codes.length + k] ?? 0), 0) / windows.length).toFixed(2);
  const shares = codes.map(
    (code, k) => `${labelOf(code).name} ${meanOf(probabilities, k)} (${meanOf(low, k)}–${meanOf(high, k)})`,
  );
  return windows.length === 0
    ? say("notAssessable")
    : [`${say("outputWindows")} ${windows.length}`, ...shares].join(", ");
}

/** Everything that was asked for and could not be told, with what would have been needed. */
function unassessed(told: Told): readonly Piece[] {
  const { pen, reading, report, span, say, language } = told;
  const lines = [
    ...[reading.variability, ...reading.schemes].flatMap((scheme) =>
      scheme === undefined ? [] : unassessedOf(told, scheme),
    ),
    ...reading.eventGaps
      .filter((gap) => isWithin(gap, span))
      .slice(0, ROWS_MOST)
      .map(({ onsetS, durationS, codes }) => {
        const names = listed([...new Set(codes.map((code) => report.labelOf(code).name))], language);
        return `+${formatElapsed(onsetS)}–${formatElapsed(onsetS + durationS)}: ${names}`;
      }),
    ...(contractionRate(span, reading, ucOf(report)) === undefined ? [say("rateUnknown")] : []),
  ];
  const texts = lines.length === 0 ? [say("nothingUnassessed")] : lines;
  return [heading(say("unassessed")), ...texts.flatMap((text) => paragraph(pen, text))];
}

function unassessedOf({ span, say, language }: Told, scheme: Verdicts): readonly string[] {
  const here = scheme.verdicts.filter((verdict) => isWithin(verdict, span));
  const without = here.filter(({ code }) => code === null);
  if (without.length === 0) return [];
  const minutes = (verdicts: readonly Verdict[]): number =>
    Math.round(verdicts.reduce((sum, { durationS }) => sum + durationS, 0) / MINUTE_S);
  const needed = new Map<string, string>(); // of each kind of need what stood last
  for (const { missing } of without)
    for (const reason of missing) needed.set(reason.code, reasonIn(reason, language));
  const reasons = [...needed.values()].slice(0, 4).join(language === "ja" ? "；" : "; ");
  const name = scheme.scheme === VARIABILITY ? say("bandwidth") : engineName(scheme.scheme, language);
  return [
    `${name}: ${say("outOf", { minutes: minutes(without), all: minutes(here), reasons: reasons === "" ? say("notAssessable") : reasons })}`,
  ];
}

function labels(told: Told): readonly Piece[] {
  const { pen, report, span, say } = told;
  const here = report.annotations.filter((annotation) => isWithin(annotation, span));
  if (here.length === 0) return [heading(say("annotations")), ...paragraph(pen, say("none"))];
  const { rows, rest } = bounded(
    told,
    here.map(({ onsetS, durationS, label, channel, author, note }): Cell[] => [
      `+${formatElapsed(onsetS)}`,
      { text: label.name, colour: label.colour },
      durationS === 0 ? "–" : fixed(durationS),
      ...[channel ?? say("whole"), author, note],
    ]),
  );
  const columns = [
    { title: say("at"), widthCm: 2.2, align: "right" },
    { title: say("label"), widthCm: 5.5 },
    { title: say("duration"), widthCm: 2, align: "right" },
    { title: say("channel"), widthCm: 3 },
    { title: say("author"), widthCm: 4 },
    { title: say("note"), widthCm: 10 },
  ] as const;
  return [heading(say("annotations")), ...table(pen, columns, rows), ...rest];
}
