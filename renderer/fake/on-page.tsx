import { MantineProvider } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, fireEvent, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, vi } from "vitest";
import type { Api, Params, RequestName } from "../../preload/contract/channels.ts";
import type { ErrorReport } from "../../preload/contract/errors.ts";
import { installApi } from "../bridge/client.ts";
import { createQueryClient, watchChanges } from "../bridge/hooks.ts";
import { SlotProvider, useSlotHandles } from "../ui/slots.tsx";

// What happy-dom lacks: fonts are there at once.
Object.defineProperty(document, "fonts", {
  value: Object.assign(new EventTarget(), { ready: Promise.resolve() }),
});

const nothingDrawn = new Proxy(
  { measureText: (text: string) => ({ width: 6 * text.length }), getImageData: () => ({ data: [] }) },
  {
    get: (known, name) => (Reflect.get(known, name) as unknown) ?? (() => nothingDrawn),
    set: () => true,
  },
);
Object.defineProperty(HTMLCanvasElement.prototype, "getContext", { value: () => nothingDrawn });
Element.prototype.scrollIntoView = () => undefined;

configure({ getElementError: (message) => new Error(message ?? "not there") });

document.getAnimations = () => [];
vi.setConfig({ testTimeout: 120_000 }); // a page is drawn many times in a test, and the machine may be busy

let stopWatching = (): void => undefined;
let told = 0; // questions and answers so far
afterEach(() => {
  cleanup();
  stopWatching();
  notifications.clean();
});

/** The shell's places, without the shell. */
function Places({ children }: { readonly children: ReactNode }): ReactNode {
  const { slots, setTitle, setInspector, setFoot } = useSlotHandles();
  return (
    <SlotProvider value={slots}>
      <div ref={setTitle} />
      <main>{children}</main>
      <aside ref={setInspector} />
      <footer ref={setFoot} />
    </SlotProvider>
  );
}

/** Puts a page on the screen. Returns the function that leaves it. */
export function onPage(page: ReactNode, api: Api): () => void {
  installApi(counted(api));
  const client = createQueryClient();
  stopWatching();
  stopWatching = watchChanges(client);
  const { unmount } = render(
    <MantineProvider env="test" withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <Places>{page}</Places>
        <Notifications />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return unmount;
}

const counted = (api: Api): Api => ({
  ...passedOn(api),
  request: (name, params) => {
    told += 1;
    return api.request(name, params).finally(() => (told += 1));
  },
});

/** Presses a key where the focus is, `Shift+Delete` as bindings are written. */
export function press(keys: string): void {
  const parts = keys.split("+");
  const last = parts.at(-1) ?? "";
  const key = last === "Space" ? " " : last.length === 1 ? last.toLowerCase() : last;
  fireEvent.keyDown(document.activeElement ?? document.body, {
    ...{ key, ctrlKey: parts.includes("Mod"), shiftKey: parts.includes("Shift") },
    altKey: parts.includes("Alt"),
  });
}

/** What can be read on the page now. */
export const pageText = (): string =>
  [...document.body.querySelectorAll(":scope > :not(style, script)")].map((one) => one.textContent).join("|");

const live = "[role=status], [role=alert], [aria-live]";

/** What is read aloud wherever it changes: the text of live regions, without what in them is not. */
export function announced(): string {
  const words: string[] = [];
  for (const region of document.body.querySelectorAll<HTMLElement>(live)) {
    const walker = document.createTreeWalker(region, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
      if (walker.currentNode.parentElement?.closest(live) === region)
        if (region.getAttribute("aria-live") !== "off") words.push(walker.currentNode.textContent ?? "");
  }
  return words.join("|");
}

const PATIENCE_MS = 30_000; // on a busy machine

/** Until it is so. */
export async function until(isSo: () => boolean, what = "it"): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`${what} does not come, but: ${pageText().slice(0, 3000)}`);
    await settled(15);
  }
}

/** Until the page says it. */
export const says = (text: string | RegExp): Promise<void> =>
  until(() => (typeof text === "string" ? pageText().includes(text) : text.test(pageText())), String(text));

const MOST_TURNS = 40;

/**
 * Until every answer that is not held back has come, and what follows from it: as long as something is asked or answered
 * within so many milliseconds more may follow, however slow the machine is.
 */
export async function settled(ms = 30): Promise<void> {
  for (let turn = 0, before = NaN; turn < MOST_TURNS && told !== before; turn++) {
    before = told;
    await act(() => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  }
}

type Asked = { readonly [N in RequestName]: { readonly name: N; readonly params: Params<N> } }[RequestName];

/** A request whose answer waits. */
export type Held = Asked & {
  readonly answer: () => Promise<void>;
  readonly refuse: (error: ErrorReport) => Promise<void>;
};

/** The same library, but some requests wait until they are answered, in any order, or refused. */
export function holding(
  api: Api,
  ...names: readonly RequestName[]
): { readonly api: Api; readonly held: Held[] } {
  const held: Held[] = [];
  const request: Api["request"] = (name, params) => {
    if (!names.includes(name)) return api.request(name, params);
    return new Promise((resolve) => {
      const tell = (told: () => ReturnType<typeof api.request<typeof name>>): Promise<void> => {
        held.splice(held.indexOf(mine), 1);
        return act(async () => {
          resolve(await told());
          await new Promise((next) => setTimeout(next, 5));
        });
      };
      const mine = {
        ...{ name, params },
        answer: () => tell(() => api.request(name, params)),
        refuse: (error: ErrorReport) => tell(() => Promise.resolve({ ok: false, error })),
      } as Held;
      held.push(mine);
    });
  };
  return { held, api: { ...passedOn(api), request } };
}

const passedOn = (api: Api): Omit<Api, "request"> => ({
  on: api.on.bind(api),
  pathOf: api.pathOf.bind(api),
  zoomFactor: api.zoomFactor.bind(api),
});

/** The same library, with what is asked of it written down. */
export function listening(api: Api): { readonly api: Api; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const request: Api["request"] = (name, params) => {
    asked.push({ name, params } as Asked);
    return api.request(name, params);
  };
  return { asked, api: { ...passedOn(api), request } };
}

/** The row of a table that has this name, and whether it is ticked. */
export const rowOf = (name: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[role=row][data-name="${name}"]`) ?? missing(`no row ${name}`);
export const isTicked = (name: string): boolean =>
  rowOf(name).querySelector<HTMLInputElement>("input[type=checkbox]")?.checked === true;

function missing(what: string): never {
  throw new Error(what);
}
