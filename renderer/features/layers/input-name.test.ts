import { expect, test } from "vitest";
import { translate } from "../../ui/words.ts";
import { inputName } from "./input-name.ts";
import { layersWords } from "./words.ts";

const ja = translate(layersWords, "ja");
const en = translate(layersWords, "en");

test("a channel keeps its label, its profile is named in Japanese", () => {
  expect(inputName("EMG8 amplitude", ja)).toBe("EMG8 振幅");
  expect(inputName("left biceps slope", ja)).toBe("left biceps 傾き");
});

test("a profile round a bracelet is named in Japanese", () => {
  expect(inputName("slope, 2 × around", ja)).toBe("傾き（周方向2次）");
});

test("inputs made of heart rate and contractions are named in Japanese", () => {
  expect(inputName("FHR minus its 10-min level", ja)).toBe("FHRと10分間の水準との差");
  expect(inputName("UC above its resting tone", ja)).toBe("UCの安静時からの上昇");
});

test("a channel's label alone stays as it is, whatever word it ends in", () => {
  for (const name of ["EMG8", "amplitude", "constructor", "FHR presentation"])
    expect(inputName(name, ja)).toBe(name);
});

test("English names stay those the model carries", () => {
  for (const name of [
    "EMG8 amplitude",
    "EMG8 slope",
    "amplitude, 1 × around",
    "FHR minus its 10-min level",
    "FHR minus its 4-min level",
    "FHR minus 140 bpm",
    "FHR present",
    "UC above its resting tone",
    "UC level",
    "UC present",
  ])
    expect(inputName(name, en)).toBe(name);
});
