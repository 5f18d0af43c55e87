/** A part of a file, the last byte included. */
export interface ByteRange {
  /** The first byte. */
  start: number;
  /** The last byte. */
  end: number;
}

/**
 * The part that a Range header asks for; `undefined` for a header to ignore, with several parts or
 * unreadable; `"unsatisfiable"` for bytes outside the file.
 */
export function parseRange(header: string, size: number): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (!first && !last) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  return start <= end ? { start, end } : "unsatisfiable";
}

/** The most bytes of one read. */
const CHUNK_SIZE = 64 * 1024;

/** The bytes of a part of a file. Closes the file at the end, or when the reader cancels. */
export async function readRange(
  path: string,
  { start, end }: ByteRange,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const file = await Deno.open(path);
  let left = end - start + 1;
  try {
    await file.seek(start, Deno.SeekMode.Start);
  } catch (error) {
    file.close();
    throw error;
  }
  // The reader may cancel during a read: the first of both closes the file.
  let open = true;
  const close = () => {
    if (open) file.close();
    open = false;
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const chunk = new Uint8Array(Math.min(left, CHUNK_SIZE));
        const length = await file.read(chunk) ?? 0;
        left -= length;
        if (length > 0) controller.enqueue(chunk.subarray(0, length));
        // A file that shrinks meanwhile ends early.
        if (left > 0 && length > 0) return;
        close();
        controller.close();
      } catch (error) {
        const cancelled = !open;
        close();
        if (!cancelled) throw error;
      }
    },
    cancel: close,
  });
}
