/**
 * Sentences that main says and the window shows: a code, values by name, and the English wording, in which `{{name}}`
 * marks a value. The window has the Japanese wordings; the command line speaks English.
 */
export type Values = Readonly<Record<string, string | number>>;

type NamesIn<Text extends string> = Text extends `${string}{{${infer Name}}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;
/** The values a sentence needs, by name: the type checker knows them from its text. */
export type ValuesIn<Text extends string> = { readonly [Name in NamesIn<Text>]: string | number };

/** Puts values into a sentence. */
export const fillIn = (sentence: string, values: Values): string =>
  numbered(sentence.replace(/\{\{(\w+)\}\}/g, (mark, name: string) => String(values[name] ?? mark)));

/** Verbs that follow what is counted, of one. */
const ofOne: ReadonlyMap<string, string> = new Map([
  ...([
    ["are", "is"],
    ["were", "was"],
    ["have", "has"],
    ["do", "does"],
  ] as const),
  ...["lie", "stay", "stand", "name"].map((verb) => [verb, `${verb}s`] as const),
]);

/** `64 window(s) lie` as `64 windows lie`, `1 window(s) lie` as `1 window lies`. A noun that no number stands before stays. */
export const numbered = (english: string): string =>
  english.replace(
    /\b(\d+)((?: [a-z]+)* [a-z]+)\(s\)(?: ([a-z]+))?/g,
    (_, count: string, noun: string, next?: string) => {
      const isOne = Number(count) === 1;
      const follows = next === undefined ? "" : ` ${isOne ? (ofOne.get(next) ?? next) : next}`;
      return `${count}${noun}${isOne ? "" : "s"}${follows}`;
    },
  );

/** What a reader had to mend or leave out, a writer to change, an import to decide. */
export const repairSentences = {
  ALREADY_THERE: "{{file}} is in the library already, as {{recording}}",
  ANNOTATIONS_ADDED: "{{count}} annotation(s) went to {{recording}}",
  ANNOTATIONS_ADDED_MORE: "{{count}} annotation(s) went to {{recordings}} more recording(s)",
  ANNOTATIONS_BESIDE:
    "{{file}} holds annotations only; they went to {{recording}}, which starts at the same time",
  ANNOTATIONS_BY_NAME:
    "{{file}} holds annotations only; they went to {{recording}}, which has the same name (the start of one is unknown)",
  ANNOTATIONS_FAR:
    "{{file}}: {{count}} annotation(s) lie beyond {{limit}} s, which no recording lasts, and are left out",
  ANNOTATIONS_KNOWN: "{{count}} annotation(s) of {{file}} are in the library already and are not added again",
  ANNOTATIONS_OUTSIDE: "{{count}} annotation(s) lie outside {{recording}} and are left out",
  BIDS_BAD_CHANNEL: '{{file}} calls channel "{{label}}" bad{{why}}; its samples are kept',
  BIDS_CHANNELS_ABSENT: "{{file}} describes {{count}} channel(s) that the recording does not have: {{names}}",
  BIDS_DESCRIPTION: "{{file}} is no JSON object; it is not read",
  BIDS_EVENTS: "{{file}}: {{count}} event(s) became annotations",
  BIDS_EVENTS_LEFT_OUT:
    "{{file}}: {{rows}} row(s), the first in line {{line}}, have no onset or duration in seconds and are left out",
  BIDS_TOO_LONG: "{{file}} has {{size}} bytes, more than describe a recording; it is not read",
  BIDS_UNIT:
    '{{file}} gives "{{label}}" in {{theirs}}; the recording\'s own header says {{ours}}, which is used',
  CSV_COLUMNS_LEFT_OUT: "{{file}}: {{count}} column(s) are not channels and are left out: {{columns}}",
  CSV_CUT_ROW: "{{file}}: the file ends within line {{line}}; that row is left out",
  CSV_DATE_ORDER: "{{file}}: its dates may have the day or the month first; say which",
  CSV_ENDS_APART:
    "{{file}}: its columns end at different times, the first after {{shortest}} s, the last after {{longest}} s",
  CSV_EXTRA_CELLS: "{{file}}: line {{line}} has more cells than the table has columns; they are not read",
  CSV_HELD:
    "{{file}}: the times are irregular; at {{rate}} Hz, as asked, {{held}} samples repeat the row before them",
  CSV_IRREGULAR_TIME:
    '{{file}}: its times go on in steps of {{shortest}} to {{longest}} s; give a sample rate to place the rows on an even grid, or choose "no time column"',
  CSV_LABEL_COLUMN:
    '{{file}}: the column "{{column}}" became {{count}} annotation(s), one a run of equal values',
  CSV_NO_COLUMNS: "{{file}} has no column of numbers",
  CSV_NO_RATE:
    "{{file}} has no column of times, or one that tells no rate; its sample rate in Hz must be given",
  CSV_NO_ROWS: "{{file}} has no row of values after its {{headerRows}} header row(s)",
  CSV_OWN_HEADER: "{{file}} says it was written by Kodo, but its columns do not fit; it is read as any table",
  CSV_PADDING: "{{file}}: zeros below the last sample of {{columns}} are padding and are left out",
  CSV_PART_ALONE: "{{file}} is a part of {{main}}; its channels are read alone",
  CSV_PART_MISSING:
    "{{file}} has a part, {{part}}, that is not beside it or does not fit; its channels are missing",
  CSV_RATE_CONFLICT:
    "{{file}}: the time column goes at about {{measured}} Hz; {{given}} Hz is used as given and the column is ignored",
  CSV_RATE_OF_FETUS:
    '{{file}}: "{{column}}" says not whose heart rate it is; beside contractions it is read as the fetus\'s',
  CSV_RATE_UNCLEAR:
    "{{file}}: the header says {{stated}} Hz, the times go on at about {{measured}} Hz; give the sample rate that is right",
  CSV_REPEATED_TIME:
    "{{file}}: {{rows}} row(s), the first in line {{line}}, lie at or before the sample of the row above; they are left out",
  CSV_REPEATED_TIME_HELD:
    "{{file}}: {{rows}} row(s), the first in line {{line}}, lie at or before the sample of the row above; the later row is kept",
  CSV_SEVERAL_RATES:
    "The channels have {{count}} sample rates; a table has one, so {{count}} tables are written; kept side by side, they are read as one recording",
  CSV_SHORT_ROW:
    "{{file}}: {{rows}} row(s), the first in line {{line}}, have fewer cells than columns; what they lack is missing",
  CSV_SIDECAR: "{{file}} is not what Kodo writes beside a table; its annotations are not read",
  CSV_TIME: "{{file}}: the time column cannot be used ({{value}} in line {{line}})",
  CSV_TIME_MILLISECONDS:
    "{{file}}: the time column has no unit; its whole numbers are taken as milliseconds. A given sample rate overrides this",
  CSV_TIME_SECONDS:
    "{{file}}: the time column has no unit; its whole numbers are taken as seconds. A given sample rate overrides this",
  CSV_TRUNCATED: "{{file}} holds {{rows}} of {{expected}} rows; the rest stays not recorded",
  CSV_UNCLEAR_TIMES:
    "{{file}}: the column {{column}} stands left of every time column; say which times are its own, or leave it out",
  DEIDENTIFIED:
    "Names, dates, notes and typed text are left out; people, recordings and authors carry codes, the same in every export of this library",
  DEIDENTIFIED_CHANNELS: "{{count}} channel(s) whose label or unit may hold a name are called by their role",
  DEIDENTIFIED_TEXTS:
    "{{count}} annotation text(s) of no built-in label set may hold a name and are written as codes (label-...)",
  EDF_ANNOTATION: 'Bytes that are no annotation, left out: "{{value}}"',
  EDF_ANNOTATION_CONTROL: 'Control characters in "{{label}}" are written as blanks',
  EDF_ANNOTATION_DURATION: 'A duration that is no number, read as none: "{{value}}"',
  EDF_ANNOTATION_EMPTY:
    'An annotation without a text is written "(empty)": EDF+ has no place for it; Kodo reads it back as it was',
  EDF_ANNOTATION_LONG:
    'The text "{{label}}..." is cut to {{limit}} bytes for other programs; Kodo reads it back whole',
  EDF_ANNOTATION_SIGN: 'An onset without its sign, read as positive: "{{value}}"',
  EDF_ANNOTATION_SIGNAL_LONG: "An annotation signal of {{length}} bytes a record: read up to {{limit}}",
  EDF_ANNOTATION_TEXT: 'An annotation that is not UTF-8, read as "{{value}}"',
  EDF_AS_BDF:
    "Written as BDF+ (24 bits): the whole numbers of {{channels}} do not fit 16 bits with one code left for missing samples",
  EDF_CONTINUOUS_ONSET:
    "Record {{record}} says it starts at {{startS}} s, {{expected}} s follows from the record duration: read as continuous, as the file is marked",
  EDF_DATE: 'Start date "{{date}}" is no date (dd.mm.yy)',
  EDF_DATE_FORM: 'Start date "{{date}}" is not written dd.mm.yy',
  EDF_DATE_MISMATCH: 'Start date "{{date}}" differs from "{{used}}" in the recording field, which is used',
  EDF_DECIMALS:
    "{{label}}: {{type}} values with {{decimals}} decimals are written as whole numbers, each within the precision of {{type}}",
  EDF_DETAILS:
    "Notes, channels or authors of {{count}} annotation(s) stand in texts of their own, which Kodo reads and other programs pass over",
  EDF_DUPLICATE_LABEL:
    '{{count}} channels are called "{{label}}": all are kept; annotations naming it go to the first',
  EDF_EMPTY_SIGNAL: "{{label}} has no samples a record: left out",
  EDF_FACTS:
    "{{count}} header fact(s) have no field in EDF+ and stand in a text that only Kodo reads: {{names}}",
  EDF_FIRST_ONSET: "Record 0 says it starts at {{onset}} s: read as starting at 0 s",
  EDF_FIRST_ONSET_MISSING: "Record 0 carries no start time: read as starting at 0 s",
  EDF_GAIN:
    "{{label}}: gain {{gain}} becomes {{written}} in eight characters; digital values are kept, physical ones change by {{change}} {{unit}} at most",
  EDF_HEADER_BYTES: "Header holds byte 0x{{byte}}, allowed 0x20 to 0x7E: read as a blank",
  EDF_HEADER_CHOSEN: "Header text is not ASCII: read, as chosen, as {{encoding}}",
  EDF_HEADER_ENCODING: "Header text is not ASCII: read as {{encoding}}",
  EDF_HEADER_LENGTH: 'Header length "{{value}}" does not fit {{signals}} signals: read as {{expected}}',
  EDF_LABEL: 'Channel {{channel}} "{{label}}" is written "{{written}}" (16 ASCII characters, each once)',
  EDF_NEGATIVE_GAIN:
    "{{label}}: physical minimum {{physMin}} above the maximum {{physMax}}: the gain is negative, as declared",
  EDF_NO_ANNOTATION_SIGNAL: "Marked {{mark}} without an annotation signal: read as plain {{base}}",
  EDF_NO_RECORD_TIMES:
    "Marked {{mark}} without an annotation signal: read as plain {{base}}; the records' times are unknown, they are read as continuous",
  EDF_NUMBER: "{{label}}: {{text}} is not written as EDF wants; read as {{value}}",
  EDF_OUT_OF_RANGE:
    "{{label}}: {{count}} sample(s) outside the declared digital range {{digMin}} to {{digMax}}; kept as they are, with the declared scaling",
  EDF_OUT_OF_RANGE_CHANNELS:
    "{{channels}} channels ({{labels}}): {{count}} sample(s) outside the declared digital ranges; kept as they are, with the declared scaling",
  EDF_PADDED:
    "The last record of {{duration}} s is filled up; other programs show the lowest value after the end, Kodo reads the exact length",
  EDF_PATIENT: 'Patient field "{{text}}" lacks {{missing}} of its 4 items: read as unknown',
  EDF_PATIENT_CUT:
    'The patient field holds 80 characters; written is "{{patient}}", Kodo reads the whole back',
  EDF_PLUS_UNMARKED:
    'An annotation signal although the file is not marked EDF+ ("{{mark}}"): its annotations are read',
  EDF_QUANTISED:
    "{{label}}: {{type}} values are rounded to steps of {{step}}, so each changes by half a step at most",
  EDF_RATE: "{{label}}: {{rate}} Hz becomes {{written}} Hz, {{drift}} s an hour",
  EDF_RECORDING: 'Recording field "{{text}}" lacks {{missing}} of its 5 items: read as unknown',
  EDF_RECORD_COUNT: "{{declared}} records declared, the file holds {{records}}: what it holds is read",
  EDF_RECORD_COUNT_MISSING: "The header gives no number of records: {{records}} by the file's size",
  EDF_RECORD_DURATION: 'Record duration "{{value}}" cannot be right: read as 1 s',
  EDF_RECORD_FAR:
    "Record {{record}} says it starts at {{startS}} s, more than a year after the one before: read as following it",
  EDF_RECORD_GRID:
    "A record starts between two samples of {{label}}; it is placed at the nearer one, {{shift}} s away",
  EDF_RECORD_ONSET: "Record {{record}} carries no start time: read as following the one before",
  EDF_RECORD_ORDER:
    "Record {{record}} starts at {{startS}} s, before the one before ends ({{expected}} s): read as following it",
  EDF_OUTAGE_LONG:
    "{{label}}: more samples are missing than are made again; why the rest is missing was not kept, it counts as not recorded",
  EDF_RECORD_PLACE: "A record starts at sample {{sample}}, which cannot be: read as following the one before",
  EDF_SCALE:
    "{{label}}: gain {{gain}} and offset {{offset}} cannot be written; the values are written as counts",
  EDF_SIGNAL_COUNT: 'Number of signals "{{value}}" cannot be right: {{signals}} by the header\'s length',
  EDF_START_OFFSET: "Record 0 starts at {{onset}} s: the recording's start is moved by that",
  EDF_START_UNKNOWN: "The start is unknown: written as 01.01.85 00.00.00 with Startdate X",
  EDF_START_UNREADABLE: 'Start "{{start}}" is no ISO 8601 time: written as unknown',
  EDF_SUBJECT: 'Subject "{{subject}}" is written "{{written}}" (ASCII, no blanks)',
  EDF_TAIL: "{{bytes}} bytes after the last record: ignored",
  EDF_TAIL_RECORDS:
    "{{bytes}} bytes after the {{records}} declared records that are no record (no start time): ignored",
  EDF_TIME: 'Start time "{{time}}" is no time (hh.mm.ss)',
  EDF_TIME_FORM: 'Start time "{{time}}" is not written hh.mm.ss',
  EDF_TRUNCATED_RECORD:
    "The last record is cut: {{bytes}} of {{recordBytes}} bytes; its samples are kept as far as they go",
  EDF_UNCALIBRATED:
    '{{label}}: physical range "{{physMin}}" to "{{physMax}}" and digital range "{{digMin}}" to "{{digMax}}" give no scaling; kept as raw counts (gain 1, no unit)',
  EDF_UNIT: '{{label}}: unit "{{unit}}" is written "{{written}}" (8 ASCII characters)',
  EDF_UNIT_PREFIX:
    "{{label}}: written in {{written}}, since eight characters cannot hold the range in {{unit}}",
  EDF_VALUE_LOST: "{{label}}: {{count}} observed sample(s) without a finite number, written as missing",
  EDF_VERSION: "Version field padded with zero bytes",
  EDF_ZONE: 'Start {{start}}: EDF has no time zone, the clock time is written without "{{zone}}"',
  FACTS_LEFT_OUT: "{{file}}: {{count}} header field(s) more than the {{limit}} that are kept are left out",
  FHRMA_NO_START: "The time of the start is 0: read as unknown",
  FHRMA_TAIL: "{{bytes}} bytes at the end are no whole sample of {{sampleBytes}} bytes: ignored",
  FHRMA_UNUSED_CHANNEL: "{{label}} is 0, missing, all along: left out",
  FILES_LEFT_OUT: "{{folder}}: {{count}} file(s) are in no format Kodo reads and are left out: {{files}}",
  GZIP_DAMAGED:
    "{{file}} is damaged at {{inflated}} inflated bytes ({{cause}}); what was read until there is kept",
  GZIP_LENGTH:
    "{{file}} ends early or holds several members: {{inflated}} bytes inflated, its end says {{stated}}",
  INTERRUPTED_TWIN: "An interrupted import of {{file}} is in the library as {{recording}}; this one is whole",
  JSON_CUT: "{{file}} ends before it is complete; what it holds is read",
  LABELS_UNKNOWN: '{{count}} label(s) of no label set went to "{{set}}": {{labels}}',
  LABELS_MANY:
    'The set of imported labels is full ({{most}}); {{count}} further text(s) are labelled "Other text", each annotation keeps its own text',
  LABEL_BY_LETTER: '"{{word}}" was taken as the letter of "{{label}}" (label set {{set}})',
  NAME_TAKEN: "The library has a recording named {{name}}; this one is named {{free}}",
  NOT_RECOGNISED: "{{file}} is in no format Kodo reads; left out",
  OTHER_CLOCK:
    "{{names}}: the device has a clock of its own. Its samples are written at their places in the recording's time, {{from}} s later than at its nominal rate at the beginning and {{to}} s at the end, by whole samples: {{leftOut}} sample(s) are left out, {{empty}} place(s) are empty",
  RECORDINGS_UNKNOWN: "{{rows}} row(s) name recordings the library does not have: {{recordings}}",
  REPAIRS_MORE: "{{file}}: {{count}} more of {{code}} are not listed",
  TEXT_CONTROL: '{{file}}: control characters in "{{text}}" are replaced by blanks',
  TEXT_CUT: '{{file}}: "{{text}}" has {{length}} characters and is cut to {{limit}}',
  VALUES_TOO_LARGE: "{{label}}: {{count}} value(s) too large to be drawn count as out of range",
  WFDB_ANNOTATIONS_CUT:
    "{{file}} has no end mark; what comes before byte {{byte}} is read: {{count}} annotation(s)",
  READING_UNCLEAR:
    'it should declare a stretch read completely and cannot be read, so nothing is declared and no label made of it: "{{text}}"',
  READING_LEFT_OUT:
    '{{file}} declares a stretch read completely for label set "{{set}}", which the library does not have with these labels; it is left out',
  READ_FOR_OWN_WORDS:
    '{{file}} has words that no label set knows. They are in "{{set}}", beside the words of other files, for which nobody read it: it is not declared read completely for that set',
  READ_FOR_NO_LABEL:
    "{{file}} holds no annotation of {{recording}}, so that it does not say for which labels it was read; nothing is declared",
  WFDB_ANNOTATIONS_TOO_LONG: "{{file}} has {{size}} bytes and is not read",
  WFDB_BASELINE_ROUNDED:
    'The zero of "{{label}}" lies at {{exact}}; WFDB needs a whole number, {{baseline}} is written (Kodo keeps the exact one in a comment)',
  WFDB_CHANGED_SINCE:
    'The header line of "{{label}}" in {{record}} was changed after Kodo wrote it ({{fields}}); the line is used',
  WFDB_CHECKSUM:
    '{{file}}: the samples of "{{label}}" sum to {{sum}}, the header says {{checksum}}; the file may be damaged',
  WFDB_DEFAULT_RATE: "{{file}} gives no sample rate; 250 Hz, the format's default, is used",
  WFDB_FLAC_DAMAGED:
    "{{file}} is damaged or ends at byte {{byte}}: its first {{frames}} frames are read, the rest stays not recorded",
  WFDB_FOREIGN_SIGNAL:
    'Segment {{segment}}: signal "{{label}}" has no channel of its name and rate in the record and is left out',
  WFDB_GAIN: '{{file}}, line {{line}}: gain "{{gain}}" cannot be used; 200 per unit is assumed',
  WFDB_HEADER_FIELD: '{{file}}, line {{line}}: {{field}} "{{value}}" is not a whole number and is left out',
  WFDB_INITIAL_VALUE: '{{file}}: "{{label}}" begins with {{first}}, the header says {{declared}}',
  WFDB_NO_SEGMENT:
    "{{file}} names the segment {{segment}}, whose header is not beside it; samples {{first}} to {{last}} stay a gap",
  WFDB_NO_SIGNAL_FILE:
    "{{file}} names {{signalFile}}, which is not beside it; its {{channels}} channel(s) stay empty",
  WFDB_OPEN_INTERVAL: "{{file}}: {{count}} interval(s) have no end and are kept as points",
  WFDB_QUANTISED:
    '"{{label}}" holds fractions; WFDB stores whole numbers, so its values are kept in steps of {{step}} (largest error {{error}})',
  WFDB_RECORD_NAME: 'WFDB names hold letters, digits, _ and -: "{{name}}" is written as "{{written}}"',
  WFDB_SEGMENT_LENGTH:
    "{{file}} declares {{frames}} samples where its master header says {{used}}; the latter is used",
  WFDB_SEGMENT_RATE: "{{file}} has {{rate}} Hz where the record has {{expected}} Hz; the segment stays a gap",
  WFDB_SEVERAL_RATES:
    "The sample rates share no frame of up to {{limit}} samples; {{records}} records are written, one a group of rates",
  WFDB_SEVERAL_SCALES:
    '"{{label}}" of {{record}} has another scale in some segments; its samples are kept as physical values',
  WFDB_SIGNAL_COUNT:
    "{{file}} declares {{declared}} lines of signals or segments and lists {{listed}}; those listed are read",
  WFDB_START_TIME: '{{file}}: start "{{value}}" is not {{form}} and is left out',
  WFDB_TEXT_LONG:
    "{{count}} annotation text(s) do not fit {{limit}} bytes; other programs see their beginning, Kodo reads them whole",
  WFDB_TIME_ROUNDED:
    "The start {{start}} is written to the microsecond, the most other programs read; Kodo reads it whole",
  WFDB_TRAILING_BYTES: "{{file}} has {{bytes}} bytes after the {{frames}} declared frames; they are not read",
  WFDB_TRUNCATED:
    "{{file}} holds {{frames}} of the {{declared}} frames its header declares; the rest stays not recorded",
  WFDB_UNCALIBRATED:
    '"{{label}}" of {{record}} is not calibrated; 200 units per physical unit, the format\'s default, are assumed',
  XDF_CORRUPT: "Bytes from {{byte}} on are no chunk: read on from the boundary before {{resumed}}",
  XDF_CUT: "The file ends inside a chunk (tag {{tag}}); its samples are kept as far as they go",
  XDF_EMPTY_STREAM: 'Stream "{{stream}}" has no sample: left out',
  XDF_IRREGULAR:
    'Stream "{{stream}}" has no fixed rate: its {{count}} values are no signal and no markers, and are left out',
  XDF_NO_HEADER: "Samples of stream {{stream}}, which no header describes: left out",
  XDF_RATE: 'Stream "{{stream}}": {{nominal}} Hz are announced, {{rate}} Hz were measured and are used',
  XDF_SAMPLES: 'Stream "{{stream}}": a chunk holds fewer samples than it says; those it holds are kept',
  XDF_TIMES:
    'Stream "{{stream}}": {{count}} stretch(es) lie before the one above, or more than a year after: read as following it',
} as const;
export type RepairCode = keyof typeof repairSentences;

/** What must be put right before a training can start. */
export const problemSentences = {
  BACKGROUND_OUTDATED:
    'The background rule "annotated-recordings" took every unmarked window of a recording with one mark for none. Use "read-completely", and declare the recordings that were read through.',
  CONSENSUS_TEACHES:
    "In {{count}} recording(s) what readers agreed upon and decided teaches ({{recordings}}), not what each of them marked.",
  READ_BLIND:
    "You read {{recordings}} blind ({{count}} in all): a training on them would tell what others labelled. Leave them out, declare them read completely, or leave blind reading in the review.",
  READER_UNKNOWN:
    "No label or declaration by {{readers}} in the chosen recordings; there are those by {{known}}.",
  READERS_TOGETHER:
    "{{readers}} labelled the same recordings ({{recordings}}, {{count}} in all). An event that several marked counts once; what one of them marked is taught, whatever the others say. Decide where they differ, or choose whose labels teach.",
  READERS_UNDECIDED:
    "{{count}} place(s) where readers differ are not decided in {{recordings}} ({{total}} in all): they teach neither way.",
  CENTRE_TOO_LONG: "The judged centre of {{centreS}} s is longer than the window of {{windowS}} s.",
  CHANNEL_MISSING: "No channel {{channel}} in {{recordings}} ({{count}} in all).",
  CHANNEL_EMPTY:
    "No sample of {{channel}} was observed in {{recordings}} ({{count}} in all): they teach nothing of it.",
  CHANNEL_OF_SEVERAL:
    "{{found}} is taken for {{channel}} in {{recordings}} ({{total}} in all), which also have {{others}}.",
  CHANNEL_RENAMED: "{{found}} is taken for {{channel}} in {{recordings}} ({{total}} in all).",
  CHANNEL_TWICE: "The channel {{channel}} is chosen twice.",
  CHANNEL_UNHEARD:
    "This model looks at a channel of the role {{role}}, which {{recordings}} have ({{count}} in all), and none is chosen.",
  ENGINE_ABSENT:
    'The engine {{engine}} was asked for and is not installed: "npm run tensorflow" or the settings page installs it.',
  EVENTS_NOT_READ:
    "No training recording was declared read completely for these labels: without that, a stretch without a mark teaches nothing.",
  FOLDS_AND_TEST_SUBJECTS:
    "Cross-validation tests every labelled subject once; test subjects cannot be named beside it: {{subjects}}.",
  FOLDS_NOT_FOR_EVENTS:
    "Models of whole recordings are tested on named people; they have no cross-validation here.",
  FOLDS_TOO_MANY: "{{folds}} folds need at least {{folds}} subjects with labels; there are {{count}}.",
  GROUP_CHANNEL_MISSING: "The labels {{labels}} need a channel that measures {{role}}, and none is chosen.",
  LABELS_NEEDED: "This model learns from labels: choose at least one.",
  LABELS_NOT_LOOKED_AT: "This model learns from the signals alone: the chosen labels are not looked at.",
  LABEL_GROUPS:
    "The labels stand in {{count}} groups of their set ({{groups}}), and labels of different groups may hold at once: choose those of one group.",
  LABEL_IS_MOMENT: "{{labels}}: a label of a moment has no duration that could be found.",
  LABEL_GROUPS_TOO_MANY:
    "The chosen labels stand in {{count}} groups of their set; this model learns at most {{most}} at once.",
  LABELS_TOO_MANY:
    "{{count}} labels of the group {{group}} are chosen; this model learns at most {{most}} of one group.",
  LABEL_TWICE: "A label is chosen twice, or is called none beside the background.",
  LABEL_UNKNOWN: "The label set has no label {{labels}}.",
  NO_EVENT_OF_LABEL: "No training recording that was read holds an event labelled {{label}}.",
  NO_LABELLED_TEST: "No labelled window of a test subject.",
  NO_LABELLED_VALIDATION: "No labelled window of a validation subject.",
  NO_ONE_TO_CALIBRATE:
    "No recording is left to calibrate by: name a validation subject, or let at least two people train.",
  NO_TEST_SUBJECT: "No test subject: results need at least one subject that was never trained on.",
  NO_TRAINING_SUBJECT: "No subject is left to train on.",
  NO_VALIDATION_SUBJECT:
    "No validation subject: name one, or train at least two people with labels and two members so that each can be left out in turn.",
  NOTHING_MARKED:
    "No training recording has a mark of the chosen labels: this model learns from marked stretches alone.",
  ONE_CLASS: "One class only: choose at least two labels, or count unmarked windows as a class.",
  RECORDING_DAMAGED:
    "Labels, masks or other stored facts of {{recordings}} are damaged ({{count}} in all): leave them out.",
  RECORDINGS_SHORT: "Every recording is shorter than the window of {{windowS}} s.",
  RECORDINGS_NOT_READ:
    "{{count}} recording(s) were not declared read completely ({{recordings}}): they teach through the rules alone.",
  RECORDINGS_NOT_MARKED:
    "{{count}} recording(s) have no mark of the chosen labels ({{recordings}}): they teach nothing.",
  SIGNALS_ALONE:
    "No training recording was declared read completely for these labels: the model learns from the signals alone.",
  SUBJECT_IN_TWO_PARTS: "Both test and validation: {{subjects}}. A subject can be only one of them.",
  SUBJECT_UNKNOWN: "No chosen recording is of subject {{subjects}}.",
  TEST_NOT_READ: "No recording of a test subject was declared read completely: there is nothing to judge by.",
  TEST_NOT_MARKED:
    "No recording of a test subject has a mark of the chosen labels: there is nothing to judge by.",
  TOO_FEW_WINDOWS:
    "Training people have {{count}} window(s) labelled {{label}}; at least {{needed}} are needed.",
  VALIDATION_NOT_READ:
    "No recording is left to choose thresholds and calibration by: name a validation subject whose recording was read completely, or let at least two labelled subjects train.",
  VALIDATION_NOT_MARKED:
    "No recording is left to calibrate by: name a validation subject with marks of the chosen labels, or let at least two labelled subjects train.",
  VARIATION_GAIN:
    "The amplitudes of these signals ({{front}}) mean what they say and cannot be varied: the gain of the variation must be 0.",
  NOT_READ_COMPLETELY:
    "{{count}} window(s) without a mark in {{recordings}} ({{total}} in all) are unlabelled, not none: nobody declared them read completely. Where a recording was read through, declare it, in the review or with `kodo annotations complete`.",
  ELECTRODES_UNOBSERVED:
    "{{count}} window(s) cannot be assessed: over {{channel}} too little is observed there on average.",
  WINDOWS_UNOBSERVED:
    "{{count}} window(s) cannot be assessed: too little of {{channel}} is observed there, which the labels speak about.",
  VARIATION_SHIFT:
    "A time shift of up to {{shiftS}} s is more than half of the window of {{windowS}} s: labels would no longer fit.",
} as const;
export type ProblemCode = keyof typeof problemSentences;
