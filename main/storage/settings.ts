import { defaultSettings, Settings } from "../../preload/contract/settings.ts";
import { checked, parsedJson } from "./checked.ts";
import type { Context } from "./context.ts";

/** The defaults with what is stored over them. A stored value this version cannot use counts as not set. */
export function getSettings(context: Context): Settings {
  const settings: Record<string, unknown> = { ...defaultSettings };
  const shape: Record<string, { safeParse(value: unknown): { success: boolean } }> = Settings.shape;
  for (const row of context.database.all("SELECT name, value FROM setting")) {
    const name = String(row["name"]);
    const value = parsedJson(row["value"]);
    if (shape[name]?.safeParse(value).success === true) settings[name] = value;
  }
  return settings as Settings;
}

/** Who works with the library now, as they named themselves: the actor of what is done without a name of its own. */
export const authorNow = (context: Context): string => getSettings(context).author;

export function changeSettings(context: Context, change: Partial<Settings>): Settings {
  const { database } = context;
  const fields = checked(Settings.partial(), change, "settings");
  return database.write(() => {
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      database.run(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        JSON.stringify(value),
      );
    }
    const settings = getSettings(context);
    context.log({ actor: settings.author, action: "settings.change", subject: "settings", detail: fields });
    return settings;
  });
}
