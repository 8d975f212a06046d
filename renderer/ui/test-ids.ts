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
  otherClock: "other-clock",
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
  printDialog: "print-dialog",
  printStart: "print-start",
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
  binMore: "bin-more",
  binEmpty: "bin-empty",
  openArchive: "open-archive",
  pushRecordings: "push-recordings",
  predictRecordings: "predict-recordings",
  analyseRecordings: "analyse-recordings",
  studyDialog: "study-dialog", // data-where
  studyRun: "study-run",
  studyLooked: "study-looked", // data-fitting, data-known
  studyStart: "study-start",
  studyGoOn: "study-go-on",
  ucRecordings: "uc-recordings", // a rule about the signal over many
  passDialog: "pass-dialog", // data-what
  passLooked: "pass-looked", // data-recordings, data-seconds
  passStart: "pass-start",
  passUndo: "pass-undo",
  archivePage: "archive-page",
  archiveSearch: "archive-search",
  archiveRow: "archive-row", // data-name, data-here
  archivePull: "archive-pull",
  archiveMore: "archive-more",
  transfer: "transfer", // data-kind, data-state
  transferCancel: "transfer-cancel",
  purgeConfirm: "purge-confirm",
  inBin: "in-bin",
  welcome: "welcome",
  startTour: "start-tour",
  tourPanel: "tour-panel", // data-step
  tourNext: "tour-next",
  tourEnd: "tour-end",

  recordPage: "record-page", // data-phase
  recordSubject: "record-subject",
  recordStudy: "record-study",
  recordNote: "record-note",
  recordKind: "record-kind",
  recordDevice: "record-device", // data-device: its number from 0
  recordAddDevice: "record-add-device",
  recordRemoveDevice: "record-remove-device",
  recordProtocol: "record-protocol",
  recordPort: "record-port",
  recordPortTyped: "record-port-typed",
  recordIdentify: "record-identify",
  recordIdentity: "record-identity", // data-state: asking, answered, failed
  recordVerified: "record-verified",
  recordSetting: "record-setting", // data-key
  recordSite: "record-site", // data-channel
  recordLabelSet: "record-label-set",
  recordGuided: "record-guided",
  recordCourse: "record-course", // data-key: a number of the guided course
  recordGesture: "record-gesture", // data-label
  recordProblem: "record-problem", // data-code: what keeps it from starting
  recordPortProblem: "record-port-problem", // data-code
  recordTemplate: "record-template", // data-name
  recordTemplateSave: "record-template-save",
  recordTemplateName: "record-template-name",
  recordTemplateRemove: "record-template-remove",
  undoRemoveTemplate: "undo-remove-template",
  recordModel: "record-model",
  recordArm: "record-arm",
  recordStart: "record-start",
  recordStop: "record-stop", // data-pressed: once, when a second press ends it
  recordDisarm: "record-disarm",
  recordBand: "record-band", // data-state: armed, recording, stopping, alarm; data-alarm
  recordSaid: "record-said", // what is announced of its state
  recordElapsed: "record-elapsed",
  recordNumber: "record-number", // data-label, data-value: absent while there is none
  recordLost: "record-lost", // data-count
  recordSpace: "record-space",
  recordQuality: "record-quality", // data-label
  recordMark: "record-mark", // data-label, data-begun
  recordMarked: "record-marked", // a mark in the list
  recordNoteField: "record-note-field",
  recordSound: "record-sound", // data-on
  recordSays: "record-says",
  recordLive: "record-live", // back to now
  recordView: "record-view", // data-follows
  recordFilter: "record-filter", // data-on
  recordFan: "record-fan",
  recordCue: "record-cue", // data-what, data-label
  recordCuePause: "record-cue-pause",
  recordCueRepeat: "record-cue-repeat",
  recordCueSkip: "record-cue-skip",
  recordDecision: "record-decision", // data-decision: unknown where there is none
  recordRecovery: "record-recovery",
  recordElsewhere: "record-elsewhere", // on other pages: that a recording goes on, or its alarm
  recordContact: "record-contact", // data-running
  recordContactStart: "record-contact-start",
  recordContactStop: "record-contact-stop",
  recordContactSays: "record-contact-says",
  recordContactChannel: "record-contact-channel", // data-channel; in it data-input, data-word
  captureStart: "capture-start",
  captureStop: "capture-stop",
  captureState: "capture-state",
  reviewPage: "review-page",
  noRecording: "no-recording",

  trainPage: "train-page",
  trainRecording: "train-recording", // data-name
  trainAll: "train-all",
  trainReaders: "train-readers",
  trainLabelSet: "train-label-set",
  trainLabelGroup: "train-label-group",
  trainPreview: "train-preview", // data-labelled, data-unlabelled, data-unassessable
  trainEstimate: "train-estimate",
  trainCount: "train-count",
  trainStopCount: "train-stop-count",
  trainParts: "train-parts",
  trainSplit: "train-split",
  trainFolds: "train-folds",
  trainWhere: "train-where", // data-where
  trainWorkers: "train-workers", // data-ours, data-waiting
  runThere: "run-there", // data-heard, data-lost
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
  openCompare: "open-compare",
  newComparison: "new-comparison",
  compareMethod: "compare-method", // data-kind
  startComparison: "start-comparison",
  comparison: "comparison", // data-methods
  comparedRow: "compared-row", // data-kind, data-verdict
  useCompared: "use-compared",
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
  settingsRecorderSound: "settings-recorder-sound",
  settingsEngines: "settings-engines",
  checkLibrary: "check-library",
  stopCheck: "stop-check",
  backUpLibrary: "back-up-library",
  libraryCare: "library-care", // what a check found, where a copy lies
  settingsCluster: "settings-cluster", // data-password
  clusterAddress: "cluster-address",
  clusterPassword: "cluster-password",
  clusterCertificate: "cluster-certificate",
  clusterTest: "cluster-test",
  clusterConnect: "cluster-connect",
  clusterForget: "cluster-forget",
  clusterTold: "cluster-told", // what a test said
  clusterAgree: "cluster-agree",
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
