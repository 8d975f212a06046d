import { z } from "zod";
import { DeviceChoice, SessionTemplate } from "../../../preload/contract/acquisition.ts";
import { checked, parsedJson } from "../checked.ts";
import type { Context } from "../context.ts";

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

const Remembered = z.object({ portId: z.string(), choice: DeviceChoice });
/** How a device was last set up, by the id of its port. */
export type Remembered = z.infer<typeof Remembered>;
const REMEMBERED = "session.devices";

/** Last used first. */
export function listRemembered({ database }: Context): Remembered[] {
  const row = database.get("SELECT value FROM setting WHERE name = ?", REMEMBERED);
  const stored = z.array(z.unknown()).safeParse(parsedJson(row?.["value"] ?? "[]"));
  return (stored.data ?? []).flatMap((one) => Remembered.safeParse(one).data ?? []);
}

/** In place of what was known of the same ports. */
export function rememberDevices(context: Context, devices: readonly Remembered[]): void {
  const { database } = context;
  const whole = checked(z.array(Remembered), devices, "devices");
  database.write(() => {
    const others = listRemembered(context).filter(({ portId }) =>
      whole.every((one) => one.portId !== portId),
    );
    const value = JSON.stringify([...whole, ...others].slice(0, TEMPLATES_MAX));
    database.run(
      "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      ...[REMEMBERED, value],
    );
  });
}
