import { create } from "zustand";

export const pages = [
  "library",
  "record",
  "review",
  "train",
  "layers",
  "models",
  "settings",
  "bin", // reached from the library
  "agreement", // of readers: reached from the library and from the review
  "archive", // of a department: reached from the library
] as const;
export type Page = (typeof pages)[number];

/** A stretch another page asked to see: the review scrolls there and selects it. `asked` grows with every wish. */
export interface Focus {
  readonly recordingId: string;
  readonly onsetS: number;
  readonly durationS: number;
  readonly runId?: string; // whose prediction is to be seen there
  readonly asked: number;
}

export interface Session {
  readonly page: Page;
  readonly recordingId: string | undefined; // what is open
  readonly compared: readonly string[]; // recordings whose readers are compared
  readonly runId: string | undefined; // the model in use
  readonly layersAtS: number; // the time the layers page explains
  readonly focus: Focus | undefined;
  readonly inspectorOpen: boolean;
  readonly isExportAsked: boolean; // the menu asks the library to export what is chosen there
}

export const atStart: Session = {
  page: "library",
  recordingId: undefined,
  compared: [],
  runId: undefined,
  layersAtS: 0,
  focus: undefined,
  inspectorOpen: true,
  isExportAsked: false,
};

export const useSession = create<Session>(() => atStart);

export const goTo = (page: Page): void => useSession.setState({ page });
export const openRecording = (recordingId: string): void =>
  useSession.setState({ recordingId, page: "review" });
export const openAgreement = (compared: readonly string[]): void =>
  useSession.setState({ compared, page: "agreement" });
export const chooseRun = (runId: string | undefined): void => useSession.setState({ runId });
/** Explains a moment of the open recording; `runId`: by the model whose prediction was seen there. */
export const openLayers = (layersAtS: number, runId?: string): void =>
  useSession.setState({ layersAtS, page: "layers", ...(runId === undefined ? {} : { runId }) });
export const askForExport = (): void => useSession.setState({ page: "library", isExportAsked: true });
export const exportHandled = (): void => useSession.setState({ isExportAsked: false });
export const toggleInspector = (): void =>
  useSession.setState(({ inspectorOpen }) => ({ inspectorOpen: !inspectorOpen }));

/** Opens the review of a recording at a stretch, selected; the run whose prediction is to be seen is then in use. */
export function openAt(recordingId: string, onsetS: number, durationS: number, runId?: string): void {
  useSession.setState(({ focus }) => ({
    recordingId,
    page: "review",
    ...(runId === undefined ? {} : { runId }),
    focus: {
      recordingId,
      onsetS,
      durationS,
      ...(runId === undefined ? {} : { runId }),
      asked: (focus?.asked ?? 0) + 1,
    },
  }));
}

/** The session as a location hash and back, so that a reload opens what was open. Unknown parts are left out. */
export function toHash({ page, recordingId, compared, runId, layersAtS }: Session): string {
  const query = new URLSearchParams();
  if (recordingId !== undefined) query.set("recording", recordingId);
  if (runId !== undefined) query.set("run", runId);
  for (const id of compared) query.append("of", id);
  if (page === "layers") query.set("at", String(layersAtS));
  const text = query.toString();
  return `#/${page}${text === "" ? "" : `?${text}`}`;
}

export function fromHash(hash: string): Partial<Session> {
  const [path = "", text = ""] = hash.replace(/^#\/?/, "").split("?");
  const page = pages.find((one) => one === path);
  const query = new URLSearchParams(text);
  const recordingId = query.get("recording");
  const compared = query.getAll("of").filter((id) => id !== "");
  const runId = query.get("run");
  const at = Number(query.get("at") ?? Number.NaN);
  return {
    ...(page ? { page } : {}),
    ...(recordingId !== null && recordingId !== "" ? { recordingId } : {}),
    ...(compared.length > 0 ? { compared } : {}),
    ...(runId !== null && runId !== "" ? { runId } : {}),
    ...(Number.isFinite(at) ? { layersAtS: at } : {}),
  };
}
