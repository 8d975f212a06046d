import type { ByteSource } from "../format.ts";
import { parseAnnotationLists, type AnnotationList } from "./annotation-list.ts";
import type { EdfHeader, EdfSignal } from "./header.ts";
import type { RepairBook } from "../repair-book.ts";

/** The data records that are really there. */
export interface Records {
  readonly whole: number;
  readonly partialBytes: number; // of one more record at the end
}

/**
 * How many records the file holds: by its size where the header says -1, nothing or more than there is; as declared
 * where only a tail follows that is no record.
 */
export async function findRecords(source: ByteSource, edf: EdfHeader, book: RepairBook): Promise<Records> {
  const { recordBytes, declaredRecords: declared } = edf;
  const dataBytes = Math.max(0, source.size - edf.dataOffset);
  if (recordBytes === 0) return { whole: 0, partialBytes: 0 };
  const inFile = Math.floor(dataBytes / recordBytes);
  const rest = dataBytes - inFile * recordBytes;
  const cut = (records: number): Records => {
    if (rest === 0) return { whole: records, partialBytes: 0 };
    book.note(
      "EDF_TRUNCATED_RECORD",
      "warning",
      { bytes: rest, recordBytes },
      edf.dataOffset + records * recordBytes,
    );
    return { whole: records, partialBytes: rest };
  };
  if (declared === undefined) {
    book.note("EDF_RECORD_COUNT_MISSING", "warning", { records: inFile }, 236);
    return cut(inFile);
  }
  if (declared > inFile) {
    book.note("EDF_RECORD_COUNT", "warning", { declared, records: inFile }, 236);
    return cut(inFile);
  }
  if (declared === inFile) {
    if (rest > 0) book.note("EDF_TAIL", "warning", { bytes: rest }, source.size - rest);
    return { whole: inFile, partialBytes: 0 };
  }
  const tailAt = edf.dataOffset + declared * recordBytes;
  if (edf.isPlus && (await readRecordOnset(source, edf, declared)) === undefined) {
    book.note("EDF_TAIL_RECORDS", "warning", { bytes: source.size - tailAt, records: declared }, tailAt);
    return { whole: declared, partialBytes: 0 };
  }
  book.note("EDF_RECORD_COUNT", "warning", { declared, records: inFile }, 236);
  return cut(inFile);
}

/** The start that record 0 gives itself; undefined in plain EDF. */
export async function firstRecordOnset(
  source: ByteSource,
  edf: EdfHeader,
  records: Records,
  book: RepairBook,
): Promise<number | undefined> {
  if (!edf.isPlus || (records.whole === 0 && records.partialBytes === 0)) return undefined;
  const onset = await readRecordOnset(source, edf, 0);
  if (onset === undefined) {
    book.note("EDF_FIRST_ONSET_MISSING", "warning", {}, edf.dataOffset);
    return undefined;
  }
  if (Math.abs(onset) > 366 * 86400) {
    book.note("EDF_FIRST_ONSET", "warning", { onset }, edf.dataOffset);
    return undefined;
  }
  if (onset >= 1 || onset < 0) {
    book.note("EDF_START_OFFSET", "info", { onset }, edf.dataOffset);
  }
  return onset;
}

async function readRecordOnset(
  source: ByteSource,
  edf: EdfHeader,
  record: number,
): Promise<number | undefined> {
  const signal = edf.signals.find(({ isAnnotations }) => isAnnotations);
  if (signal === undefined) return undefined;
  const bytes = await source.read(
    edf.dataOffset + record * edf.recordBytes + signal.byteOffset,
    signal.byteLength,
  );
  return recordOnset(parseAnnotationLists(bytes).lists);
}

/** The first list of a record's first annotation signal is its clock: an onset with an empty first text. */
export const recordOnset = (lists: readonly AnnotationList[]): number | undefined =>
  lists[0] !== undefined && lists[0].at === 0 && lists[0].texts[0] === "" ? lists[0].onsetS : undefined;

export const annotationSignals = (edf: EdfHeader): readonly EdfSignal[] =>
  edf.signals.filter(({ isAnnotations }) => isAnnotations);
