import { quietEnvironment } from "../../compute/onnx/quiet.ts";
import { type ChildLine, forkedChild, spawnChild } from "../../calls/child.ts";
import { ownTemporary } from "./own-temporary.ts";

/** A process that trains: quiet, and with a folder of its own for what its libraries leave. */
export async function spawnTrainer(workerFile: string): Promise<ChildLine> {
  const { environment, remove } = surroundings();
  const child = await spawnChild(workerFile, { serviceName: "Kodo trainer", environment });
  child.onLost(remove);
  return child;
}

export function forked(workerFile: string, execArgv: readonly string[] = []): ChildLine {
  const { environment, remove } = surroundings();
  const child = forkedChild(workerFile, { environment, execArgv });
  child.onLost(remove);
  return child;
}

function surroundings(): { readonly environment: NodeJS.ProcessEnv; readonly remove: () => void } {
  const temporary = ownTemporary();
  return {
    environment: { ...quietEnvironment(), ...temporary.environment },
    remove: () => temporary.remove(),
  };
}
