import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { StoreApi } from "zustand/vanilla";
import type { Api, Params, RequestName, Result } from "../../preload/contract/channels.ts";
import { installApi, request } from "../bridge/client.ts";
import { createQueryClient } from "../bridge/hooks.ts";

type Asked = { [N in RequestName]: readonly [N, Params<N>] }[RequestName];

/** A store with what stands in it while something is drawn. */
export const standing = <S extends object>(
  store: Pick<StoreApi<S>, "getInitialState">,
  state: Partial<S>,
): Standing => ({ store, state });
interface Standing {
  readonly store: { readonly getInitialState: () => object };
  readonly state: object;
}

/**
 * A component as it is drawn once its requests are answered, refused ones among them: no page, no effects. What it asks
 * beyond those is still under way. Without a page a store is read as it was at first: for as long that is `stand`.
 */
export async function drawn(
  element: ReactNode,
  api: Api,
  asked: readonly Asked[],
  stand: readonly Standing[] = [],
): Promise<string> {
  installApi(api);
  const client = createQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retryOnMount: false } }); // a refusal stays
  for (const [name, params] of asked)
    await client
      .query({ queryKey: [name, params], queryFn: async () => (await request(name, params)) ?? null })
      .catch(() => undefined); // it is drawn
  const before = stand.map(({ store }) => ({ ...store.getInitialState() }));
  for (const { store, state } of stand) Object.assign(store.getInitialState(), state);
  try {
    return renderToStaticMarkup(
      <MantineProvider>
        <QueryClientProvider client={client}>{element}</QueryClientProvider>
      </MantineProvider>,
    );
  } finally {
    stand.forEach(({ store }, i) => Object.assign(store.getInitialState(), before[i]));
  }
}

/** The same library, but for some answers. */
export const answering = (api: Api, answers: Partial<{ [N in RequestName]: Result<N> }>): Api => ({
  ...{ on: api.on.bind(api), pathOf: api.pathOf.bind(api), zoomFactor: api.zoomFactor.bind(api) },
  request: async (name, params) =>
    name in answers ? { ok: true, value: answers[name] as Result<typeof name> } : api.request(name, params),
});

/** What can be read in it, with a bar between its parts. */
export const textIn = (html: string): string =>
  html
    .replace(/<style[^>]*>.*?<\/style>/gs, "")
    .replace(/<[^<>]+>/g, "|")
    .replace(/\|+/g, "|");

/** Names of the buttons in it, those that cannot be pressed marked. */
export const buttonsIn = (html: string): readonly string[] =>
  [...html.matchAll(/<button[^>]*>.*?<\/button>/gs)].map(([button]) => {
    const [tag = ""] = /^<button[^>]*>/.exec(button) ?? [];
    const name = /aria-label="([^"]*)"/.exec(tag)?.[1] ?? textIn(button).split("|").filter(Boolean)[0] ?? "";
    return / disabled=""/.test(tag) ? `${name} (off)` : name;
  });
