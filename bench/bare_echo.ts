/**
 * The yardstick: the smallest WebSocket echo in Deno, without any code of Tipring.
 * @module
 */

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0] ?? 0) }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
