/** Diagonal: φ(x) = [1, x, x∘x]. Quadratic: every product of two inputs as well, [1, x, x₁x₁, x₁x₂, …, x_Dx_D]. */
export type Form = "diagonal" | "quadratic";

/** H: how many monomials there are. */
export const monomialCount = (form: Form, width: number): number =>
  form === "diagonal" ? 1 + 2 * width : 1 + (width * (width + 3)) / 2;

/** φ(x) of the row that begins at `at` into `out` from `to` on. */
export function monomialsOf(
  form: Form,
  x: ArrayLike<number>,
  { at, width }: { readonly at: number; readonly width: number },
  out: Float64Array,
  to: number,
): void {
  out[to] = 1;
  for (let i = 0; i < width; i += 1) out[to + 1 + i] = x[at + i] ?? 0;
  let next = to + 1 + width;
  for (let i = 0; i < width; i += 1) {
    const own = x[at + i] ?? 0;
    const end = form === "diagonal" ? i + 1 : width;
    for (let j = i; j < end; j += 1) {
      out[next] = own * (x[at + j] ?? 0);
      next += 1;
    }
  }
}

/** What the monomials are called, in their order. */
export function monomialNames(form: Form, inputs: readonly string[]): string[] {
  const products = inputs.flatMap((first, i) =>
    (form === "diagonal" ? [first] : inputs.slice(i)).map((second, j) =>
      j === 0 ? `${first}²` : `${first} × ${second}`,
    ),
  );
  return ["1", ...inputs, ...products];
}

/**
 * (x·c + 1)² written in the monomials of the quadratic form, one row for each centre c, and the constant last: [a x H].
 * So a kernel is a dictionary of quadratic functions, and whatever is learned over it is a quadratic form again.
 */
export function kernelDictionary(centres: ArrayLike<number>, count: number, width: number): Float64Array {
  const size = monomialCount("quadratic", width);
  const dictionary = new Float64Array((count + 1) * size);
  for (let n = 0; n < count; n += 1) {
    const from = n * size;
    monomialsOf("quadratic", centres, { at: n * width, width }, dictionary, from);
    for (let i = 0; i < width; i += 1) dictionary[from + 1 + i] = 2 * (dictionary[from + 1 + i] ?? 0);
    let next = from + 1 + width;
    for (let i = 0; i < width; i += 1)
      for (let j = i; j < width; j += 1) {
        if (j > i) dictionary[next] = 2 * (dictionary[next] ?? 0);
        next += 1;
      }
  }
  dictionary[count * size] = 1;
  return dictionary;
}

/** The same functions at rows, (x·c + 1)² and the constant last: [n x a]. x: [n x d], centres: [c x d] */
export function kernelValues(x: Float64Array, centres: Float64Array, width: number): Float64Array {
  const [rows, count] = [x.length / width, centres.length / width];
  const values = new Float64Array(rows * (count + 1)).fill(1);
  for (let n = 0; n < rows; n += 1)
    for (let c = 0; c < count; c += 1) {
      let sum = 1;
      for (let i = 0; i < width; i += 1) sum += (x[n * width + i] ?? 0) * (centres[c * width + i] ?? 0);
      values[n * (count + 1) + c] = sum * sum;
    }
  return values;
}
