import { inflateSync } from "node:zlib";

/** A line from one place of a page to another; points from its upper left corner. */
export interface ReadLine {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly width: number;
  readonly colour: string;
}

export interface ReadPage {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly ReadLine[]; // every straight piece of every stroked path
  readonly runs: readonly { readonly colour: string; readonly points: readonly number[] }[];
  readonly text: string; // a line a text
}

export interface ReadPdf {
  readonly pages: readonly ReadPage[];
  readonly fonts: readonly { readonly name: string; readonly isEmbedded: boolean }[];
  readonly source: string;
}

type Objects = ReadonlyMap<number, { readonly head: string; readonly stream: Buffer }>;

function objectsOf(file: Buffer): Objects {
  const source = file.toString("latin1");
  const objects = new Map<number, { head: string; stream: Buffer }>();
  for (const match of source.matchAll(/^(\d+) 0 obj\n([\s\S]*?)\nendobj/gm)) {
    const body = match[2] ?? "";
    const at = body.indexOf("\nstream\n");
    const stored = at < 0 ? "" : body.slice(at + "\nstream\n".length, body.lastIndexOf("\nendstream"));
    const head = at < 0 ? body : body.slice(0, at);
    const bytes = Buffer.from(stored, "latin1");
    objects.set(Number(match[1]), {
      head,
      stream: head.includes("/FlateDecode") ? inflateSync(bytes) : bytes,
    });
  }
  return objects;
}

const referenced = (head: string, key: string): number | undefined => {
  const found = new RegExp(`/${key} \\[?(\\d+) 0 R`).exec(head)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** Characters of a font's codes, from its ToUnicode table. */
function charactersOf(table: string): Map<number, string> {
  const characters = new Map<number, string>();
  for (const [, from = "", , list = ""] of table.matchAll(/<([0-9a-f]{4})> <([0-9a-f]{4})> \[([^\]]*)\]/gi)) {
    [...list.matchAll(/<([0-9a-f ]*)>/gi)].forEach(([, hex = ""], i) => {
      const units = (hex.replaceAll(" ", "").match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16));
      characters.set(Number.parseInt(from, 16) + i, String.fromCharCode(...units));
    });
  }
  return characters;
}

/** Reads back what our own pen writes: enough of PDF 1.7 for that, and no more. */
export function readPdf(file: Buffer): ReadPdf {
  const objects = objectsOf(file);
  const heads = [...objects.values()].map(({ head }) => head);
  const fontTables = new Map<string, Map<number, string>>();
  for (const { head } of objects.values())
    for (const [, name = "", id] of head.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const table = referenced(objects.get(Number(id))?.head ?? "", "ToUnicode");
      fontTables.set(name, charactersOf(objects.get(table ?? -1)?.stream.toString("latin1") ?? ""));
    }
  const pages = heads
    .filter((head) => /\/Type \/Page\b(?!s)/.test(head))
    .map((head) =>
      pageOf(head, objects.get(referenced(head, "Contents") ?? -1)?.stream ?? Buffer.alloc(0), fontTables),
    );
  const fonts = heads
    .filter((head) => head.includes("/Type /FontDescriptor"))
    .map((head) => ({
      name: /\/FontName \/(\S+)/.exec(head)?.[1] ?? "",
      isEmbedded: (objects.get(referenced(head, "FontFile2") ?? -1)?.stream.length ?? 0) > 0,
    }));
  return { pages, fonts, source: file.toString("latin1") };
}

interface State {
  width: number;
  colour: string;
}

function pageOf(head: string, content: Buffer, fontTables: Map<string, Map<number, string>>): ReadPage {
  const [, , width = 0, height = 0] = (/\/MediaBox \[([^\]]*)\]/.exec(head)?.[1] ?? "")
    .split(" ")
    .map(Number);
  const lines: ReadLine[] = [];
  const runs: { colour: string; points: number[] }[] = [];
  const texts: string[] = [];
  const kept: State[] = [];
  let state: State = { width: 1, colour: "" };
  let path: number[][] = [];
  let font = "";
  let lastText: { x: number; y: number } | undefined;
  for (const line of content.toString("latin1").split("\n")) {
    const words = line.trim().split(/\s+/);
    const operator = words[words.length - 1];
    const [a = 0, b = 0, c = 0] = words.map(Number);
    if (operator === "q") kept.push({ ...state });
    else if (operator === "Q") state = kept.pop() ?? state;
    else if (operator === "w") state.width = a;
    else if (operator === "SCN") state.colour = hexOf([a, b, c]);
    else if (operator === "m") path.push([a, b]);
    else if (operator === "l") path[path.length - 1]?.push(a, b);
    else if (operator === "S") {
      for (const points of path) {
        runs.push({ colour: state.colour, points });
        for (let i = 0; i + 3 < points.length; i += 2) {
          const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = points.slice(i, i + 4);
          lines.push({ x0, y0, x1, y1, ...state });
        }
      }
      path = [];
    } else if (operator === "f" || operator === "n") path = [];
    else if (operator === "Tf") font = words[0]?.slice(1) ?? "";
    else if (operator === "Tm") {
      const [, , , , x = 0, y = 0] = words.map(Number);
      const goesOn = lastText !== undefined && Math.abs(lastText.y - y) < 0.01 && x > lastText.x;
      if (!goesOn) texts.push("");
      lastText = { x, y };
    } else if (operator === "TJ") {
      const codes = [...line.matchAll(/<([0-9a-f]+)>/gi)].flatMap(([, hex = ""]) => hex.match(/.{4}/g) ?? []);
      const shown = codes.map((code) => fontTables.get(font)?.get(Number.parseInt(code, 16)) ?? "?").join("");
      texts.push(`${texts.pop() ?? ""}${shown}`);
    }
  }
  return { width, height, lines, runs, text: texts.join("\n") };
}

const hexOf = (shares: readonly number[]): string =>
  `#${shares
    .map((share) =>
      Math.round(share * 255)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
