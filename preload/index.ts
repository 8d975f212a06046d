import { contextBridge, ipcRenderer, webFrame, webUtils } from "electron";
import type { Api, EventName } from "./contract/channels.ts";
import type { Outcome } from "./contract/errors.ts";

// Names and shapes are checked by the one gate in main (main/app/router.ts), so nothing of the contract is bundled here.
const REQUEST = "kodo:request";
const EVENT = "kodo:event";
const DROPPED = "kodo:dropped";

type Listener = (payload: unknown) => void;
const listeners = new Map<EventName, Set<Listener>>();

ipcRenderer.on(EVENT, (_event, name: EventName, payload: unknown) => {
  for (const listener of listeners.get(name) ?? []) listener(payload);
});

const api: Api = {
  request: (name, params) => ipcRenderer.invoke(REQUEST, name, params) as Promise<Outcome<never>>,
  on: (name, listener) => {
    const ours = listeners.get(name) ?? new Set<Listener>();
    listeners.set(name, ours);
    const own: Listener = (payload) => listener(payload as never); // its own identity: one listener may be added twice
    ours.add(own);
    return () => void ours.delete(own);
  },
  zoomFactor: () => webFrame.getZoomFactor(),
  pathOf: (file) => {
    const path = file instanceof File ? webUtils.getPathForFile(file) : "";
    // A file with a path came from a person: the page cannot make one. Main lets the page name that path from now on.
    if (path !== "") ipcRenderer.send(DROPPED, path);
    return path;
  },
};

contextBridge.exposeInMainWorld("api", Object.freeze(api));
