// Names and texts of people reach the page as text nodes only, so that none of them can become markup.

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export const byId = (id) => document.getElementById(id);

/** A name that may be written from right to left, or be of any length. */
export const name = (text) => make('bdi', {}, text ?? '–');

export function button(text, label, action) {
  const node = make('button', { type: 'button', class: 'quiet', 'aria-label': label }, text);
  node.addEventListener('click', action);
  return node;
}

/** Asks before something that can't be taken back. */
export function confirmed(question) {
  const dialog = byId('confirm');
  byId('question').textContent = question;
  return new Promise((resolve) => {
    const answer = (value) => () => { dialog.close(); resolve(value); };
    byId('yes').onclick = answer(true);
    byId('no').onclick = answer(false);
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
    byId('no').focus();
  });
}
