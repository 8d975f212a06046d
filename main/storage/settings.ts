import { randomBytes } from "node:crypto";
import { defaultSettings, isReadBlind, Settings } from "../../preload/contract/settings.ts";
import { checked, parsedJson } from "./checked.ts";
import type { Context } from "./context.ts";

/** The defaults with what is stored over them. A stored value this version cannot use counts as not set. */
export function getSettings(context: Context): Settings {
  const settings: Record<string, unknown> = { ...defaultSettings };
  const shape: Record<string, { safeParse(value: unknown): { data?: unknown } }> = Settings.shape;
  for (const row of context.database.all("SELECT name, value FROM setting")) {
    const name = String(row["name"]);
    const value = shape[name]?.safeParse(parsedJson(row["value"])).data;
    if (value !== undefined) settings[name] = value;
  }
  return settings as Settings;
}

const PSEUDONYM_KEY = "pseudonym.key"; // no setting a person sees or changes

/** The library's secret for the codes that stand in for names in what it gives out, made when it is first asked for. */
export function pseudonymKey({ database }: Context): string {
  const read = (): string | undefined => {
    const row = database.get("SELECT value FROM setting WHERE name = ?", PSEUDONYM_KEY);
    return row === undefined ? undefined : String(JSON.parse(String(row["value"])));
  };
  const known = read();
  if (known !== undefined) return known;
  return database.write(() => {
    const made = randomBytes(32).toString("hex");
    database.run("INSERT OR IGNORE INTO setting VALUES (?, ?)", PSEUDONYM_KEY, JSON.stringify(made));
    return read() ?? made;
  });
}

/** Who works with the library now, as they named themselves: the actor of what is done without a name of its own. */
export const authorNow = (context: Context): string => getSettings(context).author;

/** Who works with the library now, where they read this recording blind. Asked for every tile: what is not named is quick. */
export function blindReader(context: Context, recordingId: string): string | undefined {
  const { database } = context;
  const named = "SELECT 1 FROM setting WHERE name = 'blind' AND instr(value, ?) > 0";
  if (database.get(named, recordingId) === undefined) return undefined;
  const settings = getSettings(context);
  return isReadBlind(settings, recordingId) ? settings.author : undefined;
}

/** What is read blind stands elsewhere in the list. */
const blindIn = (settings: Settings): ReadonlySet<string> =>
  new Set(settings.blind.map(({ recordingId }) => recordingId).filter((id) => isReadBlind(settings, id)));

export function changeSettings(context: Context, change: Partial<Settings>): Settings {
  const { database } = context;
  const fields = checked(Settings.partial(), change, "settings");
  return database.write(() => {
    const before = blindIn(getSettings(context));
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      database.run(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        JSON.stringify(value),
      );
    }
    const settings = getSettings(context);
    const blind = blindIn(settings);
    for (const id of [...before, ...blind])
      if (before.has(id) !== blind.has(id))
        database.run("INSERT OR IGNORE INTO unlisted SELECT key FROM recording WHERE id = ?", id);
    context.log({ actor: settings.author, action: "settings.change", subject: "settings", detail: fields });
    return settings;
  });
}
