// An address that two servers share, and that leads to one of them: socat, in a process of its own, for those who wait for
// commands wait for nothing else.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export async function sharedAddress() {
  const port = await freePort();
  let carrier;
  const end = async () => {
    if (carrier === undefined || carrier.exitCode !== null) return;
    const ended = new Promise((resolve) => carrier.once("exit", resolve));
    carrier.kill("SIGKILL"); // lines that were made are of processes of their own
    await ended;
  };
  return {
    port,
    leadTo: async (to) => {
      await end();
      const listens = `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,backlog=128`;
      carrier = spawn("socat", [listens, `TCP:127.0.0.1:${to}`], { stdio: "ignore" });
      await delay(300);
    },
    end,
  };
}
