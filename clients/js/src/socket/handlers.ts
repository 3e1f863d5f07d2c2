type Callback = ((this: any, event: any) => unknown) | null;

// By target and type: the handler of now, and the listener that calls it and keeps its place among the others, as in HTML.
const handlers = /* @__PURE__ */ new WeakMap<EventTarget, Record<string, Callback>>();

/** The value of an attribute such as `onopen`. */
export function handlerOf(target: EventTarget, type: string): Callback {
  return handlers.get(target)?.[type] ?? null;
}

/** Sets an attribute such as `onopen`; anything but a function unsets it. */
export function setHandler(target: EventTarget, type: string, handler: unknown): void {
  let own = handlers.get(target);
  if (!own) handlers.set(target, (own = {}));
  if (!(type in own)) target.addEventListener(type, event => own[type]?.call(target, event));
  own[type] = typeof handler === 'function' ? handler as Callback : null;
}

/** Gives a class the attributes `onopen`, `onmessage` … */
export function defineHandlers(prototype: EventTarget, types: string[]): void {
  for (const type of types) {
    Object.defineProperty(prototype, `on${type}`, {
      get(this: EventTarget) { return handlerOf(this, type); },
      set(this: EventTarget, handler: unknown) { setHandler(this, type, handler); },
    });
  }
}
