// Server-sent events by fetch: an EventSource can not carry a token.

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
const LONGEST_EVENT = 1 << 20; // characters; a snapshot has at most 128 Ki
const SILENT_MS = 15_000; // the service comments every 10 s at least

/**
 * Watches for ever. After a loss it comes back, later and later up to five seconds.
 *
 * on.snapshot(object), on.state('live' | 'lost' | 'refused')
 * headers: () => what carries the token
 * retry: () => a promise after which a refused watch is tried again
 */
export async function watch(path, headers, on, retry) {
  let pause = SHORTEST_PAUSE_MS;
  for (;;) {
    try {
      const stop = new AbortController();
      const answer = await fetch(path, { headers: { Accept: 'text/event-stream', ...headers() }, signal: stop.signal, cache: 'no-store' });
      if (answer.status === 401 || answer.status === 403) {
        on.state('refused');
        await retry();
        continue;
      }
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      pause = SHORTEST_PAUSE_MS;
      await read(answer.body.getReader(), stop, on);
    } catch (lost) {
      // told below: whatever it was, it is asked for again
    }
    on.state('lost');
    await new Promise(resume => setTimeout(resume, pause));
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  }
}

async function read(reader, stop, on) {
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const silence = setTimeout(() => stop.abort(), SILENT_MS);
    const { done, value } = await reader.read();
    clearTimeout(silence);
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    if (rest.length > LONGEST_EVENT) throw new Error('an event without end');
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const event = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (!event.startsWith('event: snapshot\n')) continue;
      on.state('live');
      on.snapshot(JSON.parse(event.slice(event.indexOf('data: ') + 6)));
    }
  }
}
