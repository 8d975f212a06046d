import type { Selection } from "../../../preload/contract/listing.ts";
import { request } from "../../bridge/client.ts";
import { agreed, useCluster } from "../../state/cluster.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { idsOf } from "./ids-of.ts";

export interface Pushing {
  readonly isConnected: boolean;
  /** Puts recordings into the archive. Before the first of all it is asked whether they may leave. */
  readonly push: (selection: Selection) => void;
}

async function pushAll(selection: Selection): Promise<void> {
  const ids: string[] = [];
  for await (const id of idsOf(selection)) ids.push(id);
  await request("archive.push", { ids });
}

export function usePush(): Pushing {
  const cluster = useCluster();
  return {
    isConnected: cluster.name !== null,
    push: (selection) => {
      agreed(cluster)
        .then(() => pushAll(selection))
        .catch(notifyFailure);
    },
  };
}
