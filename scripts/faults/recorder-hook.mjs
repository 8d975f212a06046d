// Loaded into the recorder's process before it begins: writes its number into KODO_FAULTS_PID and all that it reads from a
// port into a file beside it, and ends its storage thread, as an exception would, at SIGUSR2.
import { appendFileSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";
import { SerialPort } from "serialport";

if (threads.isMainThread) {
  let last;
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      last = this;
    }
  };
  syncBuiltinESMExports();
  process.on("SIGUSR2", () => void last?.terminate());
  const { KODO_FAULTS_PID } = process.env;
  writeFileSync(KODO_FAULTS_PID, String(process.pid));
  const { push } = SerialPort.prototype;
  /** Each read: monotonic seconds, how many bytes, the bytes. */
  SerialPort.prototype.push = function (bytes, ...more) {
    if (bytes?.length > 0) {
      const head = Buffer.alloc(12);
      head.writeDoubleLE(Number(process.hrtime.bigint()) / 1e9, 0);
      head.writeUInt32LE(bytes.length, 8);
      appendFileSync(`${KODO_FAULTS_PID}.read`, Buffer.concat([head, bytes]));
    }
    return push.call(this, bytes, ...more);
  };
}
