/** Stable handles for end-to-end tests. A test id may be added, never renamed. */
export const testIds = {
  railLibrary: "rail-library",
  railRecord: "rail-record",
  railReview: "rail-review",
  railTrain: "rail-train",
  railLayers: "rail-layers",
  railModels: "rail-models",
  railSettings: "rail-settings",
  palette: "open-palette",
  paletteInput: "palette-input",
  inspector: "inspector",
  savedState: "saved-state",
  keyOverlay: "key-overlay",
  errorPage: "error-page",

  libraryPage: "library-page",
  importFiles: "import-files",
  importTable: "import-table", // the guided dialog for CSV and TSV
  importTableStart: "import-table-start",
  addAnnotations: "add-annotations", // from a file, to the recording shown
  openSample: "open-sample",
  recordingFault: "recording-fault", // what of its rows is damaged
  readOnly: "read-only", // the library can be looked at only
  missesMost: "misses-most", // the channel whose missing share a row shows
  recordingRow: "recording-row", // data-name, data-id
  recordingSearch: "recording-search",
  removeRecording: "remove-recording",
  undoRemove: "undo-remove",
  openReview: "open-review",
  repairs: "repairs",
  exportRecordings: "export-recordings",
  exportStart: "export-start",
  job: "job", // data-kind, data-state
  jobCancel: "job-cancel",
  jobRetry: "job-retry", // set how a table that failed is read
  dropOverlay: "drop-overlay",
  selectionPanel: "selection-panel",
  filtersOn: "filters-on",
  clearFilters: "clear-filters",
  openBin: "open-bin",
  binPage: "bin-page",
  binRow: "bin-row", // data-name, data-kind
  binRestore: "bin-restore",
  binPurge: "bin-purge",
  binEmpty: "bin-empty",
  purgeConfirm: "purge-confirm",
  inBin: "in-bin",
  welcome: "welcome",
  startTour: "start-tour",
  tourPanel: "tour-panel", // data-step
  tourNext: "tour-next",
  tourEnd: "tour-end",

  recordPage: "record-page",
  reviewPage: "review-page",
  noRecording: "no-recording",

  trainPage: "train-page",
  trainRecording: "train-recording", // data-name
  trainAll: "train-all",
  trainLabelSet: "train-label-set",
  trainLabelGroup: "train-label-group",
  trainPreview: "train-preview", // data-labelled, data-unlabelled, data-unassessable
  trainParts: "train-parts",
  trainSplit: "train-split",
  trainFolds: "train-folds",
  trainProblems: "train-problems",
  trainAdvice: "train-advice",
  startTraining: "start-training",
  cancelTraining: "cancel-training",
  pauseTraining: "pause-training",
  resumeTraining: "resume-training",
  runName: "run-name",
  removeRun: "remove-run",
  undoRemoveRun: "undo-remove-run",
  saveRunRecord: "save-run-record",
  exportModel: "export-model",
  importModel: "import-model",
  newTraining: "new-training",
  runProgress: "run-progress", // data-phase
  foldTable: "fold-table",
  runResult: "run-result", // data-run, data-accuracy, data-ece, data-nll, data-lda, data-supervised
  runRow: "run-row", // data-run, data-phase
  nextWindow: "next-window", // data-recording, data-onset

  layersPage: "layers-page",
  layerRow: "layer-row", // data-layer
  layerSentence: "layer-sentence",
  layerMode: "layer-mode",

  modelsPage: "models-page",
  modelCard: "model-card", // data-model

  settingsPage: "settings-page",
  settingsLanguage: "settings-language",
  settingsTheme: "settings-theme",
  settingsAuthor: "settings-author",
  settingsEngines: "settings-engines",
  checkLibrary: "check-library",
  stopCheck: "stop-check",
  backUpLibrary: "back-up-library",
  libraryCare: "library-care", // what a check found, where a copy lies
  engineRow: "engine-row",
  installEngine: "install-engine",
  cancelInstall: "cancel-install",
  removeEngine: "remove-engine",
  trainEngine: "train-engine",
  trainModel: "train-model",
  trainSetting: "train-setting",
  trainExpert: "train-expert",
  engineChoice: "engine-choice",
} as const;
