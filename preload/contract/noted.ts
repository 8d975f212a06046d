import { z } from "zod";
import { wordIn } from "./label-set.ts";

/** What one reader had there, by the names that its labels had then. */
const Opinion = z.object({
  reader: z.string(), // "": labels of before readers were named
  events: z.array(
    z.object({
      name: z.object({ en: z.string(), ja: z.string() }),
      onsetS: z.number(),
      durationS: z.number(),
    }),
  ),
});

export type Opinion = z.infer<typeof Opinion>;

/** What Kodo itself notes at a label: a code with its facts, worded by who reads it. */
export const Noted = z.discriminatedUnion("code", [
  z.object({ code: z.literal("decided"), by: z.string(), opinions: z.array(Opinion) }),
  z.object({ code: z.literal("agreed"), by: z.string(), readers: z.array(z.string()) }),
]);
export type Noted = z.infer<typeof Noted>;

const MARK = "kodo:note ";

/** As a label keeps it. */
export const noteOf = (noted: Noted): string => MARK + JSON.stringify(noted);

const words = {
  en: {
    decided: (by: string, opinions: readonly string[]) => `Decided by ${by}. ${opinions.join("; ")}`,
    agreed: (by: string, readers: readonly string[]) => `${readers.join(", ")} agree; kept by ${by}`,
    event: (name: string, from: string, to: string) => `${name} ${from} to ${to} s`,
    opinion: (reader: string, events: readonly string[]) => `${reader}: ${events.join(", ") || "nothing"}`,
    unnamed: "an earlier reader",
  },
  ja: {
    decided: (by: string, opinions: readonly string[]) => `決定: ${by}。${opinions.join("。")}`,
    agreed: (by: string, readers: readonly string[]) => `一致: ${readers.join("、")}。採用: ${by}`,
    event: (name: string, from: string, to: string) => `${name} ${from}〜${to} 秒`,
    opinion: (reader: string, events: readonly string[]) => `${reader}: ${events.join("、") || "なし"}`,
    unnamed: "以前の判読者",
  },
} as const;

/** A label's note for a reader: what a person typed, or a Kodo of before wrote, as it is. */
export function noteIn(note: string, language: "en" | "ja"): string {
  const noted = notedIn(note);
  if (noted === undefined) return note;
  const say = words[language];
  const nameOf = (reader: string): string => (reader === "" ? say.unnamed : reader);
  const by = nameOf(noted.by);
  if (noted.code === "agreed") return say.agreed(by, noted.readers.map(nameOf));
  const opinions = noted.opinions.map(({ reader, events }) => {
    const all = events.map(({ name, onsetS, durationS }) =>
      say.event(wordIn(name, language), onsetS.toFixed(1), (onsetS + durationS).toFixed(1)),
    );
    return say.opinion(nameOf(reader), all);
  });
  return say.decided(by, opinions);
}

function notedIn(note: string): Noted | undefined {
  if (!note.startsWith(MARK)) return undefined;
  try {
    return Noted.safeParse(JSON.parse(note.slice(MARK.length))).data;
  } catch {
    return undefined;
  }
}
