// The few helpers that several modules share.

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Listen on the document for `type` on elements matching `selector`, now and later. */
export function on(type, selector, handler, options) {
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element ? event.target.closest(selector) : null;
    if (target) handler(event, target);
  }, options);
}

/** Is the person typing? Then single keys are text, not commands. */
export function isTyping(event) {
  const at = event.target;
  return at instanceof Element && (at.matches('input:not([type=checkbox]):not([type=radio]), textarea, select') || at.isContentEditable);
}

/** Run now for what is on the page and again for whatever htmx brings. */
export function onEvery(selector, setUp) {
  const run = (root) => {
    if (root.matches?.(selector)) setUp(root);
    all(selector, root).forEach(setUp);
  };
  run(document);
  document.addEventListener('htmx:load', (event) => run(event.detail.elt));
}

export const csrf = () => one('meta[name="csrf-token"]')?.content ?? '';

export const text = (name) => document.body.dataset[name] ?? '';
