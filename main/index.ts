import { app } from "electron";
import { run } from "./app/run.ts";

run({ app, folder: import.meta.dirname });
