import { categorical } from "../../../preload/strip/colours.ts";
import { fontFamily, mix, tokensOf, type Scheme, type Tokens } from "../../ui/tokens.ts";

export interface Palette {
  readonly scheme: Scheme;
  readonly tokens: Tokens;
  readonly font: string;
  readonly categorical: readonly string[];
  /** A label's colour as it is drawn here: the stored one on paper, its lighter twin in the dark. */
  readonly ofLabel: (colour: string) => string;
}

/** Relative luminance, WCAG 2. */
export function luminance(hex: string): number {
  const linear = (i: number): number => {
    const c = Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(0) + 0.7152 * linear(1) + 0.0722 * linear(2);
}

export const contrast = (a: string, b: string): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

/** Black or white, whichever reads better on `background`. */
export const inkOn = (background: string): string =>
  contrast(background, "#ffffff") >= contrast(background, "#101418") ? "#ffffff" : "#101418";

function lightTwin(hex: string): string {
  const light = tokensOf("light");
  const dark = tokensOf("dark");
  for (const name of ["acceleration", "deceleration", "contraction", "unsure", "accent", "dim"] as const) {
    if (light[name].toLowerCase() === hex.toLowerCase()) return dark[name];
  }
  // A colour that is already some token's twin would be taken for that one: it is lightened, so the two stay apart.
  if (Object.values(dark).some((colour) => colour.toLowerCase() === hex.toLowerCase()))
    return mix(hex, "#ffffff", 0.5);
  const at = categorical.light.findIndex((colour) => colour.toLowerCase() === hex.toLowerCase());
  if (at >= 0) return categorical.dark[at] ?? hex;
  // 3:1 against the panel is what WCAG asks of graphical objects.
  let twin = hex;
  for (let share = 0.15; contrast(twin, dark.panel) < 3 && share <= 0.9; share += 0.15)
    twin = mix(hex, "#ffffff", share);
  return twin;
}

const twins = new Map<string, string>();

export function paletteOf(scheme: Scheme): Palette {
  const ofLabel = (hex: string): string => {
    if (scheme === "light") return hex;
    const known = twins.get(hex) ?? lightTwin(hex);
    twins.set(hex, known);
    return known;
  };
  return { scheme, tokens: tokensOf(scheme), font: fontFamily, categorical: categorical[scheme], ofLabel };
}

/** `#rrggbb` with an alpha from 0 to 1. */
export const withAlpha = (hex: string, alpha: number): string =>
  `${hex}${Math.round(Math.min(1, Math.max(0, alpha)) * 255)
    .toString(16)
    .padStart(2, "0")}`;
