import { AppError } from "../../../../preload/contract/errors.ts";
import { joined } from "../bytes.ts";
import { isSameRate, refuseOther } from "../own-channels.ts";
import type { Conversation, Identity, Step } from "../protocol.ts";
import { bytesOf } from "../text.ts";
import { BodyReader } from "./body.ts";
import { cobsFraming, slipFraming } from "./framing.ts";
import { FrameReader } from "./frame-reader.ts";
import { infoFacts, infoOf, rateOf, type DeviceInfo } from "./info.ts";
import type { CobsSetup } from "./setup.ts";

export const commands = { start: "b", stop: "s", info: "?", rate: "r" } as const;

const REPLY_S = 1.5; // twice: boards that begin anew when the port is opened need 2.5 s
const ATTEMPTS = 2;
const RATE_MAX = 0xffff; // Hz, that the command can carry

export const startSteps = (): readonly Step[] => [{ send: bytesOf(commands.start), waitS: 0 }];
export const stopSteps = (): readonly Step[] => [{ send: bytesOf(commands.stop), waitS: 0 }];

interface Heard {
  readonly info: DeviceInfo | undefined;
  readonly frames: number;
}

function listen(bytes: Uint8Array, setup: CobsSetup): Heard {
  let info: DeviceInfo | undefined;
  let frames = 0;
  const framing = setup.framing === "cobs" ? cobsFraming : slipFraming;
  new FrameReader(framing, new BodyReader(setup.channels)).push(bytes, {
    frame: (frame) => {
      frames++;
      if (frame.kind === "info") info = infoOf(frame.content) ?? info;
    },
    damaged: () => undefined,
    skipped: () => undefined,
  });
  return { info, frames };
}

/** Stops the device and asks what it is; one that samples at another rate than set up is asked for that. */
export function* greet(setup: CobsSetup): Conversation {
  yield { send: bytesOf(commands.stop), waitS: 0.2, flush: true };
  let info = yield* askInfo(setup);
  const said = rateOf(info);
  if (
    said !== undefined &&
    !isSameRate(said, setup.rate) &&
    Number.isInteger(setup.rate) &&
    setup.rate <= RATE_MAX
  ) {
    const rate = Uint8Array.of(setup.rate & 0xff, setup.rate >> 8);
    yield { send: joined(bytesOf(commands.rate), rate), waitS: 0.2 };
    info = yield* askInfo(setup);
  }
  refuseOther({ channels: info.labels?.length, rate: rateOf(info) }, setup);
  return { identity: identityOf(info), rest: new Uint8Array(0) };
}

function* askInfo(setup: CobsSetup): Generator<Step, DeviceInfo, { readonly received: Uint8Array }> {
  let [bytes, frames] = [0, 0];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { received } = yield {
      send: bytesOf(commands.info),
      until: (reply) => listen(reply, setup).info !== undefined,
      waitS: REPLY_S,
      flush: true,
    };
    const heard = listen(received, setup);
    if (heard.info !== undefined) return heard.info;
    bytes += received.length;
    frames += heard.frames;
  }
  if (bytes === 0) throw new AppError("device/silent", "Nothing came from the device", { bytes, frames });
  throw new AppError(
    "device/not-understood",
    `${bytes} bytes came and held ${frames} valid frames, none of which says what the device is`,
    { bytes, frames },
  );
}

function identityOf(info: DeviceInfo): Identity {
  const { name, serial, fw, ...rest } = info;
  return {
    ...(name === undefined ? {} : { model: name }),
    ...(serial === undefined ? {} : { serial }),
    ...(fw === undefined ? {} : { firmware: fw }),
    facts: infoFacts(rest),
  };
}
