import { AppError } from "../../../../preload/contract/errors.ts";
import { joined } from "../bytes.ts";
import type { Conversation, Identity, Step } from "../protocol.ts";
import { CTG_BYTES, ctgFacts } from "./ctg-block.ts";
import { checksums, FrameReader, textFrame, type Checksum } from "./frame.ts";
import { identityFacts } from "./other-blocks.ts";
import type { Series50Setup } from "./setup.ts";

/** All that is ever sent to a monitor: start, stop, identify. Notes and marks would print on its trace. */
const commands = { start: "G", stop: "H", identify: "?I" } as const;

/** Line noise passes the checksum about once in 65,536 frames: one block proves no line. */
const BLOCKS_NEEDED = 2;
const ATTEMPTS = 4;
const REPLY_S = 1.5;
const WAKE_S = 3;

const command = (which: keyof typeof commands, { checksum }: Series50Setup): Uint8Array =>
  textFrame(commands[which], checksum);

export const startSteps = (setup: Series50Setup): readonly Step[] => [
  { send: command("start", setup), waitS: 0 },
];
export const stopSteps = (setup: Series50Setup): readonly Step[] => [
  { send: command("stop", setup), waitS: 0 },
];

export const wakeUp = (setup: Series50Setup): { afterS: number; bytes: Uint8Array } => ({
  afterS: WAKE_S,
  bytes: joined(command("identify", setup), command("start", setup)),
});

interface Heard {
  readonly blocks: number;
  readonly identity: Uint8Array | undefined;
  readonly ctg: Uint8Array | undefined;
  readonly damaged: number;
}

/** The valid blocks in these bytes. */
function listen(bytes: Uint8Array, checksum: Checksum): Heard {
  let [blocks, damaged] = [0, 0];
  let identity: Uint8Array | undefined;
  let ctg: Uint8Array | undefined;
  new FrameReader(checksum).push(bytes, {
    frame: (payload) => {
      blocks++;
      if (payload[0] === 0x49) identity = payload;
      if (payload[0] === 0x43 && payload.length === CTG_BYTES) ctg = payload;
    },
    damaged: () => damaged++,
    skipped: () => undefined,
  });
  return { blocks, identity, ctg, damaged };
}

/** Asks who is there until two blocks were heard: an identity twice, or blocks that come without being asked for. */
export function* greet(setup: Series50Setup): Conversation {
  yield { send: command("stop", setup), waitS: 0.2 };
  let all = new Uint8Array(0);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = listen(all, setup.checksum).blocks;
    const reply = yield {
      send: command("identify", setup),
      until: (received) => listen(joined(all, received), setup.checksum).blocks > before,
      waitS: REPLY_S,
    };
    all = joined(all, reply.received);
    const heard = listen(all, setup.checksum);
    if (heard.blocks >= BLOCKS_NEEDED) return { identity: identityOf(heard), rest: new Uint8Array(0) };
    if (attempt === 2 && heard.blocks === 0) break;
  }
  throw notUnderstood(all, setup.checksum);
}

function identityOf({ identity, ctg }: Heard): Identity {
  const facts = ctg === undefined ? {} : ctgFacts(ctg);
  if (identity === undefined) return { facts };
  const { model, serial, firmware, protocol } = identityFacts(identity);
  return {
    ...(model ? { model } : {}),
    ...(serial ? { serial } : {}),
    ...(firmware ? { firmware } : {}),
    facts: { ...facts, ...(protocol ? { protocol } : {}) },
  };
}

function notUnderstood(bytes: Uint8Array, checksum: Checksum): AppError {
  const { blocks, damaged } = listen(bytes, checksum);
  const detail = { bytes: bytes.length, blocks, damaged };
  if (bytes.length === 0) return new AppError("device/silent", "Nothing came from the monitor", detail);
  const fitting = checksums.find((kind) => kind !== checksum && listen(bytes, kind).blocks >= BLOCKS_NEEDED);
  if (fitting !== undefined)
    return new AppError(
      "device/other-checksum",
      `The monitor's blocks carry another checksum: ${fitting}, not ${checksum}`,
      { ...detail, checksum: fitting },
    );
  return new AppError(
    "device/not-understood",
    `${bytes.length} bytes came and held ${blocks} valid Series 50 blocks, ${BLOCKS_NEEDED} needed; ${damaged} had a wrong checksum`,
    detail,
  );
}
