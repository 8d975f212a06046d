import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { z } from "zod";
import { watchInFlight } from "../bridge/client.ts";
import { createQueryClient, watchChanges } from "../bridge/hooks.ts";
import { watchLabelNext } from "../features/train/label-next.ts";
import { watchHostClock } from "../state/host-clock.ts";
import { watchJobs } from "../state/jobs.ts";
import { watchRuns } from "../state/runs.ts";
import { fromHash, toHash, useSession } from "../state/session.ts";
import { watchLive } from "../trace/tiles/live-now.ts";
import { setRequestsInFlight } from "../ui/idle.ts";
import { App } from "./app.tsx";
import { fetchPage } from "./page-view.tsx";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "../ui/fonts.css";
import "../ui/tokens.css";
import "../ui/base.css";

/** Puts the interface into the page. The page's policy forbids eval, so zod must not compile its schemas. */
export function start(): void {
  z.config({ jitless: true });
  const root = document.getElementById("root");
  if (!root) throw new Error("The page has no #root");
  const client = createQueryClient();
  watchInFlight(setRequestsInFlight);
  watchChanges(client);
  watchJobs();
  watchRuns();
  watchHostClock();
  watchLive();
  watchLabelNext();
  useSession.setState(fromHash(window.location.hash));
  fetchPage(useSession.getState().page); // beside the first drawing, not after it
  useSession.subscribe((session) => window.history.replaceState(null, "", toHash(session)));
  // A file dropped where nothing takes it must not replace the page.
  for (const name of ["dragover", "drop"] as const)
    window.addEventListener(name, (event) => event.preventDefault());
  createRoot(root).render(
    <StrictMode>
      <App client={client} />
    </StrictMode>,
  );
}
