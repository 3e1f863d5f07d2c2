export { TestHub } from './test-hub.js';
export { TestRoom } from './test-room.js';
export { TestServer } from './test-server.js';
export { TestSocket } from './test-socket.js';
export { VirtualClock, settle } from './virtual-clock.js';
