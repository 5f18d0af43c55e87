/** The tests of apps on real sockets once more, over the hardened transport. */
import { TestServer } from "../support/server.ts";
import "../app_host/greeting_test.ts";
import "../app_host/inbound_socket_test.ts";
import "../app_host/ivr_test.ts";
import "../app_host/jambonz_audio_test.ts";
import "../app_host/jambonz_socket_test.ts";
import "../app_host/marked_playout_test.ts";
import "../app_host/resumed_test.ts";

TestServer.transport = "hardened";
