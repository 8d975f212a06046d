import type { IdPage, Selection } from "../../../preload/contract/listing.ts";
import { request } from "../../bridge/client.ts";
import { agreed, useCluster } from "../../state/cluster.ts";
import { notifyFailure } from "../../ui/notify.tsx";

export interface Pushing {
  readonly isConnected: boolean;
  /** Puts recordings into the archive. Before the first of all it is asked whether they may leave. */
  readonly push: (selection: Selection) => void;
}

async function idsOf(selection: Selection): Promise<string[]> {
  const ids: string[] = [];
  for (let after: number | undefined; ;) {
    const page: IdPage = await request("recordings.ids", { selection, after });
    ids.push(...page.ids);
    if (page.next === undefined) return ids;
    after = page.next;
  }
}

export function usePush(): Pushing {
  const cluster = useCluster();
  return {
    isConnected: cluster.name !== null,
    push: (selection) => {
      agreed(cluster)
        .then(async () => request("archive.push", { ids: await idsOf(selection) }))
        .catch(notifyFailure);
    },
  };
}
