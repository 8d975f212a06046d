import { MantineProvider, mergeThemeOverrides } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, type ReactNode } from "react";
import { useRequest } from "../bridge/hooks.ts";
import { openRecording } from "../state/session.ts";
import { languageFor, schemeFor, useSettings } from "../state/settings.ts";
import { common } from "../ui/common-words.ts";
import { SchemeContext } from "../ui/scheme.ts";
import { theme, variablesResolver } from "../ui/theme.ts";
import { setLanguage, useWords } from "../ui/words.ts";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Shell } from "./shell.tsx";

/** The nonce main put into the page; Mantine's style elements carry it, or the policy refuses them. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}

/** A page loaded anew shows what it showed, not what the application was started with. */
function isReload(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming && entry.type === "reload";
}

function Themed(): ReactNode {
  const settings = useSettings();
  const info = useRequest("app.info", {}).data;
  const prefersDark = useMediaQuery("(prefers-color-scheme: dark)", false, {
    getInitialValueInEffect: false,
  });
  const scheme = schemeFor(settings, prefersDark ?? false);
  const language = languageFor(settings, info?.locale ?? navigator.language);
  const first = info?.openAtStart[0];
  const c = useWords(common);
  const named = useMemo(
    () =>
      mergeThemeOverrides(theme, {
        components: { CloseButton: { defaultProps: { "aria-label": c("close") } } }, // a cross says nothing aloud
      }),
    [c],
  );
  useEffect(() => {
    document.documentElement.lang = language;
    void setLanguage(language);
  }, [language]);
  useEffect(() => {
    if (first !== undefined && !isReload()) openRecording(first);
  }, [first]);
  return (
    <MantineProvider
      theme={named}
      cssVariablesResolver={variablesResolver}
      forceColorScheme={scheme}
      getStyleNonce={nonce}
    >
      <SchemeContext value={scheme}>
        <ErrorBoundary resetKey="app">
          <Shell />
        </ErrorBoundary>
        <Notifications position="bottom-center" transitionDuration={100} limit={3} />
      </SchemeContext>
    </MantineProvider>
  );
}

export function App({ client }: { readonly client: QueryClient }): ReactNode {
  return (
    <QueryClientProvider client={client}>
      <Themed />
    </QueryClientProvider>
  );
}
