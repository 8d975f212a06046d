import { useEffect } from "react";
import { create } from "zustand";
import { AppError } from "../../preload/contract/errors.ts";
import { noCluster, type ClusterState } from "../../preload/contract/cluster.ts";
import { request } from "../bridge/client.ts";
import { useRequest } from "../bridge/hooks.ts";

/** What the window is connected to; nothing until main has answered. */
export const useCluster = (): ClusterState => useRequest("cluster.state", {}).data ?? noCluster;

const EVERY_MS = 5000;
const LOST_MS = 20_000;

/** Who works there and what waits, asked anew while it is looked at; less often while nobody answers. */
export function useClusterStanding() {
  const standing = useRequest("cluster.standing", {});
  const { isFetching, isError, refetch } = standing;
  useEffect(() => {
    if (isFetching) return;
    const timer = setTimeout(() => void refetch(), isError ? LOST_MS : EVERY_MS);
    return () => clearTimeout(timer);
  }, [isFetching, isError, refetch]);
  return standing;
}

interface Asked {
  readonly name: string; // of the cluster
  readonly answer: (isAgreed: boolean) => void;
}

/** What leaves this machine and to where, asked by the shell once for each cluster. */
export const useAgreement = create<{ readonly asked: Asked | undefined }>(() => ({ asked: undefined }));

/** Resolves once a person has agreed, now or before. Rejects as given up where they do not. */
export async function agreed({ name, isAgreed }: Pick<ClusterState, "name" | "isAgreed">): Promise<void> {
  if (name === null || isAgreed) return; // without one main says so
  useAgreement.getState().asked?.answer(false); // one at a time
  const said = await new Promise<boolean>((resolve) => {
    const answer = (yes: boolean): void => {
      useAgreement.setState({ asked: undefined });
      resolve(yes);
    };
    useAgreement.setState({ asked: { name, answer } });
  });
  if (!said) throw new AppError("cancelled/by-user", "Nothing left this machine");
  await request("cluster.agree", { name });
}
