import type { Annotation } from "../../../preload/contract/annotation.ts";
import type {
  CaptureState,
  DeviceFound,
  DeviceList,
  GuideStep,
  LiveSamples,
  NewMark,
  ParsedDeviceChoice,
  ParsedSessionSetup,
  RecorderState,
} from "../../../preload/contract/acquisition.ts";
import type { CaptureOrder } from "../capture-run.ts";

/** What is told while devices are connected. */
export interface AcquisitionListener {
  changed(state: RecorderState): void;
  samples(samples: LiveSamples): void;
  /** What is on disk has grown; counts a channel. */
  grew(recordingId: string, sampleCounts: readonly number[]): void;
  /** The guide or a device wrote annotations. */
  annotated(recordingId: string): void;
  captured(state: CaptureState): void;
}

/** Sensors to recordings, in a process of its own. */
export interface Acquisition {
  devices(): Promise<DeviceList>;
  identify(choice: ParsedDeviceChoice): Promise<DeviceFound>;
  state(): RecorderState;
  arm(setup: ParsedSessionSetup): Promise<RecorderState>;
  record(): Promise<{ readonly recordingId: string }>;
  /** Null where nothing was recorded. */
  stop(): Promise<{ readonly recordingId: string } | null>;
  mark(mark: NewMark): Promise<Annotation>;
  guide(step: GuideStep): Promise<void>;
  capture(what: CaptureOrder): Promise<CaptureState>;
  stopCapture(): Promise<CaptureState>;
  captureState(): CaptureState | null;
  on(listener: AcquisitionListener): () => void;
  /** Ends what is under way in order: a recording is closed whole. */
  dispose(): Promise<void>;
}
