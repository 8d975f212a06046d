import type { Alarm, DeviceState, RecorderState } from "../../preload/contract/acquisition.ts";
import type { Writer } from "./writer.ts";

const HOUR_S = 3600;
const DISK_LOW_S = HOUR_S;
const LOSS_SHARE = 0.01; // in 5 s
/** Waiting this much is more than a slow commit. */
const WAITING_BYTES = 1 << 20;

interface Standing {
  readonly devices: readonly DeviceState[];
  readonly elapsedS: number;
  readonly waiting: RecorderState["waiting"];
  readonly leftS: number | undefined;
  readonly writer: Pick<Writer, "failure" | "lostSamples" | "isHeld"> | undefined;
}

/** What a person must hear of now. */
export function alarmsOf({ devices, elapsedS, waiting, leftS, writer }: Standing): Alarm[] {
  const alarms = devices.flatMap((one, device) => [
    ...ofDevice(one, device, elapsedS),
    ...ofItsClock(one, device, elapsedS),
  ]);
  const here = { sinceS: elapsedS };
  const isHeld = writer?.isHeld === true; // then it is full, and ending the recording would store nothing of what waits
  if (leftS !== undefined && leftS < DISK_LOW_S && !isHeld) {
    const minutes = Math.floor(leftS / 60);
    alarms.push({
      kind: "disk-low",
      ...here,
      message: `Room for ${minutes} more minutes`,
      values: { minutes, leftS },
    });
  }
  const reason = writer?.failure ?? "";
  if (writer !== undefined && writer.lostSamples > 0) {
    const samples = writer.lostSamples;
    const message = `${samples} samples could be kept nowhere: ${reason}`;
    alarms.push({ kind: "storage-lost", ...here, message, values: { samples, reason } });
  } else if (isHeld) {
    const bytes = waiting.memoryBytes;
    const message = `${bytes} bytes wait in memory, since nothing takes them: ${reason}`;
    alarms.push({ kind: "storage-held", ...here, message, values: { bytes, reason } });
  } else if (waiting.memoryBytes + waiting.spillBytes > WAITING_BYTES || reason !== "") {
    const bytes = waiting.memoryBytes + waiting.spillBytes;
    const message = `${bytes} bytes wait to be stored${reason === "" ? "" : `: ${reason}`}`;
    const values = { bytes, reason, spillBytes: waiting.spillBytes };
    alarms.push({ kind: "storage-slow", ...here, message, values });
  }
  return alarms;
}

function ofDevice(
  { link, port, silentS, lostShare5s, attempts }: DeviceState,
  device: number,
  elapsedS: number,
): Alarm[] {
  const seconds = Math.round(silentS * 10) / 10;
  const sinceS = Math.max(0, elapsedS - silentS);
  if (link === "unplugged") {
    const message = `${port} is gone, looked for ${attempts} times`;
    return [{ kind: "unplugged", device, sinceS, message, values: { port, seconds, attempts } }];
  }
  if (link === "silent")
    return [
      {
        kind: "silent",
        device,
        sinceS,
        message: `No data from ${port} for ${seconds} s`,
        values: { port, seconds },
      },
    ];
  if (lostShare5s <= LOSS_SHARE) return [];
  const percent = Math.round(lostShare5s * 1000) / 10;
  const message = `${percent} % of the samples of ${port} were lost in the last 5 s`;
  return [{ kind: "loss", device, sinceS: elapsedS, message, values: { port, share: lostShare5s } }];
}

/** What is drawn by the rate that the device says is drawn more wrongly the longer it lasts. */
function ofItsClock({ port, clock }: DeviceState, device: number, elapsedS: number): Alarm[] {
  if (clock?.isOff !== true) return [];
  const { rate: said, ppm } = clock;
  const sends = Number((said * (1 + ppm * 1e-6)).toPrecision(6));
  const driftS = Math.abs(ppm) * 1e-6 * HOUR_S;
  const message = `${port} sends ${sends} samples a second, not ${said}: times drift by ${driftS.toFixed(1)} s an hour`;
  return [{ kind: "rate-off", device, sinceS: elapsedS, message, values: { port, sends, said, driftS } }];
}
