import { z } from "zod";
import { SessionTemplate } from "../../preload/contract/acquisition.ts";
import { checked, parsedJson } from "./checked.ts";
import type { Context } from "./context.ts";

const NAME = "session.templates"; // beside the settings, which a person sees one by one
const TEMPLATES_MAX = 200;

/** Newest first; what this version cannot use is left out. */
export function listTemplates({ database }: Context): SessionTemplate[] {
  const row = database.get("SELECT value FROM setting WHERE name = ?", NAME);
  const stored = z.array(z.unknown()).safeParse(parsedJson(row?.["value"] ?? "[]"));
  return (stored.data ?? []).flatMap((one) => SessionTemplate.safeParse(one).data ?? []);
}

/** In place of one of the same name. */
export function saveTemplate(context: Context, template: SessionTemplate): void {
  const whole = checked(SessionTemplate, template, "template");
  change(context, (known) => [whole, ...known.filter(({ name }) => name !== whole.name)]);
}

export const removeTemplate = (context: Context, name: string): void =>
  change(context, (known) => known.filter((one) => one.name !== name));

function change(
  context: Context,
  to: (known: readonly SessionTemplate[]) => readonly SessionTemplate[],
): void {
  const { database } = context;
  database.write(() => {
    const value = JSON.stringify(to(listTemplates(context)).slice(0, TEMPLATES_MAX));
    database.run(
      "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      NAME,
      value,
    );
  });
}
