/** What pdfkit keeps of a document's root and its types do not declare. */
declare namespace PDFKit {
  interface PDFDocument {
    readonly _root: { readonly data: Record<string, unknown> };
  }
}
