import type { ClusterReached, ClusterStanding } from "../../../preload/contract/cluster.ts";
import type { StudyOrder, StudyOutcome } from "../../../preload/contract/study.ts";
import type { ArchivedRecording, ArchiveSearch } from "../archive.ts";
import type { Pulled } from "../pull.ts";
import type { Pushed } from "../push.ts";
import type { AskedStudy } from "../studies.ts";
import type { FrozenRecording, Submitted, Work, WorkState } from "../works.ts";

/** A recording of the archive, and the ids that its samples have where they came from. */
export interface ListedRecording extends ArchivedRecording {
  readonly knownAs: readonly string[];
}

/** What the thread answers that speaks with the cluster. Everything but a test goes to the address that it was told first. */
export interface ClusterCalls {
  open: { ask: { readonly address: string }; answer: undefined };
  /** Another address, or the same once more; nothing of it is kept. */
  test: { ask: { readonly address: string; readonly version: string }; answer: Omit<ClusterReached, "name"> };
  standing: { ask: { readonly version: string }; answer: ClusterStanding };

  freeze: { ask: { readonly id: string; readonly by: string }; answer: FrozenRecording };
  submit: {
    ask: { readonly work: Work; readonly by: string; readonly priority: number };
    answer: Submitted;
  };
  state: { ask: { readonly id: string }; answer: WorkState };
  result: { ask: { readonly id: string; readonly fit: number }; answer: Uint8Array | undefined };
  cancelWork: { ask: { readonly id: string }; answer: undefined };

  askStudy: {
    ask: {
      readonly order: StudyOrder;
      readonly ids: readonly string[]; // in the archive
      readonly by: string;
      readonly version: string;
      readonly priority: number;
    };
    answer: AskedStudy;
  };
  /** What workers said, into the library. */
  fetchStudy: { ask: { readonly id: string; readonly again: boolean }; answer: StudyOutcome };

  list: { ask: ArchiveSearch; answer: ListedRecording[] };
  push: { ask: { readonly id: string }; answer: Pushed };
  pull: { ask: { readonly id: string }; answer: Pulled };
}
