/**
 * What GraphiQL sends operations with, as a script for its page: queries and mutations by POST, each subscription over a WebSocket of its own.
 * The one it comes with never looks at the headers tab when it opens a WebSocket, and keeps the first connection for all
 * later ones; here the headers of the tab become the connectionParams. Without them the web session's cookie counts.
 */
export const GRAPHIQL_FETCHER = String.raw`
function parleyFetcher(given, options) {
  const headers = (options && options.headers) || {};
  const operations = parleyOperations(given.query);
  const asked = operations.find(({ name }) => name !== '' && name === given.operationName);
  // Right after a change of tabs GraphiQL still names the operation of the tab before, and holds its document for parsed.
  const operation = asked ? given : { ...given, operationName: undefined };
  const chosen = asked ? [asked] : operations;
  return chosen.some(({ kind }) => kind === 'subscription') ? parleySubscribe(operation, headers) : parleyPost(operation, headers);
}

// What stands outside of all brackets, without comments and strings: there 'query', 'mutation' and 'subscription' begin an operation.
function parleyOperations(text) {
  const operations = [];
  let depth = 0;
  const parts = /"{3}[^]*?"{3}|"(?:[^"\\\n]|\\.)*"|#[^\n]*|[{}()\[\]]|\b(query|mutation|subscription)\b[\s,]*(\w*)/g;
  for (const [part, kind, name] of text.matchAll(parts)) {
    if ('{(['.includes(part)) depth += 1;
    else if (')]}'.includes(part)) depth -= 1;
    else if (kind && depth === 0) operations.push({ kind, name });
  }
  return operations;
}

async function parleyPost(operation, headers) {
  const response = await fetch('/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      'parley-web-session': '1',
      ...headers,
    },
    body: JSON.stringify(operation),
  });
  return response.json();
}

function parleySubscribe(operation, headers) {
  const results = [];
  let done = false;
  let wake = () => {};
  const push = (result) => {
    if (!done) results.push(result);
    wake();
  };
  const finish = () => {
    done = true;
    socket.close(1000);
    wake();
  };
  const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/graphql', 'graphql-transport-ws');
  const say = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => say({ type: 'connection_init', payload: headers });
  socket.onclose = (event) => {
    push({ errors: [{ message: 'The connection was closed: ' + event.code + ' ' + event.reason }] });
    finish();
  };
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === 'connection_ack') say({ type: 'subscribe', id: '1', payload: operation });
    else if (message.type === 'ping') say({ type: 'pong' });
    else if (message.type === 'next') push(message.payload);
    else if (message.type === 'error') push({ errors: message.payload });
    if (message.type === 'error' || message.type === 'complete') finish();
  };
  return {
    async next() {
      while (results.length === 0 && !done) await new Promise((resolve) => (wake = resolve));
      return results.length > 0 ? { done: false, value: results.shift() } : { done: true, value: undefined };
    },
    async return() {
      results.length = 0;
      finish();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function parleyRender(root, options) {
  return YogaGraphiQL.renderYogaGraphiQL(root, { ...options, fetcher: parleyFetcher });
}
`;
