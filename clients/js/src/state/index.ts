export { LiveMap, liveMap, type MapPutOptions } from './live-map.js';
export { RoomPresence, presence } from './presence.js';
export { ReadMarkers, readMarkers } from './read-markers.js';
export type { MapChange } from './room-state.js';
