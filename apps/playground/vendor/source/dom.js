// What y-codemirror.next uses of lib0/dom, with styles set on the element and not as an attribute's text.
export const text = (value) => document.createTextNode(value);

export function element(tag, attributes = [], children = []) {
  const node = document.createElement(tag);
  for (const { left, right } of attributes) {
    if (left === 'style') node.style.cssText = right;
    else node.setAttribute(left, right);
  }
  node.append(...children);
  return node;
}
