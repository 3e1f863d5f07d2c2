// The token goes into one header, and is kept nowhere but here.

let token = '';

export function useToken(value) {
  token = value;
}

async function request(path, options = {}) {
  const response = await fetch(new URL(`api/${path}`, document.baseURI), {
    ...options,
    credentials: 'omit',
    headers: { ...options.headers, Authorization: `Bearer ${token}` },
  });
  if (!response.ok) {
    const { message } = await response.json().catch(() => ({ message: response.statusText }));
    throw Object.assign(new Error(message), { status: response.status });
  }
  return response;
}

export const look = async (path, query = {}) => (await request(`${path}?${new URLSearchParams(query)}`)).json();

export const act = async (path, body) =>
  (await request(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).json();

/** Reads a trace line by line until it ends or is stopped. */
export async function trace(query, signal, onLine) {
  const response = await request(`trace?${new URLSearchParams(query)}`, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line) onLine(JSON.parse(line));
  }
}
