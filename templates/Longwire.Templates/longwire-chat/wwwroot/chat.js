const room = "general";
const element = (id) => document.getElementById(id);
const address = new URL("ws", location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";

let socket;
let name;
let failures = 0;

function connect() {
  element("state").textContent = "Connecting …";
  socket = new WebSocket(address);
  socket.onopen = () => {
    // Requests are dealt with in order: no answer need be waited for.
    send({ type: "auth", token: "none", username: name });
    send({ type: "join-room", room });
  };
  socket.onmessage = (event) => receive(JSON.parse(event.data));
  socket.onclose = () => {
    const seconds = Math.min(30, 2 ** failures++) * (0.5 + Math.random());
    element("state").textContent = `Connection lost. Trying again in ${Math.ceil(seconds)} s.`;
    setTimeout(connect, seconds * 1000);
  };
}

function send(message) {
  socket.send(JSON.stringify(message));
}

function receive(message) {
  switch (message.type) {
    case "joined-room":
      failures = 0;
      element("state").textContent = `In ${room} as ${name}, ${message.members} here.`;
      break;
    case "user-joined":
    case "user-left":
      if (message.room) {
        element("state").textContent = `In ${room} as ${name}, ${message.members} here.`;
      }
      break;
    case "message":
      show(`${message.username}: ${message.message}`);
      break;
    case "error":
      show(`Error: ${message.message}`);
      break;
  }
}

function show(line) {
  const item = document.createElement("li");
  item.textContent = line;
  element("messages").append(item);
}

element("sign-in").onsubmit = (event) => {
  event.preventDefault();
  name = element("name").value;
  element("sign-in").hidden = true;
  element("say").hidden = false;
  element("text").focus();
  connect();
};

element("say").onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState === WebSocket.OPEN) {
    send({ type: "message", room, content: element("text").value });
    element("text").value = "";
  }
};
