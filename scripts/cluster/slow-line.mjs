// node slow-line.mjs FROM TO FROM TO DELAY LOSS: hands on datagrams that come from either of two ports to the other, each after
// so many milliseconds, and so many of a hundred not at all. For kernels without netem.
import { createSocket } from "node:dgram";

const [nearOwn, near, farOwn, far, delayMs, lossPercent] = process.argv.slice(2).map(Number);
const open = (port) => {
  const socket = createSocket("udp4");
  socket.bind(port, "127.0.0.1");
  return socket;
};
const [a, b] = [open(nearOwn), open(farOwn)];
const carry = (from, into, port) =>
  from.on("message", (frame) => {
    if (100 * Math.random() < lossPercent) return;
    setTimeout(() => into.send(frame, port, "127.0.0.1"), delayMs);
  });
carry(a, b, far);
carry(b, a, near);
