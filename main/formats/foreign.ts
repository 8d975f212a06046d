/** A format Kodo does not read, and what to do with such a file. */
export interface ForeignFormat {
  readonly title: string;
  readonly instead: string;
}

const latin = (head: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...head.subarray(from, to));

const matlab =
  "in MATLAB, write its samples as a table (writetable or writematrix, with a column of times) or as EDF (edfwrite), and import that";

const known: readonly (readonly [ForeignFormat, (head: Uint8Array, name: string) => boolean])[] = [
  [
    { title: "a MATLAB file (level 5)", instead: matlab },
    (head) => latin(head, 0, 19) === "MATLAB 5.0 MAT-file",
  ],
  [
    { title: "a MATLAB file (version 7.3)", instead: matlab },
    (head, name) => latin(head, 0, 19) === "MATLAB 7.3 MAT-file" || (isHdf5(head) && /\.mat$/i.test(name)),
  ],
  [
    {
      title: "an HDF5 file",
      instead: "write its samples as CSV or EDF with the program that made it, and import that",
    },
    (head) => isHdf5(head),
  ],
  [
    {
      title: "a spreadsheet or another zip archive",
      instead: "save the sheet as CSV, or unpack the archive, and import that",
    },
    (head) => latin(head, 0, 4) === "PK\x03\x04",
  ],
  [
    { title: "a DICOM file", instead: "export its waveform as EDF or CSV, and import that" },
    (head) => latin(head, 128, 132) === "DICM",
  ],
  [
    {
      title: "a BrainVision header",
      instead: "convert the recording to EDF (BrainVision Analyzer, MNE or EEGLAB), and import that",
    },
    (head) => latin(head, 0, 60).startsWith("Brain Vision Data Exchange Header File"),
  ],
  [
    { title: "a GDF file", instead: "convert it to EDF (SigViewer or BioSig), and import that" },
    (head) => latin(head, 0, 4) === "GDF ",
  ],
  [
    { title: "a PDF", instead: "a picture of a trace holds no samples; ask for the recording itself" },
    (head) => latin(head, 0, 5) === "%PDF-",
  ],
];

const isHdf5 = (head: Uint8Array): boolean =>
  latin(head, 0, 8) === "\x89HDF\r\n\x1a\n" || latin(head, 512, 520) === "\x89HDF\r\n\x1a\n";

/** Which of the formats that people bring, and Kodo does not read, a file is in. */
export const foreignFormat = (head: Uint8Array, name: string): ForeignFormat | undefined =>
  known.find(([, fits]) => fits(head, name))?.[0];
