// Keeps the [data-live] fragment fresh. The stream (dashboards/live/stream.py) only says that something changed; the
// fragment is then fetched with the person's own rights. Without the stream the fragment is fetched every few seconds.
//
// Not the htmx SSE extension: it cannot tell a connection that died silently, nor close one that nobody looks at.
(() => {
  const live = document.querySelector("[data-live]");
  const { streamUrl, streamEvent } = document.body.dataset;
  const state = document.querySelector("[data-live-state]");
  if (!live || !streamUrl || !state) return;

  const POLL_MS = 5000;
  const PATIENCE_MS = 5000; // a stream that comes back within this time is not worth a warning
  const SILENT_MS = 40000; // the server sends a heartbeat every 15 s
  const FRESH_MS = 60000; // “31 h left” grows old even when nothing happens
  const GAP_MS = 600; // news shows within a second, also while it keeps coming
  const MOST_GAP_MS = 15000;
  const WORDS = {
    starting: "Connecting",
    live: "Live",
    polling: "No live stream: checking every 5 s",
    offline: "No connection: this is old",
  };

  let source = null;
  let heardAt = 0;
  let lostAt = Date.now();
  let fetchedAt = Date.now();
  let retryAt = 0;
  let failures = 0;
  let failed = false;
  let underWay = false;
  let askedAt = 0;
  let took = 0;
  let wanted = false;
  let timer = 0;

  const show = (name) => {
    if (state.dataset.liveState === name) return;
    state.dataset.liveState = name;
    state.querySelector("[data-live-word]").textContent = WORDS[name];
  };
  const showState = () => {
    if (failed) show("offline");
    else if (source?.readyState === EventSource.OPEN) show("live");
    else if (Date.now() - lostAt > PATIENCE_MS) show("polling");
  };

  // One fetch at a time, never more often than every GAP_MS; what comes in between is one fetch afterwards.
  const refresh = (why) => {
    if (document.hidden || underWay || timer) {
      wanted = true;
      return;
    }
    // The longer an answer takes, the busier the server is: leave it most of the time.
    const gap = Math.min(MOST_GAP_MS, Math.max(GAP_MS, 4 * took));
    const wait = Math.max(0, fetchedAt + gap - Date.now());
    timer = setTimeout(() => {
      timer = 0;
      wanted = false;
      htmx.trigger(document.body, why);
    }, wait);
  };
  live.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== live) return;
    underWay = true;
    askedAt = Date.now();
  });
  live.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== live) return;
    underWay = false;
    failed = !event.detail.successful;
    fetchedAt = Date.now();
    took = fetchedAt - askedAt;
    showState();
    if (wanted) refresh("changed");
  });
  live.addEventListener("htmx:afterSwap", (event) => {
    const updated = event.target === live && live.querySelector("[data-updated]");
    if (updated) state.querySelector("[data-live-clock]").textContent = updated.dataset.updated;
  });

  const lose = () => {
    if (source) source.close();
    source = null;
    failures += 1;
    retryAt = Date.now() + Math.min(30000, 1000 * 2 ** failures) * (0.75 + Math.random() / 2);
  };
  const connect = () => {
    source = new EventSource(streamUrl, { withCredentials: true });
    heardAt = Date.now();
    source.onopen = () => {
      failures = 0;
      heardAt = Date.now();
      showState();
      refresh("changed"); // something may have changed before we listened
    };
    source.onerror = () => {
      if (lostAt < heardAt) lostAt = Date.now();
      if (source?.readyState === EventSource.CLOSED) lose();
    };
    const heard = () => {
      heardAt = Date.now();
    };
    source.addEventListener("hello", heard);
    source.addEventListener("heartbeat", heard);
    source.addEventListener(streamEvent, () => {
      heard();
      refresh("changed");
    });
  };

  setInterval(() => {
    const now = Date.now();
    if (document.hidden) return;
    if (source && now - heardAt > SILENT_MS) {
      lostAt = now;
      lose();
    }
    if (!source && now >= retryAt) connect();
    const streaming = source?.readyState === EventSource.OPEN;
    if (now - fetchedAt > (streaming && !failed ? FRESH_MS : POLL_MS)) refresh("poll");
    showState();
  }, 1000);

  // A page that nobody sees needs no stream: browsers allow six connections to a host, over all tabs.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      source = null;
      return;
    }
    failures = 0;
    lostAt = Date.now();
    connect();
    if (wanted || Date.now() - fetchedAt > GAP_MS) refresh("poll");
  });
  addEventListener("pagehide", () => {
    source?.close();
    source = null;
  });

  if (!document.hidden) connect();
})();
