import { request } from 'node:http';
import { createClient } from 'graphql-sse';
import { describe, expect, it } from 'vitest';
import { answerOf, post } from '../support/graphql-client.ts';
import { endAfterTest } from '../support/leftovers.ts';
import { sessionOf, startTinyServer } from '../support/tiny-server.ts';
import { waitFor } from '../support/wait-for.ts';

interface Stream {
  readonly status: number;
  readonly type: string;
  /** What has come so far, pings left out. */
  text(): string;
  readonly ended: boolean;
  pause(): void;
  resume(): void;
  destroy(): void;
}

/** Opens a stream of events by hand, so that it can be read slowly. */
function openStream(url: string, query: string, headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/graphql`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    });
    endAfterTest(() => asked.destroy());
    asked.on('error', reject);
    asked.end(JSON.stringify({ query }));
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', () => {});
      resolve({
        status: response.statusCode ?? 0,
        type: response.headers['content-type'] ?? '',
        text: () => text.replaceAll(/^:\n\n/gm, ''),
        get ended() {
          return response.closed;
        },
        pause: () => response.pause(),
        resume: () => response.resume(),
        destroy: () => asked.destroy(),
      });
    });
  });
}

const signedIn = { authorization: 'Bearer alice-token' };

describe('S17: subscriptions as streams of events', () => {
  it('carry each result as it comes and then complete', async () => {
    const server = await startTinyServer();
    const stream = await openStream(server.url, 'subscription { events }', signedIn);
    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    server.sources[0]?.push('Grüße\n\n');
    await waitFor(() => stream.text().includes('next'), { what: 'the first event' });
    expect(stream.text()).toBe('event: next\ndata: {"data":{"events":"Grüße\\n\\n"}}\n\n');
    server.sources[0]?.finish();
    await waitFor(() => stream.ended, { what: 'the end' });
    expect(stream.text()).toMatch(/event: complete\ndata:\n\n$/);
    expect(server.held).toEqual({ watches: 0, present: 0 });
  });

  it('work with the reference client', async () => {
    const server = await startTinyServer();
    const client = createClient({ url: `${server.url}/graphql`, headers: signedIn, retryAttempts: 0 });
    endAfterTest(() => client.dispose());
    const results = client.iterate({ query: 'subscription { events }' });
    const first = results.next();
    const source = await waitFor(() => server.sources[0], { what: 'the subscription' });
    source.push('a');
    expect(await first).toEqual({ done: false, value: { data: { events: 'a' } } });
    source.finish();
    expect(await results.next()).toMatchObject({ done: true });
    const query = client.iterate({ query: '{ whoami }' });
    expect(await query.next()).toEqual({ done: false, value: { data: { whoami: 'alice' } } });
  });

  it('are only given to those who accept them', async () => {
    const { url, sources } = await startTinyServer();
    for (const accept of ['application/json', '*/*', 'application/graphql-response+json', 'multipart/mixed']) {
      const answer = await post(url, 'subscription { events }', { token: 'alice-token', headers: { accept } });
      expect(answer.status).toBe(406);
    }
    expect(sources).toHaveLength(0);
    const urql =
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';
    const query = await post(url, '{ hello }', { headers: { accept: urql } });
    expect(query.headers.get('content-type')).toContain('application/graphql-response+json');
    const stream = await openStream(url, 'subscription { events }', { ...signedIn, accept: urql });
    expect(stream.type).toContain('text/event-stream');
  });

  it('are refused like over a socket: signed out, with a token that does not hold, from a foreign page with a cookie', async () => {
    const { url, sources } = await startTinyServer();
    const refused = await openStream(url, 'subscription { events }');
    await waitFor(() => refused.ended, { what: 'the end' });
    expect(refused.text()).toContain('UNAUTHENTICATED');
    expect((await openStream(url, 'subscription { events }', { authorization: 'Bearer no' })).status).toBe(401);
    const cookie = 'parley=alice-token';
    expect((await openStream(url, 'subscription { events }', { cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect(sources).toHaveLength(0);
    expect((await openStream(url, 'subscription { events }', { cookie, origin: url })).status).toBe(200);
  });

  it('S5: end where the session is revoked, and no event comes after', async () => {
    const server = await startTinyServer();
    const stream = await openStream(server.url, 'subscription { events }', signedIn);
    const source = await waitFor(() => server.sources[0], { what: 'the subscription' });
    server.revoke('alice-token');
    source.push('after');
    await waitFor(() => stream.ended, { what: 'the end' });
    expect(stream.text()).toContain('UNAUTHENTICATED');
    expect(stream.text()).toMatch(/event: complete\ndata:\n\n$/);
    expect(stream.text()).not.toContain('after');
    await waitFor(() => source.ended && server.held.watches === 0 && server.held.present === 0, { what: 'nothing held' });
  });

  it('S5: end where the session expires', async () => {
    const server = await startTinyServer();
    server.sessions.set('short', sessionOf('short', 5000));
    const stream = await openStream(server.url, 'subscription { events }', { authorization: 'Bearer short' });
    for (let second = 0; second < 7; second += 1) server.clock.advance(1000);
    await waitFor(() => stream.ended, { what: 'the end' });
    expect(stream.text()).toContain('UNAUTHENTICATED');
    expect(server.sources[0]?.ended).toBe(true);
  });

  it('S9: count among the connections of their user and address', async () => {
    const server = await startTinyServer({ socketsPerUser: 2, socketsPerAddress: 3 });
    const one = await openStream(server.url, 'subscription { open }', signedIn);
    await openStream(server.url, 'subscription { open }', signedIn);
    const third = await openStream(server.url, 'subscription { open }', signedIn);
    await waitFor(() => third.ended, { what: 'the refusal' });
    expect(third.text()).toContain('RATE_LIMITED');
    const bob = { authorization: 'Bearer bob-token' };
    await openStream(server.url, 'subscription { open }', bob);
    const crowded = await openStream(server.url, 'subscription { open }', bob);
    await waitFor(() => crowded.ended, { what: 'the refusal' });
    expect(crowded.text()).toContain('RATE_LIMITED');
    one.destroy();
    await waitFor(() => server.sources[0]?.ended, { what: 'the place that became free' });
    const again = await openStream(server.url, 'subscription { open }', bob);
    server.sources.at(-1)?.push('in');
    await waitFor(() => again.text().includes('in'), { what: 'an event' });
    expect(await server.metrics()).toMatch(/parley_connections 3\n/);
  });

  it('P12: whose reader has gone leave nothing behind, even one that had stopped reading', async () => {
    const server = await startTinyServer();
    const idle = await openStream(server.url, 'subscription { events }', signedIn);
    const stalled = await openStream(server.url, 'subscription { open }', signedIn);
    stalled.pause();
    const [forIdle, forStalled] = server.sources;
    await waitFor(
      () => {
        forStalled?.push('x'.repeat(100_000));
        return (forStalled?.backlog ?? 0) > 5;
      },
      { what: 'a backlog', timeoutMs: 20_000 },
    );
    idle.destroy();
    stalled.destroy();
    await waitFor(() => forIdle?.ended && forStalled?.ended, { what: 'the end of both sources' });
    await waitFor(() => server.held.watches === 0 && server.held.present === 0, { what: 'nothing held' });
    expect(await server.metrics()).toMatch(/parley_connections 0\n/);
  });

  it('P8: that are read too slowly are cut; the backlog waits in the source', async () => {
    const server = await startTinyServer();
    const stream = await openStream(server.url, 'subscription { open(slowAt: 20) }', signedIn);
    stream.pause();
    const source = server.sources[0];
    await waitFor(
      () => {
        source?.push('x'.repeat(100_000));
        return source?.ended;
      },
      { what: 'the cut', timeoutMs: 20_000 },
    );
    expect(source?.backlog).toBeGreaterThan(19);
  });

  it('are cut when the server stops, so that clients come back', async () => {
    const server = await startTinyServer();
    const stream = await openStream(server.url, 'subscription { events }', signedIn);
    await server.close();
    await waitFor(() => stream.ended, { what: 'the end' });
    expect(stream.text()).not.toContain('complete');
    expect(server.sources[0]?.ended).toBe(true);
  });

  it('are kept alive by pings', async () => {
    const server = await startTinyServer({ pingMs: 3000 });
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...signedIn },
      body: JSON.stringify({ query: 'subscription { events }' }),
    });
    for (let second = 0; second < 7; second += 1) server.clock.advance(1000);
    server.sources[0]?.finish();
    expect((await answerOf(response)).text).toBe(`${':\n\n'.repeat(3)}event: complete\ndata:\n\n`);
  });
});
