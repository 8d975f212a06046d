import iconv from "iconv-lite";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 where the bytes are valid, else Latin-1, which takes any byte. */
export function decodeUtf8OrLatin1(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return iconv.decode(bytes, "latin1");
  }
}
