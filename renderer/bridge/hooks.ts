import {
  keepPreviousData,
  QueryClient,
  useMutation,
  useQuery,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import type {
  EventName,
  EventPayload,
  Params,
  RequestName,
  Result,
} from "../../preload/contract/channels.ts";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import { on, request, zoomFactor } from "./client.ts";

/** Failures are AppErrors with a code; only a lost storage worker is worth a second try. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY, // main says what changed, see watchChanges
        refetchOnWindowFocus: false,
        networkMode: "always",
        retry: false,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

export const requestKey = <N extends RequestName>(name: N, params: Params<N>) => [name, params] as const;

export interface RequestOptions {
  readonly enabled?: boolean;
  readonly keepPrevious?: boolean; // show the last answer while the next one is under way
}

const asAppError = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError("internal/unexpected", reportOf(error).message, {}, error);

/**
 * The answer to a request, cached under its name and parameters until main says it changed.
 * Without parameters (undefined) nothing is asked: something they need is not there yet.
 */
export function useRequest<N extends RequestName>(
  name: N,
  params: Params<N> | undefined,
  options: RequestOptions = {},
): UseQueryResult<Result<N>, AppError> {
  return useQuery<Result<N>, AppError>({
    queryKey: [name, params],
    queryFn: async () => {
      try {
        if (params === undefined)
          throw new AppError("contract/bad-params", `${name} was asked without parameters`);
        const result = await request(name, params);
        // React Query refuses undefined as data, and void results are undefined.
        return (result ?? null) as Result<N>;
      } catch (error) {
        throw asAppError(error);
      }
    },
    enabled: params !== undefined && options.enabled !== false,
    ...(options.keepPrevious === true ? { placeholderData: keepPreviousData } : {}),
  });
}

/** A request that changes something: `send.mutate(params)` or `await send.mutateAsync(params)`. */
export function useSend<N extends RequestName>(name: N): UseMutationResult<Result<N>, AppError, Params<N>> {
  return useMutation<Result<N>, AppError, Params<N>>({
    mutationKey: [name],
    mutationFn: async (params) => {
      try {
        return await request(name, params);
      } catch (error) {
        throw asAppError(error);
      }
    },
  });
}

/** Runs `listener` on every event of this name while the component is there. */
export function useEvent<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => on(name, (payload) => latest.current(payload)), [name]);
}

function watchZoom(changed: () => void): () => void {
  window.addEventListener("resize", changed); // a zoomed page has another width in its own pixels
  return () => window.removeEventListener("resize", changed);
}

/** How many times larger than usual the page is shown, as it changes. */
export const useZoomFactor = (): number => useSyncExternalStore(watchZoom, zoomFactor);

/** Which answers an event makes stale. Everything cached in the window is kept right by this table alone. */
export function watchChanges(client: QueryClient): () => void {
  const stale = (...names: RequestName[]) => {
    for (const name of names) void client.invalidateQueries({ queryKey: [name] });
  };
  const staleFor = (name: RequestName, field: string, id: string) =>
    void client.invalidateQueries({
      queryKey: [name],
      predicate: (query) =>
        (query.queryKey[1] as Readonly<Record<string, unknown>> | undefined)?.[field] === id,
    });
  const stops = [
    on("recordings.changed", ({ ids }) => {
      stale(
        "recordings.list",
        "recordings.bin",
        "app.log",
        "runs.preview",
        "windows.next",
        "labelSets.usage",
      );
      for (const id of ids) {
        staleFor("recordings.get", "id", id);
        for (const name of [
          "masks.list",
          "trace.tiles",
          "trace.samples",
          "predictions.list",
          "findings.list",
          "ctg.context",
          "ctg.measure",
        ] as const)
          staleFor(name, "recordingId", id);
      }
    }),
    on("recordings.grew", ({ id }) => {
      staleFor("recordings.get", "id", id);
      stale("recordings.list");
    }),
    on("annotations.changed", ({ recordingId }) => {
      staleFor("annotations.list", "recordingId", recordingId);
      staleFor("readings.list", "recordingId", recordingId);
      staleFor("annotations.history", "recordingId", recordingId);
      staleFor("ctg.context", "recordingId", recordingId); // a step of the same history
      staleFor("recordings.get", "id", recordingId);
      stale(
        "recordings.list",
        "runs.preview",
        "windows.next",
        "app.log",
        "labelSets.usage",
        "agreement.report",
      );
    }),
    on("findings.changed", ({ recordingId }) => {
      staleFor("findings.list", "recordingId", recordingId);
      staleFor("predictions.list", "recordingId", recordingId);
      staleFor("ctg.measure", "recordingId", recordingId);
      stale("findings.get"); // by its id alone
    }),
    on("labelSets.changed", () => stale("labelSets.list", "labelSets.get", "runs.preview", "app.log")),
    on("runs.changed", ({ id }) => {
      stale("runs.list", "runs.bin", "predictions.list", "findings.list", "windows.next", "app.log");
      staleFor("runs.get", "id", id);
    }),
    on("engines.changed", () => stale("engines.list", "engines.progress", "runs.preview")),
    on("engines.progress", (progress) => client.setQueryData(requestKey("engines.progress", {}), progress)),
    on("recorder.changed", (state) => client.setQueryData(requestKey("recorder.state", {}), state)),
    on("capture.changed", (state) => client.setQueryData(requestKey("capture.state", {}), state)),
    on("settings.changed", (settings) => client.setQueryData(requestKey("settings.get", {}), settings)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
