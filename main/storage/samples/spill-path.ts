/** Where samples of a recording wait while the library does not take them: beside it, and deleted with the recording. */
export const spillPath = (libraryPath: string, recordingId: string): string =>
  `${libraryPath}.${recordingId}.spill`;
