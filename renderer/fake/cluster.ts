import {
  noCluster,
  type ArchiveRow,
  type ArchiveTransfer,
  type ClusterEntry,
  type ClusterReached,
  type ClusterStanding,
  type ClusterState,
  type Moved,
  type RunThere,
} from "../../preload/contract/cluster.ts";
import type { EventName, EventPayload, Handlers, RequestName } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";

const NAME = "db.example.org/kodo";
const ROWS = 260;
const PAGE = 200; // rows, as main gives them

export interface ClusterHost {
  readonly emit: <N extends EventName>(name: N, payload: EventPayload<N>) => void;
  readonly nameOf: (recordingId: string) => string;
  readonly idsHere: () => readonly string[];
  readonly tickMs: number;
  readonly pageRows?: number; // of the archive's list
}

/** How the cluster is found: nobody connected one, it answers, or it is lost. */
export type FakeClusterStanding = "none" | "connected" | "lost";

const connected: ClusterState = {
  place: { address: `postgresql://sato@${NAME}`, file: "/home/sato/ca.pem" },
  ...{ name: NAME, password: "kept", canKeep: true, isAgreed: false },
};

/** A department's archive and two workers. The password "wrong" is refused; one recording reads differently there. */
export class FakeCluster {
  readonly #host: ClusterHost;
  #state: ClusterState;
  #isLost: boolean;
  #transfer: ArchiveTransfer | null = null;
  #isCancelled = false;

  constructor(host: ClusterHost, standing: FakeClusterStanding) {
    this.#host = host;
    this.#isLost = standing === "lost";
    this.#state = standing === "none" ? noCluster : connected;
  }

  /** What is told of a run that is done there. */
  there(): RunThere {
    const heardAt = "2026-11-24T09:58:00Z";
    if (!this.#isLost) return { heardAt, waiting: 3, active: 2 };
    return { heardAt, waiting: 3, active: 2, lost: this.#lost(), retryAt: "2026-11-24T10:01:00Z" };
  }

  agreedName(): string {
    if (this.#state.name === null) throw none();
    if (this.#state.isAgreed) return this.#state.name;
    throw new AppError(
      "contract/cluster-not-agreed",
      `Nobody has agreed yet that recordings leave this machine for ${NAME}`,
    );
  }

  readonly handlers: Pick<Handlers, Extract<RequestName, `cluster.${string}` | `archive.${string}`>> = {
    "cluster.state": () => this.#state,
    "cluster.chooseCertificate": () => "/home/sato/ca.pem",
    "cluster.test": (entry) => this.#reach(entry),
    "cluster.connect": (entry) => {
      this.#reach(entry);
      const { address, file } = entry;
      return this.#become({ ...this.#state, place: { address, file }, name: NAME, password: "kept" });
    },
    "cluster.forget": () => this.#become(noCluster),
    "cluster.agree": ({ name }) => this.#become({ ...this.#state, isAgreed: name === this.#state.name }),
    "cluster.standing": () => {
      this.#refuseAbsent();
      return standing;
    },
    "archive.list": ({ text, after }) => {
      this.#refuseAbsent();
      const all = this.#rows().filter(({ name, subject, study }) =>
        [name, subject, study].some((one) => one.toLowerCase().includes(text.trim().toLowerCase())),
      );
      const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const rows = this.#host.pageRows ?? PAGE;
      return { recordings: all.slice(from, from + rows), isWhole: from + rows >= all.length };
    },
    "archive.push": ({ ids }) => {
      this.agreedName();
      return this.#move(
        "push",
        ids.map((id) => ({ id, name: this.#host.nameOf(id) })),
      );
    },
    "archive.pull": ({ recordings }) => {
      this.#refuseAbsent();
      return this.#move("pull", recordings);
    },
    "archive.cancel": () => void (this.#isCancelled = true),
    "archive.transfer": () => this.#transfer,
  };

  #become(state: ClusterState): ClusterState {
    this.#state = state;
    this.#host.emit("cluster.changed", state);
    return state;
  }

  #reach({ address, password }: ClusterEntry): ClusterReached {
    if (!/^postgres(ql)?:\/\/[^@]+@[^/]+\/./.test(address))
      throw new AppError(
        "contract/cluster-address",
        "The address must name a user, a server and a database; it reads like postgresql://ito@db.example.org/kodo",
        { allowed: "postgresql://ito@db.example.org/kodo" },
      );
    if (password === "wrong")
      throw new AppError(
        "storage/cluster-refused",
        `${address} does not let this user in: wrong name or password, or no TLS`,
      );
    if (this.#isLost) throw new AppError("device/cluster-lost", this.#lost().message);
    return { name: NAME, recordings: ROWS, workers: standing.workers.length };
  }

  #refuseAbsent(): void {
    if (this.#state.place === null) throw none();
    if (this.#isLost) throw new AppError("device/cluster-lost", this.#lost().message);
  }

  #lost() {
    const message = `postgresql://sato@${NAME} cannot be reached: connect ECONNREFUSED`;
    return { code: "device/cluster-lost", message, detail: {} };
  }

  #rows(): readonly ArchiveRow[] {
    const here = this.#host.idsHere();
    return Array.from({ length: ROWS }, (_, i) => ({
      id: here[i] ?? `archived-${i}`,
      name: `CTG ${String(i + 1).padStart(4, "0")}`,
      ...{
        subject: `P${String(1 + (i % 90)).padStart(3, "0")}`,
        study: i % 3 === 0 ? "Delivery ward" : "Antepartum",
      },
      ...{ kind: i % 7 === 0 ? ("emg" as const) : ("ctg" as const), durationS: 1800 + 60 * (i % 60) },
      ...{ pushedBy: i % 2 === 0 ? "Ito" : "Suzuki", pushedAt: "2026-11-20T08:00:00Z" },
      hereId: here[i] ?? null,
    }));
  }

  #move(
    kind: ArchiveTransfer["kind"],
    wanted: readonly { readonly id: string; readonly name: string }[],
  ): ArchiveTransfer {
    const recordings = wanted.map((one): Moved => ({
      ...one,
      ...{ state: "waiting", bytes: 0, papers: 0, beside: 0, otherwise: [], subject: null },
    }));
    this.#isCancelled = false;
    this.#transfer = { kind, state: "running", at: NAME, recordings };
    const first = this.#transfer;
    setTimeout(() => this.#step(first, 0), this.#host.tickMs);
    return first;
  }

  #step(transfer: ArchiveTransfer, at: number): void {
    const isOver = at >= transfer.recordings.length;
    const next: ArchiveTransfer = {
      ...transfer,
      state: isOver ? "done" : this.#isCancelled ? "cancelled" : "running",
      recordings: transfer.recordings.map((one, i) =>
        i !== at || this.#isCancelled
          ? one
          : { ...one, state: "new", bytes: 96_000, papers: 12, beside: i === 0 ? 2 : 0 },
      ),
    };
    this.#transfer = next;
    this.#host.emit("archive.moved", next);
    if (next.state === "running") setTimeout(() => this.#step(next, at + 1), this.#host.tickMs);
  }
}

const none = (): AppError => new AppError("contract/cluster-none", "This window is connected to no cluster");

const standing: ClusterStanding = {
  workers: [
    { id: "a", host: "ward-2", processor: "AMD EPYC 7763", lanes: 8, busy: 2, isOurs: true },
    { id: "b", host: "ward-3", processor: "AMD EPYC 7763", lanes: 8, busy: 0, isOurs: true },
    { id: "c", host: "old-1", processor: "Intel Xeon E5-2670", lanes: 4, busy: 1, isOurs: false },
  ],
  ...{ waiting: 3, active: 2 },
};
