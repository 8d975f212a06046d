import type { Annotation } from "../../../preload/contract/annotation.ts";
import type {
  BegunMark,
  CaptureState,
  ContactState,
  DeviceFound,
  DeviceList,
  GuideStep,
  JudgedWindow,
  LiveDecision,
  LiveOrder,
  LiveSamples,
  NewMark,
  ParsedDeviceChoice,
  ParsedSessionSetup,
  RecorderState,
  StoppedRecording,
} from "../../../preload/contract/acquisition.ts";
import type { Heard } from "../../signal/piece.ts";
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
  contact(state: ContactState): void;
  /** What a model says of a window of the recording under way. */
  decided(decision: LiveDecision): void;
}

/** A model that judges what is recorded, in a process of its own. */
export interface LiveJudge {
  /** Rejects with why this run cannot judge these channels as they come. */
  open(
    order: LiveOrder,
    watch: {
      readonly judged: (some: readonly JudgedWindow[]) => void;
      readonly failed: (error: unknown) => void; // it ended by itself
    },
  ): Promise<LiveJudging>;
}

export interface LiveJudging {
  hear(heard: readonly Heard[]): void;
  /** Resolves once everything heard has been judged. */
  close(): Promise<void>;
}

/** Sensors to recordings, in a process of its own. */
export interface Acquisition {
  devices(): Promise<DeviceList>;
  identify(choice: ParsedDeviceChoice): Promise<DeviceFound>;
  state(): RecorderState;
  arm(setup: ParsedSessionSetup): Promise<RecorderState>;
  record(): Promise<{ readonly recordingId: string }>;
  /** Null where nothing was recorded. */
  stop(): Promise<StoppedRecording | null>;
  mark(mark: NewMark): Promise<Annotation>;
  /** What was begun by a first press and waits for its second: it takes the place of what was told before. `zeroS` as of a mark. */
  begun(marks: readonly BegunMark[], zeroS?: number): Promise<void>;
  guide(step: GuideStep): Promise<void>;
  capture(what: CaptureOrder): Promise<CaptureState>;
  stopCapture(): Promise<CaptureState>;
  captureState(): CaptureState | null;
  /** Measures how the electrodes of a device lie; answers at once, and goes on. */
  contact(choice: ParsedDeviceChoice): Promise<ContactState>;
  /** Resolves once the device has its settings of before, or it is known that it has not. */
  stopContact(): Promise<ContactState>;
  contactState(): ContactState | null;
  on(listener: AcquisitionListener): () => void;
  /** Ends what is under way in order: a recording is closed whole. */
  dispose(): Promise<void>;
}
