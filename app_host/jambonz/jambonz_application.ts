/**
 * The application of jambonz calls that apps are set for: one running app for each call, whatever
 * sockets it comes on.
 * @module
 */
import type { Application, JambonzCall } from "../../protocols/jambonz/application.ts";
import { replaceBy } from "../../protocols/jambonz/commands.ts";
import type { AppCallPorts } from "../app_call.ts";
import { APP_DONE, JambonzAppCall } from "./jambonz_app_call.ts";
import type { JambonzCallAudio } from "./jambonz_call_audio.ts";
import { runApp } from "../run_app.ts";
import type { Apps } from "../apps.ts";

/** The application of calls with apps, and the way to their audio. */
export interface AppApplication extends Application {
  /** The audio of a call that an app has in hand. */
  audio(callId: string): JambonzCallAudio | undefined;
}

/** Calls for which no app is set are the affair of `otherwise`. */
export function appApplication(
  apps: Apps,
  ports: AppCallPorts,
  otherwise: Application,
): AppApplication {
  const running = new Map<string, JambonzAppCall>();

  function start(handle: JambonzCall, file: string, resumed: boolean): JambonzAppCall {
    const call = new JambonzAppCall(handle, ports, resumed);
    running.set(call.id, call);
    ports.calls.follow(call.id, ({ type }) => type === "ended" && running.delete(call.id));
    runApp(apps.load(file), call, ports.log);
    return call;
  }

  /** Whether the call ends without its app, which has done its work. */
  function isDone({ id, call }: JambonzCall): boolean {
    return call.state === "handed_over" ||
      ports.calls.events(id).some(({ data }) => "type" in data && data.type === APP_DONE);
  }

  return {
    audio: (callId) => running.get(callId)?.audio,
    answer(question, handle) {
      const known = running.get(handle.id);
      if (known !== undefined) {
        return question.type === "session:redirect" ? known.redirected() : known.ask(question);
      }
      const file = apps.choose("jambonz", handle.call, handle.path);
      if (file === undefined) return otherwise.answer(question, handle);
      if (question.type !== "verb:hook") return start(handle, file, false).ask(question);
      // A call that is in the middle of something that we do not know has lived through a restart.
      return isDone(handle) ? [] : start(handle, file, true).ask(question);
    },
    attached: (handle) => running.get(handle.id)?.attached(handle),
    resumed(handle) {
      if (running.has(handle.id)) return;
      const file = apps.choose("jambonz", handle.call, handle.path);
      if (file === undefined) return otherwise.resumed?.(handle);
      if (!isDone(handle)) return void start(handle, file, true);
      // The last verbs may have been lost with the server: the call must not stay open without them.
      if (handle.call.state !== "handed_over") {
        handle.command({ ...replaceBy([{ verb: "hangup" }]), queueCommand: true });
      }
    },
    replaced: (handle) => running.get(handle.id)?.interrupted(),
    tell(news, handle) {
      const known = running.get(handle.id);
      if (known === undefined) otherwise.tell?.(news, handle);
      else known.tell(news);
    },
    fault(fault, handle) {
      const known = running.get(handle.id);
      if (known === undefined) otherwise.fault?.(fault, handle);
      else known.fault(fault.detail);
    },
  };
}
