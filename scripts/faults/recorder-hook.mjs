// Loaded into the recorder's process before it begins: writes its number into KODO_FAULTS_PID and all that it reads from a
// port into a file beside it, and ends its storage thread, as an exception would, at SIGUSR2. One that is in reserve writes
// its number once it is given the recording.
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
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
  const isMe = () => writeFileSync(KODO_FAULTS_PID, String(process.pid));
  if (!existsSync(KODO_FAULTS_PID)) isMe();
  const { emit } = process;
  process.emit = function (event, message, ...more) {
    if (event === "message" && message?.name === "continued") isMe();
    return emit.call(this, event, message, ...more);
  };
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
