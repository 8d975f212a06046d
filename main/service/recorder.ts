import type { Handlers } from "../../preload/contract/channels.ts";
import type { Acquisition } from "../acquisition/process/host-api.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { ServiceEvents } from "./events.ts";

/** What the window and the command line ask of sensors and of a recording under way. */
export const recorderHandlers = (
  library: AsyncLibrary,
  acquisition: Acquisition,
): Pick<
  Handlers,
  | `devices.${"list" | "identify"}`
  | `recorder.${"state" | "arm" | "record" | "stop" | "mark" | "begun" | "guide" | "templates" | "saveTemplate" | "removeTemplate"}`
  | `capture.${"stop" | "state"}`
  | `contact.${"start" | "stop" | "state"}`
> => ({
  "devices.list": () => acquisition.devices(),
  "devices.identify": (choice) => acquisition.identify(choice),
  "recorder.state": () => acquisition.state(),
  "recorder.arm": (setup) => acquisition.arm(setup),
  "recorder.record": () => acquisition.record(),
  "recorder.stop": () => acquisition.stop(),
  "recorder.mark": (mark) => acquisition.mark(mark),
  "recorder.begun": ({ marks, zeroS }) => acquisition.begun(marks, zeroS),
  "recorder.guide": ({ step }) => acquisition.guide(step),
  "recorder.templates": () => library.listTemplates(),
  "recorder.saveTemplate": (template) => library.saveTemplate(template),
  "recorder.removeTemplate": ({ name }) => library.removeTemplate(name),
  "capture.stop": () => acquisition.stopCapture(),
  "capture.state": () => acquisition.captureState(),
  "contact.start": (choice) => acquisition.contact(choice),
  "contact.stop": () => acquisition.stopContact(),
  "contact.state": () => acquisition.contactState(),
});

/** Passes on what the recorder tells; returns what ends that. */
export function tellRecorder(acquisition: Acquisition, events: ServiceEvents): () => void {
  let known: string | undefined;
  return acquisition.on({
    changed: (state) => {
      events.emit("recorder.changed", state);
      const { recordingId } = state;
      const ids = [known, recordingId].filter((id) => id !== undefined);
      if (known !== recordingId && ids.length > 0) events.emit("recordings.changed", { ids });
      known = recordingId;
    },
    samples: (samples) => events.emit("recorder.samples", samples),
    grew: (id, sampleCounts) => events.emit("recordings.grew", { id, sampleCounts: [...sampleCounts] }),
    annotated: (recordingId) => events.emit("annotations.changed", { recordingId }),
    decided: (decision) => events.emit("recorder.decided", decision),
    captured: (state) => events.emit("capture.changed", state),
    contact: (state) => events.emit("contact.changed", state),
  });
}
