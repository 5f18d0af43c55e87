/**
 * The application of jambonz calls that apps are set for: one running app for each call, whatever
 * sockets it comes on.
 * @module
 */
import type { Application, JambonzCall } from "../protocols/jambonz/application.ts";
import type { AppCallParts } from "./app_call.ts";
import { JambonzAppCall } from "./app_jambonz.ts";
import type { JambonzCallAudio } from "./app_jambonz_audio.ts";
import { runApp } from "./app_run.ts";
import type { Apps } from "./apps.ts";

/** The application of calls with apps, and the way to their audio. */
export interface AppApplication extends Application {
  /** The audio of a call that an app has in hand. */
  audio(callId: string): JambonzCallAudio | undefined;
}

/** Calls for which no app is set are the affair of `otherwise`. */
export function appApplication(
  apps: Apps,
  parts: AppCallParts,
  otherwise: Application,
): AppApplication {
  const running = new Map<string, JambonzAppCall>();

  function start(handle: JambonzCall, file: string, resumed: boolean): JambonzAppCall {
    const call = new JambonzAppCall(handle, parts, resumed);
    running.set(call.id, call);
    parts.calls.follow(call.id, ({ type }) => type === "ended" && running.delete(call.id));
    runApp(apps.load(file), call, parts.log);
    return call;
  }

  return {
    audio: (callId) => running.get(callId)?.audio,
    answer(question, handle) {
      const known = running.get(handle.id);
      if (known !== undefined) return known.ask(question);
      const file = apps.choose("jambonz", handle.call, handle.path);
      if (file === undefined) return otherwise.answer(question, handle);
      // Whoever is in the middle of a call that we do not know has lived through our restart.
      return start(handle, file, question.type === "verb:hook").ask(question);
    },
    attached: (handle) => running.get(handle.id)?.attached(handle),
    replaced: (handle) => running.get(handle.id)?.interrupted(),
    tell(news, handle) {
      if (!running.has(handle.id)) otherwise.tell?.(news, handle);
    },
    fault(fault, handle) {
      const known = running.get(handle.id);
      if (known === undefined) otherwise.fault?.(fault, handle);
      else known.fault(fault.detail);
    },
  };
}
