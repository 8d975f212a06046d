import type { KeyOf, Translate } from "../../ui/words.ts";
import type { layersWords } from "./words.ts";

type Key = KeyOf<typeof layersWords>;

const profiles = ["amplitude", "slope"] as const;

const whole: Readonly<Record<string, Key>> = {
  "FHR minus its 10-min level": "input.fhrLong",
  "FHR minus its 4-min level": "input.fhrShort",
  "FHR minus 140 bpm": "input.fhr140",
  "FHR present": "input.fhrPresent",
  "UC above its resting tone": "input.ucAbove",
  "UC level": "input.ucLevel",
  "UC present": "input.ucPresent",
};

/**
 * An input of a model in the language on screen. The names a model carries are English: those of the CTG front, a
 * channel's label before a profile ("EMG8 amplitude"), a profile round a bracelet ("slope, 2 × around"). Any other
 * name, such as a channel's label alone, stays as it is.
 */
export function inputName(name: string, t: Translate<Key>): string {
  const key = Object.hasOwn(whole, name) ? whole[name] : undefined;
  if (key !== undefined) return t(key);
  for (const profile of profiles) {
    const [, times] = new RegExp(`^${profile}, (\\d+) × around$`).exec(name) ?? [];
    if (times !== undefined) return t("input.around", { profile: t(`input.${profile}`), times });
    const channel = name.endsWith(` ${profile}`) ? name.slice(0, -profile.length - 1) : "";
    if (channel !== "") return t("input.ofChannel", { channel, profile: t(`input.${profile}`) });
  }
  return name;
}
