/**
 * What lies below a socket of `node:net` in Deno. Reading and writing here saves a fifth of a frame's cost,
 * that of the events and states of a stream. No document describes it, so `handleOf` finds it whole or
 * not at all; without it the stream is used.
 * @module
 */
import type { Socket } from "node:net";
import process from "node:process";
import type { Bytes } from "../../session/websocket/frame.ts";

/** A write in progress: the handle calls `oncomplete`, unless it wrote everything at once. */
export interface WriteRequest {
  /** Keeps the bytes alive: the kernel takes them from where they are. */
  pieces: readonly Bytes[];
  oncomplete(status: number): void;
}

/** The part of Deno's handle of a socket that we use. */
export interface SocketHandle {
  /** Called with what has come; without bytes it is the end, or an error. */
  onread: (bytes: ArrayBuffer | undefined, length?: number) => unknown;
  /** Writes one piece. Returns 0, or a negative number: the connection is lost. */
  writeBuffer(request: WriteRequest, piece: Bytes): number;
  /** Writes many pieces as one. */
  writev(request: WriteRequest, pieces: readonly Bytes[], allBuffers: true): number;
}

interface StreamWrap {
  readonly streamBaseState: Int32Array;
  readonly kLastWriteWasAsync: number;
}

const streamWrap = findStreamWrap();

function findStreamWrap(): StreamWrap | undefined {
  try {
    const { binding } = process as unknown as { binding?: (name: string) => Partial<StreamWrap> };
    const { streamBaseState, kLastWriteWasAsync } = binding?.("stream_wrap") ?? {};
    const isThere = streamBaseState !== undefined && kLastWriteWasAsync !== undefined &&
      typeof streamBaseState[kLastWriteWasAsync] === "number";
    return isThere ? { streamBaseState, kLastWriteWasAsync } : undefined;
  } catch {
    return undefined;
  }
}

/** The handle of a socket that is open; undefined where Deno has another one than we know. */
export function handleOf(socket: Socket): SocketHandle | undefined {
  const { _handle: handle } = socket as { _handle?: Partial<SocketHandle> | null };
  const isKnown = streamWrap !== undefined && typeof handle?.onread === "function" &&
    typeof handle.writeBuffer === "function" && typeof handle.writev === "function";
  return isKnown ? handle as SocketHandle : undefined;
}

/** Whether the last write is still in progress. If not, its request can be reused. */
export function lastWriteGoesOn(): boolean {
  return streamWrap!.streamBaseState[streamWrap!.kLastWriteWasAsync] !== 0;
}
