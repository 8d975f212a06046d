// Machines of a trial on one computer: each with a network, a host name, processes and temporary files of its own, on a bridge
// where the database server is. Linux, as root.
import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";

const NET = "10.91.37";
const BRIDGE = "kodobr";
/** As every machine finds it: the certificate of the server's authority. */
const CERTIFICATE = "/tmp/kodo-ca.pem";

const ip = (...args) => {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
};

/** Why there can be none here; undefined: there can. */
export function whyNoMachines() {
  const tried = spawnSync("unshare", ["--net", "--uts", "--mount", "--pid", "--fork", "true"]);
  if (tried.status === 0) return undefined;
  return "machines of their own need Linux and root: unshare --net --uts --mount --pid is refused";
}

const freeUdpPort = () =>
  new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });

const script = (isApart) => `
hostname "$1"
mount -t tmpfs tmpfs /dev/shm
${isApart ? 'ca=$(cat "$2"); mount -t tmpfs tmpfs /tmp; printf "%s\\n" "$ca" > "$3"' : ""}
export HOME="$4/$1/home" TMPDIR="$4/$1/tmp" KODO_CACHE="$4/$1/cache"
mkdir -p "$HOME" "$TMPDIR" "$KODO_CACHE"
shift 4
exec "$@"`;

export function openNetwork() {
  const machines = [];
  const carriers = [];
  spawnSync("ip", ["link", "del", BRIDGE]);
  ip("link", "add", BRIDGE, "type", "bridge");
  ip("addr", "add", `${NET}.1/24`, "dev", BRIDGE);
  ip("link", "set", BRIDGE, "up");

  /** A cable whose both ends are this computer's: what goes over it takes its time, or is lost. */
  const slowCable = async (name, { delayMs, lossPercent }) => {
    const ports = [];
    for (let i = 0; i < 4; i += 1) ports.push(await freeUdpPort());
    const [nearOwn, near, farOwn, far] = ports;
    const carry = (command, args) => carriers.push(spawn(command, args, { stdio: "ignore" }));
    const relay = fileURLToPath(new URL("slow-line.mjs", import.meta.url));
    carry(process.execPath, [relay, ...[nearOwn, near, farOwn, far, delayMs, lossPercent].map(String)]);
    const tap = (device, own, to) =>
      carry("socat", [
        ...["-b", "65536", `TUN,tun-name=${device},tun-type=tap,iff-no-pi`],
        `UDP4-DATAGRAM:127.0.0.1:${to},bind=127.0.0.1:${own}`,
      ]);
    tap(`k${name}0`, near, nearOwn);
    tap(`k${name}1`, far, farOwn);
    await delay(1000);
  };

  return {
    ...{ address: `${NET}.1`, net: `${NET}.0/24`, certificate: CERTIFICATE },
    /** `line`: { delayMs, lossPercent } of its cable, each way; undefined: as fast as it goes. */
    machine: async (name, line) => {
      const space = `kodo-${name}`;
      const [near, far] = [`k${name}0`, `k${name}1`];
      spawnSync("ip", ["netns", "del", space]);
      ip("netns", "add", space);
      machines.push(space);
      if (line === undefined) ip("link", "add", near, "type", "veth", "peer", "name", far);
      else await slowCable(name, line);
      ip("link", "set", far, "netns", space);
      ip("link", "set", near, "master", BRIDGE, "up");
      ip("-n", space, "addr", "add", `${NET}.${machines.length + 1}/24`, "dev", far);
      ip("-n", space, "link", "set", far, "up", "mtu", "1400");
      ip("-n", space, "link", "set", "lo", "up");
      return {
        /** Its own files lie in `folder`. `isApart`: it sees no file below /tmp of this computer, as that of a library. */
        start: (command, { env, certificate, folder, isApart }) => {
          const own = isApart ? CERTIFICATE : certificate;
          const args = ["netns", "exec", space, "unshare", "--uts", "--mount", "--pid", "--fork"];
          return spawn(
            "ip",
            [
              ...[...args, "--kill-child", "--mount-proc", "sh", "-c", script(isApart), "sh"],
              ...[name, certificate, own, folder, ...command],
            ],
            { env, stdio: ["ignore", "pipe", "pipe"], detached: true },
          );
        },
        /** Asks what was started to end, as its service manager would. */
        end: (child) => {
          const inside = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
          process.kill(Number(inside.split(" ")[0]), "SIGTERM");
        },
        /** Nothing comes or goes, and nobody is told. */
        unplug: () => ip("link", "set", near, "nomaster"),
        plug: () => ip("link", "set", near, "master", BRIDGE),
      };
    },
    close: () => {
      for (const carrier of carriers) carrier.kill("SIGKILL");
      for (const space of machines) spawnSync("ip", ["netns", "del", space]);
      spawnSync("ip", ["link", "del", BRIDGE]);
    },
  };
}
