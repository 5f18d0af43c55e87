/**
 * The recording of a call over HTTP: start it, stop it, and fetch it.
 * @module
 */
import { serveFile } from "@std/http/file-server";
import { z } from "zod";
import type { CallRecord } from "../../calls/call_record.ts";
import type { Log } from "../../log.ts";
import type { Recordings } from "../../recordings/recordings.ts";
import { accepted, ActionAccepted } from "./call_actions.ts";
import { findCall, findLiveCall } from "./calls.ts";
import type { Services } from "../services.ts";
import { problem, Refused } from "../../http/problem.ts";
import { whileInside } from "../../http/while_inside.ts";
import { http, type HttpRoute, mediaTypes } from "../../http/route.ts";

const PATH = "/api/v1/calls/:id/recording";
const LATER = { headers: { "retry-after": "5" } };

/** Starts or stops the recording of a call. */
export const RecordingAction = z.object({ action: z.enum(["start", "stop"]) }).meta({
  id: "RecordingAction",
  description:
    "start: records the call from now on, once; stop: ends the recording before the call ends",
  examples: [{ action: "start" }],
});

/** A recording. */
export const RecordingFile = z.file().meta({
  id: "RecordingFile",
  description: "8 kHz, 16 bits, stereo: the caller on the left, we on the right",
}).register(mediaTypes, { types: ["audio/wav"] });

const Part = RecordingFile.describe("The range that the header Range names");
const Unchanged = z.void()
  .describe("Unchanged since the version that If-None-Match or If-Modified-Since names");

/** The routes of recordings. */
export function recordingRoutes(
  { access, calls, recordings, log }: Pick<Services, "access" | "calls" | "recordings" | "log">,
): HttpRoute[] {
  return [
    http({
      method: "GET",
      path: PATH,
      summary: "The recording of a call that is over, whole or in part",
      scope: "calls:listen",
      answers: { 200: RecordingFile, 206: Part, 304: Unchanged },
      async answer(visit) {
        const whole = await file(visit.request, await findCall(calls, visit), recordings, log);
        return whileInside(whole, visit.holder, access);
      },
    }),
    http({
      method: "POST",
      path: PATH,
      summary: "Starts or stops the recording of a call",
      scope: "calls:control",
      body: RecordingAction,
      answers: { 202: ActionAccepted },
      async answer(visit, { body: { action } }) {
        const call = await findLiveCall(calls, visit, `${action} recording`);
        const { actor } = visit;
        if (action === "start") await start(call, actor, recordings);
        else await stop(call, actor, recordings);
        const { recording } = await findCall(calls, visit);
        if (recording === undefined || action === "stop" && recording === "on") {
          throw new Refused(503, `Cannot write in the record of call ${call.id} now`, LATER);
        }
        return accepted(call, action);
      },
    }),
  ];
}

/**
 * @throws {CannotRecord} when the call is over or was recorded before
 * @throws {Refused} 503 when no file can be written
 */
async function start({ id }: CallRecord, actor: string, recordings: Recordings): Promise<void> {
  recordings.start(id, actor);
  const fault = await recordings.started(id);
  if (fault !== undefined) throw new Refused(503, `Cannot record call ${id}: ${fault}`);
}

/** @throws {Refused} 409 when the call is not being recorded */
async function stop({ id }: CallRecord, actor: string, recordings: Recordings): Promise<void> {
  if (!recordings.isRecording(id)) {
    throw new Refused(409, `Cannot stop recording call ${id}: it is not being recorded`);
  }
  await recordings.stop(id, "asked to stop", actor);
}

/** @throws {Refused} 404 without a readable file, 409 while the call is being recorded */
async function file(
  request: Request,
  call: CallRecord,
  recordings: Recordings,
  log: Log,
): Promise<Response> {
  const { id, recording } = call;
  if (recording === undefined) {
    throw new Refused(404, `Cannot find the recording of call ${id}: it was never recorded`);
  }
  if (recording === "on") {
    throw new Refused(409, `Cannot give the recording of call ${id}: it is being recorded`, LATER);
  }
  const missing = `Cannot find the recording of call ${id}: there is no file of it`;
  const path = recordings.pathOf(id);
  const response = await serveFile(request, path).catch((error) => {
    // The reason, such as a missing permission, is for the operator only.
    log.error("recording cannot be read", { call: id, path, error });
    throw new Refused(404, missing);
  });
  const { status, headers } = response;
  if (status === 404) {
    log.warn("recording has no file", { call: id, path });
    throw new Refused(404, missing);
  }
  if (status === 416) {
    const range = headers.get("content-range") ?? "";
    return problem(416, `The recording of call ${id} has no such range`, {
      headers: { "content-range": range },
    });
  }
  headers.set("content-type", "audio/wav");
  headers.set("content-disposition", `attachment; filename="${id}.wav"`);
  return response;
}
