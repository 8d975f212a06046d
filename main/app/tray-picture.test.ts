import { expect, test } from "vitest";
import { trayPixels } from "./tray-picture.ts";

const looks = ["armed", "recording", "alarm"] as const;

test("the symbols differ in shape, not only in colour, and leave their corners open", () => {
  const outlines = looks.map((look) => {
    const pixels = trayPixels(look, 16);
    const alpha = (x: number, y: number): number => pixels[(y * 16 + x) * 4 + 3] ?? NaN;
    expect([alpha(0, 0), alpha(15, 0)]).toEqual([0, 0]);
    return Array.from({ length: 256 }, (_, i) => alpha(i % 16, Math.floor(i / 16)) > 127);
  });
  const differing = (a: readonly boolean[] = [], b: readonly boolean[] = []): number =>
    a.filter((one, i) => one !== b[i]).length;
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    expect(differing(outlines[i], outlines[j])).toBeGreaterThan(30);
});
