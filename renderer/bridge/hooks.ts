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
import type { FindingSummary } from "../../preload/contract/finding.ts";
import { PAGE_MOST } from "../../preload/contract/listing.ts";
import type { Settings } from "../../preload/contract/settings.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import { AppError, asAppError } from "../../preload/contract/errors.ts";
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

/** What rows of a list ask for within one turn goes in one request. */
let asking: { readonly recordingIds: string[]; readonly lists: Promise<FindingSummary[][]> } | undefined;

function findingsOf(recordingId: string): Promise<FindingSummary[]> {
  if (asking === undefined || asking.recordingIds.length === PAGE_MOST) {
    const recordingIds: string[] = [];
    const turn = new Promise<void>((resolve) => setTimeout(resolve));
    const lists = turn.then(() => {
      if (asking === own) asking = undefined;
      return request("findings.lists", { recordingIds });
    });
    const own = { recordingIds, lists };
    asking = own;
  }
  const at = asking.recordingIds.push(recordingId) - 1;
  return asking.lists.then((lists) => lists[at] ?? []);
}

/** What was found in a recording, as `findings.list` tells it, for one of many rows. */
export const useFindings = (recordingId: string): readonly FindingSummary[] | undefined =>
  useQuery<readonly FindingSummary[], AppError>({
    queryKey: requestKey("findings.list", { recordingId }),
    queryFn: () => findingsOf(recordingId).catch((error: unknown) => Promise.reject(asAppError(error))),
  }).data;

/** A recording as the list knows it; undefined until it is known, and for one that is in the bin. */
export function useSummary(id: string | undefined): RecordingSummary | undefined {
  return useRequest("recordings.some", id === undefined ? undefined : { ids: [id] }).data?.[0];
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

interface Afterwards<N extends RequestName> {
  readonly onSuccess?: (result: Result<N>) => void; // not once the page was left
  readonly onError?: (error: AppError) => void; // then too
}

/** A request of which one is under way at a time. */
export interface SendOnce<N extends RequestName> {
  /** Does nothing while the last one is under way: a key pressed twice comes before the page knows of the first. */
  readonly send: (params: Params<N>, then?: Afterwards<N>) => void;
  readonly isPending: boolean;
  readonly error: AppError | null;
}

export function useSendOnce<N extends RequestName>(name: N): SendOnce<N> {
  const { mutateAsync, isPending, error } = useSend(name);
  const isUnderWay = useRef(false);
  const send: SendOnce<N>["send"] = (params, { onSuccess, onError } = {}) => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    mutateAsync(params, { onSuccess: (result) => onSuccess?.(result) })
      .catch((failure: unknown) => onError?.(asAppError(failure)))
      .finally(() => (isUnderWay.current = false));
  };
  return { send, isPending, error };
}

/** Work of which one of a kind is under way at a time: what is pressed again meanwhile does nothing. It tells its own failures. */
export function useOnce(): (kind: string, work: () => Promise<unknown>) => void {
  const underWay = useRef(new Set<string>());
  return (kind, work) => {
    if (underWay.current.has(kind)) return;
    underWay.current.add(kind);
    void work().finally(() => underWay.current.delete(kind));
  };
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

/** What is asked of recordings in general; the library page keeps the list itself. */
const lists = ["recordings.page", "recordings.counts", "recordings.some", "recordings.selected"] as const;

/** An import of thousands tells of each: what follows is asked again at once, then at most this often. */
const TOGETHER_MS = 250;

/** Calls with what was added: at once where nothing was for a while, else together with what comes meanwhile. */
function together(call: (names: readonly RequestName[]) => void): {
  readonly add: (...names: RequestName[]) => void;
  readonly stop: () => void;
} {
  const waiting = new Set<RequestName>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    if (waiting.size === 0) return;
    const names = [...waiting];
    waiting.clear();
    timer = setTimeout(flush, TOGETHER_MS);
    call(names);
  };
  return {
    add: (...names) => {
      for (const name of names) waiting.add(name);
      if (timer === undefined) flush();
    },
    stop: () => clearTimeout(timer),
  };
}

/** Whether the same is told under both: who reads, and what that person reads blind, decides over most answers. */
const seesAlike = (one: Settings, other: Settings): boolean =>
  one.author === other.author && JSON.stringify(one.blind) === JSON.stringify(other.blind);

/** Which answers an event makes stale. Everything cached in the window is kept right by this table alone. */
export function watchChanges(client: QueryClient): () => void {
  const stale = (...names: RequestName[]) => {
    for (const name of names) void client.invalidateQueries({ queryKey: [name] });
  };
  const staleWhere = (name: RequestName, isSo: (params: Readonly<Record<string, unknown>>) => boolean) =>
    void client.invalidateQueries({
      queryKey: [name],
      predicate: (query) => isSo((query.queryKey[1] ?? {}) as Readonly<Record<string, unknown>>),
    });
  const staleFor = (name: RequestName, field: string, id: string) =>
    staleWhere(name, (params) => params[field] === id);
  const soon = together((names) => stale(...names));
  const staleSoon = soon.add;
  const stops = [
    soon.stop,
    on("recordings.changed", ({ ids }) => {
      staleSoon(
        ...lists,
        "recordings.names",
        "recordings.bin",
        "app.log",
        "runs.preview",
        "runs.estimate",
        "runs.reads",
        "windows.next",
        "labelSets.usage",
        "studies.preview",
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
          "layers.get",
        ] as const)
          staleFor(name, "recordingId", id);
      }
    }),
    on("recordings.grew", ({ id }) => {
      staleFor("recordings.get", "id", id);
      staleSoon("recordings.some");
    }),
    on("annotations.changed", ({ recordingId }) => {
      staleFor("annotations.list", "recordingId", recordingId);
      staleFor("readings.list", "recordingId", recordingId);
      staleFor("annotations.history", "recordingId", recordingId);
      staleFor("ctg.context", "recordingId", recordingId); // a step of the same history
      staleFor("recordings.get", "id", recordingId);
      staleSoon(
        ...lists,
        "runs.preview",
        "runs.estimate",
        "windows.next",
        "app.log",
        "labelSets.usage",
        "agreement.report",
      );
    }),
    on("findings.changed", ({ ids }) => {
      const said = new Set<unknown>(ids);
      for (const name of ["findings.list", "predictions.list", "ctg.measure"] as const)
        staleWhere(name, (params) => said.has(params["recordingId"]));
      stale("findings.get"); // by its id alone
      staleSoon("studies.preview");
    }),
    on("labelSets.changed", () =>
      stale("labelSets.list", "labelSets.get", "runs.preview", "runs.estimate", "app.log"),
    ),
    on("runs.changed", ({ id }) => {
      stale(
        "runs.list",
        "runs.reads",
        "runs.bin",
        "predictions.list",
        "findings.list",
        "windows.next",
        "app.log",
        "studies.preview",
      );
      staleFor("runs.get", "id", id);
    }),
    on("engines.changed", () => stale("engines.list", "engines.progress", "runs.preview")),
    on("engines.progress", (progress) => client.setQueryData(requestKey("engines.progress", {}), progress)),
    on("recorder.changed", (state) => client.setQueryData(requestKey("recorder.state", {}), state)),
    on("capture.changed", (state) => client.setQueryData(requestKey("capture.state", {}), state)),
    on("contact.changed", (state) => client.setQueryData(requestKey("contact.state", {}), state)),
    on("cluster.changed", (state) => {
      client.setQueryData(requestKey("cluster.state", {}), state);
      client.removeQueries({ queryKey: ["archive.list"] }); // of another cluster
      stale("cluster.standing");
    }),
    on("archive.moved", (transfer) => {
      client.setQueryData(requestKey("archive.transfer", {}), transfer);
      if (transfer.state !== "running") stale("archive.list");
    }),
    on("settings.changed", (settings) => {
      const key = requestKey("settings.get", {});
      const before = client.getQueryData<Settings>(key);
      client.setQueryData(key, settings);
      if (before !== undefined && seesAlike(before, settings)) return;
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== key[0] });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
