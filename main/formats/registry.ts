import type { FormatReader, FormatWriter } from "./format.ts";
import { withBids } from "./bids/beside.ts";
import { bdfReader, edfReader } from "./edf/reader.ts";
import { edfWriter } from "./edf/writer.ts";
import { fhrReader, fhrmReader } from "./fhrma/reader.ts";
import { csvReader } from "./csv/reader.ts";
import { csvWriter } from "./csv/writer.ts";
import { guarded } from "./gate.ts";
import { jsonReader } from "./json/reader.ts";
import { jsonWriter } from "./json/writer.ts";
import { wfdbReader } from "./wfdb/reader.ts";
import { wfdbWriter } from "./wfdb/writer.ts";
import { xdfReader } from "./xdf/reader.ts";

/** Every format Kodo reads, asked in this order, each behind the gate. One import and one line a format. */
export const readers: readonly FormatReader[] = [
  withBids(edfReader),
  withBids(bdfReader),
  fhrmReader,
  fhrReader,
  wfdbReader,
  csvReader,
  jsonReader,
  xdfReader,
].map(guarded);

/** Every format Kodo writes. */
export const writers: readonly FormatWriter[] = [edfWriter, wfdbWriter, csvWriter, jsonWriter];

/** The reader for a file, by its first bytes (4 KiB at most) and its name without `.gz`. */
export const recognise = (head: Uint8Array, name: string): FormatReader | undefined =>
  readers.find((reader) => reader.recognises(head, name));
