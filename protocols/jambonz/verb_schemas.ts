/**
 * The JSON Schemas of jambonz's verbs, and of what they are made of. They are imported as modules,
 * one by one: the package's own main module reads them as files, which needs a permission that the
 * server does not have, and which a compiled server would miss.
 * @module
 */
import type { JsonSchema } from "../json_schema.ts";
import actionHook from "@jambonz/schema/components/actionHook.schema.json" with { type: "json" };
import actionHookDelayAction from "@jambonz/schema/components/actionHookDelayAction.schema.json" with {
  type: "json",
};
import amd from "@jambonz/schema/components/amd.schema.json" with { type: "json" };
import auth from "@jambonz/schema/components/auth.schema.json" with { type: "json" };
import bidirectionalAudio from "@jambonz/schema/components/bidirectionalAudio.schema.json" with {
  type: "json",
};
import fillerNoise from "@jambonz/schema/components/fillerNoise.schema.json" with { type: "json" };
import handoff from "@jambonz/schema/components/handoff.schema.json" with { type: "json" };
import hangup from "@jambonz/schema/components/hangup.schema.json" with { type: "json" };
import llmBase from "@jambonz/schema/components/llm-base.schema.json" with { type: "json" };
import recognizerAssemblyAiOptions from "@jambonz/schema/components/recognizer-assemblyAiOptions.schema.json" with {
  type: "json",
};
import recognizerAwsOptions from "@jambonz/schema/components/recognizer-awsOptions.schema.json" with {
  type: "json",
};
import recognizerAzureOptions from "@jambonz/schema/components/recognizer-azureOptions.schema.json" with {
  type: "json",
};
import recognizerCustomOptions from "@jambonz/schema/components/recognizer-customOptions.schema.json" with {
  type: "json",
};
import recognizerDeepgramOptions from "@jambonz/schema/components/recognizer-deepgramOptions.schema.json" with {
  type: "json",
};
import recognizerElevenlabsOptions from "@jambonz/schema/components/recognizer-elevenlabsOptions.schema.json" with {
  type: "json",
};
import recognizerGladiaOptions from "@jambonz/schema/components/recognizer-gladiaOptions.schema.json" with {
  type: "json",
};
import recognizerGoogleOptions from "@jambonz/schema/components/recognizer-googleOptions.schema.json" with {
  type: "json",
};
import recognizerHoundifyOptions from "@jambonz/schema/components/recognizer-houndifyOptions.schema.json" with {
  type: "json",
};
import recognizerIbmOptions from "@jambonz/schema/components/recognizer-ibmOptions.schema.json" with {
  type: "json",
};
import recognizerModulateOptions from "@jambonz/schema/components/recognizer-modulateOptions.schema.json" with {
  type: "json",
};
import recognizerNvidiaOptions from "@jambonz/schema/components/recognizer-nvidiaOptions.schema.json" with {
  type: "json",
};
import recognizerOpenaiOptions from "@jambonz/schema/components/recognizer-openaiOptions.schema.json" with {
  type: "json",
};
import recognizerSonioxOptions from "@jambonz/schema/components/recognizer-sonioxOptions.schema.json" with {
  type: "json",
};
import recognizerSpeechmaticsOptions from "@jambonz/schema/components/recognizer-speechmaticsOptions.schema.json" with {
  type: "json",
};
import recognizerXaiOptions from "@jambonz/schema/components/recognizer-xaiOptions.schema.json" with {
  type: "json",
};
import recognizer from "@jambonz/schema/components/recognizer.schema.json" with { type: "json" };
import synthesizer from "@jambonz/schema/components/synthesizer.schema.json" with { type: "json" };
import target from "@jambonz/schema/components/target.schema.json" with { type: "json" };
import transferOptions from "@jambonz/schema/components/transferOptions.schema.json" with {
  type: "json",
};
import vad from "@jambonz/schema/components/vad.schema.json" with { type: "json" };
import agentVerb from "@jambonz/schema/verbs/agent.schema.json" with { type: "json" };
import alertVerb from "@jambonz/schema/verbs/alert.schema.json" with { type: "json" };
import answerVerb from "@jambonz/schema/verbs/answer.schema.json" with { type: "json" };
import conferenceVerb from "@jambonz/schema/verbs/conference.schema.json" with { type: "json" };
import configVerb from "@jambonz/schema/verbs/config.schema.json" with { type: "json" };
import deepgramS2sVerb from "@jambonz/schema/verbs/deepgram_s2s.schema.json" with { type: "json" };
import dequeueVerb from "@jambonz/schema/verbs/dequeue.schema.json" with { type: "json" };
import dialVerb from "@jambonz/schema/verbs/dial.schema.json" with { type: "json" };
import dialogflowVerb from "@jambonz/schema/verbs/dialogflow.schema.json" with { type: "json" };
import dtmfVerb from "@jambonz/schema/verbs/dtmf.schema.json" with { type: "json" };
import dubVerb from "@jambonz/schema/verbs/dub.schema.json" with { type: "json" };
import elevenlabsS2sVerb from "@jambonz/schema/verbs/elevenlabs_s2s.schema.json" with {
  type: "json",
};
import enqueueVerb from "@jambonz/schema/verbs/enqueue.schema.json" with { type: "json" };
import gatherVerb from "@jambonz/schema/verbs/gather.schema.json" with { type: "json" };
import googleS2sVerb from "@jambonz/schema/verbs/google_s2s.schema.json" with { type: "json" };
import gptliveS2sVerb from "@jambonz/schema/verbs/gptlive_s2s.schema.json" with { type: "json" };
import hangupVerb from "@jambonz/schema/verbs/hangup.schema.json" with { type: "json" };
import leaveVerb from "@jambonz/schema/verbs/leave.schema.json" with { type: "json" };
import listenVerb from "@jambonz/schema/verbs/listen.schema.json" with { type: "json" };
import llmVerb from "@jambonz/schema/verbs/llm.schema.json" with { type: "json" };
import messageVerb from "@jambonz/schema/verbs/message.schema.json" with { type: "json" };
import openaiS2sVerb from "@jambonz/schema/verbs/openai_s2s.schema.json" with { type: "json" };
import pauseVerb from "@jambonz/schema/verbs/pause.schema.json" with { type: "json" };
import playVerb from "@jambonz/schema/verbs/play.schema.json" with { type: "json" };
import qwenS2sVerb from "@jambonz/schema/verbs/qwen_s2s.schema.json" with { type: "json" };
import redirectVerb from "@jambonz/schema/verbs/redirect.schema.json" with { type: "json" };
import restDialVerb from "@jambonz/schema/verbs/rest_dial.schema.json" with { type: "json" };
import roomVerb from "@jambonz/schema/verbs/room.schema.json" with { type: "json" };
import s2sVerb from "@jambonz/schema/verbs/s2s.schema.json" with { type: "json" };
import sayVerb from "@jambonz/schema/verbs/say.schema.json" with { type: "json" };
import sipDeclineVerb from "@jambonz/schema/verbs/sip-decline.schema.json" with { type: "json" };
import sipReferVerb from "@jambonz/schema/verbs/sip-refer.schema.json" with { type: "json" };
import sipRequestVerb from "@jambonz/schema/verbs/sip-request.schema.json" with { type: "json" };
import streamVerb from "@jambonz/schema/verbs/stream.schema.json" with { type: "json" };
import tagVerb from "@jambonz/schema/verbs/tag.schema.json" with { type: "json" };
import transcribeVerb from "@jambonz/schema/verbs/transcribe.schema.json" with { type: "json" };
import transferVerb from "@jambonz/schema/verbs/transfer.schema.json" with { type: "json" };
import ultravoxS2sVerb from "@jambonz/schema/verbs/ultravox_s2s.schema.json" with { type: "json" };

/** Every schema that a verb needs, with its `$id`. */
export const VERB_SCHEMAS: readonly JsonSchema[] = [
  actionHook,
  actionHookDelayAction,
  amd,
  auth,
  bidirectionalAudio,
  fillerNoise,
  handoff,
  hangup,
  llmBase,
  recognizerAssemblyAiOptions,
  recognizerAwsOptions,
  recognizerAzureOptions,
  recognizerCustomOptions,
  recognizerDeepgramOptions,
  recognizerElevenlabsOptions,
  recognizerGladiaOptions,
  recognizerGoogleOptions,
  recognizerHoundifyOptions,
  recognizerIbmOptions,
  recognizerModulateOptions,
  recognizerNvidiaOptions,
  recognizerOpenaiOptions,
  recognizerSonioxOptions,
  recognizerSpeechmaticsOptions,
  recognizerXaiOptions,
  recognizer,
  synthesizer,
  target,
  transferOptions,
  vad,
  agentVerb,
  alertVerb,
  answerVerb,
  conferenceVerb,
  configVerb,
  deepgramS2sVerb,
  dequeueVerb,
  dialVerb,
  dialogflowVerb,
  dtmfVerb,
  dubVerb,
  elevenlabsS2sVerb,
  enqueueVerb,
  gatherVerb,
  googleS2sVerb,
  gptliveS2sVerb,
  hangupVerb,
  leaveVerb,
  listenVerb,
  llmVerb,
  messageVerb,
  openaiS2sVerb,
  pauseVerb,
  playVerb,
  qwenS2sVerb,
  redirectVerb,
  restDialVerb,
  roomVerb,
  s2sVerb,
  sayVerb,
  sipDeclineVerb,
  sipReferVerb,
  sipRequestVerb,
  streamVerb,
  tagVerb,
  transcribeVerb,
  transferVerb,
  ultravoxS2sVerb,
];
