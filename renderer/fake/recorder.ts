import type { Handlers, EventName, EventPayload } from "../../preload/contract/channels.ts";
import {
  type CaptureState,
  type DeviceList,
  idleState,
  type ParsedSessionSetup,
  type RecorderState,
  type SessionTemplate,
} from "../../preload/contract/acquisition.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { AppError } from "../../preload/contract/errors.ts";

type Emit = <N extends EventName>(name: N, payload: EventPayload<N>) => void;

const fhr = (label: string): ChannelHeader => ({
  label,
  unit: "bpm",
  sampleRate: 4,
  role: "fhr",
  sampleType: "int16",
  gain: 0.25,
  offset: 0,
});
const toco: ChannelHeader = { ...fhr("UC"), unit: "", role: "uc", sampleType: "uint8", gain: 0.5 };
const channels = [fhr("FHR1"), toco];

const devices: DeviceList = {
  ports: [{ path: "simulated:series50", id: "simulated:series50", kind: "simulated" }],
  protocols: [
    {
      kind: "series50",
      records: "ctg",
      verified: "vendor-guide",
      onDevice: false,
      lines: [{ baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 }],
      form: { type: "object", properties: {} },
      usual: {},
      counts: false,
    },
  ],
  problems: [],
};

/** A pretended recorder: it arms, records and stops, and no sample ever comes. */
export class FakeRecorder {
  readonly #emit: Emit;
  #state: RecorderState = idleState;
  #templates: SessionTemplate[] = [];
  #capture: CaptureState | null = null;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** For tests and the harness: what the recorder says now. */
  say(state: RecorderState): void {
    this.#state = state;
    this.#emit("recorder.changed", state);
  }

  answers() {
    return {
      "devices.list": () => devices,
      "devices.identify": ({ line }) => ({
        line: line ?? { baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 },
        identity: { model: "M1350A", facts: {} },
        channels,
      }),
      "recorder.state": () => this.#state,
      "recorder.arm": (setup) => this.#arm(setup),
      "recorder.record": () => {
        if (this.#state.phase !== "armed")
          throw new AppError("device/not-armed", "No device has been connected yet");
        const recordingId = "ctg-01";
        this.say({ ...this.#state, phase: "recording", recordingId });
        return { recordingId };
      },
      "recorder.stop": () => {
        const { recordingId } = this.#state;
        this.say(idleState);
        return recordingId === undefined ? null : { recordingId };
      },
      "recorder.mark": ({ labelSet, label, atS = 0, durationS, note, author }) => ({
        ...{ id: `mark-${label}`, recordingId: this.#state.recordingId ?? "ctg-01", labelSet, label },
        ...{ labelSetVersion: 1, onsetS: atS, durationS, note, author, source: "person" as const },
        ...{ createdAt: new Date(0).toISOString(), changedAt: new Date(0).toISOString() },
      }),
      "recorder.guide": () => undefined,
      "recorder.templates": () => this.#templates,
      "recorder.saveTemplate": (template) => {
        this.#templates = [template, ...this.#templates.filter(({ name }) => name !== template.name)];
      },
      "recorder.removeTemplate": ({ name }) => {
        this.#templates = this.#templates.filter((one) => one.name !== name);
      },
      "capture.start": ({ port }) => {
        const path = "/home/sato/line.kodocapture";
        this.#capture = { path, port, isRunning: true, bytes: 0, seconds: 0, head: "" };
        return this.#capture;
      },
      "capture.stop": () => {
        if (this.#capture === null) throw new AppError("device/no-capture", "Nothing is being captured");
        this.#capture = { ...this.#capture, isRunning: false };
        return this.#capture;
      },
      "capture.state": () => this.#capture,
    } satisfies Partial<Handlers>;
  }

  #arm(setup: ParsedSessionSetup): RecorderState {
    const live = channels.map(({ label, unit, role, sampleRate }) => ({
      ...{ label, unit, role, sampleRate, device: 0, site: "", sampleCount: 0, quality: "none" as const },
      ...{ railedShare: 0, missingShare: 1, history: [] },
    }));
    this.say({
      ...idleState,
      phase: "armed",
      session: setup.name,
      kind: setup.kind,
      channels: live,
      devices: setup.devices.map(({ protocol, port }) => ({
        ...{ protocol, port, link: "streaming" as const, silentS: 0, attempts: 0, identity: { facts: {} } },
        ...{ received: 0, lost: {}, isLossExact: true, lostShare5s: 0, longestGapS: 0, gaps: 0 },
      })),
    });
    return this.#state;
  }
}
