// npm run measure -- uci: six gestures of 23 people, a bracelet at about 97 Hz, what lies between gestures unlabelled.
import { uciGestures, uciRecordings } from "./data.mjs";
import { measureGestures } from "./gestures.mjs";

const of = (...names) => names.map((name) => uciGestures.indexOf(name));
await measureGestures(uciRecordings(), uciGestures, {
  everything: undefined,
  "all gestures": of(...uciGestures),
  "rest, flexion, extension, fist": of("rest", "flexion", "extension", "fist"),
  "rest, flexion, extension": of("rest", "flexion", "extension"),
  "no rest, no fist": of("flexion", "extension", "radial", "ulnar"),
  "rest, fist": of("rest", "fist"),
});
process.exit(0);
