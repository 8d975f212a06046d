import type { ContactState, ParsedDeviceChoice } from "../../preload/contract/acquisition.ts";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import { ArmedDevice } from "./armed-device.ts";
import type { PortAccess } from "./device-link.ts";
import type { ContactFound } from "./protocols/protocol.ts";
import { protocolOf } from "./protocols/registry.ts";

/** Nobody listens to what a device streams that is only asked. */
export const askedOnly = (choice: ParsedDeviceChoice, ports: PortAccess): ArmedDevice =>
  new ArmedDevice({
    ...{ choice, firstChannel: 0, powerLineHz: 50, ports },
    listener: {
      watched: () => undefined,
      recorded: () => undefined,
      marked: () => undefined,
      changed: () => undefined,
      warned: () => undefined,
    },
  });

type Ended = Pick<ContactState, "areSettingsBack" | "problem">;

/** How the electrodes of one device lie, measured one after the other. Nothing is stored. */
export class ContactRun {
  readonly #device: ArmedDevice;
  readonly #tell: (state: ContactState) => void;
  readonly #calledOff = new AbortController();
  #state: ContactState;
  #isAsking = false; // it was greeted
  #ended: Promise<void> | undefined;

  /** Throws where this device, as it is set, measures no contact. */
  constructor(choice: ParsedDeviceChoice, ports: PortAccess, tell: (state: ContactState) => void) {
    const { contact } = protocolOf(choice.protocol);
    if (contact === undefined)
      throw new AppError(
        "device/no-contact",
        `A device of this kind (${choice.protocol}) does not measure how its electrodes lie`,
      );
    this.#device = askedOnly(choice, ports);
    this.#tell = tell;
    this.#state = {
      ...{ protocol: choice.protocol, port: choice.port, isRunning: true, limits: { ...contact.limits } },
      electrodes: contact
        .electrodes(this.#device.setup)
        .map((one) => ({ ...one, stands: "waiting" as const })),
    };
  }

  get state(): ContactState {
    return this.#state;
  }

  /** Goes on by itself from here. */
  start(): ContactState {
    this.#ended = this.#run()
      .catch((error: unknown) => ({ problem: reportOf(error) }))
      .then((how) => this.#end(how));
    return this.#state;
  }

  /** Resolves once the device was given its settings back, or could not be. */
  async stop(): Promise<ContactState> {
    if (this.#state.isRunning) {
      this.#calledOff.abort();
      if (!this.#isAsking) await this.#device.close(); // it is still being greeted
    }
    await this.#ended;
    return this.#state;
  }

  /** Over once the port is free again. */
  async #run(): Promise<Ended> {
    const { link, protocol, setup } = this.#device;
    if (protocol.contact === undefined) return {};
    try {
      await link.connect();
      this.#isAsking = true;
      const measuring = protocol.contact.measure(setup, (at, found) => this.#told(at, found));
      return await link.ask(measuring, this.#calledOff.signal);
    } finally {
      await this.#device.close();
    }
  }

  #told(at: number, found: ContactFound | undefined): void {
    this.#change({
      electrodes: this.#state.electrodes.map((one, i) =>
        i !== at ? one : { ...one, ...found, stands: found === undefined ? "measuring" : "measured" },
      ),
    });
  }

  #end(how: Ended): void {
    const left = this.#state.electrodes.map((one) =>
      one.stands === "measuring" ? { ...one, stands: "waiting" as const } : one,
    );
    this.#change({ ...how, electrodes: left, isRunning: false, endedAt: new Date().toISOString() });
  }

  #change(part: Partial<ContactState>): void {
    this.#state = { ...this.#state, ...part };
    this.#tell(this.#state);
  }
}
