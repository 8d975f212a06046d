import { spawn, spawnSync } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

/** Steps a second and processor milliseconds a step, over one stretch. */
export interface Stretch {
  readonly stepsPerSecond: number;
  readonly cpuMs: number;
}

/** PyTorch in a process of its own, asked for a stretch at a time so that both sides see the same machine. */
export interface TorchPeer {
  readonly version: string;
  measure(workload: string, threads: number, seconds: number): Promise<Stretch>;
  close(): void;
}

/** Another than the first on the path where it says so: one of a virtual environment, say. */
const PYTHON = process.env["KODO_PYTHON"] ?? "python3";

/** The same three workloads as workloads.ts, written the usual way. Answers a line of JSON to "name threads seconds". */
const program = `
import json, math, sys, time
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [64, 256, 256, 256, 8]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
    def forward(self, x, y):
        for i, layer in enumerate(self.layers):
            x = layer(x) if i == 3 else F.relu(layer(x))
        return F.cross_entropy(x, y)
class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [2, 32, 32, 32, 32]
        self.layers = nn.ModuleList(nn.Conv1d(a, b, 9, padding=4) for a, b in zip(widths, widths[1:]))
        self.out = nn.Linear(32, 8)
    def forward(self, x, y):
        for layer in self.layers:
            x = F.relu(layer(x))
        return F.cross_entropy(self.out(x.mean(2)), y)
class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(3, 128), nn.Linear(128, 50)
    def forward(self, x, y):
        o = self.out(self.lstm(x)[0].reshape(-1, 128))
        weights = F.log_softmax(o[:, :10], 1)
        mu, ls = o[:, 10:30].reshape(-1, 10, 2), o[:, 30:].reshape(-1, 10, 2)
        z = (y - mu) * torch.exp(-ls)
        return math.log(2 * math.pi) - torch.logsumexp(weights + (-0.5 * z * z - ls).sum(2), 1).mean()
made = {}
def model(name):
    if name not in made:
        m, data = {
            "mlp": lambda: (Mlp(), (torch.randn(256, 64), torch.randint(0, 8, (256,)))),
            "cnn": lambda: (Cnn(), (torch.randn(64, 2, 1200), torch.randint(0, 8, (64,)))),
            "lstm": lambda: (Lstm(), (torch.randn(64, 64, 3), torch.randn(64 * 64, 1, 2))),
        }[name]()
        adam = torch.optim.Adam(m.parameters(), 1e-3)
        def step():
            adam.zero_grad(set_to_none=True)
            loss = m(*data)
            loss.backward()
            adam.step()
            return loss.item()
        made[name] = step
        for _ in range(3): step()
    return made[name]
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    name, threads, seconds = line.split()
    torch.set_num_threads(int(threads))
    step = model(name)
    step()
    steps, start, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < float(seconds) or steps < 2:
        step()
        steps += 1
    took = time.perf_counter() - start
    print(json.dumps({"stepsPerSecond": steps / took, "cpuMs": 1000 * (time.process_time() - cpu) / steps}), flush=True)
`;

export const PYTORCH_MISSING = `PyTorch is NOT installed ("${PYTHON} -c 'import torch'" fails; KODO_PYTHON may name a Python that has it)`;

/** PyTorch where Python has it; undefined otherwise. */
export async function torchPeer(): Promise<TorchPeer | undefined> {
  if (spawnSync(PYTHON, ["-c", "import torch"], { stdio: "ignore" }).status !== 0) return undefined;
  const child = spawn(PYTHON, ["-c", program], { stdio: "pipe" });
  child.stderr.resume();
  const ask = answers(child);
  const { version } = (await ask(undefined)) as { version: string };
  return {
    version,
    measure: async (workload, threads, seconds) =>
      (await ask(`${workload} ${threads} ${seconds}\n`)) as Stretch,
    close: () => void child.kill(),
  };
}

/** One line out, one line back. */
function answers(child: ChildProcessWithoutNullStreams): (line: string | undefined) => Promise<unknown> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (line) => {
    if (line !== undefined) child.stdin.write(line);
    const answer = await lines.next();
    if (answer.done === true) throw new Error("PyTorch ended before it answered");
    return JSON.parse(answer.value) as unknown;
  };
}
