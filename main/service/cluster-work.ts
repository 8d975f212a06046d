import type { ListedWork, ListedWorker, Works } from "../cluster/cluster.ts";

export { ListedWork, ListedWorker } from "../cluster/works.ts";

/** What the cluster has to do and who does it, the newest first; one of it cancelled before, where asked. */
export async function clusterWork(
  address: string | undefined,
  { cancel, limit }: { readonly cancel: string | undefined; readonly limit: number },
): Promise<{ readonly shown: string; readonly works: ListedWork[]; readonly workers: ListedWorker[] }> {
  const { joinCluster } = await import("../cluster/cluster.ts");
  const cluster = await joinCluster(address);
  try {
    if (cancel !== undefined) {
      await cluster.works.state(cancel); // or says that there is none
      await cluster.works.cancel(cancel);
    }
    return {
      shown: cluster.shown,
      works: await cluster.works.list(limit),
      workers: await cluster.works.workers(),
    };
  } finally {
    await cluster.close();
  }
}

/** Says it where what is asked will wait: nobody is at work there, or nobody whose version computes alike. */
export async function noteWithoutWorkers(
  works: Pick<Works, "workers">,
  version: string,
  note: (line: string) => void,
): Promise<void> {
  const all = await works.workers();
  if (all.some((one) => one.version === version)) return;
  const who =
    all.length === 0
      ? "no worker is at work there"
      : `of ${all.length} worker(s) there none is of Kodo ${version}`;
  note(`${who}: what is asked waits for one`);
}
