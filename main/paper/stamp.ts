import { reasonNames } from "../../preload/contract/mask.ts";
import { stripColours } from "../../preload/strip/colours.ts";
import { liftedName, liftedScale } from "../../preload/strip/lines.ts";
import { fhrScales } from "../../preload/strip/scale.ts";
import { formatClock, formatElapsed, secondsOfDay } from "../../preload/strip/ticks.ts";
import { partsWithin } from "./flow.ts";
import { hatch } from "./gaps.ts";
import { CM, type Pen, type TextLook, type watched } from "./pen.ts";
import { type PaperReading, readChannel } from "./reading.ts";
import type { PaperChannel, Report } from "./report.ts";
import { LEFT, PAGE, RIGHT, type Stretch } from "./sheet.ts";
import { type DrawnTrace, tracesOf } from "./traces.ts";
import { dateTime, listed, reasonWords, sayIn } from "./words.ts";

const colours = stripColours.light;
const SMALL = 6.5;
const POINTS_PER_PX = 72 / 96;

/** What stands on every page: whose it is and when, page and pages; at its foot scale, origin and limits. */
export interface Standing {
  readonly report: Report;
  readonly reading: PaperReading;
  readonly pages: number;
}

interface PageOf extends Standing {
  readonly page: number; // from 1
}

export function drawHead(
  pen: Pen,
  { report, page, pages }: PageOf,
  second: { left: string; right: string },
): void {
  const { recording, options } = report;
  const say = sayIn(options.language);
  const name = [recording.name, say("subject", { subject: recording.subject })].join(" · ");
  const first = 0.95 * CM;
  const small: TextLook = { size: 8, colour: colours.dim };
  const of = say("page", { page, pages });
  pen.text(of, RIGHT, first, { ...small, align: "right" });
  pen.text(
    fitted(pen, name, RIGHT - LEFT - pen.widthOf(of, small) - 12, { size: 10.5, weight: 600 }),
    LEFT,
    first,
    {
      ...{ size: 10.5, weight: 600, colour: colours.ink },
    },
  );
  const room = RIGHT - LEFT - pen.widthOf(second.left, small) - 12;
  pen.text(second.left, LEFT, first + 13, { ...small, colour: colours.ink });
  pen.text(fitted(pen, second.right, room, small), RIGHT, first + 13, {
    ...{ ...small, colour: colours.ink, align: "right" },
  });
}

/** A text as far as there is room for it. */
export function fitted(
  pen: Pen,
  text: string,
  width: number,
  look: Pick<TextLook, "size" | "weight">,
): string {
  if (pen.widthOf(text, look) <= width) return text;
  const [head] = partsWithin(pen, text, width - pen.widthOf("…", look), look);
  return `${head}…`;
}

/** Last on a page: it says too where a text above is not whole. */
export function drawFoot(pen: ReturnType<typeof watched>, { report, reading }: Standing): void {
  const { sha256, software, options } = report;
  const { language } = options;
  const say = sayIn(language);
  const top = PAGE.height - 1.2 * CM;
  drawRuler(pen, LEFT, top, say("oneCm"));
  const left = LEFT + 1.35 * CM;
  const small: TextLook = { size: SMALL, colour: colours.dim };
  const { rules } = reading;
  const said =
    options.withOverlays && rules.length > 0
      ? say("rules", { rules: listed(rules, language) })
      : say("noRules");
  const research = say("research");
  const strong = { size: 7, weight: 600 } as const;
  const room = RIGHT - left - pen.widthOf(research, strong) - 14;
  pen.text(fitted(pen, `${software} · ${said}`, room, small), left, top + 5, small);
  pen.text(`${say("data", { sha256 })} · ${say("scale")}`, left, top + 14, small);
  pen.text(research, RIGHT, top + 5, { ...strong, colour: colours.ink, align: "right" });
  if (!pen.areTextsWhole())
    pen.text(say("numbered"), RIGHT, top + 14, { ...small, colour: colours.ink, align: "right" });
}

/** Exactly a centimetre long, with a mark at every half: whoever holds the page can see whether it was printed to scale. */
function drawRuler(pen: Pen, left: number, top: number, text: string): void {
  const stroke = { colour: colours.ink, width: 0.6 };
  pen.trace([[left, top, left, top + 5, left + CM, top + 5, left + CM, top]], stroke);
  pen.trace([[left + CM / 2, top + 2.5, left + CM / 2, top + 5]], stroke);
  pen.text(text, left + CM / 2, top + 12.5, { size: SMALL, colour: colours.ink, align: "centre" });
}

/** When the page begins and ends, and its speed and scales. */
export function headOfStretch(report: Report, stretch: Stretch): { left: string; right: string } {
  const { recording, options, channels } = report;
  const { language, paperSpeed, fhrRange } = options;
  const say = sayIn(language);
  const startOfDayS = secondsOfDay(recording.startedAt);
  const at = (timeS: number): string =>
    startOfDayS === undefined
      ? formatElapsed(timeS)
      : `${formatClock(startOfDayS, timeS, true)} (+${formatElapsed(timeS)})`;
  const started =
    recording.startedAt === undefined
      ? say("noStart")
      : say("started", { at: dateTime(recording.startedAt, language) });
  const uc = channels.find(({ role }) => role === "uc");
  const unit = uc === undefined || uc.unit === "" || !/mmhg/i.test(uc.unit) ? say("relative") : uc.unit;
  return {
    left: [started, say("thisPage", { from: at(stretch.fromS), to: at(stretch.toS) })].join(" · "),
    right: [
      say("speed", { speed: paperSpeed }),
      say("bpmScale", { bpm: fhrScales[fhrRange].bpmPerCm }),
      ...(uc === undefined ? [] : [say("ucScale", { units: 25, unit })]),
    ].join(" · "),
  };
}

/** What the lines, fills and hatches of this page mean. */
export function drawLegend(pen: Pen, { report, reading }: Standing, stretch: Stretch): void {
  const { options, channels } = report;
  const { language } = options;
  const say = sayIn(language);
  const y = 2.35 * CM;
  const look: TextLook = { size: SMALL, colour: colours.ink };
  let x = LEFT;
  const write = (text: string, sampleWidth: number, draw: (left: number) => void): void => {
    if (x + sampleWidth + 3 + pen.widthOf(text, look) > RIGHT) return;
    draw(x);
    pen.text(text, x + sampleWidth + 3, y, look);
    x += sampleWidth + 3 + pen.widthOf(text, look) + 10;
  };
  const { rates, contractions } = tracesOf(channels, options);
  for (const { channel, line, liftBpm } of [...rates, ...contractions.slice(0, 1)])
    write(liftedName(nameOf(channel), liftBpm), 16, (left) =>
      pen.trace([[left, y - 2.3, left + 16, y - 2.3]], strokeOf(line)),
    );
  const fetuses = channels.filter(({ role }) => role === "fhr");
  const whose = fetuses.length > 1 ? `${readChannel(reading, channels)?.label ?? ""}: ` : "";
  if (options.withOverlays && reading.baseline !== undefined)
    write(whose + say("legendBaseline"), 14, (left) => {
      pen.fill([[left, y - 5, left + 14, y - 5, left + 14, y, left, y]], colours.accent, 0.18);
      pen.trace([[left, y - 2.5, left + 14, y - 2.5]], { colour: colours.accent, width: 0.8 });
    });
  if (options.withOverlays && reading.falseSignal !== undefined)
    write(say("legendFalse"), 14, (left) =>
      pen.trace([[left, y - 2.5, left + 14, y - 2.5]], { colour: colours.falseSignal, width: 3, alpha: 0.7 }),
    );
  const scale = fhrScales[options.fhrRange];
  if (rates.some(({ channel, liftBpm }) => isBeyond(channel, liftedScale(scale, liftBpm), stretch)))
    write(say("beyond"), 6, (left) => pen.fill([[left, y, left + 3, y - 5, left + 6, y]], colours.trace));
  const { missing, masked } = reasonsIn(channels, stretch);
  const named = (codes: readonly number[]): string =>
    listed(
      codes.map((code) => reasonWords[language][reasonNames[code] ?? "notAssessable"]),
      language,
    );
  if (missing.length > 0)
    write(say("legendGap", { reasons: named(missing) }), 12, (left) =>
      hatch(pen, { left, top: y - 6, width: 12, height: 7 }),
    );
  if (masked.length > 0)
    write(say("legendMasked", { reasons: named(masked) }), 12, (left) =>
      pen.trace([[left, y - 2.3, left + 12, y - 2.3]], { colour: colours.trace, width: 0.8, alpha: 0.32 }),
    );
}

/** `nd` is how records write that a channel has no unit. */
const nameOf = ({ label, unit }: PaperChannel): string =>
  unit === "" || unit === "nd" ? label : `${label} ${unit}`;
const strokeOf = ({ colour, width, dash }: DrawnTrace["line"]) => ({
  ...{ colour, width: width * POINTS_PER_PX },
  dash: dash.map((px) => px * POINTS_PER_PX),
});

function isBeyond(
  { values, reasons, sampleRate }: PaperChannel,
  { low, high }: { readonly low: number; readonly high: number },
  { fromS, toS }: Pick<Stretch, "fromS" | "toS">,
): boolean {
  const end = Math.min(values.length, Math.floor(toS * sampleRate));
  for (let i = Math.ceil(fromS * sampleRate); i < end; i++) {
    const value = values[i] ?? 0;
    if (reasons[i] === 0 && (value < low || value > high)) return true;
  }
  return false;
}

/** Codes of the mask on this page: those under which nothing lies, and those that hide a value. */
function reasonsIn(
  channels: readonly PaperChannel[],
  { fromS, toS }: Pick<Stretch, "fromS" | "toS">,
): { readonly missing: readonly number[]; readonly masked: readonly number[] } {
  const missing = new Set<number>();
  const masked = new Set<number>();
  for (const { reasons, values, sampleRate, role } of channels) {
    const end = Math.min(reasons.length, Math.floor(toS * sampleRate));
    for (let i = Math.ceil(fromS * sampleRate); i < end; i++) {
      const reason = reasons[i] ?? 0;
      if (reason === 0) continue;
      const value = values[i] ?? Number.NaN;
      (Number.isFinite(value) && (role === "uc" || value > 0) && reason > 2 ? masked : missing).add(reason);
    }
  }
  return { missing: [...missing].sort((a, b) => a - b), masked: [...masked].sort((a, b) => a - b) };
}
