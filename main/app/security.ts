import { app, session } from "electron";
import type { Session, WebContents } from "electron";
import { isAllowedRequest, isOurPage } from "./pages.ts";

/** Closes a session: no network, no permission, no download, no device. */
export function closeSession(target: Session): void {
  target.webRequest.onBeforeRequest({ urls: ["<all_urls>"] }, ({ url }, decide) =>
    decide({ cancel: !isAllowedRequest(url) }),
  );
  target.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
  target.on("will-download", (event) => event.preventDefault());
  target.setSpellCheckerEnabled(false); // its dictionaries come from the network
}

/** Keeps any page, ours or not, where it is: no other address, no window, no webview. */
export function closeContents(contents: WebContents): void {
  contents.on("will-navigate", (event) => {
    if (!isOurPage(event.url)) event.preventDefault();
  });
  contents.on("will-frame-navigate", (event) => {
    if (!event.isMainFrame || !isOurPage(event.url)) event.preventDefault();
  });
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
  contents.setWebRTCIPHandlingPolicy("disable_non_proxied_udp"); // the request filter does not see its packets
}

/** Before `ready`: every renderer in a sandbox, no host name resolves, every page closed as it is made. */
export function closeApplication(): void {
  // Root cannot have Chromium's own sandbox: it then runs with --no-sandbox, and forcing it on would stop every page.
  if (!app.commandLine.hasSwitch("no-sandbox")) app.enableSandbox();
  app.commandLine.appendSwitch("host-resolver-rules", "MAP * ~NOTFOUND");
  app.commandLine.appendSwitch("disable-background-networking");
  app.commandLine.appendSwitch("no-pings");
  app.on("web-contents-created", (_event, contents) => closeContents(contents));
  app.on("session-created", (created) => closeSession(created));
  app.on("certificate-error", (event, _contents, _url, _error, _certificate, decide) => {
    event.preventDefault();
    decide(false);
  });
  void app.whenReady().then(() => closeSession(session.defaultSession));
}
