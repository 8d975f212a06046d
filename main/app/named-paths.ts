import type { Params, ParsedParams, RequestName } from "../../preload/contract/channels.ts";
import type { Grants } from "./grants.ts";

/** Names under which a request speaks of places on the disk. A field of that name that holds none has no place here. */
type PathField = "path" | "paths" | "file" | "files" | "directory" | "folder" | "destination";

type NamesPath = { [N in RequestName]: Extract<keyof Params<N>, PathField> extends never ? never : N };
/** Requests in which the page names a place. */
type PathRequest = NamesPath[RequestName];

type PathCheck<N extends RequestName> = (params: ParsedParams<N>, grants: Grants) => void;

/** What the page may name in each of them. One that is missing here does not compile. */
export const namedPaths: { readonly [N in PathRequest]: PathCheck<N> } = {
  "import.preview": ({ path }, grants) => grants.checkRead(path),
  "import.start": ({ paths }, grants) => {
    for (const path of paths) grants.checkRead(path);
  },
  "export.start": ({ directory }, grants) => grants.checkWriteInto(directory),
  "models.export": ({ directory }, grants) => grants.checkWriteInto(directory),
  "models.import": ({ file }, grants) => grants.checkRead(file),
};

/** Throws where the page names a place that nobody gave it. */
export function checkPaths<N extends RequestName>(name: N, params: ParsedParams<N>, grants: Grants): void {
  const checks: Partial<Record<RequestName, PathCheck<never>>> = namedPaths;
  const check = checks[name] as PathCheck<N> | undefined;
  check?.(params, grants);
}
