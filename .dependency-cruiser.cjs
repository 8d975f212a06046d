// Who may import whom. A folder not named is a folder you may not import.
const may = {
  "preload/contract": [],
  // One table of scales, grid lines, colours and line styles: the strip on screen and on paper is the same.
  "preload/strip": ["preload/contract"],
  preload: ["preload/contract"],
  "main/signal": ["preload/contract"],
  "main/synthesis": ["main/signal", "preload/contract"],
  "main/formats": ["main/signal", "preload/contract"],
  "main/analysis": ["main/signal", "preload/contract"],
  // A step written once, recorded, run whole; knows nothing clinical.
  "main/compute": ["preload/contract"],
  // What learns by stages of its own says how with the steps and the loop of compute.
  "main/models": ["main/compute", "main/signal", "preload/contract"],
  "main/acquisition": [
    "main/calls",
    "main/synthesis",
    "main/signal",
    "main/storage/client",
    "main/storage/api",
    "main/storage/samples/arrivals",
    "main/storage/samples/spill-path",
    "preload/contract",
  ],
  // One typed call over a port, for everything that runs in a thread or a process of its own.
  "main/calls": ["preload/contract"],
  "main/storage": ["main/calls", "main/signal", "preload/contract"],
  // What stands in for names in everything that leaves: recordings, tables, models.
  "main/privacy": ["preload/contract"],
  "main/training": [
    "main/calls",
    "main/models",
    "main/compute",
    "main/analysis",
    "main/signal",
    "main/storage",
    "main/privacy",
    "preload/contract",
  ],
  // A recording on paper: pages drawn with a pen, which is a PDF or a picture.
  "main/paper": ["main/formats/annotations/guard", "preload/strip", "preload/contract"],
  // Files in and out, in a thread of its own, for the window and the command line alike.
  "main/exchange": [
    "main/calls",
    "main/formats",
    "main/paper",
    "main/privacy",
    "main/synthesis",
    "main/signal",
    "main/storage/client",
    "main/storage/api",
    "preload/contract",
  ],
  // What lies beyond this machine: an archive on PostgreSQL. The tests of it have real libraries.
  // For the window it runs in a thread of its own.
  "main/cluster": [
    "main/calls",
    "main/storage/client",
    "main/storage/samples/block-codec",
    "main/storage/samples/sample-digest", // of what comes, while it comes
    "main/storage/checked",
    "main/storage/recordings/papers-shape",
    "main/storage/api",
    "main/storage/open-library",
    "main/storage/testing",
    "main/signal",
    "preload/contract",
  ],
  // Reading cardiotocograms by rule, in a thread of its own.
  "main/ctg": ["main/calls", "main/analysis", "main/storage/client", "main/storage/api", "preload/contract"],
  // One service table behind the window's requests and the command line's commands.
  // Its test of the whole bundles the processes as the application does; another makes recordings as those of storage do.
  "main/service": [
    "main/cluster/archive",
    "main/cluster/cluster",
    "main/cluster/works",
    "main/cluster/address",
    "main/cluster/failures", // which codes keep everything back: it brings no database along
    "main/cluster/process/host",
    "main/compute/bundle.fixtures",
    "main/acquisition/process/host",
    "main/acquisition/process/host-api",
    "main/ctg/host",
    "main/exchange/host",
    "main/exchange/protocol",
    "main/exchange/file-sink",
    "main/exchange/parts",
    "main/exchange/file-error",
    "main/formats/csv/encoding",
    "main/storage/client",
    "main/storage/api",
    "main/storage/testing",
    "main/training/data/estimate", // sums of what the library answers: it brings no model along
    "main/training/process/host",
    "main/training/process/host-api",
    "main/training/process/live-host",
    "main/training/process/engines",
    "main/analysis",
    "preload/contract",
  ],
  "main/app": ["main/service", "main/acquisition", "preload/contract"],
  // Its test of real workers starts the database server that theirs start.
  "main/cli": [
    "main/service",
    "main/cluster/postgres.fixtures",
    "main/compute/packed", // a test looks into a checkpoint
    "main/acquisition/process/host-api",
    "preload/contract",
  ],
  "renderer/bridge": ["preload/contract"],
  // The bridge answered by a made-up study, for component tests and for looking at pages without Electron.
  // A page under test has the shell's places.
  "renderer/fake": ["renderer/ui/slots", "renderer/bridge", "preload/contract"],
  "renderer/state": ["renderer/bridge", "preload/contract"],
  "renderer/ui": ["preload/strip", "preload/contract"],
  "renderer/trace": ["renderer/ui", "renderer/state", "renderer/bridge", "preload/strip", "preload/contract"],
  "renderer/features": [
    "renderer/trace",
    "renderer/ui",
    "renderer/state",
    "renderer/bridge",
    "preload/strip",
    "preload/contract",
  ],
};
const inner = (f) =>
  Object.keys(may)
    .filter((k) => k.startsWith(`${f}/`))
    .map((k) => `^${k}/`);
const layers = Object.entries(may).map(([f, ok]) => ({
  name: `${f} stays in its layer`,
  severity: "error",
  from: { path: `^${f}/`, pathNot: inner(f) },
  to: {
    path: "^(main|preload|renderer)/",
    pathNot: [f, ...ok, "renderer/fake"].map((a) => `^${a}(/|\\.ts)`),
  },
}));
const only = (module, where) => ({
  name: `only ${where} imports ${module}`,
  severity: "error",
  from: { path: "^(main|preload|renderer)/", pathNot: `^(${where})` },
  to: { path: `(^|node_modules/)${module}(/|$)` },
});
module.exports = {
  forbidden: [
    ...layers,
    only("electron", "main/app/|main/index|main/calls/child|preload/index"),
    only("better-sqlite3", "main/storage/"),
    only("serialport", "main/acquisition/ports/"),
    only("pg", "main/cluster/"),
    only("pg-copy-streams", "main/cluster/"),
    only("pg-boss", "main/cluster/"),
    only("react", "renderer/"),
    only("pdfkit", "main/paper/"),
    only("fontkit", "main/paper/"),
    only("@tensorflow/tfjs-node", "main/compute/"),
    only("onnxruntime-node", "main/compute/"),
    {
      name: "the contract knows zod only",
      severity: "error",
      from: { path: "^preload/contract/", pathNot: "test" },
      to: { path: "node_modules/", pathNot: "node_modules/zod/" },
    },
    {
      name: "pure folders touch no Node",
      severity: "error",
      to: { dependencyTypes: ["core"] },
      from: {
        path: "^(main/(signal|synthesis|models|analysis|formats|acquisition/protocols)|preload/(contract|strip)|renderer)/",
        pathNot: "test|bench",
      },
    },
    {
      name: "features are strangers",
      severity: "error",
      from: { path: "^renderer/features/([^/]+)/" },
      to: { path: "^renderer/features/", pathNot: "^renderer/features/$1/" },
    },
    {
      name: "the bridge's stand-in is for tests and the harness",
      severity: "error",
      to: { path: "^renderer/fake/" },
      from: { pathNot: "^renderer/fake/|^renderer/harness|\\.(test|fixtures)\\.tsx?$" },
    },
    {
      name: "judging knows nothing of how a model was fitted",
      severity: "error",
      from: { path: "^main/training/judge/" },
      to: { path: "^main/training/fit/" },
    },
    { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
