import type { ParsedSessionSetup } from "../../preload/contract/acquisition.ts";
import type { ArmedDevice } from "./armed-device.ts";

/** How a recording was made, as text: what was used, how it was set, who answered, and what that was checked against. */
export function factsOf(setup: ParsedSessionSetup, devices: readonly ArmedDevice[]): Record<string, string> {
  const facts: Record<string, string> = {
    "recorder.zone": Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(setup.guided === undefined ? {} : { "recorder.guided": JSON.stringify(setup.guided) }),
  };
  let position = 0;
  for (const [i, { choice, protocol, link, headers }] of devices.entries()) {
    const { identity } = link.state(0);
    const name = `device.${i + 1}`;
    Object.assign(facts, {
      [`${name}.protocol`]: choice.protocol,
      [`${name}.port`]: choice.port,
      [`${name}.line`]: JSON.stringify(link.line ?? {}),
      [`${name}.setup`]: JSON.stringify(choice.setup),
      [`${name}.decoder`]: `${protocol.verified}, not confirmed on a device`,
    });
    for (const key of ["model", "serial", "firmware"] as const)
      if (identity[key] !== undefined) facts[`${name}.${key}`] = identity[key];
    for (const [key, value] of Object.entries(identity.facts)) facts[`${name}.${key}`] = value;
    for (const at of headers.keys()) {
      const site = choice.sites[at];
      if (site !== undefined && site !== "") facts[`channel.${position + at + 1}.site`] = site;
    }
    position += headers.length;
  }
  return facts;
}
