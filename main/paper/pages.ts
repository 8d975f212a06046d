import { liftedScale } from "../../preload/strip/lines.ts";
import { secondsOfDay } from "../../preload/strip/ticks.ts";
import { drawGaps } from "./gaps.ts";
import { drawAxis, drawGrid, gridOf } from "./grid.ts";
import { drawClasses, drawLabels, drawMinutes, LANE, schemeName } from "./lanes.ts";
import { drawBaseline, drawContractions, drawEvents, drawFalseSignal, drawTints } from "./overlays.ts";
import { type Pen, watched } from "./pen.ts";
import { type PaperReading, readChannel, readingOf } from "./reading.ts";
import type { Report } from "./report.ts";
import { PAGE, type Sheet, sheetOf, type Stretch, stretchesOf } from "./sheet.ts";
import { drawFoot, drawHead, drawLegend, headOfStretch, type Standing } from "./stamp.ts";
import { summaryPages } from "./summary.ts";
import { drawTrace, tracesOf } from "./traces.ts";
import { sayIn } from "./words.ts";

/** The pages of a report, in order; each is drawn when its turn comes. */
export interface ReportPage {
  readonly kind: "strip" | "summary";
  draw(pen: Pen): void;
}

/** All pages of one recording: the strip, and after it what is to be read on it, where that is shown. Pure. */
export function pagesOf(pen: Pick<Pen, "widthOf">, report: Report): readonly ReportPage[] {
  const { options, recording } = report;
  const span = options.span ?? { fromS: 0, toS: recording.durationS };
  const stretches = stretchesOf(
    { fromS: span.fromS, toS: Math.min(span.toS, recording.durationS) },
    options.paperSpeed,
  );
  const reading = readingOf(options.withOverlays ? report.findings : []);
  const hasSummary = options.withOverlays || options.withAnnotations;
  const summary = hasSummary ? summaryPages(pen, report, reading) : [];
  const standing: Standing = { report, reading, pages: stretches.length + summary.length };
  return [
    ...stretches.map((stretch, i): ReportPage => ({
      kind: "strip",
      draw: (on) => drawStrip(on, standing, stretch, i + 1),
    })),
    ...summary.map((body, i): ReportPage => ({
      kind: "summary",
      draw(on) {
        const noting = watched(on);
        noting.page(PAGE.width, PAGE.height);
        drawHead(noting, { ...standing, page: stretches.length + i + 1 }, body.head);
        body.draw(noting);
        drawFoot(noting, standing);
      },
    })),
  ];
}

function drawStrip(on: Pen, standing: Standing, stretch: Stretch, page: number): void {
  const pen = watched(on);
  const { report, reading } = standing;
  const { options, recording } = report;
  const sheet = sheetOf(options.fhrRange);
  pen.page(PAGE.width, PAGE.height);
  drawHead(pen, { ...standing, page }, headOfStretch(report, stretch));
  drawLegend(pen, standing, stretch);
  drawGrids(pen, report, reading, sheet, stretch);
  drawAxis(pen, stretch, sheet.axisTop, secondsOfDay(recording.startedAt));
  drawLanes(pen, report, reading, sheet, stretch);
  drawFoot(pen, standing);
}

/** Grids, what lies beneath the traces, the traces, and what stands over them. */
function drawGrids(pen: Pen, report: Report, reading: PaperReading, sheet: Sheet, stretch: Stretch): void {
  const { options, channels, annotations, labelOf } = report;
  const traces = tracesOf(channels, options);
  const rates = gridOf("fhr", sheet.rates, options.fhrRange);
  const uc = gridOf("uc", sheet.contractions, options.fhrRange);
  const fetal = readChannel(reading, channels);
  const lift = traces.rates.find(({ channel }) => channel === fetal)?.liftBpm ?? 0;
  const read = liftedScale(rates, lift); // what is read of a twin that is drawn apart moves with it
  for (const [grid, drawn] of [
    [rates, traces.rates],
    [uc, traces.contractions.slice(0, 1)],
  ] as const) {
    drawGrid(pen, grid, stretch);
    const labels = drawn.map(({ channel }) => channel.label);
    const tints = annotations.filter(({ channel }) => channel !== undefined && labels.includes(channel));
    if (options.withAnnotations) drawTints(pen, grid.box, tints, stretch);
    drawGaps(
      pen,
      grid.box,
      drawn.map(({ channel }) => channel),
      stretch,
    );
    pen.within(grid.box, () => {
      if (grid === rates && fetal !== undefined) drawBeneath(pen, read, fetal, reading, stretch);
      for (const trace of drawn) drawTrace(pen, grid, trace, stretch);
    });
  }
  if (fetal !== undefined)
    drawEvents(
      pen,
      read,
      { channel: fetal, baseline: reading.baseline, events: reading.events, labelOf },
      stretch,
    );
  drawContractions(pen, sheet.contractions, reading.contractions, stretch);
}

function drawBeneath(
  pen: Pen,
  grid: ReturnType<typeof gridOf>,
  fetal: Report["channels"][number],
  reading: PaperReading,
  stretch: Stretch,
): void {
  if (reading.falseSignal !== undefined) drawFalseSignal(pen, grid, fetal, reading.falseSignal, stretch);
  if (reading.baseline !== undefined) drawBaseline(pen, grid, reading.baseline, stretch);
}

function drawLanes(pen: Pen, report: Report, reading: PaperReading, sheet: Sheet, stretch: Stretch): void {
  const { options, annotations } = report;
  const say = sayIn(options.language);
  let top = sheet.lanesTop;
  if (reading.variability !== undefined) {
    drawMinutes(pen, reading.variability, say("variabilityShort"), top, stretch);
    top += LANE;
  }
  for (const scheme of reading.schemes) {
    drawClasses(pen, scheme, schemeName(scheme.scheme, options.language), top, stretch, say);
    top += LANE;
  }
  if (options.withAnnotations)
    drawLabels(pen, annotations, say("readShort"), { top, bottom: sheet.lanesBottom }, stretch);
}
