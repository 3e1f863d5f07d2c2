export { defaultKeymap } from '@codemirror/commands';
export { EditorState } from '@codemirror/state';
export { EditorView, drawSelection, keymap, placeholder } from '@codemirror/view';
export { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
export { WebsocketProvider } from 'y-websocket';
export * as Y from 'yjs';
