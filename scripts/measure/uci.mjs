// npm run measure -- uci: six gestures of 23 people, a bracelet at about 97 Hz, what lies between gestures unlabelled.
import { uciGestures, uciRecordings } from "./data.mjs";
import { measureGestures } from "./gestures.mjs";

await measureGestures(uciRecordings(), uciGestures);
process.exit(0);
