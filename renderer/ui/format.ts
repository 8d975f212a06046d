import type { Language } from "./words.ts";

const locale = (language: Language) => (language === "ja" ? "ja-JP" : "en-GB");
const pad = (value: number) => String(value).padStart(2, "0");
const MINUS = "\u2212";

/** `00:58:34`, or `00:58:34.5` with one decimal; a minus sign in front of times before the start. */
export function clock(seconds: number, decimals = 0): string {
  const scale = 10 ** decimals;
  const ticks = Math.round(Math.abs(seconds) * scale);
  const whole = Math.floor(ticks / scale);
  const rest = decimals > 0 ? `.${String(ticks % scale).padStart(decimals, "0")}` : "";
  const sign = seconds < 0 && ticks > 0 ? MINUS : "";
  return `${sign}${pad(Math.floor(whole / 3600))}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}${rest}`;
}

/** A length for reading: `48 s`, `70 min`, `24 h 5 min`. */
export function length(seconds: number, language: Language): string {
  const ja = language === "ja";
  const unit = (value: string, en: string, japanese: string) =>
    ja ? `${value}${japanese}` : `${value} ${en}`;
  if (seconds < 9.95) return unit(number(seconds, language, 1), "s", "秒");
  if (seconds < 119.5) return unit(String(Math.round(seconds)), "s", "秒");
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return unit(String(minutes), "min", "分");
  const rest = minutes % 60;
  const hours = unit(String(Math.floor(minutes / 60)), "h", "時間");
  return rest === 0 ? hours : `${hours}${ja ? "" : " "}${unit(String(rest), "min", "分")}`;
}

/** Up to `decimals` digits after the point, a true minus sign, thousands grouped. */
export function number(value: number, language: Language, decimals = 2): string {
  if (!Number.isFinite(value)) return "–";
  const text = numberFormat(language, decimals).format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

/** Making a format takes a hundred times as long as using it, and a trace reads out several numbers a frame. */
const numberFormats = new Map<string, Intl.NumberFormat>();
function numberFormat(language: Language, decimals: number): Intl.NumberFormat {
  const key = `${language} ${decimals}`;
  const known = numberFormats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale(language), {
    maximumFractionDigits: decimals,
    minimumFractionDigits: 0,
  });
  numberFormats.set(key, made);
  return made;
}

/** Exactly `decimals` digits after the point, for columns of numbers. */
export function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

/** A share as `2.1 %`. A share that is not zero never reads 0 %, one below one never reads 100 %. */
export function percent(share: number, decimals = 1): string {
  if (!Number.isFinite(share)) return "–";
  const step = 10 ** -decimals;
  const value = share * 100;
  if (value > 0 && value < step / 2) return `< ${step.toFixed(decimals)} %`;
  if (value < 100 && value > 100 - step / 2) return `> ${(100 - step).toFixed(decimals)} %`;
  return `${fixed(value, value === 0 || value === 100 ? 0 : decimals)} %`;
}

/** In running text a number and its sign stay on one line. */
export const unbroken = (sentence: string): string => sentence.replaceAll(" %", "\u00a0%");

/** `4 Hz`, `1 kHz`, `12.5 Hz`. */
export function rate(hertz: number, language: Language): string {
  return hertz >= 1000 ? `${number(hertz / 1000, language)} kHz` : `${number(hertz, language)} Hz`;
}

export function bytesPerSecond(value: number, language: Language): string {
  return value >= 1e6
    ? `${number(value / 1e6, language, 1)} MB/s`
    : `${number(value / 1e3, language, 0)} kB/s`;
}

/** `640 kB`, `912 MB`, `3.4 GB`: decimal, as disks are sold. */
export function byteSize(bytes: number, language: Language): string {
  if (bytes < 999_500) return `${number(bytes / 1e3, language, 0)} kB`;
  return bytes >= 1e9 ? `${number(bytes / 1e9, language, 1)} GB` : `${number(bytes / 1e6, language, 0)} MB`;
}

/** An ISO time as the locale writes it; local time at the patient, so never shifted by a zone. */
export function dateTime(iso: string, language: Language): string {
  const stamp = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?/.exec(iso);
  if (!stamp) return iso;
  const [, year, month, day, hour, minute] = stamp;
  const time = hour === undefined ? "" : ` ${hour}:${minute ?? "00"}`;
  return language === "ja" ? `${year}/${month}/${day}${time}` : `${year}-${month}-${day}${time}`;
}

/** A moment this program noted (an ISO instant, in UTC) as the clock on the wall here shows it. */
export function moment(iso: string, language: Language): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return dateTime(`${day}T${pad(at.getHours())}:${pad(at.getMinutes())}`, language);
}

/** The clock on the wall at a moment, to the second: 09:58:03. */
export function timeOfDay(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(pad).join(":");
}
