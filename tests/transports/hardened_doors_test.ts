/** The tests of the doors once more, over the hardened transport. */
import { TestServer } from "../support/server.ts";
import "../routes/doors/inbound_call_cdr_socket_test.ts";
import "../routes/doors/inbound_call_loose_socket_test.ts";
import "../routes/doors/inbound_call_socket_test.ts";
import "../routes/doors/jambonz_audio_door_test.ts";
import "../routes/doors/jambonz_audio_socket_test.ts";
import "../routes/doors/jambonz_late_answers_test.ts";
import "../routes/doors/jambonz_late_reconnect_test.ts";
import "../routes/doors/jambonz_reconnect_socket_test.ts";
import "../routes/doors/jambonz_socket_test.ts";
import "../routes/doors/keys_socket_test.ts";
import "../routes/doors/live_calls_admission_test.ts";
import "../routes/doors/live_calls_socket_test.ts";
import "../routes/doors/live_duplicates_test.ts";
import "../routes/doors/notifications_client_id_test.ts";
import "../routes/doors/notifications_socket_test.ts";
import "../routes/doors/refusals_test.ts";
import "../routes/doors/replay_live_calls_test.ts";
import "../routes/doors/replay_test.ts";

TestServer.transport = "hardened";
