import { events, requests } from "../../preload/contract/channels.ts";
import type {
  EventName,
  EventPayload,
  Handlers,
  ParsedParams,
  RequestName,
  Result,
} from "../../preload/contract/channels.ts";
import { AppError, settle } from "../../preload/contract/errors.ts";
import type { Outcome } from "../../preload/contract/errors.ts";

/** The channels of the preload. */
export const REQUEST = "kodo:request";
export const DROPPED = "kodo:dropped";
export const EVENT = "kodo:event";

/** Who sent a request. Electron's WebFrameMain, as far as the gate looks at it. */
export interface SenderFrame {
  readonly url: string;
  readonly parent: unknown;
}
export interface RequestEvent {
  readonly senderFrame: SenderFrame | null;
}
export interface Gate {
  handle(channel: string, listener: (event: RequestEvent, ...args: unknown[]) => Promise<unknown>): void;
  removeHandler(channel: string): void;
  on(channel: string, listener: (event: RequestEvent, ...args: unknown[]) => void): unknown;
  removeAllListeners(channel: string): unknown;
}

export const isRequestName = (name: unknown): name is RequestName =>
  typeof name === "string" && Object.hasOwn(requests, name);

const issuesOf = (error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string =>
  error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join(".") || "value"}: ${message}`)
    .join("; ");

/** Throws where a well-formed request asks for what the page may not have. */
export type Allowed = <N extends RequestName>(name: N, params: ParsedParams<N>) => void;

/** Far more than any request needs: names, notes, ten thousand ids. */
const MOST_TEXT = 8_000_000;
const MOST_PARTS = 500_000;

/** Refuses what is too large before anything looks at it. */
function refuseHuge(name: string, params: unknown): void {
  const open: unknown[] = [params];
  let [text, parts] = [0, 0];
  while (open.length > 0) {
    const one = open.pop();
    parts += 1;
    if (typeof one === "string") text += one.length;
    else if (ArrayBuffer.isView(one)) text += one.byteLength;
    else if (Array.isArray(one)) for (const item of one) open.push(item);
    else if (typeof one === "object" && one !== null)
      for (const [key, value] of Object.entries(one)) {
        text += key.length;
        open.push(value);
      }
    if (text > MOST_TEXT || parts + open.length > MOST_PARTS)
      throw new AppError(
        "contract/too-large",
        `${name} was sent more than ${MOST_TEXT} characters or ${MOST_PARTS} values`,
        {
          request: name,
          allowed: MOST_TEXT,
        },
      );
  }
}

/** Parses params, runs the handler, parses the result: behind it, handlers trust their arguments. */
export async function answer<N extends RequestName>(
  name: N,
  handlers: Pick<Handlers, N>,
  params: unknown,
  allowed: Allowed = () => undefined,
): Promise<Result<N>> {
  refuseHuge(name, params);
  const parsed = requests[name].params.safeParse(params);
  if (!parsed.success)
    throw new AppError("contract/bad-params", `${name}: ${issuesOf(parsed.error)}`, { request: name });
  allowed(name, parsed.data as ParsedParams<N>);
  const given = await handlers[name](parsed.data as ParsedParams<N>);
  const result = requests[name].result.safeParse(given);
  if (!result.success)
    throw new AppError("contract/bad-result", `${name}: ${issuesOf(result.error)}`, { request: name });
  return result.data as Result<N>;
}

export interface RouterOptions {
  readonly gate: Gate;
  /** What is asked before they are there waits for them. */
  readonly handlers: Handlers | Promise<Handlers>;
  /** True for the main frame of our own window, showing our own page. */
  readonly isOurs: (frame: SenderFrame) => boolean;
  readonly allowed: Allowed;
  /** A person dropped a file or a folder on the window. */
  readonly dropped: (path: string) => void;
  readonly failed: (name: string, error: unknown) => void;
}

/** The one gate: known sender, known request, checked shape, checked answer. Returns what closes it. */
export function openGate({ gate, handlers, isOurs, allowed, dropped, failed }: RouterOptions): () => void {
  gate.handle(REQUEST, (event, name, params): Promise<Outcome<unknown>> =>
    settle(async () => {
      try {
        if (event.senderFrame === null || !isOurs(event.senderFrame)) {
          throw new AppError("contract/foreign-sender", "The request came from an unknown frame");
        }
        if (!isRequestName(name))
          throw new AppError("contract/unknown-request", `No request ${String(name).slice(0, 80)}`);
        return await answer(name, await handlers, params, allowed);
      } catch (error) {
        failed(isRequestName(name) ? name : "unknown", error);
        throw error;
      }
    }),
  );
  gate.on(DROPPED, (event, path) => {
    if (event.senderFrame !== null && isOurs(event.senderFrame) && typeof path === "string") dropped(path);
  });
  return () => {
    gate.removeHandler(REQUEST);
    gate.removeAllListeners(DROPPED);
  };
}

/** An event for the window, checked like an answer. Throws where our own side got it wrong. */
export function checkEvent<N extends EventName>(name: N, payload: EventPayload<N>): EventPayload<N> {
  const parsed = events[name].safeParse(payload);
  if (!parsed.success)
    throw new AppError("contract/bad-event", `${name}: ${issuesOf(parsed.error)}`, { event: name });
  return parsed.data as EventPayload<N>;
}
