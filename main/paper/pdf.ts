import PDFDocument from "pdfkit";
import { type Fonts, legible } from "./fonts.ts";
import type { Pen, Points, Stroke, TextLook } from "./pen.ts";

export interface PdfOptions {
  readonly title: string;
  readonly creator: string; // program and version
  readonly language: string;
  readonly createdAt: Date;
  readonly isPacked?: boolean; // false: content that can be read as text, for tests
}

/** A pen that writes a PDF, and what it has written since it was last asked. */
export interface PdfPen extends Pen {
  take(): readonly Uint8Array[];
  /** Ends the last page and the document. */
  end(): Promise<void>;
}

export function openPdf(fonts: Fonts, options: PdfOptions): PdfPen {
  const { title, creator, language, createdAt, isPacked = true } = options;
  const document = new PDFDocument({
    ...{ autoFirstPage: false, margin: 0, compress: isPacked, lang: language, pdfVersion: "1.7" },
    font: "", // no font that is not embedded
    info: { Title: legible(title), Creator: creator, CreationDate: createdAt },
  });
  // A viewer that offers "fit to page" would print another scale than the one that is written on the page.
  document._root.data["ViewerPreferences"] = document.ref({
    ...{ PrintScaling: "None", DisplayDocTitle: true },
  });
  const written: Uint8Array[] = [];
  document.on("data", (bytes: Uint8Array) => written.push(bytes));
  const ended = new Promise<void>((resolve, reject) => {
    document.on("end", resolve);
    document.on("error", reject);
  });
  return {
    page: (width, height) => void document.addPage({ size: [width, height], margin: 0 }),
    trace: (runs, stroke) => strokeRuns(document, runs, stroke),
    fill(shapes, colour, alpha = 1) {
      if (shapes.length === 0) return;
      document.save().fillOpacity(alpha);
      for (const shape of shapes) path(document, shape).closePath();
      document.fill(colour).restore();
    },
    text: (text, x, y, look) => writeText(document, fonts, { text, x, y, look }),
    widthOf: (text, { size, weight = 400 }) => fonts.widthOf(text, size, weight),
    isWhole: (text) => fonts.isWhole(text),
    within({ left, top, width, height }, draw) {
      document.save().rect(left, top, width, height).clip();
      draw();
      document.restore();
    },
    take: () => written.splice(0),
    end: () => {
      document.end();
      return ended;
    },
  };
}

type Document = InstanceType<typeof PDFDocument>;

/** A third of a micrometre: finer than any printer, and short to write. */
const fine = (length = 0): number => Math.round(length * 1000) / 1000;

function path(document: Document, points: Points): Document {
  document.moveTo(fine(points[0]), fine(points[1]));
  for (let i = 2; i + 1 < points.length; i += 2) document.lineTo(fine(points[i]), fine(points[i + 1]));
  return document;
}

function strokeRuns(
  document: Document,
  runs: readonly Points[],
  { colour, width, alpha = 1, dash: [on, off] = [] }: Stroke,
): void {
  if (runs.length === 0) return;
  document.save().lineWidth(width).lineJoin("bevel").lineCap("butt").strokeOpacity(alpha);
  if (on !== undefined) document.dash(on, { space: off ?? on });
  for (const run of runs) path(document, run);
  document.stroke(colour).restore();
}

function writeText(
  document: Document,
  fonts: Fonts,
  at: { readonly text: string; readonly x: number; readonly y: number; readonly look: TextLook },
): void {
  const { size, colour, weight = 400, align = "left", alpha = 1 } = at.look;
  const width = fonts.widthOf(at.text, size, weight);
  let x = at.x - (align === "left" ? 0 : align === "right" ? width : width / 2);
  document.save().fillColor(colour).fillOpacity(alpha);
  for (const { face, text } of fonts.runs(at.text, weight)) {
    document.registerFont(face.name, face.bytes);
    document.font(face.name).fontSize(size).text(text, x, at.y, { lineBreak: false, baseline: "alphabetic" });
    x += fonts.widthOf(text, size, weight);
  }
  document.restore();
}
