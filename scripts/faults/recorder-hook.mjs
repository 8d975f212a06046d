// Loaded into the recorder's process before it begins: writes its number into KODO_FAULTS_PID, and ends its storage
// thread, as an exception would, at SIGUSR2.
import { writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";

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
  writeFileSync(process.env.KODO_FAULTS_PID, String(process.pid));
}
