// npm run measure -- emg: seven gestures of 26 people, Myo armband at 200 Hz.
import { emgRecordings, gestures } from "./data.mjs";
import { measureGestures } from "./gestures.mjs";

const of = (...names) => names.map((name) => gestures.indexOf(name));
await measureGestures(emgRecordings(), gestures, {
  everything: undefined,
  "all gestures": of(...gestures),
  "neutral, flexion, extension, close": of("neutral", "flexion", "extension", "close"),
  "neutral, flexion, extension": of("neutral", "flexion", "extension"),
  "no neutral, no close": of("radial", "flexion", "ulnar", "extension", "open"),
  "neutral, close": of("neutral", "close"),
});
process.exit(0);
