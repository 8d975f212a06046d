// npm run measure -- emg: seven gestures of 26 people, Myo armband at 200 Hz.
import { emgRecordings, gestures } from "./data.mjs";
import { measureGestures } from "./gestures.mjs";

await measureGestures(emgRecordings(), gestures);
process.exit(0);
