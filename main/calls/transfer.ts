/** The memory of typed arrays in a value, to be handed over instead of copied. Only arrays that own all of theirs, each once. */
export function memoryOf(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength)
      found.add(value.buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === "object") for (const item of value) memoryOf(item, found);
  } else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) memoryOf(item, found);
  }
  return [...found];
}

/**
 * Typed arrays that show only a part of their memory, cut down to it: a message carries the whole otherwise, but where it
 * is shared. What holds none is the same object as before.
 */
export function compact(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof SharedArrayBuffer) return value;
    if (value instanceof DataView || value.byteLength === value.buffer.byteLength) return value;
    const memory = value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength);
    if (value instanceof Uint8Array) return new Uint8Array(memory); // a Buffer's own slice would copy nothing
    return new (value.constructor as new (memory: ArrayBufferLike) => ArrayBufferView)(memory);
  }
  if (Array.isArray(value)) return typeof value[0] === "object" ? compactList(value) : value;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return compactFields(value);
  return value;
}

function compactList(list: readonly unknown[]): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (const [i, item] of list.entries()) {
    const less = compact(item);
    if (less !== item) (changed ??= [...list])[i] = less;
  }
  return changed ?? list;
}

function compactFields(fields: object): object {
  let changed: Record<string, unknown> | undefined;
  for (const [name, item] of Object.entries(fields)) {
    if (typeof item !== "object") continue;
    const less = compact(item);
    if (less !== item) (changed ??= { ...fields })[name] = less;
  }
  return changed ?? fields;
}
