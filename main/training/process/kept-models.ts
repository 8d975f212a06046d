import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { ModelDescription } from "../../../preload/contract/model.ts";

export interface KeptModels {
  readonly path: string;
  readonly version: string; // of the code that described them
}

const Content = z.object({ version: z.string(), models: z.array(ModelDescription).min(1) });

/**
 * What the models are is a constant of the program: it is asked of the process that trains once a version, and read from
 * `path` afterwards, so that nobody waits for that process to start. A file that cannot be used is written anew.
 */
export function keptModels(
  ask: () => Promise<ModelDescription[]>,
  { path, version }: KeptModels,
): () => Promise<ModelDescription[]> {
  let known = read(path, version);
  return async () => {
    if (known === undefined) {
      known = await ask();
      write(path, { version, models: known });
    }
    return known;
  };
}

function read(path: string, version: string): ModelDescription[] | undefined {
  try {
    const content = Content.parse(JSON.parse(readFileSync(path, "utf8")));
    return content.version === version ? content.models : undefined;
  } catch {
    return undefined;
  }
}

function write(path: string, content: z.infer<typeof Content>): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    // The next start asks again.
  }
}
