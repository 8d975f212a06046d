import { expect, test } from "vitest";
import { dark, light, mix, propertyOf, type TokenName, type Tokens } from "./tokens.ts";

// The renderer's types know no Node; the test runner does. Its css plugin gives `?raw` of a style sheet as nothing.
interface Files {
  readonly readFileSync: (path: URL, encoding: "utf8") => string;
  readonly readdirSync: (path: URL, options: { readonly recursive: true }) => readonly string[];
}
const fs: string = "node:fs";
const { readFileSync, readdirSync } = (await import(fs)) as Files;
const css = readFileSync(new URL("tokens.css", import.meta.url), "utf8");
const blocks = css.split("}\n");
const valueIn = (block: string | undefined, name: TokenName) =>
  new RegExp(`${propertyOf(name)}: ([^;]+);`).exec(block ?? "")?.[1];

function luminance(hex: string): number {
  const part = (i: number) => {
    const c = Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2);
}
const contrast = (a: string, b: string) => {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

test.each(Object.keys(light) as TokenName[])("tokens.css gives %s the values of tokens.ts", (name) => {
  expect(valueIn(blocks[0], name)).toBe(light[name]);
  expect(valueIn(blocks[1], name)).toBe(dark[name]);
});

const text: readonly (readonly [TokenName, TokenName])[] = [
  ["ink", "background"],
  ["ink", "panel"],
  ["ink", "raised"],
  ["dim", "background"],
  ["dim", "panel"],
  ["accent", "panel"],
  ["accentInk", "accent"],
  ["accent", "accentWash"],
  ["warn", "warnWash"],
  ["bad", "badWash"],
  ["bad", "panel"],
  ["unsure", "panel"],
  ["dim", "raised"],
  ["alarm", "panel"],
  ["alarmInk", "alarm"],
  ["ink", "class1"],
  ["ink", "class2"],
  ["ink", "class3"],
  ["ink", "class4"],
  ["ink", "class5"],
];
test.each([
  ["light", light],
  ["dark", dark],
] as const)("text is readable in %s: contrast 4.5 or more", (_name, tokens: Tokens) => {
  for (const [front, back] of text)
    expect(contrast(tokens[front], tokens[back]), `${front} on ${back}`).toBeGreaterThanOrEqual(4.5);
});

test.each([
  ["light", light],
  ["dark", dark],
] as const)("event colours stand out from the panel in %s: contrast 3 or more", (_name, tokens: Tokens) => {
  for (const name of [
    "acceleration",
    "deceleration",
    "contraction",
    "unsure",
    "trace",
    "traceUc",
    "raisedBy",
    "loweredBy",
  ] as const)
    expect(contrast(tokens[name], tokens.panel), name).toBeGreaterThanOrEqual(3);
});

test("a mix runs from the first colour to the second and no further", () => {
  expect(mix("#000000", "#ffffff", 0)).toBe("#000000");
  expect(mix("#000000", "#ffffff", 1)).toBe("#ffffff");
  expect(mix("#000000", "#ffffff", 0.5)).toBe("#808080");
  expect(mix("#102030", "#405060", 7)).toBe("#405060");
});

/** Sizes in px as they are written: of style sheets, of charts, and of what is drawn on a canvas. */
const sizes = [
  /font-size: ([\d.]+)px/g,
  /fontSize: ([\d.]+)/g,
  /\$\{([\d.]+) \* (?:view\.)?dpr\}px/g,
  /\b(?:FONT|INNER)_PX = ([\d.]+)/g,
  /\bCHIP_PX = .*\bfont: ([\d.]+)/g,
];

test("no text on the screen is smaller than 11 px, that of the drawn traces neither", () => {
  const root = new URL("../", import.meta.url);
  const written = readdirSync(root, { recursive: true })
    .filter((name) => /\.(css|tsx?)$/.test(name) && !/\.test\./.test(name))
    .flatMap((name) => {
      const source = readFileSync(new URL(name, root), "utf8");
      return sizes.flatMap((one) =>
        [...source.matchAll(one)].map(([all, px]) => ({ name, all, px: Number(px) })),
      );
    });
  expect(written.length).toBeGreaterThan(100);
  for (const { name, all } of [
    { name: "trace/tracks/chips.ts", all: "CHIP_PX" },
    { name: "trace/tracks/minute-values.ts", all: "FONT_PX" },
    { name: "trace/tracks/axis.ts", all: "dpr}px" },
  ])
    expect(written.filter((one) => one.name === name && one.all.includes(all))).not.toEqual([]); // what is drawn is found
  expect(written.filter(({ px }) => px < 11)).toEqual([]);
});
