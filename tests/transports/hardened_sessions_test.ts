/** The tests of sessions on real sockets once more, over the hardened transport. */
import { TestServer } from "../support/server.ts";
import "../examples/fifth_protocol_test.ts";
import "../recordings/recording_socket_test.ts";
import "../server/stop_test.ts";
import "../server/unexpected_events_test.ts";
import "../session/heartbeat_test.ts";
import "../session/json_bounds_test.ts";
import "../session/ugly_frames_test.ts";
import "../session/ugly_sockets_test.ts";

TestServer.transport = "hardened";
