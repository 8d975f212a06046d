import type { Annotation } from "../../../preload/contract/annotation.ts";
import type {
  BegunMark,
  CaptureState,
  ContactState,
  DeviceFound,
  DeviceList,
  GuideStep,
  LiveSamples,
  NewMark,
  ParsedDeviceChoice,
  ParsedSessionSetup,
  RecorderState,
  StoppedRecording,
} from "../../../preload/contract/acquisition.ts";
import type { ErrorReport } from "../../../preload/contract/errors.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import type { Heard } from "../../signal/piece.ts";
import type { CaptureOrder } from "../capture-run.ts";
import type { Continued } from "../recorder.ts";

export interface OpenOrder {
  readonly libraryPath: string;
  readonly storageWorker: string; // the built storage thread
  readonly readOnly: boolean; // devices may be asked who they are, nothing is recorded
  readonly isSpare: boolean; // it leaves alone what others have left, until it is given a recording
}

/** What the recorder's process answers. */
export interface AcquisitionCalls {
  open: { ask: OpenOrder; answer: undefined };
  /** Ends in order: a recording is closed whole, the devices are let go. */
  close: { ask: undefined; answer: undefined };
  /** Never answered: for as long as somebody listens. */
  watch: {
    ask: undefined;
    answer: undefined;
    back: {
      changed: { ask: RecorderState; answer: undefined };
      began: { ask: Pick<Continued, "recordingId" | "beganS" | "aheadS">; answer: undefined };
      samples: { ask: LiveSamples; answer: undefined };
      heard: { ask: readonly Heard[]; answer: undefined };
      grew: { ask: { recordingId: string; sampleCounts: readonly number[] }; answer: undefined };
      annotated: { ask: string; answer: undefined };
      captured: { ask: CaptureState; answer: undefined };
      contact: { ask: ContactState; answer: undefined };
      failed: { ask: { where: string; error: ErrorReport }; answer: undefined };
    };
  };
  devices: { ask: undefined; answer: DeviceList };
  identify: { ask: ParsedDeviceChoice; answer: DeviceFound };
  arm: { ask: ParsedSessionSetup; answer: RecorderState };
  /** Channels of what is armed, as the recording will have them. */
  headers: { ask: undefined; answer: ChannelHeader[] };
  record: { ask: undefined; answer: { recordingId: string } };
  continued: { ask: Continued; answer: RecorderState };
  stop: { ask: undefined; answer: StoppedRecording | null };
  /** `isAgain`: it was asked of a recorder that ended before it answered, and may be stored. */
  mark: { ask: { mark: NewMark; isAgain: boolean }; answer: Annotation };
  begun: { ask: { marks: readonly BegunMark[]; zeroS: number | undefined }; answer: undefined };
  guide: { ask: GuideStep; answer: undefined };
  capture: { ask: CaptureOrder; answer: CaptureState };
  stopCapture: { ask: undefined; answer: CaptureState };
  contact: { ask: ParsedDeviceChoice; answer: ContactState };
  stopContact: { ask: undefined; answer: ContactState };
}
