import { stripColours } from "../../preload/strip/colours.ts";

/**
 * The colours of Kodo, light and dark; those of the strip are shared with paper. `tokens.css` gives the same values as
 * custom properties (a test compares them); canvases and ECharts, which cannot read custom properties, take them from here.
 */
export const light = {
  ...stripColours.light,
  background: "#f6f7f9",
  panel: "#ffffff",
  raised: "#f0f2f5", // quiet fills: chips, bars' track, table heads
  accentInk: "#ffffff", // on accent
  accentWash: "#e3f1f0", // selection behind accent text
  good: "#0f7a56",
  warn: "#8a5a00",
  warnWash: "#fdf3dc",
  warnLine: "#e8c87a",
  bad: "#b3261e",
  badWash: "#fbeae9",
  alarm: "#b3261e", // a lost signal, and nothing else
  alarmInk: "#ffffff", // on alarm
  qualityWeak: "#e69f00", // signal that is there and weak; always lower than a good one
  raisedBy: "#7a6200", // diverging scale, positive end; neither end is the colour of an event or a class
  loweredBy: "#4a5d8c", // diverging scale, negative end
} as const;

export type TokenName = keyof typeof light;
export type Tokens = Readonly<Record<TokenName, string>>;

export const dark: Tokens = {
  ...stripColours.dark,
  background: "#10151b",
  panel: "#171e26",
  raised: "#1e2731",
  accentInk: "#0c1518",
  accentWash: "#17363a",
  good: "#45c497",
  warn: "#e5bd62",
  warnWash: "#2b2414",
  warnLine: "#6b5420",
  bad: "#ff8f87",
  badWash: "#361d1d",
  alarm: "#ff8f85",
  alarmInk: "#2a0f0c",
  qualityWeak: "#f0b53c",
  raisedBy: "#d6c26a",
  loweredBy: "#98a8d8",
};

export type Scheme = "light" | "dark";
export const tokensOf = (scheme: Scheme): Tokens => (scheme === "dark" ? dark : light);

export const fontFamily =
  '"Inter", "Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic UI", sans-serif';

/** `gridMinor` -> `--kodo-grid-minor`. */
export const propertyOf = (name: TokenName): string =>
  `--kodo-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Linear mix of two hex colours; `share` 0 gives `from`, 1 gives `to`. */
export function mix(from: string, to: string, share: number): string {
  const at = (hex: string, i: number) => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const part = (i: number) =>
    Math.round(at(from, i) + (at(to, i) - at(from, i)) * Math.min(1, Math.max(0, share)));
  return `#${[0, 1, 2].map((i) => part(i).toString(16).padStart(2, "0")).join("")}`;
}
