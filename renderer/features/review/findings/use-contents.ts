import { useQueries } from "@tanstack/react-query";
import type { Content, FindingSummary, SeriesSummary } from "../../../../preload/contract/finding.ts";
import { request } from "../../../bridge/client.ts";
import { requestKey } from "../../../bridge/hooks.ts";

/** What findings say, once it is read, by their ids; of curves there are tiles, and only those of `isCurveRead` are read whole. */
export function useContents(
  summaries: readonly FindingSummary[],
  isCurveRead: (series: SeriesSummary) => boolean,
): ReadonlyMap<string, Content> {
  return useQueries({
    queries: summaries
      .filter(({ content }) => content.kind !== "curves" || content.series.some(isCurveRead))
      .map(({ id }) => ({
        queryKey: requestKey("findings.get", { id }),
        queryFn: () => request("findings.get", { id }),
      })),
    combine: contentsOf,
  });
}

/** At module level, so that the same answers stay the same map. */
const contentsOf = (
  results: readonly { readonly data: { readonly id: string; readonly content: Content } | undefined }[],
): ReadonlyMap<string, Content> =>
  new Map(results.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data.content] as const])));
