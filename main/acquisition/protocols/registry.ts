import { AppError } from "../../../preload/contract/errors.ts";
import type { ProtocolKind } from "../../../preload/contract/acquisition.ts";
import { ascii } from "./ascii/index.ts";
import { bitalino } from "./bitalino/protocol.ts";
import { cobs } from "./cobs/index.ts";
import { corometrics } from "./corometrics/index.ts";
import { cyton } from "./cyton/protocol.ts";
import type { ContactCheck, Protocol } from "./protocol.ts";
import { series50 } from "./series50/index.ts";

/** A protocol whose set-up is checked by its own schema on the way in, so that nobody else needs to know its type. */
export type AnyProtocol = Protocol<unknown>;

function registered<Setup>(protocol: Protocol<Setup>): AnyProtocol {
  const checked = (setup: unknown): Setup => protocol.setup.parse(setup);
  const { wake, contact, ...rest } = protocol;
  return {
    ...rest,
    streams: (setup) => protocol.streams(checked(setup)),
    greet: (setup) => protocol.greet(checked(setup)),
    start: (setup) => protocol.start(checked(setup)),
    stop: (setup) => protocol.stop(checked(setup)),
    ...(wake === undefined ? {} : { wake: (setup: unknown) => wake(checked(setup)) }),
    ...(contact === undefined
      ? {}
      : {
          contact: {
            limits: contact.limits,
            electrodes: (setup: unknown) => contact.electrodes(checked(setup)),
            measure: (setup: unknown, told) => contact.measure(checked(setup), told),
          } satisfies ContactCheck<unknown>,
        }),
    silenceS: (setup) => protocol.silenceS(checked(setup)),
    driver: (setup) => protocol.driver(checked(setup)),
    device: (setup, signal, ohm) => protocol.device(checked(setup), signal, ohm),
  };
}

/** Every protocol there is: one line each. The pages, the laws and the fuzzing read this list. */
export const protocols: Readonly<Partial<Record<ProtocolKind, AnyProtocol>>> = {
  cyton: registered(cyton),
  bitalino: registered(bitalino),
  series50: registered(series50),
  corometrics: registered(corometrics),
  ascii: registered(ascii),
  cobs: registered(cobs),
};

/** Throws device/unknown-protocol. */
export function protocolOf(kind: ProtocolKind): AnyProtocol {
  const protocol = protocols[kind];
  if (protocol !== undefined) return protocol;
  throw new AppError("device/unknown-protocol", `No protocol is called ${kind}`, { kind });
}
