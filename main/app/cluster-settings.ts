import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { type ClusterEntry, ClusterPlace, type ClusterState } from "../../preload/contract/cluster.ts";
import type { Handlers } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { placeName } from "../service/cluster-link.ts";
import type { ClusterLink, Connected } from "../service/cluster-link.ts";

/** The system's own keeping of secrets. */
export interface Keyring {
  /** False: it would be kept as good as readable, or not at all. */
  canKeep(): boolean;
  seal(secret: string): Buffer;
  open(sealed: Buffer): string;
}

export interface ClusterSettingsOptions {
  readonly path: string; // of a file of this user of the system
  readonly keyring: Keyring;
  readonly link: Pick<ClusterLink, "use" | "test">;
  readonly changed: (state: ClusterState) => void;
  readonly failed: (error: unknown) => void;
}

/** What is kept. The password is in it only as the keyring sealed it. */
const Kept = ClusterPlace.extend({
  sealed: z.base64().nullable(),
  agreed: z.array(z.string()), // names of clusters for which recordings may leave
});
type Kept = z.infer<typeof Kept>;

/** Certificates are far smaller; anything else may be chosen by mistake. */
const MOST_BYTES = 1_000_000;

/**
 * To which cluster this user of the system connected the window: none until then. A password is kept by the system's
 * keyring alone; where there is none it is known until the program ends.
 */
export class ClusterSettings {
  readonly #options: ClusterSettingsOptions;
  #kept: Kept | undefined;
  #password: string | undefined;
  /** Of who was connected or forgotten last: an answer of a server that comes after the next is too late. */
  #turn = 0;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: ClusterSettingsOptions) {
    this.#options = options;
    this.#kept = read(options.path);
    this.#password = this.#opened();
  }

  /** The certificate that a person chose before: the page may name it again. */
  get file(): string | undefined {
    return this.#kept?.file ?? undefined;
  }

  /** Takes up what was kept. Nothing is loaded and nobody is spoken to before something is asked of it. */
  async start(): Promise<void> {
    try {
      await this.#options.link.use(this.#connected());
    } catch (error) {
      this.#options.failed(error); // an address that was changed by hand
    }
  }

  readonly handlers: Pick<Handlers, `cluster.${"state" | "test" | "connect" | "forget" | "agree"}`> = {
    "cluster.state": () => this.state(),
    "cluster.test": (entry) => this.#options.link.test(this.#entered(entry)),
    "cluster.connect": async (entry) => {
      const turn = (this.#turn += 1);
      const entered = this.#entered(entry);
      await this.#options.link.test(entered);
      return this.#next(() => {
        if (turn === this.#turn) return this.#connect(entered);
        throw new AppError("cancelled/by-user", "Another cluster, or none, was asked for meanwhile");
      });
    },
    "cluster.forget": () => {
      this.#turn += 1;
      return this.#next(() => this.#forget());
    },
    "cluster.agree": ({ name }) => this.#next(() => this.#agree(name)),
  };

  state(): ClusterState {
    const { keyring } = this.#options;
    const kept = this.#kept;
    const canKeep = keyring.canKeep();
    if (kept === undefined) return { place: null, name: null, password: "missing", canKeep, isAgreed: false };
    const { address, file, sealed } = kept;
    return {
      ...{ place: { address, file }, name: placeName(address), canKeep, isAgreed: this.#isAgreed(kept) },
      password: this.#password === undefined ? "missing" : sealed === null ? "until-end" : "kept",
    };
  }

  /** One change after the other: what is still being written would bring back what was forgotten meanwhile. */
  async #next(change: () => Promise<ClusterState>): Promise<ClusterState> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  async #connect({ address, file, password }: Connected): Promise<ClusterState> {
    const { keyring } = this.#options;
    const sealed =
      password === undefined || !keyring.canKeep() ? null : keyring.seal(password).toString("base64");
    await this.#keep({ address, file, sealed, agreed: this.#kept?.agreed ?? [] });
    this.#password = password;
    return this.#took();
  }

  async #forget(): Promise<ClusterState> {
    this.#kept = undefined;
    this.#password = undefined;
    await rm(this.#options.path, { force: true });
    return this.#took();
  }

  async #agree(name: string): Promise<ClusterState> {
    const kept = this.#kept;
    if (kept === undefined)
      throw new AppError("contract/cluster-none", "This window is connected to no cluster");
    if (placeName(kept.address) !== name)
      throw new AppError(
        "contract/cluster-not-agreed",
        `It was agreed that recordings leave for ${name}; the window is connected to another by now`,
      );
    await this.#keep({ ...kept, agreed: [...new Set([...kept.agreed, name])] });
    return this.#took();
  }

  /** A password is only ever sent where it was entered for. */
  #entered({ address, file, password }: ClusterEntry): Connected {
    const trimmed = address.trim();
    const isSame = this.#kept?.address === trimmed && this.#kept.file === file;
    const known = password ?? (isSame ? this.#password : undefined);
    return { address: trimmed, file, password: known, isAgreed: false };
  }

  #connected(): Connected | undefined {
    const kept = this.#kept;
    if (kept === undefined) return undefined;
    const { address, file } = kept;
    return { address, file, password: this.#password, isAgreed: this.#isAgreed(kept) };
  }

  readonly #isAgreed = ({ address, agreed }: Kept): boolean => agreed.includes(placeName(address));

  async #took(): Promise<ClusterState> {
    await this.#options.link.use(this.#connected());
    const state = this.state();
    this.#options.changed(state);
    return state;
  }

  /** Readable by this user only; never half-written. */
  async #keep(kept: Kept): Promise<void> {
    const { path } = this.#options;
    await writeFile(`${path}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
    this.#kept = kept;
  }

  /** Undefined where it was not kept, or the keyring that sealed it is another. */
  #opened(): string | undefined {
    const sealed = this.#kept?.sealed ?? undefined;
    if (sealed === undefined) return undefined;
    try {
      return this.#options.keyring.open(Buffer.from(sealed, "base64"));
    } catch {
      return undefined;
    }
  }
}

/** What was kept; nothing where the file is not what was written, or names no address any more. */
function read(path: string): Kept | undefined {
  try {
    const kept = Kept.parse(JSON.parse(readFileSync(path, "utf8")));
    placeName(kept.address);
    return kept;
  } catch {
    return undefined;
  }
}

/** Throws where a file that was chosen is no certificate. */
export async function checkCertificate(file: string): Promise<void> {
  const told = (cause?: unknown): AppError =>
    new AppError(
      "data/not-a-certificate",
      `${basename(file)} is no certificate (PEM)`,
      { file: basename(file) },
      cause,
    );
  const bytes = await readFile(file);
  if (bytes.length > MOST_BYTES) throw told();
  try {
    new X509Certificate(bytes);
  } catch (error) {
    throw told(error);
  }
}
