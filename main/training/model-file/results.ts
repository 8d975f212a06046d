import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { ModelCard, ModelExport, StepCard } from "../../../preload/contract/model-file.ts";
import type { Run } from "../../../preload/contract/run.ts";

export interface ExportedModel {
  readonly bytes: Uint8Array;
  readonly card: ModelCard | StepCard;
  readonly check: ModelExport["check"];
}

export interface ImportRequest {
  readonly bytes: Uint8Array;
  readonly file: string; // its name, for the record and for messages
  readonly now: string;
}

export interface ImportedFile {
  readonly run: Run;
  readonly model: Uint8Array; // packed as the library keeps it
  readonly labelSet: LabelSet | undefined;
  readonly card: ModelCard;
}
